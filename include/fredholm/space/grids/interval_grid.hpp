// What the grids of n points on [left, right] have in common: the ends, the number of points, and where the
// number is given (in the type or at run time, never both). An implementation detail: a user's grid needs no
// base class.
#pragma once

#include <fredholm/core/error.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/grid_traits.hpp>

#include <vector>

namespace fredholm::detail {

/// Grid is the derived class; it has a `name` and the `least` number of points that make sense.
template <class Grid, Index Extent>
class IntervalGrid {
 public:
  static constexpr Index dimension = 1;
  static constexpr Index extent = Extent;

  /// The number of points is in the type: UniformGrid<65>(0.0, 1.0).
  template <Index Count = Extent>
  IntervalGrid(double left, double right) : interval_{left, right}, size_(Count) {
    static_assert(Count != dynamic,
                  "The number of points is missing. Give it as the third argument, as in "
                  "UniformGrid<>(0.0, 1.0, 65), or in the type, as in UniformGrid<65>(0.0, 1.0).");
    require_interval(interval_, Grid::name);
  }

  /// The number of points is a run-time value: UniformGrid<>(0.0, 1.0, 65).
  template <Index Count = Extent>
  IntervalGrid(double left, double right, Index n) : interval_{left, right}, size_(n) {
    static_assert(Count == dynamic,
                  "The number of points is given twice, in the type and as an argument. Give it once: "
                  "UniformGrid<65>(0.0, 1.0) or UniformGrid<>(0.0, 1.0, 65).");
    require(n >= Grid::least, Grid::name, " needs at least ", Grid::least,
            Grid::least == 1 ? " point" : " points", ", and n is ", n, ". Use n >= ", Grid::least, ".");
    require_interval(interval_, Grid::name);
  }

  Index size() const { return size_; }
  double left() const { return interval_.left; }
  double right() const { return interval_.right; }
  Box<1> box() const { return Box<1>(interval_); }

  friend bool operator==(const IntervalGrid&, const IntervalGrid&) = default;

 protected:
  /// (left (total - part) + right part) / total in the widest type, rounded once: exact at the ends.
  double between(long double part, long double total) const {
    const long double left = interval_.left, right = interval_.right;
    return static_cast<double>((left * (total - part) + right * part) / total);
  }

 private:
  Interval interval_;
  Index size_;
};

}  // namespace fredholm::detail
