// Discretizations moved to another box.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace fredholm;

namespace {

/// Every coordinate and weight of `moved` is that of `d` under the affine map.
template <class D>
void check_moved(const D& d, const Box<D::dimension>& box) {
  const D moved = rescaled(d, box);
  CHECK(moved.box() == box);
  REQUIRE(moved.size() == d.size());
  for (Index j = 0; j < d.size(); ++j) {
    for (Index a = 0; a < D::dimension; ++a) {
      const auto at = static_cast<std::size_t>(j * D::dimension + a);
      const double x =
          box[a].left + (d.points()[at] - d.box()[a].left) / d.box()[a].length() * box[a].length();
      CHECK(moved.points()[at] == doctest::Approx(x).epsilon(1e-14));
    }
    const auto at = static_cast<std::size_t>(j);
    const double w = d.weights()[at] * box.measure() / d.box().measure();
    CHECK(moved.weights()[at] == doctest::Approx(w).epsilon(1e-13));
  }
}

/// Two points of a user's.
struct Pair {
  static constexpr Index dimension = 1;
  Interval interval{0.0, 1.0};
  Index size() const { return 2; }
  Box<1> box() const { return Box<1>(interval); }
  std::vector<double> points() const {
    return {interval.left + 0.25 * interval.length(), interval.left + 0.75 * interval.length()};
  }
  Pair rescaled(const Box<1>& box) const { return {box[0]}; }
  bool operator==(const Pair&) const = default;
};

}  // namespace

TEST_CASE("all grids on an interval") {
  const Box<1> box{{-3.0, 0.5}};
  check_moved(Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 9}), box);
  check_moved(Discretization<UniformGrid<9>, Trapezoid>({0.0, 1.0}), box);
  check_moved(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 2.0, 8}), box);
  check_moved(Discretization<MidpointGrid<>, Midpoint>({0.0, 2.0, 8}), box);
  check_moved(Discretization<ChebyshevGrid<>, ClenshawCurtis>({1.0, 2.0, 8}), box);
  check_moved(Discretization<LegendreGrid<>, GaussLegendre>({1.0, 2.0, 8}), box);
  check_moved(Discretization<ScatteredGrid, Trapezoid>(ScatteredGrid({0.1, 0.2, 0.7}, {0.0, 1.0})), box);
  check_moved(Discretization<UniformGrid<>, Given>({0.0, 1.0, 3}, Given{{1.0, 2.0, 0.5}}), box);
  check_moved(Discretization<Pair, Trapezoid>(Pair{}), box);
}

TEST_CASE("clouds and products") {
  const Box<2> box{{-1.0, 1.0}, {2.0, 5.0}};
  check_moved(Discretization<PointCloud<2>, MonteCarlo>({Box<2>{}, {{0.1, 0.9}, {0.5, 0.0}, {1.0, 0.3}}}),
              box);
  check_moved(Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>(
                  {{0.0, 2.0, 5}, {1.0, 3.0, 4}}),
              box);
  const PointCloud<2> cloud(Box<2>{}, {{0.1, 0.9}, {0.5, 0.0}});
  check_moved(Discretization<ProductGrid<PointCloud<2>, UniformGrid<>>, ProductRule<MonteCarlo, Simpson>>(
                  ProductGrid(cloud, UniformGrid<>(0.0, 1.0, 3))),
              Box<3>{{-1.0, 1.0}, {2.0, 5.0}, {0.0, 10.0}});
}

TEST_CASE("on its own box nothing is made, and a box has a length") {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 9});
  CHECK(&rescaled(d, d.box()).points() == &d.points());
  Box<1> point;
  point[0] = {1.0, 1.0};
  CHECK_THROWS_AS(rescaled(d, point), std::invalid_argument);
}
