// Latin hypercubes: random points of which every axis sees one in each of n equal slices.
//
//   auto points = latin_hypercube_points(box, n, rng);          // Discretization<PointCloud<D>, MonteCarlo>
//
//   x_i on axis a = left + (right - left) (pi_a(i) + u_ia) / n
//   with a random permutation pi_a and u uniform on [0, 1)
//
// What a sum of functions of one coordinate each has in f is integrated with an error of O(n^{-3/2}); what is
// left, with O(n^{-1/2}) as by random points, and never worse than by n - 1 of those. The usual choice of
// papers on physics-informed networks; Sobol's sequence (sobol.hpp) is better from a few hundred points on.
//
// Sources: McKay, Beckman and Conover, Technometrics 21, 1979; Stein, Technometrics 29, 1987 (the variance).
#pragma once

#include <array>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include <fredholm/space/points/random.hpp>

namespace fredholm {

namespace detail {

/// 0 ... n - 1 in random order (Fisher and Yates), the same on every machine for one state of the engine.
inline std::vector<Index> permutation(Index n, Engine& engine) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = n - 1; i > 0; --i) {
    const auto j = static_cast<Index>(uniform(engine) * static_cast<double>(i + 1));
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)]);
  }
  return order;
}

}  // namespace detail

template <Index D>
MonteCarloPoints<D> latin_hypercube_points(const Box<D>& box, Index n, Engine& engine) {
  detail::require_some_points(n, "latin_hypercube_points");
  std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(n));
  for (Index axis = 0; axis < D; ++axis) {
    const std::vector<Index> slices = detail::permutation(n, engine);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double u = (static_cast<double>(slices[i]) + uniform(engine)) / static_cast<double>(n);
      points[i][static_cast<std::size_t>(axis)] = detail::place_in(box[axis], u);
    }
  }
  return {PointCloud<D>(box, std::move(points))};
}

}  // namespace fredholm
