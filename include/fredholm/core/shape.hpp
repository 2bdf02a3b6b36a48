// Sizes and shapes.
//
//   Index     a signed size or position, as in Eigen: differences and reversed loops are safe.
//   dynamic   the extent of a grid whose number of points is known at run time only.
//   Shape     the lengths of the axes of an array, outermost first: (20, 65, 32).
//
// A Shape holds up to eight axes inline, so that making one allocates nothing. The shape () has no axes and
// counts one element: it is the shape of a number.
#pragma once

#if __cplusplus < 202002L
#error "fredholm needs C++20: compile with -std=c++20."
#endif

#include <array>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <stdexcept>
#include <string>

namespace fredholm {

using Index = std::ptrdiff_t;

/// The extent of what has its number of points at run time (as std::dynamic_extent, but signed).
inline constexpr Index dynamic = -1;

class Shape {
 public:
  static constexpr Index max_rank = 8;

  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<Index> lengths) {
    for (Index length : lengths) push_back(length);
  }

  /// The number of axes.
  constexpr Index size() const { return rank_; }
  constexpr bool empty() const { return rank_ == 0; }

  constexpr Index operator[](Index axis) const { return lengths_[static_cast<std::size_t>(axis)]; }
  constexpr Index& operator[](Index axis) { return lengths_[static_cast<std::size_t>(axis)]; }
  constexpr Index front() const { return (*this)[0]; }
  constexpr Index back() const { return (*this)[rank_ - 1]; }

  constexpr const Index* begin() const { return lengths_.data(); }
  constexpr const Index* end() const { return lengths_.data() + rank_; }
  constexpr Index* begin() { return lengths_.data(); }
  constexpr Index* end() { return lengths_.data() + rank_; }

  constexpr void push_back(Index length) {
    if (rank_ == max_rank) {
      throw std::invalid_argument("A Shape has at most 8 axes, and this one would get a ninth.");
    }
    lengths_[static_cast<std::size_t>(rank_++)] = length;
  }

  /// The number of elements: the product of the lengths, 1 if there are no axes.
  constexpr Index count() const {
    Index product = 1;
    for (Index length : *this) product *= length;
    return product;
  }

  friend constexpr bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (Index axis = 0; axis < a.rank_; ++axis) {
      if (a[axis] != b[axis]) return false;
    }
    return true;
  }

 private:
  std::array<Index, max_rank> lengths_{};
  Index rank_ = 0;
};

/// "(20, 65, 32)".
inline std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (Index axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + ")";
}

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

}  // namespace fredholm
