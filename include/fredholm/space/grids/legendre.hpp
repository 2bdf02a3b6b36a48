// The Gauss points: the zeros of the Legendre polynomial P_n, mapped to [left, right], in ascending order.
//
// Use it for integrals of smooth functions where you choose the points yourself; rule: GaussLegendre, exact
// to degree 2n - 1, spectral. The end points are not among the points: if boundary values matter, use
// ChebyshevGrid. Making the grid costs O(n²).
#pragma once

#include <fredholm/space/grids/angles.hpp>
#include <fredholm/space/grids/interval_grid.hpp>

namespace fredholm {

template <Index Extent = dynamic>
class LegendreGrid : public detail::IntervalGrid<LegendreGrid<Extent>, Extent> {
  static_assert(Extent == dynamic || Extent >= 1,
                "LegendreGrid needs at least 1 point. Use LegendreGrid<1> or more, or LegendreGrid<> with "
                "the number of points at run time.");
  using Base = detail::IntervalGrid<LegendreGrid, Extent>;

 public:
  static constexpr Family family = Family::legendre;
  static constexpr const char* name = "LegendreGrid";
  static constexpr Index least = 1;

  using Base::Base;

  /// LegendreGrid<33> is a LegendreGrid<>.
  template <Index Fixed>
    requires(Extent == dynamic && Fixed != dynamic)
  LegendreGrid(const LegendreGrid<Fixed>& grid) : Base(grid.left(), grid.right(), grid.size()) {}

  std::vector<double> points() const {
    return detail::nodes_at(detail::gauss_legendre(this->size()).angles, this->left(), this->right());
  }

  friend bool operator==(const LegendreGrid&, const LegendreGrid&) = default;
};

LegendreGrid(double, double, Index) -> LegendreGrid<>;

}  // namespace fredholm
