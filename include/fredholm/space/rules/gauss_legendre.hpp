// Gauss's rule: nodes and weights chosen together, for the highest degree that n points can reach.
//
//   w_i = 2 / ((1 - x_i²) P_n'(x_i)²) on [-1, 1]
//
// Exact to degree 2n - 1, weights positive and symmetric, spectral on smooth functions. The nodes belong to
// the rule: it stands on LegendreGrid only. The weights are right to the last bit of a double up to n = 1025
// and beyond; making them costs O(n²).
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/space/grids/angles.hpp>

#include <vector>

namespace fredholm {

struct GaussLegendre {
  static constexpr int order = spectral;

  template <class Grid>
  static constexpr bool legal = Grid::dimension == 1 && family_of<Grid> == Family::legendre;

  template <class Grid>
  struct check {
    static_assert(legal<Grid>,
                  "GaussLegendre needs the points of a LegendreGrid: the nodes belong to the rule. Use "
                  "Discretization<LegendreGrid<>, GaussLegendre>, or Simpson or Trapezoid on the grid "
                  "that you have.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const long double half = detail::wide_length(grid.box()[0]) / 2;
    std::vector<double> weights;
    for (long double weight : detail::gauss_legendre(grid.size()).weights) {
      weights.push_back(static_cast<double>(half * weight));
    }
    return weights;
  }

  static Index degree(Index n) { return 2 * n - 1; }
};

}  // namespace fredholm
