// Equally spaced points on a period; the right end point is the left one again and is left out.
//
//   x_i = left + i h,    h = (right - left) / n,    i = 0, ..., n - 1
//
// Use it for periodic functions and for the FFT. Every rule of equal weights (Trapezoid) is spectral there:
// it is exact for exp(2πi k x / L), |k| < n. Simpson and Boole are legal, spectral too, and worse: they alias
// at n/2 and n/4. For a function that is not periodic the order is 1: use UniformGrid or MidpointGrid.
#pragma once

#include <fredholm/space/grids/interval_grid.hpp>

namespace fredholm {

template <Index Extent = dynamic>
class PeriodicGrid : public detail::IntervalGrid<PeriodicGrid<Extent>, Extent> {
  static_assert(Extent == dynamic || Extent >= 1,
                "PeriodicGrid needs at least 1 point. Use PeriodicGrid<1> or more, or PeriodicGrid<> with "
                "the number of points at run time.");
  using Base = detail::IntervalGrid<PeriodicGrid, Extent>;

 public:
  static constexpr Family family = Family::periodic;
  static constexpr const char* name = "PeriodicGrid";
  static constexpr Index least = 1;

  using Base::Base;

  /// PeriodicGrid<64> is a PeriodicGrid<>.
  template <Index Fixed>
    requires(Extent == dynamic && Fixed != dynamic)
  PeriodicGrid(const PeriodicGrid<Fixed>& grid) : Base(grid.left(), grid.right(), grid.size()) {}

  std::vector<double> points() const {
    std::vector<double> x;
    x.reserve(static_cast<std::size_t>(this->size()));
    for (Index i = 0; i < this->size(); ++i) {
      x.push_back(this->between(static_cast<long double>(i), static_cast<long double>(this->size())));
    }
    return x;
  }

  friend bool operator==(const PeriodicGrid&, const PeriodicGrid&) = default;
};

PeriodicGrid(double, double, Index) -> PeriodicGrid<>;

}  // namespace fredholm
