// Domains: a box in R^D, with physical coordinates.
//
//   Ω = [left_1, right_1] x ... x [left_D, right_D],    |Ω| = Π (right_i - left_i)
//
// A Box is a list of intervals, one an axis, ordered x, y, z and then t. Coordinates are double and carry the
// unit of the problem (metres, seconds): nothing in the library scales them to [0, 1] behind your back.
#pragma once

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

#include <array>
#include <cmath>
#include <initializer_list>
#include <ostream>
#include <span>

namespace fredholm {

struct Interval {
  double left = 0;
  double right = 1;

  double length() const { return right - left; }
  bool contains(double x) const { return left <= x && x <= right; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Interval& interval) {
  return out << '[' << interval.left << ", " << interval.right << ']';
}

namespace detail {

/// right - left in the widest type: nodes and weights are made there and rounded once.
inline long double wide_length(const Interval& interval) {
  return static_cast<long double>(interval.right) - static_cast<long double>(interval.left);
}

}  // namespace detail

/// Throws unless both ends are finite and the left one is less than the right one.
inline void require_interval(const Interval& interval, const char* what) {
  require(std::isfinite(interval.left) && std::isfinite(interval.right), what,
          " needs finite end points, and was given left = ", interval.left, " and right = ", interval.right,
          ".");
  require(interval.left < interval.right, what, " needs left < right, and was given left = ", interval.left,
          " and right = ", interval.right, ". Swap them, or give an interval that has a length.");
}

template <Index D>
struct Box {
  static_assert(D >= 1, "A Box has at least one axis. Use Box<1>, Box<2>, Box<3>, ...");

  /// [0, 1] on every axis.
  Box() = default;

  /// Box<2>{{0.0, 1.0}, {0.0, 2.0}}: one interval an axis.
  Box(std::initializer_list<Interval> intervals) {
    require(std::ssize(intervals) == D, "Box<", D, "> needs ", D, " intervals, one an axis, and was given ",
            intervals.size(), ".");
    std::size_t axis = 0;
    for (const Interval& interval : intervals) {
      require_interval(interval, "Box");
      intervals_[axis++] = interval;
    }
  }

  /// An interval is a box of one axis.
  Box(Interval interval)
    requires(D == 1)
      : Box({interval}) {}

  const Interval& operator[](Index axis) const { return intervals_[static_cast<std::size_t>(axis)]; }
  Interval& operator[](Index axis) { return intervals_[static_cast<std::size_t>(axis)]; }
  static constexpr Index size() { return D; }

  double measure() const {
    long double product = 1;
    for (const Interval& interval : intervals_) product *= detail::wide_length(interval);
    return static_cast<double>(product);
  }

  bool contains(std::span<const double, static_cast<std::size_t>(D)> point) const {
    for (std::size_t axis = 0; axis < point.size(); ++axis) {
      if (!intervals_[axis].contains(point[axis])) return false;
    }
    return true;
  }
  bool contains(double x) const
    requires(D == 1)
  {
    return intervals_[0].contains(x);
  }

  friend bool operator==(const Box&, const Box&) = default;

 private:
  std::array<Interval, static_cast<std::size_t>(D)> intervals_{};
};

}  // namespace fredholm
