// Interpolation and differentiation along an axis, on every grid of one dimension.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/interpolation.hpp>

#include "../support/messages.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

std::vector<double> applied(const AxisMap& map, const std::vector<double>& in) {
  REQUIRE(std::ssize(in) == map.cols);
  std::vector<double> out;
  for (Index row = 0; row < map.rows; ++row) {
    double sum = 0;
    for (Index j = 0; j < map.width; ++j) {
      sum += map.weights[static_cast<std::size_t>(row * map.width + j)] *
             in[static_cast<std::size_t>(map.start[static_cast<std::size_t>(row)] + j)];
    }
    out.push_back(sum);
  }
  return out;
}

template <class Function>
std::vector<double> values(Function f, std::vector<double> points) {
  for (double& x : points) x = f(x);
  return points;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// 333 points of the box, both ends among them.
template <class Grid>
std::vector<double> targets_on(const Grid& grid) {
  const Interval domain = grid.box()[0];
  return UniformGrid<>(domain.left, domain.right, 333).points();
}

template <class Grid, class Function>
double interpolation_error(const Grid& grid, Function f) {
  const auto targets = targets_on(grid);
  return largest_difference(applied(interpolation(grid, targets), values(f, grid.points())),
                            values(f, targets));
}

template <class Grid, class Function, class Slope>
double differentiation_error(const Grid& grid, Function f, Slope slope) {
  return largest_difference(applied(differentiation(grid), values(f, grid.points())),
                            values(slope, grid.points()));
}

double smooth(double x) { return std::exp(x) * std::sin(5 * x); }
double smooth_slope(double x) { return std::exp(x) * (std::sin(5 * x) + 5 * std::cos(5 * x)); }
double periodic(double x) { return std::exp(std::sin(2 * std::numbers::pi * x)); }
double periodic_slope(double x) {
  return 2 * std::numbers::pi * std::cos(2 * std::numbers::pi * x) * periodic(x);
}

ScatteredGrid scattered(Index n) {
  std::vector<double> points;
  for (Index i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n - 1);
    points.push_back(u + 0.1 * std::sin(3 * u) * u * (1 - u));
  }
  return ScatteredGrid(points);
}

}  // namespace

TEST_CASE_TEMPLATE("polynomials through all points are reproduced", Grid, UniformGrid<>, MidpointGrid<>,
                   ChebyshevGrid<>, LegendreGrid<>) {
  const auto cubic = [](double x) { return 1 + x * (2 + x * (3 - x)); };
  const auto slope = [](double x) { return 2 + x * (6 - 3 * x); };
  for (Index n : {4, 5, 8, 9, 33}) {
    CHECK(interpolation_error(Grid(-1.0, 2.0, n), cubic) < 1e-13);
    CHECK(differentiation_error(Grid(-1.0, 2.0, n), cubic, slope) < 2e-12);
  }
}

TEST_CASE("the smallest grids") {
  const auto one = [](double) { return 3.0; };
  CHECK(interpolation_error(MidpointGrid<>(0.0, 1.0, 1), one) == 0);
  CHECK(interpolation_error(LegendreGrid<>(0.0, 1.0, 1), one) == 0);
  CHECK(interpolation_error(PeriodicGrid<>(0.0, 1.0, 1), one) == 0);
  CHECK(differentiation_error(MidpointGrid<>(0.0, 1.0, 1), one, [](double) { return 0.0; }) == 0);
  CHECK(differentiation_error(PeriodicGrid<>(0.0, 1.0, 1), one, [](double) { return 0.0; }) == 0);
  const auto line = [](double x) { return 2 * x; };
  CHECK(interpolation_error(UniformGrid<>(0.0, 1.0, 2), line) < 1e-15);
  CHECK(interpolation_error(ChebyshevGrid<>(0.0, 1.0, 2), line) < 1e-15);
  CHECK(differentiation_error(UniformGrid<>(0.0, 1.0, 2), line, [](double) { return 2.0; }) < 1e-15);
}

TEST_CASE("spectral grids are exact to round-off with few points") {
  CHECK(interpolation_error(ChebyshevGrid<>(0.0, 1.0, 24), smooth) < 1e-14);
  CHECK(interpolation_error(LegendreGrid<>(0.0, 1.0, 24), smooth) < 1e-14);
  CHECK(interpolation_error(PeriodicGrid<>(0.0, 1.0, 32), periodic) < 1e-14);
  CHECK(interpolation_error(PeriodicGrid<>(0.0, 1.0, 33), periodic) < 1e-14);
  CHECK(differentiation_error(ChebyshevGrid<>(0.0, 1.0, 24), smooth, smooth_slope) < 1e-12);
  CHECK(differentiation_error(LegendreGrid<>(0.0, 1.0, 24), smooth, smooth_slope) < 1e-12);
  CHECK(differentiation_error(PeriodicGrid<>(0.0, 1.0, 40), periodic, periodic_slope) < 1e-13);
  CHECK(differentiation_error(PeriodicGrid<>(0.0, 1.0, 41), periodic, periodic_slope) < 1e-13);
}

TEST_CASE("many points do no harm") {
  CHECK(interpolation_error(ChebyshevGrid<>(0.0, 1.0, 1025), smooth) < 2e-14);
  CHECK(interpolation_error(LegendreGrid<>(0.0, 1.0, 1025), smooth) < 2e-14);
  CHECK(interpolation_error(UniformGrid<>(0.0, 1.0, 1025), smooth) < 2e-14);
}

TEST_CASE("local polynomials converge at their order") {
  const auto order = [](double coarse, double fine) { return std::log2(coarse / fine); };
  // 8 points: order 8; 9 points for a derivative: order 8; 4 points: 4; 5 for a derivative: 4.
  CHECK(order(interpolation_error(UniformGrid<>(0.0, 1.0, 33), smooth),
              interpolation_error(UniformGrid<>(0.0, 1.0, 65), smooth)) > 7.5);
  CHECK(order(differentiation_error(UniformGrid<>(0.0, 1.0, 33), smooth, smooth_slope),
              differentiation_error(UniformGrid<>(0.0, 1.0, 65), smooth, smooth_slope)) > 7.5);
  CHECK(order(interpolation_error(MidpointGrid<>(0.0, 1.0, 32), smooth),
              interpolation_error(MidpointGrid<>(0.0, 1.0, 64), smooth)) > 7.5);
  CHECK(order(interpolation_error(scattered(129), smooth), interpolation_error(scattered(257), smooth)) >
        3.7);
  CHECK(order(differentiation_error(scattered(129), smooth, smooth_slope),
              differentiation_error(scattered(257), smooth, smooth_slope)) > 3.7);
}

TEST_CASE("a point of the grid gets its own value, exactly") {
  const auto check = [](const auto& grid) {
    const auto samples = values(smooth, grid.points());
    CHECK(applied(interpolation(grid, grid.points()), samples) == samples);
  };
  check(UniformGrid<>(0.1, 0.7, 33));
  check(PeriodicGrid<>(0.1, 0.7, 33));
  check(MidpointGrid<>(0.1, 0.7, 33));
  check(ChebyshevGrid<>(0.1, 0.7, 33));
  check(LegendreGrid<>(0.1, 0.7, 33));
  check(scattered(33));
}

TEST_CASE("periodic targets wrap round") {
  const PeriodicGrid<> grid(0.0, 1.0, 16);
  const auto samples = values(periodic, grid.points());
  const auto wrapped = applied(interpolation(grid, std::vector{1.25, -0.75, 0.25, 1.0, -3.0}), samples);
  CHECK(wrapped[0] == samples[4]);
  CHECK(wrapped[1] == samples[4]);
  CHECK(wrapped[2] == samples[4]);
  CHECK(wrapped[3] == samples[0]);
  CHECK(wrapped[4] == samples[0]);
}

TEST_CASE("a derivative of a constant vanishes to round-off") {
  const auto flat = [](double) { return 1.0; };
  const auto zero = [](double) { return 0.0; };
  CHECK(differentiation_error(ChebyshevGrid<>(0.0, 1.0, 65), flat, zero) < 1e-12);
  CHECK(differentiation_error(LegendreGrid<>(0.0, 1.0, 65), flat, zero) < 1e-12);
  CHECK(differentiation_error(UniformGrid<>(0.0, 1.0, 65), flat, zero) < 1e-12);
  CHECK(differentiation_error(PeriodicGrid<>(0.0, 1.0, 64), flat, zero) < 1e-12);
}

TEST_CASE("bands are narrow, and rows add up to one") {
  const auto map = interpolation(UniformGrid<>(0.0, 1.0, 65), targets_on(UniformGrid<>(0.0, 1.0, 65)));
  CHECK(map.rows == 333);
  CHECK(map.cols == 65);
  CHECK(map.width == 8);
  CHECK_FALSE(map.is_dense());
  for (double sum : applied(map, std::vector(65, 1.0))) CHECK(sum == doctest::Approx(1).epsilon(1e-14));
  CHECK(map(0, 0) == 1);
  CHECK(map(0, 64) == 0);
  CHECK(differentiation(UniformGrid<>(0.0, 1.0, 65)).width == 9);
  CHECK(interpolation(scattered(20), targets_on(scattered(20))).width == 4);
  CHECK(differentiation(scattered(20)).width == 5);
  CHECK(interpolation(ChebyshevGrid<>(0.0, 1.0, 9), std::vector{0.5}).is_dense());
}

TEST_CASE("AxisMap::dense") {
  const auto map = AxisMap::dense(2, 3, {1, 2, 3, 4, 5, 6});
  CHECK(map.width == 3);
  CHECK(map.start == std::vector<Index>{0, 0});
  CHECK(map(1, 2) == 6);
  CHECK(contains(message_of([] { AxisMap::dense(2, 3, {1, 2}); }),
                 "needs rows x cols = 6 weights, and was given 2"));
}

TEST_CASE("targets outside the domain are refused, up to round-off") {
  const UniformGrid<> grid(0.0, 0.3, 9);
  const auto message = message_of([&] { interpolation(grid, std::vector{0.1, 0.4}); });
  CHECK(contains(message, "target 1 is 0.4, outside the domain [0, 0.3]"));
  CHECK(interpolation(grid, std::vector{0.1 + 0.2})(0, 8) == 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(contains(message_of([&] { interpolation(grid, std::vector{nan}); }), "target 0 is nan"));
  CHECK(contains(message_of([&] { interpolation(PeriodicGrid<>(0.0, 1.0, 8), std::vector{nan}); }),
                 "target 0 is nan"));
  CHECK(contains(message_of([&] { interpolation(ScatteredGrid({0.0, 0.5, 0.5, 1.0}), std::vector{0.2}); }),
                 "two points are at 0.5"));
}
