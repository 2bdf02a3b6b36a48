// Operators over balls of a physical radius: attention and kernel integrals.
#include <fredholm/neighbours.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "../support/laws.hpp"
#include "../support/messages.hpp"

using namespace law_tests;

namespace {

template <class Rule = RuleOfField>
auto attention_within(double radius, Window window = Window::quartic) {
  Engine engine(2);
  auto layer = RadiusAttention<Rule>::make({.channels = 4, .heads = 2, .radius = radius}, engine);
  layer.window = window;
  return layer;
}
template <class Rule = RuleOfField>
auto kernel_within(double radius, Window window = Window::quartic, Index dimension = 1) {
  Engine engine(3);
  auto layer = RadiusKernelIntegral<MlpKernel<>, Rule>::make(
      {.dimension = dimension, .in = 4, .out = 3, .width = 8, .depth = 1}, radius, engine);
  layer.window = window;
  return layer;
}
/// A radius of so many cells.
struct RadiusInCells {
  RadiusAttention<> layer;
  auto operator()(const AnyField auto& u) const {
    RadiusAttention<> now = layer;
    now.radius = 12.0 * u.discretization().box()[0].length() / static_cast<double>(u.points() - 1);
    return now(u);
  }
};

/// From the points of a field to a grid, and back.
struct ThereAndBack {
  RadiusKernelIntegral<MlpKernel<>> encoder, decoder;
  auto operator()(const AnyField auto& u) const {
    return decoder(encoder(u, on_square<Simpson>()(5)), u.discretization());
  }
};

const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};

template <class Layer>
void check_layer(const Layer& layer) {
  const auto reference = gauss(360);
  check_slope(laws::refinement(layer, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  check_slope(laws::refinement(layer, smooth, on_uniform<Simpson>(), reference, sizes), 3.8, 4.3);
  check_slope(laws::rule_swap<Trapezoid, Simpson>(layer, smooth, uniform_grid, sizes), 1.9, 2.1);
  check_slope(laws::refinement(layer, smooth, graded, reference, sizes), 1.9, 2.1);
  check(laws::split(layer, smooth, gauss(40)));
  check(laws::permutation(layer, smooth, gauss(40)));
}

}  // namespace

TEST_CASE("with a window that ends smoothly, layers over balls converge at the order of the rule") {
  check_layer(lifted(attention_within(0.4)));
  check_layer(lifted(kernel_within(0.4)));
}

TEST_CASE("with all derivatives, Gauss's rule is faster than any power") {
  const laws::RefinementOptions last{.sizes = {250}};
  check(laws::refinement(lifted(attention_within(0.4, Window::bump)), smooth, make_gauss, gauss(360), last));
  check(laws::refinement(lifted(kernel_within(0.4, Window::bump)), smooth, make_gauss, gauss(360), last));
  check(laws::refinement(lifted(kernel_within(0.4, Window::bump)), smooth, on_uniform<Simpson>(), gauss(360),
                         sizes));
}

TEST_CASE("a sharp edge costs the order") {
  const auto each = [&](const auto& layer) {
    check_broken(laws::refinement(layer, smooth, on_uniform<Trapezoid>(), gauss(360), sizes));
    check_broken(laws::refinement(layer, smooth, on_uniform<Simpson>(), gauss(360), sizes));
    check_broken(laws::refinement(layer, smooth, make_gauss, gauss(360), {.sizes = {250}}));
    check(laws::split(layer, smooth, gauss(40)));  // it is an integral all the same
  };
  each(lifted(attention_within(0.4, Window::sharp)));
  each(lifted(kernel_within(0.4, Window::sharp)));
}

TEST_CASE("against exact integrals: each ball by itself, with Gauss's rule from edge to edge") {
  const double radius = 0.4;
  const auto same = [](const auto&, const auto&, const auto& v) { return v; };
  const Discretization<PointCloud<1>, Counting> at(
      PointCloud<1>(Box<1>(), {{0.0}, {0.13}, {0.3}, {0.52}, {0.9}}));
  const auto errors = [&](Window window) {
    std::vector<double> result;
    const RadiusKernelIntegral<decltype(same)> layer{same, radius, window};
    for (Index n : {65, 129, 257, 513}) {
      const auto v = layer(sample(smooth, on_uniform<Simpson>()(n)), at).values();
      double largest = 0.0;
      for (Index i = 0; i < at.size(); ++i) {
        const double x = at.points()[static_cast<std::size_t>(i)];
        const Gauss ball({std::max(0.0, x - radius), std::min(1.0, x + radius), 60});
        const auto inside = [&](double y) {
          return window_value(window, (x - y) * (x - y) / (radius * radius)) * smooth(y) / (2.0 * radius);
        };
        largest = std::max(largest, std::abs(v(0, i, 0) - integrate(sample(inside, ball)).value()));
      }
      result.push_back(largest);
    }
    return result;
  };
  const std::vector<Index> of{65, 129, 257, 513};
  // The table of docs/kernels.md.
  const auto quartic = errors(Window::quartic), bump = errors(Window::bump), sharp = errors(Window::sharp);
  for (std::size_t i = 0; i < of.size(); ++i)
    MESSAGE(of[i] << " points: quartic " << quartic[i] << ", bump " << bump[i] << ", sharp " << sharp[i]);
  const auto order = [&](const std::vector<double>& list) {
    return *laws::detail::fitted_order(of, list, 1e-13);
  };
  MESSAGE("order: quartic " << order(quartic) << ", bump " << order(bump) << ", sharp " << order(sharp));
  CHECK(order(quartic) > 3.9);
  CHECK(order(bump) > 3.9);
  CHECK(order(sharp) < 1.5);
  CHECK(sharp.back() > 1e-4);
}

TEST_CASE("round a period") {
  // On a period the trapezoid rule converges faster than any power of h with all derivatives, as h^5 with the quartic window.
  const auto wave = [](double x) { return std::exp(std::sin(2 * x)) + std::cos(x); };
  const auto circle = [](Index n) {
    return Discretization<PeriodicGrid<>, Trapezoid>({0.0, 6.283185307179586, n});
  };
  const auto layer = lifted(attention_within(1.3));
  const laws::RefinementOptions options{.sizes = {64, 128, 256}, .order = 4.0, .probes = 5};
  check(laws::refinement(layer, wave, circle, circle(2048), options));
  // Turned by half a period, the same operator gives the function turned.
  const auto turned = [&](double x) { return wave(x + 3.141592653589793); };
  const auto a = layer(sample(wave, circle(64))).values(), b = layer(sample(turned, circle(64))).values();
  for (Index j = 0; j < 64; ++j) CHECK(a(0, (j + 32) % 64, 1) == doctest::Approx(b(0, j, 1)).epsilon(1e-12));
}

TEST_CASE("from sensors to a grid and back, and gradients") {
  Engine engine(6);
  std::vector<std::array<double, 2>> points(60);
  for (auto& point : points) point = {uniform(engine), uniform(engine)};
  const Discretization<PointCloud<2>, MonteCarlo> sensors(PointCloud<2>(Box<2>(), points));
  const auto grid = on_square<Simpson>()(5);
  const Field u(sensors, normal_array<double>({2, 60, 4}, 1.0, engine));
  auto encoder = kernel_within(0.4, Window::quartic, 2);
  const auto on_grid = encoder(u, grid);
  CHECK(on_grid.discretization() == grid);
  CHECK(on_grid.channels() == 3);
  auto decoder = RadiusKernelIntegral<MlpKernel<>>::make(
      {.dimension = 2, .in = 3, .out = 2, .width = 6, .of_values = true}, 0.5, engine);
  check(laws::gradient(ThereAndBack{encoder, decoder}, u));
  check(laws::gradient(decoder, on_grid));
  // Where there are no points, there is nothing to integrate; beyond the domain there is nothing to ask for.
  encoder.radius = 1e-4;
  const auto nothing = encoder(u, grid).values();
  for (Index i = 0; i < nothing.size(); ++i) CHECK(nothing.data()[i] == 0.0);
  using Target = Discretization<PointCloud<2>, Counting>;
  const Box<2> wide{{-1.0, 3.0}, {-1.0, 3.0}};
  const Target beyond(PointCloud<2>(wide, {{0.5, 0.5}, {2.5, 0.25}}));
  const auto message = support::message_of([&] { (void)kernel_within(0.4, Window::quartic, 2)(u, beyond); });
  CHECK(support::contains(message, "target point 1 at (2.5, 0.25) lies outside of the domain of u"));
  const Target near_edge(PointCloud<2>(wide, {{0.5, 0.5}, {1.1, 0.25}}));
  CHECK(kernel_within(0.4, Window::quartic, 2)(u, near_edge).points() ==
        2);  // its ball reaches into the domain
}

TEST_CASE("counting points, and counting a radius in cells, is another operator on other points") {
  const laws::RefinementOptions first{.sizes = {65, 129, 257}, .order = 1.0};
  check_broken(laws::refinement(lifted(kernel_within<Counting>(0.4)), smooth, on_uniform<Trapezoid>(),
                                gauss(360), first));
  check_broken(laws::split(lifted(kernel_within<Counting>(0.4)), smooth, gauss(40)));
  check_broken(laws::split(lifted(attention_within<Counting>(0.4)), smooth, gauss(40)));
  check_broken(laws::refinement(lifted(attention_within<Counting>(0.4)), smooth, on_uniform<Simpson>(),
                                gauss(360), sizes));
  // In cells the balls shrink with them, and nothing is left of the operator: on the coarsest grid, where 12 cells are 0.1875,
  // it is that of this radius.
  const auto cells = lifted(RadiusInCells{attention_within(0.4)});
  const auto length = lifted(attention_within(12.0 / 64.0));
  const auto coarse = on_uniform<Simpson>()(65);
  CHECK(laws::detail::largest_gap(cells(sample(smooth, coarse)).values(),
                                  length(sample(smooth, coarse)).values()) < 1e-14);
  check_broken(laws::grid_swap(
      [&](const auto& u) { return cells(u); }, smooth, on_uniform<Simpson>(),
      [](Index n) { return Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 2 * n - 1}); }, sizes));
  check(laws::grid_swap(
      length, smooth, on_uniform<Simpson>(),
      [](Index n) { return Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 2 * n - 1}); }, sizes));
}
