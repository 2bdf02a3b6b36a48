// Some of the points of a discretization, as a cloud that carries their weights.
//
//   int_Omega f dmu ~ sum over parts of sum_{j in part} w_j f(x_j)
//
// Whatever the grid and the rule were, a part is a PointCloud with Given weights: losses over collocation
// points are cut into such parts (autodiff/tiles.hpp), and the integrals over the parts add up to that over
// the whole.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/rules/given.hpp>

namespace fredholm {

/// Points begin ... begin + count - 1, in the order of `points()`.
template <class Grid, class Rule>
auto part_of_points(const Discretization<Grid, Rule>& d, Index begin, Index count) {
  constexpr Index dimension = Grid::dimension;
  require(begin >= 0 && count >= 1 && begin + count <= d.size(), "part_of_points: points ", begin, " to ",
          begin + count, " of ", d.size(), " are asked for. Give a part with at least one point.");
  std::vector<std::array<double, static_cast<std::size_t>(dimension)>> points(
      static_cast<std::size_t>(count));
  for (Index j = 0; j < count; ++j) {
    const auto from = d.points().begin() + (begin + j) * dimension;
    std::copy(from, from + dimension, points[static_cast<std::size_t>(j)].begin());
  }
  const auto from = d.weights().begin() + begin;
  return Discretization<PointCloud<dimension>, Given>(PointCloud<dimension>(d.box(), std::move(points)),
                                                      Given{std::vector<double>(from, from + count)});
}

}  // namespace fredholm
