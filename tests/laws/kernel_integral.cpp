// Integral operators with learned kernels over the whole domain.
#include <fredholm/layers/kernel_integral.hpp>

#include <cmath>
#include <vector>

#include "../support/laws.hpp"

using namespace law_tests;

namespace {

using Perceptron = KernelIntegral<MlpKernel<>>;
using LowRank = KernelIntegral<LowRankKernel<>>;
const KernelOptions small{.in = 2, .out = 3, .width = 8, .depth = 1, .rank = 4};

Perceptron perceptron(bool diagonal, bool of_values) {
  Engine engine(3);
  KernelOptions options = small;
  options.diagonal = diagonal, options.of_values = of_values;
  if (diagonal) options.out = 2;
  return Perceptron::make(options, engine);
}
LowRank low_rank() {
  Engine engine(4);
  return LowRank::make(small, engine);
}

template <class Layer>
void check_layer(const Layer& layer) {
  const laws::RefinementOptions sizes{.sizes = {17, 33, 65}};
  const auto reference = gauss(40);
  check_slope(laws::refinement(layer, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  check_slope(laws::refinement(layer, smooth, on_uniform<Simpson>(), reference, sizes), 3.8, 4.2);
  check_slope(laws::rule_swap<Trapezoid, Simpson>(layer, smooth, uniform_grid, sizes), 1.9, 2.1);
  check_slope(laws::refinement(layer, smooth, graded, reference, sizes), 1.9, 2.1);
  check(laws::refinement(layer, smooth, make_gauss, reference, {.sizes = {20, 30}}));
  check(laws::split(layer, smooth, gauss(30)));
  check(laws::permutation(layer, smooth, gauss(30)));
}

/// The same sum with the weight of the target, as neuraloperator has it.
template <class Layer>
struct WeightAtOutput {
  Layer layer;  // over Counting
  template <AnyField Input>
  auto operator()(const Input& u) const {
    return layer(u) * weights_of(u.discretization()).reshaped({1, u.points(), 1});
  }
};

}  // namespace

TEST_CASE("kernel integrals converge at the order of the rule") {
  check_layer(lifted(perceptron(false, false), 2));
  check_layer(lifted(perceptron(false, true), 2));
  check_layer(lifted(perceptron(true, false), 2));
  check_layer(lifted(low_rank(), 2));
}

TEST_CASE("gradients by the field and by the networks") {
  Engine engine(6);
  const auto d = graded(7);
  const Field u(d, normal_array<double>({2, 7, 2}, 1.0, engine));
  check(laws::gradient(perceptron(false, false), u));
  check(laws::gradient(perceptron(false, true), u));
  check(laws::gradient(perceptron(true, true), u));
  check(laws::gradient(low_rank(), u));
}

TEST_CASE("against a double loop, from one discretization to another") {
  const auto from = graded(23);
  const Discretization<PointCloud<1>, Counting> to(PointCloud<1>(Box<1>(), {{0.9}, {0.1}, {0.55}}));
  const auto kernel = [](const auto& x, const auto& y, const auto& v) {
    return exp(-square(x - y)) * v;  // diagonal, without parameters
  };
  const KernelIntegral<decltype(kernel)> layer{kernel};
  const auto u = sample(smooth, from);
  const auto v = layer(u, to);
  for (Index i = 0; i < 3; ++i) {
    double expected = 0.0;
    const double x = to.points()[static_cast<std::size_t>(i)];
    for (std::size_t j = 0; j < 23; ++j)
      expected += from.weights()[j] * std::exp(-std::pow(x - from.points()[j], 2)) * smooth(from.points()[j]);
    CHECK(v.values()(0, i, 0) == doctest::Approx(expected).epsilon(1e-13));
  }
  // What is asked elsewhere is the same function.
  const auto learned = lifted(perceptron(false, true), 2);
  const auto here = learned(u);
  const auto there = learned.layer(learned.lift(u), from);
  for (Index i = 0; i < here.values().size(); ++i) CHECK(here.values().data()[i] == there.values().data()[i]);
}

TEST_CASE("many points are many tiles") {
  Engine engine(8);
  const Discretization<UniformGrid<>, Trapezoid> fine({0.0, 1.0, 301});
  const Field u(fine, normal_array<double>({1, 301, 2}, 1.0, engine));
  const auto layer = perceptron(false, false);
  const auto all = layer(u).values();
  const Discretization<PointCloud<1>, Counting> three(PointCloud<1>(Box<1>(), {{0.0}, {0.5}, {1.0}}));
  const auto some = layer(u, three).values();
  for (Index i = 0; i < 3; ++i) {
    for (Index c = 0; c < 3; ++c) CHECK(some(0, i, c) == doctest::Approx(all(0, 150 * i, c)).epsilon(1e-12));
  }
}

TEST_CASE("counting points is another operator on other points") {
  Engine engine(3);
  const auto counting = lifted(KernelIntegral<MlpKernel<>, Counting>::make(small, engine), 2);
  const laws::RefinementOptions sizes{.sizes = {17, 33, 65}};
  check_broken(laws::refinement(counting, smooth, on_uniform<Trapezoid>(), gauss(40), sizes));
  check_broken(laws::split(counting, smooth, gauss(30)));
  check(laws::permutation(counting, smooth, gauss(30)));
}

TEST_CASE("the weight belongs to the source: at the target it is right on equal weights alone") {
  Engine engine(3), same(3);
  const auto counting = KernelIntegral<MlpKernel<>, Counting>::make(small, engine);
  const auto right = lifted(KernelIntegral<MlpKernel<>>::make(small, same), 2);
  const auto wrong = lifted(WeightAtOutput<decltype(counting)>{counting}, 2);
  const auto gap = [&](const auto& d) {
    return laws::detail::largest_gap(right(sample(smooth, d)).values(), wrong(sample(smooth, d)).values());
  };
  CHECK(gap(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, 32})) < 1e-13);
  CHECK(gap(graded(33)) > 1e-2);
  CHECK(gap(gauss(33)) > 1e-2);
  const laws::RefinementOptions first{.sizes = {17, 33, 65}, .order = 1.0};
  check_broken(laws::refinement(wrong, smooth, graded, gauss(40), first));
  check_broken(laws::split(wrong, smooth, gauss(30)));
}

TEST_CASE("options that make no sense") {
  Engine engine(9);
  CHECK_THROWS_AS((void)Perceptron::make({.in = 2, .out = 3, .diagonal = true}, engine),
                  std::invalid_argument);
  CHECK_THROWS_AS((void)Perceptron::make({.in = 0}, engine), std::invalid_argument);
  CHECK_THROWS_AS((void)LowRank::make({.rank = 0}, engine), std::invalid_argument);
  const Field u(gauss(5), normal_array<double>({1, 5, 3}, 1.0, engine));
  CHECK_THROWS_AS((void)perceptron(true, false)(u), std::invalid_argument);
  CHECK_THROWS_AS((void)low_rank()(u), std::invalid_argument);
  // Two channels in and three out: three channels, or points of a plane, would read its matrices in another shape.
  const auto matrix = Perceptron::make({.in = 2, .out = 3}, engine);
  CHECK_THROWS_AS((void)matrix(u), std::invalid_argument);
  const auto plane = Perceptron::make({.dimension = 2, .in = 3, .out = 3}, engine);
  CHECK_THROWS_AS((void)plane(u), std::invalid_argument);
  const auto one = [](const auto& x, const auto&, const auto&) {
    return Array<double>::zeros({1, x.shape(1), 1});
  };
  const Field two(gauss(5), normal_array<double>({2, 5, 3}, 1.0, engine));
  CHECK_THROWS_AS((void)KernelIntegral<decltype(one)>{one}(two), std::invalid_argument);
}
