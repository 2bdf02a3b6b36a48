// Every kernel integral, and attention over balls, on squares with a rule an axis, and on clouds.
#include <fredholm/neighbours.hpp>

#include "../support/axis_laws.hpp"

using namespace axis_laws;

namespace {

const KernelOptions plane{.dimension = 2, .in = 4, .out = 3, .width = 8, .depth = 1, .rank = 4};

}  // namespace

TEST_CASE("a perceptron of x and y") {
  Engine engine(5);
  const auto op = lifted(KernelIntegral<MlpKernel<>>::make(plane, engine));
  check_axes(op, {.sizes = {5, 9, 17}, .reference = 14, .gauss = {10}});
  check_cloud(op);
}

TEST_CASE("low rank") {
  Engine engine(5);
  const auto op = lifted(KernelIntegral<LowRankKernel<>>::make(plane, engine));
  check_axes(op);
  check_cloud(op);
}

// A window of the unit square ends at order 4: no rule is spectral there.
TEST_CASE("attention over balls") {
  Engine engine(2);
  const auto op = lifted(RadiusAttention<>::make({.channels = 4, .heads = 2, .radius = 0.7}, engine));
  check_axes(op, {.gauss = {}});
  check_cloud(op);
}

TEST_CASE("kernels over balls") {
  Engine engine(3);
  const auto op = lifted(RadiusKernelIntegral<MlpKernel<>>::make(plane, 0.7, engine));
  check_axes(op, {.gauss = {}});
  check_cloud(op);
}

// Off the nodes, the weights of a lattice are shared out at order 2. Nine points are three in the radius of a
// ball: too few.
TEST_CASE("multipole") {
  Engine engine(4);
  const auto op = lifted(MultipoleIntegral<>::make(
      {.dimension = 2, .channels = 4, .spacing = 0.25, .reach = 3.0, .levels = 3, .width = 8}, engine));
  check_axes(op, {.sizes = {17, 33}, .reference = 40, .mixed = 2.0, .gauss = {}});
  check_cloud(op);
}
