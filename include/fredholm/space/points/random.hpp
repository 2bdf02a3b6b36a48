// Points drawn uniformly at random in a box.
//
//   auto points = random_points(box, n, rng);          // Discretization<PointCloud<D>, MonteCarlo>
//
//   int_Omega f ~ |Omega| / n sum_i f(x_i),   error O(n^{-1/2}) in any dimension
//
// What physics-informed losses are mostly estimated with. Latin hypercubes and Sobol's sequence (beside this
// header) cost as little and have smaller errors for smooth f; a product grid with a rule has far smaller
// ones in two or three dimensions. The points are the same on every machine for one state of the engine
// (core/random.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fredholm/core/random.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

namespace fredholm {

/// Points that an integral is estimated from by their mean.
template <Index D>
using MonteCarloPoints = Discretization<PointCloud<D>, MonteCarlo>;

namespace detail {

inline void require_some_points(Index n, const char* where) {
  require(n >= 1, where, " needs at least 1 point, and was asked for ", n, ". Give n >= 1.");
}

/// left + (right - left) u for u on [0, 1), never beyond the interval by round-off.
inline double place_in(const Interval& interval, double u) {
  return std::clamp(interval.left + interval.length() * u, interval.left, interval.right);
}

}  // namespace detail

template <Index D>
MonteCarloPoints<D> random_points(const Box<D>& box, Index n, Engine& engine) {
  detail::require_some_points(n, "random_points");
  std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(n));
  for (auto& point : points) {
    for (Index axis = 0; axis < D; ++axis)
      point[static_cast<std::size_t>(axis)] = detail::place_in(box[axis], uniform(engine));
  }
  return {PointCloud<D>(box, std::move(points))};
}

}  // namespace fredholm
