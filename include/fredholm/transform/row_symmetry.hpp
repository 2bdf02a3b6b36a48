// The symmetries of the rows of a matrix, read off its numbers.
//
//   mirror       j -> (about - j) mod n      an even row keeps its entries, an odd one changes their sign
//   half a turn  j -> (j + n / 2) mod n      the same; n is even
//
// The points of a grid with both or none of its ends mirror to n - 1 - j, those of a periodic one to n - j,
// and weights that are symmetric leave it so: cosines, sines and polynomials on a symmetric domain all have a
// parity. The k-th cosine and sine of a periodic grid also have one after half a turn, (-1)^k. No grid, rule
// or basis has to know of it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <optional>

#include <fredholm/autodiff/axis_map.hpp>

namespace fredholm::detail {

/// Every `step`-th row from `first` on.
struct RowsOfClass {
  Index first, step, count;
};

/// Two images of a point (itself, and its mirror image), or four. Bit 0 of the number of an image is the
/// mirror, bit 1 half a turn. Rows are in as many classes: those with bit 0 in their number change their sign
/// in the mirror, those with bit 1 after half a turn.
struct RowSymmetry {
  Index about, images;
  std::array<RowsOfClass, 4> classes;

  Index image(Index j, std::size_t number, Index points) const {
    if ((number & 1U) != 0) j = about - j + points;
    if ((number & 2U) != 0) j += points / 2;
    return j % points;
  }
};

/// -1 where a row of this class changes its sign at this image.
inline double sign_of(std::size_t row_class, std::size_t image) {
  return std::popcount(row_class & image) % 2 == 0 ? 1.0 : -1.0;
}

/// Of a dense (rows, points) matrix, to `tolerance` times its largest entry. Even and odd rows are two blocks
/// (cosines, then sines) or alternate (polynomials); in each, rows that keep and rows that change their sign
/// after half a turn alternate. Nothing where there is no mirror.
inline std::optional<RowSymmetry> find_symmetry(const AxisMap& map, double tolerance) {
  const Index rows = map.rows, n = map.cols;
  if (!map.is_dense() || n < 8 || rows < 2) return std::nullopt;
  double largest = 0.0;
  for (const double w : map.weights) largest = std::max(largest, std::abs(w));
  // Whether all rows of a class are at one image what the class says.
  const auto holds = [&](const RowSymmetry& s, std::size_t row_class, std::size_t image) {
    const RowsOfClass part = s.classes[row_class];
    for (Index i = 0; i < part.count; ++i) {
      const double* row = map.weights.data() + (part.first + i * part.step) * n;
      for (Index j = 0; j < n; ++j) {
        const double there = sign_of(row_class, image) * row[s.image(j, image, n)];
        if (!(std::abs(row[j] - there) <= tolerance * largest)) return false;
      }
    }
    return true;
  };
  const auto after_half_a_turn = [&](const RowSymmetry& mirror) -> std::optional<RowSymmetry> {
    RowSymmetry s{mirror.about, 4, {}};
    for (const std::size_t parity : {0U, 1U}) {
      const RowsOfClass all = mirror.classes[parity];
      const auto every_second = [&](Index begin) {
        const Index count = (all.count - begin + 1) / 2;
        return RowsOfClass{count == 0 ? 0 : all.first + begin * all.step, 2 * all.step, count};
      };
      const auto holds_from = [&](Index kept) {  // the first row that keeps its sign
        s.classes[parity] = every_second(kept), s.classes[parity + 2] = every_second(1 - kept);
        return holds(s, parity, 2) && holds(s, parity + 2, 2);
      };
      if (!holds_from(0) && !holds_from(1)) return std::nullopt;
    }
    return s;
  };
  const Index half = (rows + 1) / 2;
  for (const Index about : {n, n - 1}) {
    for (const auto& [even, odd] : std::array<std::array<RowsOfClass, 2>, 3>{
             {{{{0, 1, half}, {half, 1, rows - half}}},   // cosines, sines
              {{{0, 2, half}, {1, 2, rows - half}}},      // polynomials
              {{{1, 2, rows - half}, {0, 2, half}}}}}) {  // derivatives of them
      const RowSymmetry mirror{about, 2, {even, odd}};
      if (!holds(mirror, 0, 1) || !holds(mirror, 1, 1)) continue;
      const auto both = n % 2 == 0 ? after_half_a_turn(mirror) : std::nullopt;
      return both ? both : mirror;
    }
  }
  return std::nullopt;
}

}  // namespace fredholm::detail
