// Simpson's rule: a parabola through every three neighbouring samples.
//
//   h/3 (1, 4, 2, 4, ..., 2, 4, 1),    n odd
//
// Order 4, exact for cubics. Use it on a UniformGrid with an odd number of points; for an even number,
// Gregory<4> has the same order. On a PeriodicGrid (n even) it is legal and spectral, but aliases at n/2
// where Trapezoid aliases at n.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/rules/equal_steps.hpp>

#include <vector>

namespace fredholm {

struct Simpson {
  static constexpr int order = 4;

  template <class Grid>
  static constexpr bool legal =
      Grid::dimension == 1 && detail::has_equal_steps<Grid> && detail::fits_panels<Grid>(2);

  template <class Grid>
  struct check {
    static_assert(Grid::dimension == 1 && detail::has_equal_steps<Grid>,
                  "Simpson needs equal steps: a UniformGrid with an odd number of points, or a "
                  "PeriodicGrid. On other grids use Trapezoid, or the rule that the nodes belong to "
                  "(Midpoint, ClenshawCurtis, GaussLegendre).");
    static_assert(detail::fits_panels<Grid>(2) || family_of<Grid> != Family::uniform,
                  "Simpson needs an odd number of points: two intervals to a parabola. Use "
                  "UniformGrid<65> rather than UniformGrid<64>, or Gregory<4>, which has the same order "
                  "with any number of points.");
    static_assert(detail::fits_panels<Grid>(2) || family_of<Grid> != Family::periodic,
                  "Simpson needs an even number of points on a period: two intervals to a parabola. Use "
                  "PeriodicGrid<64> rather than PeriodicGrid<65>, or Trapezoid, which is better on "
                  "periodic data.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const Index n = grid.size();
    if constexpr (family_of<Grid> == Family::periodic) {
      require(n >= 2 && n % 2 == 0,
              "Simpson needs an even number of points on a period: two intervals to a parabola. n is ", n,
              "; use ", n + 1, " points, or Trapezoid, which is better on periodic data.");
    } else {
      require(n >= 3 && n % 2 == 1,
              "Simpson needs an odd number of points, at least 3: two intervals to a parabola. n is ", n,
              "; use ", n + 1, " points, or Gregory<4>, which has the same order with any number of points.");
    }
    return detail::composite(grid, 1.0L / 3, std::array{1, 4, 1});
  }

  static Index degree(Index) { return 3; }
};

}  // namespace fredholm
