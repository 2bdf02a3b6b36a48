// Neighbours within a radius, against all pairs.
#include <fredholm/neighbours.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;

namespace {

template <Index D>
PointCloud<D> random_cloud(Index n, Engine& engine) {
  std::vector<std::array<double, static_cast<std::size_t>(D)>> points(static_cast<std::size_t>(n));
  for (auto& point : points) {
    for (double& x : point) x = uniform(engine);
  }
  return PointCloud<D>(Box<D>(), points);
}
template <Index D>
auto measured(Index n, Engine& engine) {
  return Discretization<PointCloud<D>, MonteCarlo>(random_cloud<D>(n, engine));
}

/// All pairs, in a loop; periods[axis] = 0: not periodic.
template <class Targets, class Sources>
std::vector<std::vector<std::int32_t>> all_pairs(const Targets& targets, const Sources& sources,
                                                 double radius, const std::vector<double>& periods) {
  const auto D = static_cast<std::size_t>(Targets::dimension);
  std::vector<std::vector<std::int32_t>> rows;
  for (std::size_t i = 0; i < static_cast<std::size_t>(targets.size()); ++i) {
    auto& row = rows.emplace_back();
    for (std::size_t j = 0; j < static_cast<std::size_t>(sources.size()); ++j) {
      double square = 0.0;
      for (std::size_t a = 0; a < D; ++a) {
        double gap = std::abs(sources.points()[j * D + a] - targets.points()[i * D + a]);
        if (periods[a] > 0.0) gap = std::min(gap, periods[a] - gap);
        square += gap * gap;
      }
      if (std::sqrt(square) <= radius) row.push_back(static_cast<std::int32_t>(j));
    }
  }
  return rows;
}

template <class Targets, class Sources>
void check(const Targets& targets, const Sources& sources, double radius,
           const std::vector<double>& periods) {
  const auto expected = all_pairs(targets, sources, radius, periods);
  const auto edges = neighbours_within(targets, sources, radius);
  REQUIRE(edges->targets() == targets.size());
  CHECK(edges->sources == sources.size());
  CHECK(edges->starts.front() == 0);
  CHECK(edges->starts.back() == edges->count());
  bool same = true;
  for (Index i = 0; i < edges->targets(); ++i) {
    same = same && std::vector<std::int32_t>(edges->columns.begin() + edges->begin(i),
                                             edges->columns.begin() + edges->end(i)) ==
                       expected[static_cast<std::size_t>(i)];
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("clouds and grids in one, two and three dimensions") {
  Engine engine(3);
  for (double radius : {0.01, 0.1, 0.37, 2.0}) {
    check(measured<1>(60, engine), measured<1>(80, engine), radius, {0});
    check(measured<2>(150, engine), measured<2>(200, engine), radius, {0, 0});
    check(measured<3>(150, engine), measured<3>(200, engine), radius, {0, 0, 0});
    const auto cloud = measured<2>(300, engine);
    check(cloud, cloud, radius, {0, 0});
    const Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>>, ProductRule<Trapezoid, GaussLegendre>>
        grid({{0.0, 1.0, 11}, {0.0, 1.0, 13}});
    check(cloud, grid, radius + 1e-4, {0, 0});
    check(grid, cloud, radius, {0, 0});
  }
}

TEST_CASE("a periodic axis goes round") {
  Engine engine(4);
  const Discretization<PeriodicGrid<>, Trapezoid> circle({-1.0, 2.0, 37});
  const Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, Trapezoid> cylinder(
      {{0.0, 1.0, 12}, {0.0, 2.0, 9}});
  const Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid> torus(
      {{0.0, 1.0, 12}, {0.0, 1.0, 15}});
  const auto cloud = measured<2>(100, engine);
  // With radii above half a period a point is seen in several images, and counts once.
  for (double radius : {0.011, 0.217, 0.55, 0.83, 1.61, 5.0}) {
    check(circle, circle, radius, {3.0});
    check(cylinder, cylinder, radius, {1.0, 0.0});
    check(torus, torus, radius, {1.0, 1.0});
    check(cloud, torus, radius, {1.0, 1.0});
    check(torus, cloud, radius, {0.0, 0.0});  // the sources say what is periodic
  }
}

TEST_CASE("an axis that goes round behind a cloud, which is one axis of two coordinates") {
  Engine engine(5);
  const Discretization<ProductGrid<PointCloud<2>, PeriodicGrid<>>, ProductRule<MonteCarlo, Trapezoid>> tube(
      {random_cloud<2>(30, engine), {0.0, 1.0, 8}});
  for (double radius : {0.17, 0.4}) check(tube, tube, radius, {0.0, 0.0, 1.0});
}

TEST_CASE("points that coincide are neighbours") {
  const Discretization<PointCloud<1>, Counting> same(
      PointCloud<1>(Box<1>(), std::vector<std::array<double, 1>>(40, {0.5})));
  CHECK(neighbours_within(same, 1e-3)->count() == 1600);
  CHECK(neighbours_within(same, 1e-200)->count() == 1600);
}

TEST_CASE("a list is kept while both discretizations live") {
  Engine engine(5);
  const auto a = measured<2>(50, engine), b = measured<2>(60, engine);
  const auto first = neighbours_within(a, b, 0.2);
  CHECK(neighbours_within(a, b, 0.2) == first);
  CHECK(neighbours_within(a, b, std::nextafter(0.2, 1.0)) != first);
  CHECK(neighbours_within(b, a, 0.2) != first);
  CHECK(neighbours_within(b, 0.2) == neighbours_within(b, b, 0.2));
  // With the targets goes what was kept for them: others in their place in memory are others.
  std::weak_ptr<const Edges> gone;
  for (int i = 0; i < 3; ++i) {
    const auto other = measured<2>(50, engine);
    const auto edges = neighbours_within(other, b, 0.2);
    CHECK(gone.expired());
    gone = edges;
    check(other, b, 0.2, {0, 0});
  }
  std::weak_ptr<const Edges> kept;
  {
    const auto alone = measured<2>(50, engine);
    kept = neighbours_within(alone, 0.2);
    CHECK_FALSE(kept.expired());
  }
  CHECK(kept.expired());  // it does not keep itself alive
}

TEST_CASE("a radius is a positive length") {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  for (double radius :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto message = support::message_of([&] { (void)neighbours_within(d, radius); });
    CHECK(support::contains(message, "the unit of the coordinates"));
  }
}
