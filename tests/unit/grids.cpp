// Grids: where the points are, what the box is, and what is refused.
#include <fredholm/space/grids.hpp>

#include "../support/messages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("UniformGrid holds both end points") {
  CHECK(UniformGrid<>(0.0, 1.0, 5).points() == std::vector{0.0, 0.25, 0.5, 0.75, 1.0});
  CHECK(UniformGrid<2>(-1.0, 3.0).points() == std::vector{-1.0, 3.0});
}

TEST_CASE("PeriodicGrid leaves the right end point out") {
  CHECK(PeriodicGrid<>(0.0, 1.0, 4).points() == std::vector{0.0, 0.25, 0.5, 0.75});
  CHECK(PeriodicGrid<>(2.0, 3.0, 1).points() == std::vector{2.0});
}

TEST_CASE("MidpointGrid holds the centres of cells") {
  CHECK(MidpointGrid<>(0.0, 1.0, 4).points() == std::vector{0.125, 0.375, 0.625, 0.875});
  CHECK(MidpointGrid<>(0.0, 3.0, 1).points() == std::vector{1.5});
}

TEST_CASE("ChebyshevGrid holds the extrema of T_{n-1}") {
  const double s = std::sqrt(0.5);
  CHECK(ChebyshevGrid<>(-1.0, 1.0, 5).points() == std::vector{-1.0, -s, 0.0, s, 1.0});
  CHECK(ChebyshevGrid<>(0.0, 2.0, 2).points() == std::vector{0.0, 2.0});
}

TEST_CASE("LegendreGrid holds the zeros of P_n, to the last bit") {
  // 22 digits by mpmath, rounded by the compiler
  const auto x5 = LegendreGrid<>(-1.0, 1.0, 5).points();
  CHECK(x5[0] == -0.9061798459386639927976);
  CHECK(x5[1] == -0.5384693101056830910363);
  CHECK(x5[2] == 0.0);
  const auto x16 = LegendreGrid<>(-1.0, 1.0, 16).points();
  CHECK(x16[0] == -0.9894009349916499325962);
  CHECK(x16[7] == -0.09501250983763744018532);
  const auto x1025 = LegendreGrid<>(-1.0, 1.0, 1025).points();
  CHECK(x1025[0] == -0.9999972504248182958245);
  CHECK(x1025[1] == -0.9999855126804969083834);
  CHECK(x1025[100] == -0.9527459330561406897796);
  CHECK(x1025[511] == doctest::Approx(-0.003063468909090675778056).epsilon(1e-15));
  CHECK(x1025[512] == 0.0);
}

TEST_CASE_TEMPLATE("points ascend, lie in the box and are symmetric", Grid, UniformGrid<>, MidpointGrid<>,
                   ChebyshevGrid<>, LegendreGrid<>) {
  for (Index n : {2, 3, 10, 65, 1025}) {
    const Grid grid(-0.7, 0.7, n);
    const auto x = grid.points();
    REQUIRE(std::ssize(x) == n);
    CHECK(std::is_sorted(x.begin(), x.end()));
    CHECK(std::adjacent_find(x.begin(), x.end()) == x.end());
    CHECK(grid.box().contains(x.front()));
    CHECK(grid.box().contains(x.back()));
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == -x[x.size() - 1 - i]);
  }
}

TEST_CASE("the end points are exact, whatever they are") {
  CHECK(UniformGrid<>(0.1, 0.7, 7).points().front() == 0.1);
  CHECK(UniformGrid<>(0.1, 0.7, 7).points().back() == 0.7);
  CHECK(ChebyshevGrid<>(0.1, 0.7, 7).points().front() == 0.1);
  CHECK(ChebyshevGrid<>(0.1, 0.7, 7).points().back() == 0.7);
}

TEST_CASE("ScatteredGrid takes its points as they are") {
  const ScatteredGrid grid({0.0, 0.3, 0.3, 1.0});
  CHECK(grid.size() == 4);
  CHECK(grid.box() == Box<1>({{0.0, 1.0}}));
  CHECK(ScatteredGrid({0.5}, {0.0, 1.0}).box()[0] == Interval{0.0, 1.0});
}

TEST_CASE("PointCloud lists coordinates point after point") {
  const PointCloud<2> cloud({{0.0, 1.0}, {0.0, 2.0}}, {{{0.1, 1.9}, {0.3, 0.4}}});
  CHECK(cloud.size() == 2);
  CHECK(cloud.points() == std::vector{0.1, 1.9, 0.3, 0.4});
  CHECK(cloud.box().measure() == 2.0);
}

TEST_CASE("ProductGrid is row-major, the last axis fastest") {
  const ProductGrid<UniformGrid<>, PeriodicGrid<>> grid({0.0, 1.0, 2}, {0.0, 3.0, 3});
  CHECK(grid.size() == 6);
  CHECK(grid.shape() == Shape{2, 3});
  CHECK(grid.box()[1] == Interval{0.0, 3.0});
  CHECK(grid.points() == std::vector{0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0, 1.0, 2.0});
}

TEST_CASE("a factor of a product may have more than one dimension") {
  const ProductGrid<PointCloud<2>, UniformGrid<>> grid(
      PointCloud<2>({{0.0, 1.0}, {0.0, 1.0}}, {{{0.1, 0.2}, {0.3, 0.4}}}), {5.0, 6.0, 2});
  CHECK(decltype(grid)::dimension == 3);
  CHECK(grid.shape() == Shape{2, 2});
  CHECK(grid.points() == std::vector{0.1, 0.2, 5.0, 0.1, 0.2, 6.0, 0.3, 0.4, 5.0, 0.3, 0.4, 6.0});
  CHECK(grid.box()[2] == Interval{5.0, 6.0});
}

TEST_CASE("a fixed number of points becomes a dynamic one") {
  const UniformGrid<65> fixed(0.0, 1.0);
  const UniformGrid<> grid = fixed;
  CHECK(grid.size() == 65);
  CHECK(grid == fixed);
  CHECK(UniformGrid(0.0, 1.0, 65) == grid);
  CHECK(UniformGrid(0.0, 1.0, 64) != grid);
  CHECK(UniformGrid(0.0, 1.5, 65) != grid);
  const ProductGrid<UniformGrid<>, PeriodicGrid<>> product =
      ProductGrid<UniformGrid<3>, PeriodicGrid<4>>({0.0, 1.0}, {0.0, 1.0});
  CHECK(product.shape() == Shape{3, 4});
}

TEST_CASE("Box") {
  const Box<2> box{{0.0, 2.0}, {-1.0, 1.0}};
  CHECK(box.measure() == 4.0);
  CHECK(box.contains(std::array{1.0, 0.0}));
  CHECK_FALSE(box.contains(std::array{1.0, 1.5}));
  CHECK_FALSE(box.contains(std::array{not_a_number, 0.0}));
  CHECK(Box<1>(Interval{0.0, 3.0}).contains(3.0));
  CHECK(contains(message_of([] { Box<2>{{0.0, 1.0}}; }),
                 "Box<2> needs 2 intervals, one an axis, and was given 1"));
  CHECK(contains(message_of([] { Box<1>{{1.0, 0.0}}; }), "left < right"));
}

TEST_CASE("what only the run can know is refused with the value and the remedy") {
  CHECK(message_of([] { UniformGrid<>(0.0, 1.0, 1); }) ==
        "UniformGrid needs at least 2 points, and n is 1. Use n >= 2.");
  CHECK(message_of([] { PeriodicGrid<>(0.0, 1.0, 0); }) ==
        "PeriodicGrid needs at least 1 point, and n is 0. Use n >= 1.");
  CHECK(contains(message_of([] { ChebyshevGrid<>(0.0, 1.0, -3); }), "n is -3"));
  CHECK(contains(message_of([] { LegendreGrid<>(0.0, 1.0, 0); }), "LegendreGrid needs at least 1 point"));
  CHECK(contains(message_of([] { MidpointGrid<>(0.0, 1.0, 0); }), "MidpointGrid needs at least 1 point"));
  CHECK(message_of([] { UniformGrid<>(1.0, 0.5, 8); }) ==
        "UniformGrid needs left < right, and was given left = 1 and right = 0.5. Swap them, or give an "
        "interval that has a length.");
  CHECK(contains(message_of([] { UniformGrid<>(1.0, 1.0, 8); }), "left < right"));
  CHECK(contains(message_of([] { UniformGrid<8>(not_a_number, 1.0); }),
                 "needs finite end points, and was given left = nan"));
  CHECK(contains(message_of([] { LegendreGrid<>(0.0, infinity, 8); }), "right = inf"));

  CHECK(contains(message_of([] { ScatteredGrid({0.0, 0.5, 0.4}); }),
                 "needs sorted points, and point 2 (0.4) is less than point 1 (0.5). Sort them first."));
  CHECK(contains(message_of([] { ScatteredGrid({0.0, not_a_number, 1.0}); }), "point 1 is nan"));
  CHECK(contains(message_of([] { ScatteredGrid({}, {0.0, 1.0}); }), "at least 1 point"));
  CHECK(contains(message_of([] { ScatteredGrid(std::vector<double>{}); }), "at least 1 point"));
  CHECK(
      contains(message_of([] { ScatteredGrid(std::vector{0.5}); }), "at least 2 points to know its domain"));
  CHECK(contains(message_of([] { ScatteredGrid({0.5, 0.5}); }), "left < right"));
  CHECK(contains(message_of([] { ScatteredGrid({0.0, 2.0}, {0.0, 1.0}); }), "outside its domain [0, 1]"));

  const Box<2> square;
  CHECK(contains(message_of([&] { PointCloud<2>(square, {}); }), "at least 1 point"));
  CHECK(contains(message_of([&] { PointCloud<2>(square, {{{0.5, 0.5}, {0.5, 1.5}}}); }),
                 "coordinate 1 of point 1 is 1.5, outside the box"));
  CHECK(contains(message_of([&] { PointCloud<2>(square, {{{not_a_number, 0.5}}}); }),
                 "coordinate 0 of point 0 is nan"));
}
