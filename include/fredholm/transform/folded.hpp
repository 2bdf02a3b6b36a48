// A matrix whose rows have symmetries, applied with half or a quarter of the products.
//
//   c_r = sum_j G_rj u_j,    G_rj' = +G_rj (even) or -G_rj (odd)      j' = (about - j) mod n, the mirror image
//                            G_rj" = +G_rj or -G_rj                   j" = (j + n / 2) mod n, half a turn on
//
//       = sum over pairs (j, j') of G_rj (u_j + u_j')   or   G_rj (u_j - u_j')
//       = sum over fours (j, j', j", j'") of G_rj (u_j +- u_j' +- u_j" +- u_j'")
//
// The points of a grid with both or none of its ends mirror to n - 1 - j, those of a periodic one to n - j,
// and weights that are symmetric leave it so: cosines, sines and polynomials on a symmetric domain all have a
// parity. The k-th cosine and sine of a periodic grid also have one after half a turn, (-1)^k: the first step
// of an FFT of radix 2. Both are found from the numbers of the matrix, so that no grid, rule or basis has to
// know of them; a matrix without a mirror is not folded.
//
// Even and odd rows are two blocks (cosines, then sines) or take turns (polynomials, or k). The signed sums of
// the images of a point are its Walsh-Hadamard transform, and stay in registers: gather loads the images of a
// point and adds them to as many rows of each class as there are registers for; scatter sums the classes of a
// few points and writes all their images. Columns that do not fill a register go by signed sums in memory and
// a product for each class.
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

/// The images of a point, by number: bit 0 is the mirror, bit 1 half a turn. And the classes of rows, by
/// number: those with bit 0 change their sign in the mirror, those with bit 1 after half a turn.
struct Symmetry {
  Index about;
  bool turns;  ///< four images and classes; else two
  std::array<RowsOfParity, 4> classes;

  Index image(Index j, std::size_t number, Index points) const {
    if ((number & 1U) != 0) j = about - j + points;
    if ((number & 2U) != 0) j += points / 2;
    return j % points;
  }
};

/// -1 where a row of this class changes its sign at this image.
inline double sign_of(std::size_t row_class, std::size_t image) {
  const std::size_t both = row_class & image;
  return ((both ^ (both >> 1U)) & 1U) != 0 ? -1.0 : 1.0;
}

/// Of a dense (rows, points) matrix, to `tolerance` times its largest entry.
inline std::optional<Symmetry> find_symmetry(const AxisMap& map, double tolerance) {
  const Index rows = map.rows, n = map.cols;
  if (!map.is_dense() || n < 8 || rows < 2) return std::nullopt;
  double largest = 0.0;
  for (const double w : map.weights) largest = std::max(largest, std::abs(w));
  // Whether all rows of this class are what it says of one image.
  const auto holds = [&](const Symmetry& s, std::size_t row_class, std::size_t image) {
    const RowsOfParity part = s.classes[row_class];
    for (Index i = 0; i < part.count; ++i) {
      const double* row = map.weights.data() + (part.first + i * part.step) * n;
      for (Index j = 0; j < n; ++j) {
        const double there = sign_of(row_class, image) * row[s.image(j, image, n)];
        if (!(std::abs(row[j] - there) <= tolerance * largest)) return false;
      }
    }
    return true;
  };
  // Rows that keep and that change their sign after half a turn, which take turns; the first is one or the other.
  const auto with_turns = [&](const Symmetry& mirror) -> std::optional<Symmetry> {
    Symmetry s{mirror.about, true, {}};
    for (const std::size_t parity : {0U, 1U}) {
      const RowsOfParity all = mirror.classes[parity];
      const auto found = [&](Index kept) {  // place of the first row that keeps it
        s.classes[parity] = {all.first + kept * all.step, 2 * all.step, (all.count - kept + 1) / 2};
        s.classes[parity + 2] = {all.first + (1 - kept) * all.step, 2 * all.step, (all.count + kept) / 2};
        return holds(s, parity, 2) && holds(s, parity + 2, 2);
      };
      if (!found(0) && !found(1)) return std::nullopt;
    }
    return s;
  };
  const Index half = (rows + 1) / 2;
  for (const Index about : {n, n - 1}) {
    for (const auto& [even, odd] : std::array<std::array<RowsOfParity, 2>, 3>{
             {{{{0, 1, half}, {half, 1, rows - half}}},   // cosines, sines
              {{{0, 2, half}, {1, 2, rows - half}}},      // polynomials
              {{{1, 2, rows - half}, {0, 2, half}}}}}) {  // derivatives of them
      const Symmetry s{about, false, {even, odd}};
      if (!holds(s, 0, 1) || !holds(s, 1, 1)) continue;
      const auto turning = n % 2 == 0 ? with_turns(s) : std::nullopt;
      return turning ? turning : s;
    }
  }
  return std::nullopt;
}

/// `Images` is 2 or 4, with or without half a turn.
template <class T, std::size_t Images>
class FoldedMatrix {
 public:
  FoldedMatrix(const AxisMap& map, const Symmetry& symmetry) : classes_(symmetry.classes) {
    for (Index j = 0; j < map.cols; ++j) {
      Orbit orbit;
      for (std::size_t i = 0; i < Images; ++i) orbit.at[i] = symmetry.image(j, i, map.cols);
      if (j != *std::min_element(orbit.at.begin(), orbit.at.end())) continue;
      orbit.own = static_cast<T>(std::count(orbit.at.begin(), orbit.at.end(), j));
      orbits_.push_back(orbit);
    }
    together_ = classes_.front().count;
    for (std::size_t c = 0; c < Images; ++c) {
      values_[c] = part_of_matrix(map, c);
      together_ = std::min(together_, classes_[c].count);
    }
    make_row_tiles();
    make_point_tiles();
  }

  /// out (rows, inner) (+)= G in (points, inner)
  void gather(const T* in, T* out, Index inner, bool accumulate) const {
    Index c = 0;
    for (; c + simd::lanes<T> <= inner; c += simd::lanes<T>) {
      for (const RowTile& tile : row_tiles_) {
        with_size<SizesOfRows>(tile.size, [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
          gather_tile<Size>(tile, in + c, out + c, inner, accumulate);
        });
      }
    }
    if (c < inner) gather_rest(in + c, out + c, inner, inner - c, accumulate);
  }

  /// out (points, inner) (+)= G^T in (rows, inner)
  void scatter(const T* in, T* out, Index inner, bool accumulate) const {
    const Index whole = inner - inner % simd::lanes<T>;
    // A few columns at a time, neighbours in memory.
    for (Index first = 0; first < whole; first += columns_at_once) {
      const Index last = std::min(first + columns_at_once, whole);
      for (const PointTile& tile : point_tiles_) {
        with_size<SizesOfPoints>(tile.size, [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
          for (Index c = first; c < last; c += simd::lanes<T>)
            scatter_tile<Size>(tile, in + c, out + c, inner, accumulate);
        });
      }
    }
    const Index c = whole;
    if (c < inner) scatter_rest(in + c, out + c, inner, inner - c, accumulate);
  }

 private:
  /// The images of a point, and how often each is among them: a point may be its own image.
  struct Orbit {
    std::array<Index, Images> at;
    T own;
  };

  static constexpr Index columns_at_once = 4 * simd::lanes<T>;

  /// Rows of each class that are gathered together, and points that are scattered together: as many as leave
  /// registers for what they are made of.
  struct SizesOfRows {
    static constexpr auto of = [] {
      if constexpr (simd::detail::many_registers) {
        if constexpr (Images == 2)
          return std::array{13, 12, 8, 6, 3};
        else
          return std::array{7, 6, 4, 2};
      } else {
        if constexpr (Images == 2)
          return std::array{6, 3};
        else
          return std::array{3, 2};
      }
    }();
  };
  struct SizesOfPoints {
    static constexpr auto of = [] {
      if constexpr (simd::detail::many_registers) {
        if constexpr (Images == 2)
          return std::array{12, 6, 3, 1};
        else
          return std::array{6, 5, 3, 1};
      } else {
        if constexpr (Images == 2)
          return std::array{6, 3, 1};
        else
          return std::array{3, 2, 1};
      }
    }();
  };

  /// Calls f with the one of Sizes that `size` is.
  template <class Sizes>
  static void with_size(Index size, const auto& f) {
    [&]<std::size_t... S>(std::index_sequence<S...>) {
      ((size == Sizes::of[S]
            ? f(std::integral_constant<std::size_t, static_cast<std::size_t>(Sizes::of[S])>{})
            : void()),
       ...);
    }(std::make_index_sequence<Sizes::of.size()>{});
  }

  Index orbit_count() const { return std::ssize(orbits_); }
  static std::size_t place(Index i) { return static_cast<std::size_t>(i); }

  /// Rows that are gathered together, `size` of each class at most. Their entries stand point after point in
  /// `values`, class after class, with zeros up to `size`; half of the entry at a point that is its own image,
  /// which is counted twice.
  struct RowTile {
    Index size;
    std::array<Index, Images> first, count;
    std::vector<T> values;
  };
  void make_row_tiles() {
    constexpr Index most = SizesOfRows::of.front();
    Index rows = 0;
    for (std::size_t c = 0; c < Images; ++c) rows = std::max(rows, classes_[c].count);
    const Index tiles = (rows + most - 1) / most;
    for (Index t = 0; t < tiles; ++t) {
      RowTile tile{};
      Index largest = 0;
      for (std::size_t c = 0; c < Images; ++c) {
        tile.first[c] = classes_[c].count * t / tiles;
        tile.count[c] = classes_[c].count * (t + 1) / tiles - tile.first[c];
        largest = std::max(largest, tile.count[c]);
      }
      for (const Index size : SizesOfRows::of)
        if (size >= largest) tile.size = size;
      for (Index p = 0; p < orbit_count(); ++p) {
        for (std::size_t c = 0; c < Images; ++c) {
          for (Index r = 0; r < tile.size; ++r)
            tile.values.push_back(r < tile.count[c] ? entry(c, tile.first[c] + r, p) / orbits_[place(p)].own
                                                    : T{0});
        }
      }
      row_tiles_.push_back(std::move(tile));
    }
  }

  /// Points that are scattered together. Their entries stand in `values` as they are asked for: row by row, a
  /// row of each class as long as there is one of each, then what is left of each class.
  struct PointTile {
    Index size, first;
    std::vector<T> values;
  };
  void make_point_tiles() {
    for (Index first = 0; first < orbit_count();) {
      PointTile tile{};
      for (const Index size : SizesOfPoints::of)
        if (tile.size == 0 && size <= orbit_count() - first) tile.size = size;
      tile.first = first;
      const auto add = [&](std::size_t c, Index r) {
        for (Index p = first; p < first + tile.size; ++p) tile.values.push_back(entry(c, r, p));
      };
      for (Index r = 0; r < together_; ++r)
        for (std::size_t c = 0; c < Images; ++c) add(c, r);
      for (std::size_t c = 0; c < Images; ++c)
        for (Index r = together_; r < classes_[c].count; ++r) add(c, r);
      first += tile.size;
      point_tiles_.push_back(std::move(tile));
    }
  }

  /// From the images of a point to the sum of each class, and back.
  template <class V>
  [[gnu::always_inline]] static inline void signed_sums(V (&x)[Images]) {
    const auto butterfly = [&](std::size_t i, std::size_t j) {
      const V sum = x[i] + x[j];
      x[j] = x[i] - x[j];
      x[i] = sum;
    };
    butterfly(0, 1);
    if constexpr (Images == 4) butterfly(2, 3), butterfly(0, 2), butterfly(1, 3);
  }

  template <std::size_t Size>
  void gather_tile(const RowTile& tile, const T* in, T* out, Index inner, bool accumulate) const {
    using V = simd::Vector<T>;
    [&]<std::size_t... R>(std::index_sequence<R...>) {
      V sums[Images * Size] = {};
      const T* entry = tile.values.data();
      for (const Orbit& orbit : orbits_) {
        V x[Images];
        for (std::size_t i = 0; i < Images; ++i) x[i] = simd::load<V>(in + orbit.at[i] * inner);
        signed_sums(x);
        ((sums[R] += entry[R] * x[R / Size]), ...);
        entry += Images * Size;
      }
      const auto keep = [&](std::size_t c, Index row, const V& value) {
        if (row >= tile.count[c]) return;
        T* to = out + (classes_[c].first + (tile.first[c] + row) * classes_[c].step) * inner;
        simd::store(to, accumulate ? simd::load<V>(to) + value : value);
      };
      (keep(R / Size, static_cast<Index>(R % Size), sums[R]), ...);
    }(std::make_index_sequence<Images * Size>{});
  }

  /// Sum number (class, point).
  template <std::size_t Size>
  void scatter_tile(const PointTile& tile, const T* in, T* out, Index inner, bool accumulate) const {
    using V = simd::Vector<T>;
    [&]<std::size_t... P, std::size_t... C>(std::index_sequence<P...>, std::index_sequence<C...>) {
      V sums[Images * Size] = {};
      const T* entry = tile.values.data();
      const T* row[] = {in + classes_[C].first * inner...};
      const auto add = [&]<std::size_t c>(std::integral_constant<std::size_t, c>) {
        const V here = simd::load<V>(row[c]);
        ((sums[c * Size + P] += entry[P] * here), ...);
        entry += Size, row[c] += classes_[c].step * inner;
      };
      for (Index r = 0; r < together_; ++r) (add(std::integral_constant<std::size_t, C>{}), ...);
      const auto add_rest = [&](auto c) {
        for (Index r = together_; r < classes_[c].count; ++r) add(c);
      };
      (add_rest(std::integral_constant<std::size_t, C>{}), ...);
      const auto keep = [&]<std::size_t p>(std::integral_constant<std::size_t, p>) {
        V x[] = {sums[C * Size + p]...};
        signed_sums(x);
        const Orbit& orbit = orbits_[place(tile.first) + p];
        T* const to[] = {out + orbit.at[C] * inner...};
        // Read before any is written, since a point may be its own image.
        if (accumulate) ((x[C] += simd::load<V>(to[C])), ...);
        (simd::store(to[C], x[C]), ...);
      };
      (keep(std::integral_constant<std::size_t, P>{}), ...);
    }(std::make_index_sequence<Size>{}, std::make_index_sequence<Images>{});
  }

  /// The same for fewer columns than a register has lanes.
  void gather_rest(const T* in, T* out, Index inner, Index width, bool accumulate) const {
    Array<T> folded(Shape{static_cast<Index>(Images), orbit_count(), width});
    const Index size = orbit_count() * width;
    T* to = folded.mutable_data();
    for (const Orbit& orbit : orbits_) {
      for (Index c = 0; c < width; ++c, ++to) {
        T x[Images];
        for (std::size_t i = 0; i < Images; ++i) x[i] = in[orbit.at[i] * inner + c];
        signed_sums(x);
        for (std::size_t i = 0; i < Images; ++i) to[static_cast<Index>(i) * size] = x[i] / orbit.own;
      }
    }
    for (std::size_t c = 0; c < Images; ++c) {
      const RowsOfParity part = classes_[c];
      linalg::multiply<T>({values_[c].data(), part.count, orbit_count()},
                          {folded.data() + static_cast<Index>(c) * size, orbit_count(), width},
                          {out + part.first * inner, part.count, width, part.step * inner}, accumulate);
    }
  }
  void scatter_rest(const T* in, T* out, Index inner, Index width, bool accumulate) const {
    Array<T> folded(Shape{static_cast<Index>(Images), orbit_count(), width});
    const Index size = orbit_count() * width;
    for (std::size_t c = 0; c < Images; ++c) {
      const RowsOfParity part = classes_[c];
      linalg::multiply_tn<T>({values_[c].data(), part.count, orbit_count()},
                             {in + part.first * inner, part.count, width, part.step * inner},
                             {folded.mutable_data() + static_cast<Index>(c) * size, orbit_count(), width});
    }
    const T* from = folded.data();
    for (const Orbit& orbit : orbits_) {
      for (Index c = 0; c < width; ++c, ++from) {
        T x[Images];
        for (std::size_t i = 0; i < Images; ++i) x[i] = from[static_cast<Index>(i) * size];
        signed_sums(x);
        for (std::size_t i = 0; accumulate && i < Images; ++i) x[i] += out[orbit.at[i] * inner + c];
        for (std::size_t i = 0; i < Images; ++i) out[orbit.at[i] * inner + c] = x[i];
      }
    }
  }

  /// The rows of one class, a column for each orbit: the mean of the entries of its images, each with its sign.
  std::vector<T> part_of_matrix(const AxisMap& map, std::size_t row_class) const {
    const RowsOfParity part = classes_[row_class];
    std::vector<T> values;
    for (Index r = 0; r < part.count; ++r) {
      const double* row = map.weights.data() + (part.first + r * part.step) * map.cols;
      for (const Orbit& orbit : orbits_) {
        double sum = 0.0;
        for (std::size_t i = 0; i < Images; ++i) sum += sign_of(row_class, i) * row[orbit.at[i]];
        values.push_back(static_cast<T>(sum / static_cast<double>(Images)));
      }
    }
    return values;
  }
  T entry(std::size_t row_class, Index row, Index orbit) const {
    return values_[row_class][place(row * orbit_count() + orbit)];
  }

  std::array<RowsOfParity, 4> classes_;
  std::vector<Orbit> orbits_;
  std::array<std::vector<T>, Images> values_;  // (rows of the class, orbits)
  Index together_ = 0;                         // rows that each class has
  std::vector<RowTile> row_tiles_;             // the same entries, for gather
  std::vector<PointTile> point_tiles_;         // and for scatter
};

}  // namespace fredholm::detail
