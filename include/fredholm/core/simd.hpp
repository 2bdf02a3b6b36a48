// What the fused operations are made of: a matrix product with any strides on the left, in vector registers.
//
//   out[i, j] (+)= sum_k a(i, k) b[k, j]  + shift[j]  i < rows, j < columns, k < depth; shift may be left out
//
// `a` has any strides, so the same loop multiplies by a matrix, by its transpose, and by a slice of either;
// the rows of `b` and `out` are neighbouring values. Tiles of up to six rows by two registers are summed in
// registers; of up to twelve by two, or six by four, where there are 32 registers (AVX-512), a quarter
// faster.
// Fast where columns is a multiple of `lanes`; what is left over is done in narrower vectors, down to one
// value. Nothing is packed: a `b` far larger than the cache belongs to Eigen. Attention runs on it with a
// query or a key in each lane.
//
// The vector type is the extension that g++ and clang share, as wide as a register of the processor compiled
// for. It is no wider on purpose: g++ 12 keeps a vector of two registers in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/shape.hpp>

namespace fredholm::simd {

/// The width of a register, as Eigen knows it: 16 bytes for SSE and NEON, 32 for AVX, 64 for AVX-512.
inline constexpr int register_bytes = std::max(16, EIGEN_MAX_STATIC_ALIGN_BYTES);

template <class T, int Bytes>
struct VectorOf {
  using type __attribute__((vector_size(Bytes))) = T;
};
template <class T, int Bytes = register_bytes>
using Vector = typename VectorOf<T, Bytes>::type;
/// The same, where one value is itself: g++ 12 keeps a vector of one in memory.
template <class T, int Bytes>
using VectorOrValue = std::conditional_t<Bytes == static_cast<int>(sizeof(T)), T, Vector<T, Bytes>>;

/// The number of values in a register.
template <class T>
inline constexpr Index lanes = register_bytes / static_cast<Index>(sizeof(T));

/// Reads and writes a vector at any address.
template <class V, class T>
inline V load(const T* from) {
  V value;
  std::memcpy(&value, from, sizeof(V));
  return value;
}
template <class V, class T>
inline void store(T* to, const V& value) {
  std::memcpy(to, &value, sizeof(V));
}

namespace detail {

/// AVX-512 has 32 registers, of any width (NEON's 32 are not counted on).
inline constexpr bool many_registers = register_bytes == 64;

/// Tile number `Tile...` runs over rows and, in each, over `Columns` vectors.
template <class V, std::size_t Columns, class T, std::size_t... Tile>
inline void tile(std::index_sequence<Tile...>, Index depth, const T* a, Index a_row, Index a_column,
                 const T* b, Index b_row, T* out, Index out_row, bool accumulate, const T* shift) {
  constexpr auto row = [](std::size_t t) { return static_cast<Index>(t / Columns); };
  constexpr auto column = [](std::size_t t) {
    return static_cast<Index>(t % Columns * (sizeof(V) / sizeof(T)));
  };
  V sums[sizeof...(Tile)] = {};
  if (shift != nullptr) ((sums[Tile] = load<V>(shift + column(Tile))), ...);
  if (accumulate) ((sums[Tile] += load<V>(out + row(Tile) * out_row + column(Tile))), ...);
  if (a_row == 1) {  // apart, for the compiler to know the addresses: a fifth faster
    for (Index k = 0; k < depth; ++k, a += a_column, b += b_row)
      ((sums[Tile] += a[row(Tile)] * load<V>(b + column(Tile))), ...);
  } else {  // rows by threes, which one pointer reaches without a product by the stride
    constexpr std::size_t threes = (sizeof...(Tile) / Columns + 2) / 3;
    const T* from[threes];
    for (std::size_t i = 0; i < threes; ++i) from[i] = a + 3 * static_cast<Index>(i) * a_row;
    for (Index k = 0; k < depth; ++k, b += b_row) {
      ((sums[Tile] += from[row(Tile) / 3][row(Tile) % 3 * a_row] * load<V>(b + column(Tile))), ...);
      for (const T*& one : from) one += a_column;
    }
  }
  (store(out + row(Tile) * out_row + column(Tile), sums[Tile]), ...);
}

/// Whether rows are a sum of tiles of 6 and 5; and, where there are `tall` ones, of 12, 8, 6 and 5.
constexpr bool is_sum_of_high_tiles(Index rows, bool tall) {
  constexpr auto sums_of = [](auto... heights) {
    std::uint32_t sums = 1;  // bit by bit: 0 is one
    for (int row = 1; row < 32; ++row)
      sums |= std::uint32_t{((row >= heights && (sums >> (row - heights) & 1) != 0) || ...)} << row;
    return sums;
  };
  constexpr std::uint32_t of_low_strips = sums_of(6, 5), of_tall_strips = sums_of(12, 8, 6, 5);
  return rows >= 32 || ((tall ? of_tall_strips : of_low_strips) >> rows & 1) != 0;
}

/// A strip of `Columns` vectors. A row takes longer in tiles of four and less (g++ 12 loads the right factor
/// again for each row). So a tile of 12, 8 or 6 is taken only where the rest is a sum of high ones, then fives,
/// but 8 = 4 + 4: 32 = 12 + 12 + 8 (tall), 65 = 10 x 6 + 5 (not).
template <class V, std::size_t Columns, class T>
void strip(Index rows, Index depth, const T* a, Index a_row, Index a_column, const T* b, Index b_row, T* out,
           Index out_row, bool accumulate, const T* shift) {
  constexpr bool tall = many_registers && (Columns == 1 || (Columns == 2 && sizeof(V) == register_bytes));
  Index i = 0;
  const auto run = [&]<std::size_t Rows>(std::integral_constant<std::size_t, Rows>) {
    tile<V, Columns>(std::make_index_sequence<Rows * Columns>{}, depth, a + i * a_row, a_row, a_column, b,
                     b_row, out + i * out_row, out_row, accumulate, shift);
    i += static_cast<Index>(Rows);
  };
  const auto fits = [&](Index height) {
    return height <= rows - i && is_sum_of_high_tiles(rows - i - height, tall);
  };
  if constexpr (tall) {
    while (fits(12)) run(std::integral_constant<std::size_t, 12>{});
    while (fits(8)) run(std::integral_constant<std::size_t, 8>{});
  }
  while (fits(6)) run(std::integral_constant<std::size_t, 6>{});
  while (rows - i >= 5 && rows - i != 8) run(std::integral_constant<std::size_t, 5>{});
  while (rows - i >= 4) run(std::integral_constant<std::size_t, 4>{});
  while (rows - i >= 2) run(std::integral_constant<std::size_t, 2>{});
  if (i < rows) run(std::integral_constant<std::size_t, 1>{});
}

}  // namespace detail

/// out[i out_row + j] (+)= sum_k a[i a_row + k a_column] b[k b_row + j], plus shift[j] unless that is
/// nullptr. `out` overlaps neither `a` nor `b`.
template <int Bytes = register_bytes, class T>
void panel(Index rows, Index columns, Index depth, const T* a, Index a_row, Index a_column, const T* b,
           Index b_row, T* out, Index out_row, bool accumulate, const T* shift = nullptr) {
  using V = VectorOrValue<T, Bytes>;
  constexpr Index width = Bytes / static_cast<Index>(sizeof(T));
  if (rows == 0) return;
  if (depth == 0) a = b = out, a_row = 0;  // of a and b nothing is read, and nothing is added to a nullptr
  Index j = 0;
  const auto run = [&]<std::size_t Columns>(std::integral_constant<std::size_t, Columns>) {
    detail::strip<V, Columns>(rows, depth, a, a_row, a_column, b + j, b_row, out + j, out_row, accumulate,
                              shift == nullptr ? nullptr : shift + j);
    j += static_cast<Index>(Columns) * width;
  };
  if constexpr (detail::many_registers && Bytes == register_bytes) {
    // Not where only strips of two vectors have high tiles for the rows, of which 8 are one.
    const bool by_four =
        detail::is_sum_of_high_tiles(rows, false) || !detail::is_sum_of_high_tiles(rows, true);
    while (by_four && j + 4 * width <= columns) run(std::integral_constant<std::size_t, 4>{});
  }
  while (j + 2 * width <= columns) run(std::integral_constant<std::size_t, 2>{});
  if (j + width <= columns) run(std::integral_constant<std::size_t, 1>{});
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (j < columns) {
      panel<narrower>(rows, columns - j, depth, a, a_row, a_column, b + j, b_row, out + j, out_row,
                      accumulate, shift == nullptr ? nullptr : shift + j);
    }
  }
}

/// out[j] += sum_i in[i, j] of neighbouring rows.
template <int Bytes = register_bytes, class T>
void add_column_sums(const T* in, Index rows, Index columns, T* out, Index row = -1) {
  using V = VectorOrValue<T, Bytes>;
  constexpr Index width = Bytes / static_cast<Index>(sizeof(T));
  if (row < 0) row = columns;
  Index j = 0;
  for (; j + width <= columns; j += width) {
    V even = load<V>(out + j), odd{};
    Index i = 0;
    for (; i + 1 < rows; i += 2) {
      even += load<V>(in + i * row + j);
      odd += load<V>(in + (i + 1) * row + j);
    }
    if (i < rows) even += load<V>(in + i * row + j);
    store(out + j, even + odd);
  }
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (j < columns) add_column_sums<narrower>(in + j, rows, columns - j, out + j, row);
  }
}

}  // namespace fredholm::simd
