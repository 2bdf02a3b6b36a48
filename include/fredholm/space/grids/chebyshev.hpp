// The extrema of the Chebyshev polynomial T_{n-1}, both end points among them, in ascending order.
//
//   x_i = left + (right - left) sin²(π i / (2 (n - 1))),    i = 0, ..., n - 1
//
// Use it for smooth functions that are not periodic where boundary values matter (collocation, boundary
// conditions); rule: ClenshawCurtis (spectral). Polynomial interpolation in these points converges for every
// function that is Lipschitz (Trefethen, Approximation Theory and Approximation Practice, 2013). If integrals
// are all you want, LegendreGrid is exact to twice the degree.
#pragma once

#include <fredholm/space/grids/angles.hpp>
#include <fredholm/space/grids/interval_grid.hpp>

namespace fredholm {

template <Index Extent = dynamic>
class ChebyshevGrid : public detail::IntervalGrid<ChebyshevGrid<Extent>, Extent> {
  static_assert(Extent == dynamic || Extent >= 2,
                "ChebyshevGrid holds both end points, so it needs at least 2 points. Use ChebyshevGrid<2> "
                "or more, or ChebyshevGrid<> with the number of points at run time.");
  using Base = detail::IntervalGrid<ChebyshevGrid, Extent>;

 public:
  static constexpr Family family = Family::chebyshev;
  static constexpr const char* name = "ChebyshevGrid";
  static constexpr Index least = 2;

  using Base::Base;

  /// ChebyshevGrid<33> is a ChebyshevGrid<>.
  template <Index Fixed>
    requires(Extent == dynamic && Fixed != dynamic)
  ChebyshevGrid(const ChebyshevGrid<Fixed>& grid) : Base(grid.left(), grid.right(), grid.size()) {}

  std::vector<double> points() const {
    return detail::nodes_at(detail::chebyshev_angles(this->size()), this->left(), this->right());
  }

  friend bool operator==(const ChebyshevGrid&, const ChebyshevGrid&) = default;
};

ChebyshevGrid(double, double, Index) -> ChebyshevGrid<>;

}  // namespace fredholm
