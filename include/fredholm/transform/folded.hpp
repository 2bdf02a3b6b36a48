// A matrix whose rows have symmetries, applied with half or a quarter of the products.
//
//   c_r = sum_j G_rj u_j = sum over orbits of G_rj (u_j +- u_j')                      two images: a mirror
//                        = sum over orbits of G_rj (u_j +- u_j' +- u_j* +- u_j'*)     four: and half a turn
//
// with the signs of the class of r (transform/row_symmetry.hpp). Half a turn is the first step of an FFT of
// radix 2. A matrix without a mirror is not folded.
//
// The signed sums of the images of a point are a Walsh-Hadamard transform, made in registers: gather loads
// the images of a point and adds their sums to as many rows of each class as there are registers for;
// scatter sums the classes of a few points and writes all their images. Columns that do not fill a register
// go by signed sums in memory and a product for each class. The entries are kept three times over, in the
// order in which each of these asks for them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/simd.hpp>
#include <fredholm/transform/row_symmetry.hpp>

namespace fredholm::detail {

template <class T, std::size_t Images, bool ManyRegisters = simd::detail::many_registers>
class FoldedMatrix {
  static_assert(Images == 2 || Images == 4);

 public:
  FoldedMatrix(const AxisMap& map, const RowSymmetry& symmetry) : classes_(symmetry.classes) {
    require(symmetry.images == static_cast<Index>(Images), "FoldedMatrix: a point has ", symmetry.images,
            " images, and the matrix is folded for ", Images, ".");
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
        with_size<row_sizes>(tile.size, [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
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
        with_size<point_sizes>(tile.size, [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
          for (Index c = first; c < last; c += simd::lanes<T>)
            scatter_tile<Size>(tile, in + c, out + c, inner, accumulate);
        });
      }
    }
    if (whole < inner) scatter_rest(in + whole, out + whole, inner, inner - whole, accumulate);
  }

 private:
  /// The images of a point, and how many of them are the point itself: 1, or 2 where it is its own image.
  struct Orbit {
    std::array<Index, Images> at;
    T own;
  };

  static constexpr Index columns_at_once = 4 * simd::lanes<T>;

  /// How many rows of each class are gathered together and how many points are scattered together, the
  /// largest number first (and the least repeated): as many as leave registers for what they are made of.
  using Sizes = std::array<Index, 5>;
  static constexpr Sizes row_sizes = Images == 2
                                         ? (ManyRegisters ? Sizes{13, 12, 8, 6, 3} : Sizes{6, 3, 3, 3, 3})
                                         : (ManyRegisters ? Sizes{7, 6, 4, 2, 2} : Sizes{3, 2, 2, 2, 2});
  static constexpr Sizes point_sizes = Images == 2
                                           ? (ManyRegisters ? Sizes{12, 6, 3, 1, 1} : Sizes{6, 3, 1, 1, 1})
                                           : (ManyRegisters ? Sizes{6, 5, 3, 1, 1} : Sizes{3, 2, 1, 1, 1});
  static_assert(point_sizes.back() == 1, "no point is left over");

  /// f of the one of these sizes that `size` is, as a constant.
  template <const Sizes& Of>
  static void with_size(Index size, const auto& f) {
    [&]<std::size_t... S>(std::index_sequence<S...>) {
      static_cast<void>(
          ((size == Of[S] &&
            (f(std::integral_constant<std::size_t, static_cast<std::size_t>(Of[S])>{}), true)) ||
           ...));
    }(std::make_index_sequence<std::tuple_size_v<Sizes>>{});
  }

  Index orbit_count() const { return std::ssize(orbits_); }
  static std::size_t place(Index i) { return static_cast<std::size_t>(i); }

  /// Rows that are gathered together, `size` of each class at most. Their entries stand point after point
  /// in `values`, class after class, with zeros up to `size`; a point that is its own image is counted twice,
  /// and has half of its entry.
  struct RowTile {
    Index size;
    std::array<Index, Images> first, count;
    std::vector<T> values;
  };
  void make_row_tiles() {
    constexpr Index most = row_sizes.front();
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
      for (const Index size : row_sizes)
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
      for (const Index size : point_sizes)
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

  /// From the images of a point to the sum of each class. It is its own transpose, which scatter applies.
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
      const T* entries = tile.values.data();
      for (const Orbit& orbit : orbits_) {
        V x[Images];
        for (std::size_t i = 0; i < Images; ++i) x[i] = simd::load<V>(in + orbit.at[i] * inner);
        signed_sums(x);
        ((sums[R] += entries[R] * x[R / Size]), ...);
        entries += Images * Size;
      }
      const auto keep = [&](std::size_t c, Index row, const V& value) {
        if (row >= tile.count[c]) return;
        T* to = out + (classes_[c].first + (tile.first[c] + row) * classes_[c].step) * inner;
        simd::store(to, accumulate ? simd::load<V>(to) + value : value);
      };
      (keep(R / Size, static_cast<Index>(R % Size), sums[R]), ...);
    }(std::make_index_sequence<Images * Size>{});
  }

  /// sums[class * Size + point]
  template <std::size_t Size>
  void scatter_tile(const PointTile& tile, const T* in, T* out, Index inner, bool accumulate) const {
    using V = simd::Vector<T>;
    [&]<std::size_t... P, std::size_t... C>(std::index_sequence<P...>, std::index_sequence<C...>) {
      V sums[Images * Size] = {};
      const T* entries = tile.values.data();
      const T* row[] = {in + classes_[C].first * inner...};
      const auto add = [&]<std::size_t Class>(std::integral_constant<std::size_t, Class>) {
        const V here = simd::load<V>(row[Class]);
        ((sums[Class * Size + P] += entries[P] * here), ...);
        entries += Size, row[Class] += classes_[Class].step * inner;
      };
      for (Index r = 0; r < together_; ++r) (add(std::integral_constant<std::size_t, C>{}), ...);
      const auto add_others = [&](auto row_class) {
        for (Index r = together_; r < classes_[row_class].count; ++r) add(row_class);
      };
      (add_others(std::integral_constant<std::size_t, C>{}), ...);
      const auto keep = [&]<std::size_t Point>(std::integral_constant<std::size_t, Point>) {
        V x[] = {sums[C * Size + Point]...};
        signed_sums(x);
        const Orbit& orbit = orbits_[place(tile.first) + Point];
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
      const RowsOfClass part = classes_[c];
      linalg::multiply<T>({values_[c].data(), part.count, orbit_count()},
                          {folded.data() + static_cast<Index>(c) * size, orbit_count(), width},
                          {out + part.first * inner, part.count, width, part.step * inner}, accumulate);
    }
  }
  void scatter_rest(const T* in, T* out, Index inner, Index width, bool accumulate) const {
    Array<T> folded(Shape{static_cast<Index>(Images), orbit_count(), width});
    const Index size = orbit_count() * width;
    for (std::size_t c = 0; c < Images; ++c) {
      const RowsOfClass part = classes_[c];
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

  /// The rows of one class, a column for each orbit: the mean of the entries of its images, with their signs.
  std::vector<T> part_of_matrix(const AxisMap& map, std::size_t row_class) const {
    const RowsOfClass part = classes_[row_class];
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

  std::array<RowsOfClass, 4> classes_;
  std::vector<Orbit> orbits_;
  std::array<std::vector<T>, Images> values_;  // (rows of the class, orbits)
  Index together_ = 0;                         // rows that each class has
  std::vector<RowTile> row_tiles_;             // the same entries, for gather
  std::vector<PointTile> point_tiles_;         // and for scatter
};

}  // namespace fredholm::detail
