// A grid and a rule of one's own, written outside the library: a struct each, and nothing else is edited.
#include <fredholm/laws/quadrature.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/interpolation.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace outside {

/// Points that crowd towards the right end: x_i = 1 - (1 - i/(n-1))², on [0, 1].
struct BoundaryLayerGrid {
  static constexpr fredholm::Index dimension = 1;
  fredholm::Index n = 2;

  fredholm::Index size() const { return n; }
  fredholm::Box<1> box() const { return fredholm::Interval{0.0, 1.0}; }
  std::vector<double> points() const {
    std::vector<double> x;
    for (fredholm::Index i = 0; i < n; ++i) {
      const double u = 1 - static_cast<double>(i) / static_cast<double>(n - 1);
      x.push_back(1 - u * u);
    }
    return x;
  }
  bool operator==(const BoundaryLayerGrid&) const = default;
};

/// ∫f dx = ∫ f(x(u)) 2u du, the latter by Simpson's rule: order 4 on a grid where Trapezoid has order 2.
struct MappedSimpson {
  static constexpr int order = 4;
  template <class Grid>
  static constexpr bool legal = std::same_as<Grid, BoundaryLayerGrid>;

  std::vector<double> weights(const BoundaryLayerGrid& grid) const {
    const fredholm::UniformGrid<> u(0.0, 1.0, grid.size());
    std::vector<double> w = fredholm::Simpson{}.weights(u);
    const std::vector<double> at = u.points();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] *= 2 * (1 - at[i]);
    return w;
  }
};

/// The same rule with a slip of the pen: the factor 2 forgotten.
struct WrongSimpson : MappedSimpson {
  std::vector<double> weights(const BoundaryLayerGrid& grid) const {
    std::vector<double> w = MappedSimpson::weights(grid);
    for (double& weight : w) weight /= 2;
    return w;
  }
};

/// Days of a year. It says what is known of its points, and gets every rule and interpolation of the family.
struct Days {
  static constexpr fredholm::Index dimension = 1;
  static constexpr fredholm::Index extent = 365;
  static constexpr fredholm::Family family = fredholm::Family::periodic;

  fredholm::Index size() const { return extent; }
  fredholm::Box<1> box() const { return fredholm::Interval{0.0, 365.0}; }
  std::vector<double> points() const {
    std::vector<double> day(365);
    for (std::size_t i = 0; i < day.size(); ++i) day[i] = static_cast<double>(i);
    return day;
  }
  bool operator==(const Days&) const = default;
};

/// Sizes and points that do not fit.
struct ForgetfulGrid : BoundaryLayerGrid {
  fredholm::Index size() const { return n + 1; }
  bool operator==(const ForgetfulGrid&) const = default;
};

/// As many weights as it likes.
struct ForgetfulRule {
  template <class Grid>
  static constexpr bool legal = true;
  std::vector<double> weights(const fredholm::AnyGrid auto&) const { return {1.0}; }
};

}  // namespace outside

using namespace fredholm;

static_assert(AnyGrid1D<outside::BoundaryLayerGrid>);
static_assert(AnyRule<outside::MappedSimpson>);
static_assert(extent_of<outside::BoundaryLayerGrid> == dynamic);
static_assert(family_of<outside::BoundaryLayerGrid> == Family::other);
static_assert(RuleOn<outside::MappedSimpson, outside::BoundaryLayerGrid>);
static_assert(!RuleOn<outside::MappedSimpson, UniformGrid<>>);
static_assert(RuleOn<Trapezoid, outside::BoundaryLayerGrid>);
static_assert(!RuleOn<Simpson, outside::BoundaryLayerGrid>);
static_assert(RuleOn<Trapezoid, outside::Days> && !RuleOn<Simpson, outside::Days>);  // 365 is odd
static_assert(order_on<Trapezoid, outside::Days> == spectral);

TEST_CASE("a grid of one's own carries the library's rules") {
  const auto report = laws::quadrature<Trapezoid>([](Index n) { return outside::BoundaryLayerGrid{n}; });
  INFO(report.message());
  CHECK(report.passed());
}

TEST_CASE("a rule of one's own passes the law of quadrature, and a wrong one does not") {
  const auto grid = [](Index n) { return outside::BoundaryLayerGrid{n}; };
  const auto report = laws::quadrature<outside::MappedSimpson>(grid);
  INFO(report.message());
  CHECK(report.passed());
  CHECK(report.observed_order.value() == doctest::Approx(4).epsilon(0.01));
  CHECK_FALSE(laws::quadrature<outside::WrongSimpson>(grid).passed());
}

TEST_CASE("they stand beside the library's own in a product") {
  using Grid = ProductGrid<outside::BoundaryLayerGrid, PeriodicGrid<>>;
  const Discretization<Grid, ProductRule<outside::MappedSimpson, Trapezoid>> d({{5}, {0.0, 2.0, 4}});
  double sum = 0;
  for (double w : d.weights()) sum += w;
  CHECK(sum == doctest::Approx(2.0).epsilon(1e-15));
  CHECK(d.shape() == Shape{5, 4});
}

TEST_CASE("interpolation works on a grid of one's own") {
  const outside::BoundaryLayerGrid grid{33};
  const auto map = interpolation(grid, std::vector{0.5});
  const auto x = grid.points();
  double value = 0;
  for (Index j = 0; j < map.cols; ++j) value += map(0, j) * std::exp(x[static_cast<std::size_t>(j)]);
  CHECK(value == doctest::Approx(std::exp(0.5)).epsilon(1e-6));
  CHECK(map.width == 4);
  CHECK(interpolation(outside::Days{}, std::vector{730.0})(0, 0) ==
        1);  // a family is a promise: it wraps round
}

TEST_CASE("a grid or a rule that does not keep its word is named") {
  using A = Discretization<outside::ForgetfulGrid, Counting>;
  CHECK_THROWS_WITH_AS(
      A(outside::ForgetfulGrid{{4}}),
      "Discretization: the grid has size() = 5 and its points() hold 4 numbers. They should hold "
      "size() * dimension = 5.",
      std::invalid_argument);
  using B = Discretization<UniformGrid<>, outside::ForgetfulRule>;
  CHECK_THROWS_WITH_AS(
      B({0.0, 1.0, 3}),
      "Discretization: the rule made 1 weights for a grid of 3 points. Its weights(grid) should return "
      "one weight a point.",
      std::invalid_argument);
}
