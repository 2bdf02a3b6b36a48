// Boole's rule: a quartic through every five neighbouring samples.
//
//   2h/45 (7, 32, 12, 32, 14, ..., 32, 12, 32, 7),    n = 4k + 1
//
// Order 6, exact to degree 5. Use it on a UniformGrid with 4k + 1 points; for other numbers, Gregory<6> has
// the same order. On a PeriodicGrid (n = 4k) it is legal and spectral, but aliases at n/4 where Trapezoid
// aliases at n.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/rules/equal_steps.hpp>

#include <vector>

namespace fredholm {

struct Boole {
  static constexpr int order = 6;

  template <class Grid>
  static constexpr bool legal =
      Grid::dimension == 1 && detail::has_equal_steps<Grid> && detail::fits_panels<Grid>(4);

  template <class Grid>
  struct check {
    static_assert(Grid::dimension == 1 && detail::has_equal_steps<Grid>,
                  "Boole needs equal steps: a UniformGrid with 4k + 1 points, or a PeriodicGrid. On other "
                  "grids use Trapezoid, or the rule that the nodes belong to (Midpoint, ClenshawCurtis, "
                  "GaussLegendre).");
    static_assert(detail::fits_panels<Grid>(4) || family_of<Grid> != Family::uniform,
                  "Boole needs 4k + 1 points: four intervals to a quartic. Use UniformGrid<65> rather "
                  "than UniformGrid<64> or UniformGrid<67>, or Gregory<6>, which has the same order with "
                  "any number of points.");
    static_assert(detail::fits_panels<Grid>(4) || family_of<Grid> != Family::periodic,
                  "Boole needs 4k points on a period: four intervals to a quartic. Use PeriodicGrid<64> "
                  "rather than PeriodicGrid<66>, or Trapezoid, which is better on periodic data.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const Index n = grid.size();
    if constexpr (family_of<Grid> == Family::periodic) {
      require(n >= 4 && n % 4 == 0, "Boole needs 4k points on a period: four intervals to a quartic. n is ",
              n, "; use ", (n / 4 + 1) * 4, " points, or Trapezoid, which is better on periodic data.");
    } else {
      require(n >= 5 && n % 4 == 1,
              "Boole needs 4k + 1 points, at least 5: four intervals to a quartic. n is ", n, "; use ",
              (n + 2) / 4 * 4 + 1,
              " points, or Gregory<6>, which has the same order with any "
              "number of points.");
    }
    return detail::composite(grid, 2.0L / 45, std::array{7, 32, 12, 32, 7});
  }

  static Index degree(Index) { return 5; }
};

}  // namespace fredholm
