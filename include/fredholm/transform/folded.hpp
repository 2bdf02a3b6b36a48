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
// Even and odd rows are two blocks (cosines, then sines) or take turns (polynomials). Sums and differences
// stay in registers: gather loads a pair of points and adds it to as many even and odd rows as there are
// registers for; scatter sums the even and the odd parts of a few pairs and writes both points of each.
// Columns that do not fill a register go by sums and differences in memory and two products.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
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
    make_tiles();
  }

  /// out (rows, inner) (+)= G in (points, inner)
  void gather(const T* in, T* out, Index inner, bool accumulate) const {
    Index c = 0;
    for (; c + simd::lanes<T> <= inner; c += simd::lanes<T>) {
      for (const RowTile& tile : tiles_) {
        [&]<std::size_t... S>(std::index_sequence<S...>) {
          ((tile.size == TileSizes::of[S] ? gather_tile<static_cast<std::size_t>(TileSizes::of[S])>(
                                                tile, in + c, out + c, inner, accumulate)
                                          : void()),
           ...);
        }(std::make_index_sequence<TileSizes::of.size()>{});
      }
    }
    if (c < inner) gather_rest(in + c, out + c, inner, inner - c, accumulate);
  }

  /// out (points, inner) (+)= G^T in (rows, inner)
  void scatter(const T* in, T* out, Index inner, bool accumulate) const {
    Index c = 0;
    for (; c + 2 * simd::lanes<T> <= inner; c += 2 * simd::lanes<T>)
      scatter_strip<2>(in + c, out + c, inner, accumulate);
    for (; c + simd::lanes<T> <= inner; c += simd::lanes<T>)
      scatter_strip<1>(in + c, out + c, inner, accumulate);
    if (c < inner) scatter_rest(in + c, out + c, inner, inner - c, accumulate);
  }

 private:
  /// Rows that are summed together: as many sums for even and for odd ones as there are registers for.
  struct ManyRegisters {
    static constexpr std::array<Index, 5> of{13, 12, 8, 6, 3};
  };
  struct FewRegisters {
    static constexpr std::array<Index, 2> of{6, 3};
  };
  using TileSizes = std::conditional_t<simd::detail::many_registers, ManyRegisters, FewRegisters>;

  Index pair_count() const { return std::ssize(pairs_); }

  /// Even and odd rows that are summed together, `size` of each at most. Their entries stand pair after pair
  /// in `values`: those of the even rows, then those of the odd ones, with zeros up to `size`.
  struct RowTile {
    Index size, first_even, even, first_odd, odd;
    std::vector<T> values;
  };

  void make_tiles() {
    constexpr Index most = TileSizes::of.front();
    const Index rows = std::max(even_rows_.count, odd_rows_.count);
    const Index count = (rows + most - 1) / most;
    for (Index t = 0; t < count; ++t) {
      const auto begin = [&](Index of, Index tile) { return of * tile / count; };
      const Index i = begin(even_rows_.count, t), j = begin(odd_rows_.count, t);
      RowTile tile{0, i, begin(even_rows_.count, t + 1) - i, j, begin(odd_rows_.count, t + 1) - j, {}};
      for (const Index size : TileSizes::of)
        if (size >= std::max(tile.even, tile.odd)) tile.size = size;
      for (Index p = 0; p < pair_count(); ++p) {
        for (Index r = 0; r < tile.size; ++r)
          tile.values.push_back(r < tile.even ? even_[place((i + r) * pair_count() + p)] : T{0});
        for (Index r = 0; r < tile.size; ++r)
          tile.values.push_back(r < tile.odd ? odd_[place((j + r) * pair_count() + p)] : T{0});
      }
      tiles_.push_back(std::move(tile));
    }
  }
  static std::size_t place(Index i) { return static_cast<std::size_t>(i); }

  template <std::size_t Size>
  void gather_tile(const RowTile& tile, const T* in, T* out, Index inner, bool accumulate) const {
    using V = simd::Vector<T>;
    [&]<std::size_t... R>(std::index_sequence<R...>) {
      V even[Size] = {}, odd[Size] = {};
      const T* entry = tile.values.data();
      for (const auto& [left, right] : pairs_) {
        const V l = simd::load<V>(in + left * inner), r = simd::load<V>(in + right * inner);
        const V sum = l + r, difference = l - r;
        ((even[R] += entry[R] * sum), ...);
        ((odd[R] += entry[Size + R] * difference), ...);
        entry += 2 * Size;
      }
      const auto keep = [&](RowsOfParity part, Index row, const V& value) {
        T* to = out + (part.first + row * part.step) * inner;
        simd::store(to, accumulate ? simd::load<V>(to) + value : value);
      };
      ((static_cast<Index>(R) < tile.even ? keep(even_rows_, tile.first_even + static_cast<Index>(R), even[R])
                                          : void()),
       ...);
      ((static_cast<Index>(R) < tile.odd ? keep(odd_rows_, tile.first_odd + static_cast<Index>(R), odd[R])
                                         : void()),
       ...);
    }(std::make_index_sequence<Size>{});
  }

  /// `Columns` vectors of all points.
  template <std::size_t Columns>
  void scatter_strip(const T* in, T* out, Index inner, bool accumulate) const {
    Index p = 0;
    const auto run = [&]<std::size_t Pairs>(std::integral_constant<std::size_t, Pairs>) {
      scatter_tile<Columns>(std::make_index_sequence<Pairs * Columns>{}, p, in, out, inner, accumulate);
      p += static_cast<Index>(Pairs);
    };
    if constexpr (simd::detail::many_registers) {
      while (pair_count() - p >= 6) run(std::integral_constant<std::size_t, 6>{});
    }
    while (pair_count() - p >= 3) run(std::integral_constant<std::size_t, 3>{});
    while (p < pair_count()) run(std::integral_constant<std::size_t, 1>{});
  }

  /// Sum number `Tile...` runs over pairs and, in each, over `Columns` vectors.
  template <std::size_t Columns, std::size_t... Tile>
  void scatter_tile(std::index_sequence<Tile...>, Index first, const T* in, T* out, Index inner,
                    bool accumulate) const {
    using V = simd::Vector<T>;
    constexpr auto pair = [](std::size_t t) { return static_cast<Index>(t / Columns); };
    constexpr auto column = [](std::size_t t) { return static_cast<Index>(t % Columns) * simd::lanes<T>; };
    V even[sizeof...(Tile)] = {}, odd[sizeof...(Tile)] = {};
    const T *entry = even_.data() + first, *row = in + even_rows_.first * inner;
    for (Index r = 0; r < even_rows_.count; ++r, entry += pair_count(), row += even_rows_.step * inner)
      ((even[Tile] += entry[pair(Tile)] * simd::load<V>(row + column(Tile))), ...);
    entry = odd_.data() + first, row = in + odd_rows_.first * inner;
    for (Index r = 0; r < odd_rows_.count; ++r, entry += pair_count(), row += odd_rows_.step * inner)
      ((odd[Tile] += entry[pair(Tile)] * simd::load<V>(row + column(Tile))), ...);
    const auto keep = [&](Index p, Index c, const V& e, const V& o) {
      // A point that is its own mirror image has half of its value in the matrix, and no odd part.
      const auto& [left, right] = pairs_[place(first + p)];
      const V x = left == right ? e + e : e;
      T *l = out + left * inner + c, *r = out + right * inner + c;
      const V at_right = accumulate ? simd::load<V>(r) + (x - o) : x - o;
      const V at_left = accumulate ? simd::load<V>(l) + (x + o) : x + o;
      simd::store(r, at_right);
      simd::store(l, at_left);
    };
    (keep(pair(Tile), column(Tile), even[Tile], odd[Tile]), ...);
  }

  /// The same for fewer columns than a register has lanes.
  void gather_rest(const T* in, T* out, Index inner, Index width, bool accumulate) const {
    Array<T> folded(Shape{2, pair_count(), width});
    T *sum = folded.mutable_data(), *difference = sum + pair_count() * width;
    for (const auto& [left, right] : pairs_) {
      for (Index c = 0; c < width; ++c) {
        const T x = in[left * inner + c], y = in[right * inner + c];
        *sum++ = x + y, *difference++ = x - y;
      }
    }
    const auto product = [&](const std::vector<T>& half, RowsOfParity part, const T* right) {
      linalg::multiply<T>({half.data(), part.count, pair_count()}, {right, pair_count(), width},
                          {out + part.first * inner, part.count, width, part.step * inner}, accumulate);
    };
    product(even_, even_rows_, folded.data());
    product(odd_, odd_rows_, folded.data() + pair_count() * width);
  }
  void scatter_rest(const T* in, T* out, Index inner, Index width, bool accumulate) const {
    Array<T> folded(Shape{2, pair_count(), width});
    T *even = folded.mutable_data(), *odd = even + pair_count() * width;
    const auto product = [&](const std::vector<T>& half, RowsOfParity part, T* to) {
      linalg::multiply_tn<T>({half.data(), part.count, pair_count()},
                             {in + part.first * inner, part.count, width, part.step * inner},
                             {to, pair_count(), width});
    };
    product(even_, even_rows_, even);
    product(odd_, odd_rows_, odd);
    for (const auto& [left, right] : pairs_) {
      const T own = left == right ? T{2} : T{1};
      for (Index c = 0; c < width; ++c) {
        T *l = out + left * inner + c, *r = out + right * inner + c;
        const T x = own * *even++, y = *odd++;
        const T at_right = accumulate ? *r + (x - y) : x - y, at_left = accumulate ? *l + (x + y) : x + y;
        *r = at_right, *l = at_left;
      }
    }
  }

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

  Index points_;
  RowsOfParity even_rows_, odd_rows_;
  std::vector<std::array<Index, 2>> pairs_;
  std::vector<T> even_, odd_;   // (count, pairs)
  std::vector<RowTile> tiles_;  // the same entries, for gather
};

}  // namespace fredholm::detail
