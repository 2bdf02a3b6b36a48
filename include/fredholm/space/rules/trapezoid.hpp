// The trapezoid rule: the integral of the broken line through the samples.
//
//   Σ_i w_i f(x_i),    w_i = (x_{i+1} - x_{i-1}) / 2,    w = h (1/2, 1, ..., 1, 1/2) on equal steps
//
// It stands on every sorted grid of one dimension. Order 2; on a periodic grid all weights are h and it is
// spectral (Trefethen and Weideman, SIAM Review 56, 2014), and nothing beats it there. A stretch between an
// end of the domain and the first or last point belongs to that point, so that the weights always add up to
// the measure; on a MidpointGrid that is the midpoint rule. For a higher order on equal steps use Simpson,
// Boole or Gregory<P>.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/rules/equal_steps.hpp>

#include <vector>

namespace fredholm {

struct Trapezoid {
  static constexpr int order = 2;

  template <class Grid>
  static constexpr bool legal = Grid::dimension == 1 && family_of<Grid> != Family::cloud;

  template <class Grid>
  struct check {
    static_assert(Grid::dimension == 1 || family_of<Grid> == Family::cloud,
                  "Trapezoid needs a grid of one dimension. In more, put one on each axis of a ProductGrid.");
    static_assert(family_of<Grid> != Family::cloud,
                  "Trapezoid needs sorted points, and a PointCloud has no order. Use MonteCarlo if the "
                  "points are random, Given if you know their weights, or a ScatteredGrid if they lie "
                  "sorted on a line.");
  };

  template <AnyGrid1D Grid>
  std::vector<double> weights(const Grid& grid) const {
    if constexpr (family_of<Grid> == Family::periodic) {
      return std::vector<double>(static_cast<std::size_t>(grid.size()),
                                 static_cast<double>(detail::step_of(grid)));
    } else if constexpr (family_of<Grid> == Family::uniform) {
      return detail::composite(grid, 0.5L, std::array{1, 1});
    } else {
      return cells(grid.points(), grid.box()[0]);
    }
  }

  /// Straight lines, unless a stretch at one end of the domain tips the balance.
  template <AnyGrid1D Grid>
  static Index degree(const Grid& grid) {
    if (family_of<Grid> == Family::periodic) return 0;
    const std::vector<double> x = grid.points();
    const Interval domain = grid.box()[0];
    return x.front() - domain.left == domain.right - x.back() ? 1 : 0;
  }

 private:
  static std::vector<double> cells(const std::vector<double>& x, const Interval& domain) {
    std::vector<double> weights(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      require(i == 0 || x[i - 1] <= x[i], "Trapezoid needs sorted points, and point ", i, " (", x[i],
              ") is less than the one before it. Sort the points of the grid.");
      const auto at = [&](std::size_t j) { return static_cast<long double>(x[j]); };
      const long double from = i == 0 ? static_cast<long double>(domain.left) : (at(i - 1) + at(i)) / 2;
      const long double to =
          i + 1 == x.size() ? static_cast<long double>(domain.right) : (at(i) + at(i + 1)) / 2;
      weights[i] = static_cast<double>(to - from);
    }
    return weights;
  }
};

}  // namespace fredholm
