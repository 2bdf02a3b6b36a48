// The midpoint rule: every cell counts with its size and the value at its centre.
//
//   h Σ_i f(x_i),    h = (right - left) / n
//
// Order 2, exact for straight lines; spectral if f is periodic on the box. It belongs to MidpointGrid.
#pragma once

#include <fredholm/concepts.hpp>

#include <vector>

namespace fredholm {

struct Midpoint {
  static constexpr int order = 2;

  template <class Grid>
  static constexpr bool legal = Grid::dimension == 1 && family_of<Grid> == Family::midpoint;

  template <class Grid>
  struct check {
    static_assert(legal<Grid>,
                  "Midpoint needs the centres of equal cells: use MidpointGrid. With end points among the "
                  "points use Trapezoid or Simpson; on a period Trapezoid, whose weights are all equal "
                  "there.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const long double h = detail::wide_length(grid.box()[0]) / static_cast<long double>(grid.size());
    return std::vector<double>(static_cast<std::size_t>(grid.size()), static_cast<double>(h));
  }

  static Index degree(Index) { return 1; }
};

}  // namespace fredholm
