// Equally spaced points, both end points among them.
//
//   x_i = left + i h,    h = (right - left) / (n - 1),    i = 0, ..., n - 1
//
// Use it for data sampled on an interval that is not periodic; rules: Trapezoid (order 2), Simpson (4, n
// odd), Boole (6, n = 4k + 1), Gregory<P> (P, any n). On a periodic interval it would count the end point
// twice: use PeriodicGrid. Where you choose the points of a smooth function yourself, LegendreGrid and
// ChebyshevGrid need far fewer.
#pragma once

#include <fredholm/space/grids/interval_grid.hpp>

namespace fredholm {

template <Index Extent = dynamic>
class UniformGrid : public detail::IntervalGrid<UniformGrid<Extent>, Extent> {
  static_assert(Extent == dynamic || Extent >= 2,
                "UniformGrid holds both end points, so it needs at least 2 points. Use UniformGrid<2> or "
                "more, or UniformGrid<> with the number of points at run time.");
  using Base = detail::IntervalGrid<UniformGrid, Extent>;

 public:
  static constexpr Family family = Family::uniform;
  static constexpr const char* name = "UniformGrid";
  static constexpr Index least = 2;

  using Base::Base;

  /// UniformGrid<65> is a UniformGrid<>.
  template <Index Fixed>
    requires(Extent == dynamic && Fixed != dynamic)
  UniformGrid(const UniformGrid<Fixed>& grid) : Base(grid.left(), grid.right(), grid.size()) {}

  std::vector<double> points() const {
    std::vector<double> x;
    x.reserve(static_cast<std::size_t>(this->size()));
    for (Index i = 0; i < this->size(); ++i) {
      x.push_back(this->between(static_cast<long double>(i), static_cast<long double>(this->size() - 1)));
    }
    return x;
  }

  friend bool operator==(const UniformGrid&, const UniformGrid&) = default;
};

UniformGrid(double, double, Index) -> UniformGrid<>;

}  // namespace fredholm
