// What the tests of the laws share: checks of reports, functions, families of discretizations, and a lift to several channels.
#pragma once

#include <fredholm/laws.hpp>
#include <fredholm/layers/linear.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace law_tests {

using namespace fredholm;

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
/// Of a report that passes or does not.
inline void check_observed(const laws::RefinementReport& report, double from, double to) {
  INFO(report.message());
  REQUIRE(report.observed_order.has_value());
  CHECK(*report.observed_order > from);
  CHECK(*report.observed_order < to);
}
inline void check_slope(const laws::RefinementReport& report, double from, double to) {
  check(report);
  check_observed(report, from, to);
}

inline double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }
inline double smooth2(double x, double y) { return std::exp(x) * std::sin(3 * x + 2 * y) + 0.3 * y; }

using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
inline Gauss gauss(Index n) { return Gauss({0.0, 1.0, n}); }
inline const auto make_gauss = [](Index n) { return gauss(n); };
inline const auto uniform_grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
template <class Rule>
auto on_uniform() {
  return [](Index n) { return Discretization<UniformGrid<>, Rule>({0.0, 1.0, n}); };
}
/// Points at unequal steps.
inline const auto graded = [](Index n) {
  std::vector<double> points;
  for (Index i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n - 1);
    points.push_back(u + 0.1 * std::sin(3 * u) * u * (1 - u));
  }
  return Discretization<ScatteredGrid, Trapezoid>(ScatteredGrid(points));
};

using GaussSquare = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
inline GaussSquare gauss_square(Index n) { return GaussSquare({{0.0, 1.0, n}, {0.0, 1.0, n}}); }
template <class Rule>
auto on_square() {
  return [](Index n) {
    return Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Rule>({{0.0, 1.0, n}, {0.0, 1.0, n}});
  };
}

/// Several channels of one function; then the layer.
template <class Layer>
struct Lifted {
  Linear<> lift;
  Layer layer;
  auto operator()(const AnyField auto& u) const { return layer(lift(u)); }
};
template <class Layer>
Lifted<Layer> lifted(Layer layer, Index channels = 4) {
  Engine engine(11);
  return {make_linear(1, channels, engine), std::move(layer)};
}

}  // namespace law_tests
