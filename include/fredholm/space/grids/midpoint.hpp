// The centres of n equal cells, as in finite volumes and in images.
//
//   x_i = left + (i + 1/2) h,    h = (right - left) / n,    i = 0, ..., n - 1
//
// Use it for cell data; rule: Midpoint (order 2; spectral if the function is periodic on the box). The end
// points are not among the points. For boundary values, or for an order above 2, use UniformGrid.
#pragma once

#include <fredholm/space/grids/interval_grid.hpp>

namespace fredholm {

template <Index Extent = dynamic>
class MidpointGrid : public detail::IntervalGrid<MidpointGrid<Extent>, Extent> {
  static_assert(Extent == dynamic || Extent >= 1,
                "MidpointGrid needs at least 1 point. Use MidpointGrid<1> or more, or MidpointGrid<> with "
                "the number of points at run time.");
  using Base = detail::IntervalGrid<MidpointGrid, Extent>;

 public:
  static constexpr Family family = Family::midpoint;
  static constexpr const char* name = "MidpointGrid";
  static constexpr Index least = 1;

  using Base::Base;

  /// MidpointGrid<64> is a MidpointGrid<>.
  template <Index Fixed>
    requires(Extent == dynamic && Fixed != dynamic)
  MidpointGrid(const MidpointGrid<Fixed>& grid) : Base(grid.left(), grid.right(), grid.size()) {}

  std::vector<double> points() const {
    std::vector<double> x;
    x.reserve(static_cast<std::size_t>(this->size()));
    for (Index i = 0; i < this->size(); ++i) {
      x.push_back(
          this->between(static_cast<long double>(2 * i + 1), static_cast<long double>(2 * this->size())));
    }
    return x;
  }

  friend bool operator==(const MidpointGrid&, const MidpointGrid&) = default;
};

MidpointGrid(double, double, Index) -> MidpointGrid<>;

}  // namespace fredholm
