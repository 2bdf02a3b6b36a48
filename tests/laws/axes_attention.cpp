// Every attention on squares with a rule an axis, and on clouds: the order is that of the worse axis.
#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/axial_attention.hpp>
#include <fredholm/layers/galerkin_attention.hpp>
#include <fredholm/layers/linear_attention.hpp>
#include <fredholm/layers/slice_attention.hpp>

#include "../support/axis_laws.hpp"

using namespace axis_laws;

namespace {

template <class Layer>
auto of_kind() {
  Engine engine(2);
  return lifted(Layer::make({.channels = 4, .heads = 2, .slices = 3}, engine));
}

template <class Layer>
void check_kind() {
  const auto op = of_kind<Layer>();
  check_axes(op);
  check_cloud(op);
}

}  // namespace

TEST_CASE("softmax") { check_kind<Attention<>>(); }
TEST_CASE("softplus") { check_kind<SoftplusAttention<>>(); }
TEST_CASE("Galerkin") { check_kind<GalerkinAttention<>>(); }
TEST_CASE("Fourier") { check_kind<FourierAttention<>>(); }
TEST_CASE("slices") { check_kind<SliceAttention<>>(); }
TEST_CASE("along the axes") { check_axes(of_kind<AxialAttention<2>>()); }  // a cloud has none

TEST_CASE("elu + 1, where no key changes its sign") {
  auto op = of_kind<LinearAttention<>>();
  for (auto* map : {&op.layer.query, &op.layer.key}) {
    for (Index c = 0; c < 4; ++c) map->bias.mutable_data()[c] = c % 2 == 0 ? 12.0 : -12.0;
  }
  for (Index c = 0; c < 4; c += 2) op.layer.query.bias.mutable_data()[c] = 4.0;
  check_axes(op);
  check_cloud(op);
}

TEST_CASE("one axis of order 4 does not make up for one of order 2, and counting has none") {
  const auto op = of_kind<Attention<>>();
  const laws::RefinementOptions fourth{.sizes = {9, 17, 33}, .order = 4.0, .probes = 3};
  check_broken(laws::refinement(op, smooth2, simpson_by_trapezoid, gauss_square(24), fourth));
  const laws::RefinementOptions second{.sizes = {9, 17, 33}, .tolerance = 0.3, .probes = 3};
  const auto counting = of_kind<Attention<Counting>>();
  check_broken(laws::refinement(counting, smooth2, simpson_by_trapezoid, gauss_square(24), second));
}
