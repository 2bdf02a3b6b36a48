// A matrix whose rows are even or odd about the middle of the points, applied with half of the products.
//
//   c_r = sum_j G_rj u_j,    G_rj = +G_rj' (even) or -G_rj' (odd),   j' = (about - j) mod n
//       = sum over pairs (j, j') of G_rj (u_j + u_j')   or   G_rj (u_j - u_j')
//
// The points of a grid with both or none of its ends mirror to n - 1 - j, those of a periodic one to n - j,
// and weights that are symmetric leave it so: cosines, sines and polynomials on a symmetric domain all have a
// parity. It is found from the numbers of the matrix, so that no grid, rule or basis has to know of it; a
// matrix without it is not folded.
//
// Even and odd rows are two blocks (cosines, then sines) or take turns (polynomials). Sums and differences of
// a few channels at a time stay in cache.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/simd.hpp>

namespace fredholm::detail {

/// Every `step`-th row from `first` on.
struct RowsOfParity {
  Index first, step, count;
};

/// Which rows of a matrix are even and which are odd, and about what.
struct Symmetry {
  Index about;
  RowsOfParity even, odd;
};

/// Of a dense (rows, points) matrix, to `tolerance` times its largest entry.
inline std::optional<Symmetry> find_symmetry(const AxisMap& map, double tolerance) {
  const Index rows = map.rows, n = map.cols;
  if (!map.is_dense() || n < 8 || rows < 2) return std::nullopt;
  double largest = 0.0;
  for (const double w : map.weights) largest = std::max(largest, std::abs(w));
  const auto has_parity = [&](Index r, Index about, double sign) {
    const double* row = map.weights.data() + r * n;
    for (Index j = 0; j < n; ++j) {
      const Index mirrored = (about - j + n) % n;
      if (!(std::abs(row[j] - sign * row[mirrored]) <= tolerance * largest)) return false;
    }
    return true;
  };
  const auto all = [&](RowsOfParity part, Index about, double sign) {
    for (Index i = 0; i < part.count; ++i)
      if (!has_parity(part.first + i * part.step, about, sign)) return false;
    return true;
  };
  for (const Index about : {n, n - 1}) {
    const Index half = (rows + 1) / 2;
    for (const Symmetry& s : {Symmetry{about, {0, 1, half}, {half, 1, rows - half}},  // cosines, sines
                              Symmetry{about, {0, 2, half}, {1, 2, rows - half}},     // polynomials
                              Symmetry{about, {1, 2, rows - half}, {0, 2, half}}}) {  // derivatives of them
      if (all(s.even, about, 1.0) && all(s.odd, about, -1.0)) return s;
    }
  }
  return std::nullopt;
}

template <class T>
class FoldedMatrix {
 public:
  FoldedMatrix(const AxisMap& map, const Symmetry& symmetry)
      : points_(map.cols), even_rows_(symmetry.even), odd_rows_(symmetry.odd) {
    for (Index j = 0; j < points_; ++j) {
      const Index mirrored = (symmetry.about - j + points_) % points_;
      if (j <= mirrored) pairs_.push_back({j, mirrored});
    }
    even_ = half_matrix(map, even_rows_, 1.0);
    odd_ = half_matrix(map, odd_rows_, -1.0);
  }

  /// out (rows, inner) (+)= G in (points, inner)
  void gather(const T* in, T* out, Index inner, bool accumulate) const {
    for_each_chunk(inner, [&](Index first, Index width, T* sum, T* difference) {
      for (const auto& [left, right] : pairs_) {
        const T *l = in + left * inner + first, *r = in + right * inner + first;
        for_each_vector(width, [&](auto v, Index c) {
          using V = decltype(v);
          const V x = simd::load<V>(l + c), y = simd::load<V>(r + c);
          simd::store(sum + c, x + y);
          simd::store(difference + c, x - y);
        });
        sum += width, difference += width;
      }
      sum -= pair_count() * width, difference -= pair_count() * width;
      product(even_, even_rows_, sum, out + first, inner, width, accumulate);
      product(odd_, odd_rows_, difference, out + first, inner, width, accumulate);
    });
  }

  /// out (points, inner) (+)= G^T in (rows, inner)
  void scatter(const T* in, T* out, Index inner, bool accumulate) const {
    for_each_chunk(inner, [&](Index first, Index width, T* even, T* odd) {
      transposed_product(even_, even_rows_, in + first, inner, even, width);
      transposed_product(odd_, odd_rows_, in + first, inner, odd, width);
      for (const auto& [left, right] : pairs_) {
        // A point that is its own mirror image has half of its value in the matrix, and no odd part.
        T *l = out + left * inner + first, *r = out + right * inner + first;
        const T own = left == right ? T{2} : T{1};
        for_each_vector(width, [&](auto v, Index c) {
          using V = decltype(v);
          const V x = own * simd::load<V>(even + c), y = simd::load<V>(odd + c);
          const V at_right = accumulate ? simd::load<V>(r + c) + (x - y) : x - y;
          const V at_left = accumulate ? simd::load<V>(l + c) + (x + y) : x + y;
          simd::store(r + c, at_right);
          simd::store(l + c, at_left);
        });
        even += width, odd += width;
      }
    });
  }

 private:
  Index pair_count() const { return std::ssize(pairs_); }

  /// The columns of one parity: the mean of the two mirrored entries, half of it for a point that is its own
  /// mirror image.
  std::vector<T> half_matrix(const AxisMap& map, RowsOfParity part, double sign) const {
    std::vector<T> half;
    for (Index i = 0; i < part.count; ++i) {
      const double* row = map.weights.data() + (part.first + i * part.step) * points_;
      for (const auto& [left, right] : pairs_) {
        const double mean = (row[left] + sign * row[right]) / 2.0;
        half.push_back(static_cast<T>(left == right ? mean / 2.0 : mean));
      }
    }
    return half;
  }

  /// act(a vector, its place) for `width` values in a row, one at a time at the end.
  template <class Act>
  static void for_each_vector(Index width, const Act& act) {
    Index c = 0;
    for (; c + simd::lanes<T> <= width; c += simd::lanes<T>) act(simd::Vector<T>{}, c);
    for (; c < width; ++c) act(T{}, c);
  }

  /// work(first, width, two scratch blocks of (pairs, width)) for columns that fit a second-level cache
  /// together.
  template <class Work>
  void for_each_chunk(Index inner, const Work& work) const {
    constexpr Index cache = 128 * 1024;
    const Index fitting = cache / (2 * pair_count() * static_cast<Index>(sizeof(T)));
    const Index chunk = std::min(
        inner, std::max<Index>(2 * simd::lanes<T>, fitting / (2 * simd::lanes<T>)*(2 * simd::lanes<T>)));
    if (chunk == 0) return;
    Array<T> scratch(Shape{2, pair_count(), chunk});
    T* sum = scratch.mutable_data();
    for (Index first = 0; first < inner; first += chunk)
      work(first, std::min(chunk, inner - first), sum, sum + pair_count() * chunk);
  }

  void product(const std::vector<T>& half, RowsOfParity part, const T* folded, T* out, Index inner,
               Index width, bool accumulate) const {
    linalg::multiply<T>({half.data(), part.count, pair_count()}, {folded, pair_count(), width},
                        {out + part.first * inner, part.count, width, part.step * inner}, accumulate);
  }
  void transposed_product(const std::vector<T>& half, RowsOfParity part, const T* in, Index inner, T* folded,
                          Index width) const {
    linalg::multiply_tn<T>({half.data(), part.count, pair_count()},
                           {in + part.first * inner, part.count, width, part.step * inner},
                           {folded, pair_count(), width});
  }

  Index points_;
  RowsOfParity even_rows_, odd_rows_;
  std::vector<std::array<Index, 2>> pairs_;
  std::vector<T> even_, odd_;  // (count, pairs)
};

}  // namespace fredholm::detail
