// A multipole integral is the same operator on more points: its coarse levels are defined by physical spacing.
#include <fredholm/laws.hpp>
#include <fredholm/neighbours.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
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
template <class Rule>
auto on_uniform() {
  return [](Index n) { return Discretization<UniformGrid<>, Rule>({0.0, 1.0, n}); };
}
using Square = ProductGrid<UniformGrid<>, UniformGrid<>>;
using GaussSquare = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
GaussSquare gauss_square(Index n) { return GaussSquare({{0.0, 1.0, n}, {0.0, 1.0, n}}); }
template <class Rule>
auto on_square() {
  return [](Index n) { return Discretization<Square, Rule>({{0.0, 1.0, n}, {0.0, 1.0, n}}); };
}
const auto graded = [](Index n) {
  std::vector<double> points;
  for (Index i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n - 1);
    points.push_back(u + 0.1 * std::sin(3 * u) * u * (1 - u));
  }
  return Discretization<ScatteredGrid, Trapezoid>(ScatteredGrid(points));
};

/// Four channels of one function; then the layer.
template <class Layer>
struct Lifted {
  Linear<> lift;
  Layer layer;
  auto operator()(const AnyField auto& u) const { return layer(lift(u)); }
};
template <class Layer>
Lifted<Layer> lifted(Layer layer) {
  Engine engine(11);
  return {make_linear(1, 4, engine), std::move(layer)};
}

auto multipole(double spacing, Index dimension = 1) {
  Engine engine(4);
  return MultipoleIntegral<>::make(
      {.dimension = dimension, .channels = 4, .spacing = spacing, .reach = 3.0, .levels = 3, .width = 8},
      engine);
}

/// Levels by index: the spacing is so many cells.
struct SpacingInCells {
  MultipoleIntegral<> layer;
  auto operator()(const AnyField auto& u) const {
    MultipoleIntegral<> now = layer;
    now.spacing = 8.0 / static_cast<double>(u.points() - 1);
    return now(u);
  }
};

const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};

}  // namespace

TEST_CASE("a multipole integral is the same operator on more points") {
  const auto reference = gauss(360);
  // Where the lattice lies on nodes, at the order of the rule.
  const auto aligned = lifted(multipole(0.125));
  check_slope(laws::refinement(aligned, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  const auto fine = on_uniform<Simpson>()(1025);
  check_slope(laws::refinement(aligned, smooth, on_uniform<Simpson>(), fine, sizes), 3.8, 4.3);
  // Elsewhere, at order 2.
  const auto anywhere = lifted(multipole(0.11));
  check_slope(laws::refinement(anywhere, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.2);
  const laws::RefinementOptions second{.sizes = {65, 129, 257}, .order = 2.0};
  check(laws::refinement(anywhere, smooth, on_uniform<Simpson>(), reference, second));
  check(laws::split(anywhere, smooth, gauss(40)));
  check(laws::permutation(anywhere, smooth, gauss(40)));
  const laws::RefinementOptions plane{.sizes = {9, 17}, .tolerance = 0.3, .probes = 3};
  check(laws::refinement(lifted(multipole(0.25, 2)), smooth2, on_square<Trapezoid>(),
                         on_square<Simpson>()(33), plane));
  check(laws::split(lifted(multipole(0.25, 2)), smooth2, gauss_square(9)));
}

TEST_CASE("the lattice keeps the measure, and the mean place of each axis") {
  Engine engine(5);
  detail::Measure<2> fine;
  double weight = 0.0, first = 0.0;
  for (int i = 0; i < 200; ++i) {
    fine.points.push_back(uniform(engine)), fine.points.push_back(2.0 * uniform(engine));
    fine.weights.push_back(uniform(engine));
    weight += fine.weights.back(), first += fine.weights.back() * fine.points[fine.points.size() - 2];
  }
  fine.period[1] = 2.0;
  const auto coarse = detail::on_lattice(fine, Box<2>{{0.0, 1.0}, {0.0, 2.0}}, 0.3);
  CHECK(coarse.weights.size() == 4 * 7);
  for (std::size_t j = 0; j < coarse.weights.size(); ++j) {
    weight -= coarse.weights[j], first -= coarse.weights[j] * coarse.points[2 * j];
    CHECK(coarse.points[2 * j + 1] < 2.0 - 1e-12);  // the right end of a period is the left one
  }
  CHECK(std::abs(weight) < 1e-12);
  CHECK(std::abs(first) < 1e-12);
}

TEST_CASE("levels by index are another operator on more points") {
  const auto cells = lifted(SpacingInCells{multipole(0.125)});
  check_broken(laws::refinement(cells, smooth, on_uniform<Trapezoid>(), on_uniform<Simpson>()(1025), sizes));
  Engine engine(4);
  const auto counting = lifted(MultipoleIntegral<Counting>::make(
      {.channels = 4, .spacing = 0.125, .reach = 3.0, .levels = 3, .width = 8}, engine));
  check_broken(laws::refinement(counting, smooth, on_uniform<Trapezoid>(), gauss(360), sizes));
  check_broken(laws::split(counting, smooth, gauss(40)));
}

TEST_CASE("gradients by the field and by the kernels") {
  Engine engine(6);
  const Field u(graded(9), normal_array<double>({2, 9, 4}, 1.0, engine));
  check(laws::gradient(multipole(0.2), u));
  const Field v(gauss_square(3), normal_array<double>({1, 3, 3, 4}, 1.0, engine));
  check(laws::gradient(multipole(0.5, 2), v));
}
