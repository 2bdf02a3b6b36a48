// Integral operators with learned kernels over the whole domain.
#include <fredholm/laws.hpp>
#include <fredholm/layers/kernel_integral.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace fredholm;

namespace {

template <class R>
void check(const R& report) {
  INFO(report.message());
  CHECK(report.passed());
}
template <class R>
void check_broken(const R& report) {
  INFO(report.message());
  CHECK_FALSE(report.passed());
}
void check_slope(const laws::RefinementReport& report, double from, double to) {
  check(report);
  INFO(report.message());
  REQUIRE(report.observed_order.has_value());
  CHECK(*report.observed_order > from);
  CHECK(*report.observed_order < to);
}

double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }
double smooth2(double x, double y) { return std::exp(x) * std::sin(3 * x + 2 * y) + 0.3 * y; }

using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
Gauss gauss(Index n) { return Gauss({0.0, 1.0, n}); }
const auto make_gauss = [](Index n) { return gauss(n); };
const auto uniform_grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
template <class Rule>
auto on_uniform() {
  return [](Index n) { return Discretization<UniformGrid<>, Rule>({0.0, 1.0, n}); };
}
const auto graded = [](Index n) {
  std::vector<double> points;
  for (Index i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n - 1);
    points.push_back(u + 0.1 * std::sin(3 * u) * u * (1 - u));
  }
  return Discretization<ScatteredGrid, Trapezoid>(ScatteredGrid(points));
};

/// Two channels of one function; then the layer.
template <class Layer>
struct OfTwo {
  Linear<> lift;
  Layer layer;
  auto operator()(const AnyField auto& u) const { return layer(lift(u)); }
};
template <class Layer>
OfTwo<Layer> of_two(Layer layer) {
  Engine engine(11);
  return {make_linear(1, 2, engine), std::move(layer)};
}

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
  check_layer(of_two(perceptron(false, false)));
  check_layer(of_two(perceptron(false, true)));
  check_layer(of_two(perceptron(true, false)));
  check_layer(of_two(low_rank()));
}

TEST_CASE("in two dimensions") {
  using Square = ProductGrid<UniformGrid<>, UniformGrid<>>;
  using GaussSquare = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
  const auto simpson = [](Index n) {
    return Discretization<Square, Simpson>({{0.0, 1.0, n}, {0.0, 1.0, n}});
  };
  const laws::RefinementOptions options{.sizes = {5, 9, 17}, .tolerance = 0.4, .probes = 5};
  const GaussSquare reference({{0.0, 1.0, 14}, {0.0, 1.0, 14}});
  Engine engine(5);
  KernelOptions plane = small;
  plane.dimension = 2;
  check(laws::refinement(of_two(Perceptron::make(plane, engine)), smooth2, simpson, reference, options));
  check(laws::refinement(of_two(LowRank::make(plane, engine)), smooth2, simpson, reference, options));
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
  const auto learned = of_two(perceptron(false, true));
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
  const auto counting = of_two(KernelIntegral<MlpKernel<>, Counting>::make(small, engine));
  const laws::RefinementOptions sizes{.sizes = {17, 33, 65}};
  check_broken(laws::refinement(counting, smooth, on_uniform<Trapezoid>(), gauss(40), sizes));
  check_broken(laws::split(counting, smooth, gauss(30)));
  check(laws::permutation(counting, smooth, gauss(30)));
}

TEST_CASE("the weight belongs to the source: at the target it is right on equal weights alone") {
  Engine engine(3), same(3);
  const auto counting = KernelIntegral<MlpKernel<>, Counting>::make(small, engine);
  const auto right = of_two(KernelIntegral<MlpKernel<>>::make(small, same));
  const auto wrong = of_two(WeightAtOutput<decltype(counting)>{counting});
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
