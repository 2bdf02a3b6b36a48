// The one kernel of the fused operations: a narrow panel of a matrix product.
//
//   out[i, lanes] (+)= sum_k a(i, k) b[k, lanes]        lanes: one vector register wide
//
// `a` has any strides, so the same loop multiplies by a matrix, by its transpose, and by a slice of either; `b` and
// `out` are rows of `Lanes` neighbouring values. Eight rows of accumulators stay in registers. Attention runs on it
// with a query in each lane, so that a softmax has no sum across lanes.
//
// The vector type is the extension that g++ and clang share; it compiles for every processor and takes as many
// registers as it needs there.
#pragma once

#include <array>
#include <cstring>
#include <utility>

#include <fredholm/core/shape.hpp>

namespace fredholm::simd {

template <class T, int Bytes>
struct VectorOf {
  using type __attribute__((vector_size(Bytes))) = T;
};
template <class T, int Bytes = 64>
using Vector = typename VectorOf<T, Bytes>::type;

/// The number of values in a vector.
template <class T, int Bytes = 64>
inline constexpr Index lanes = Bytes / static_cast<Index>(sizeof(T));

namespace detail {

template <int Bytes, class T, std::size_t... Row>
inline void rows(std::index_sequence<Row...>, Index depth, const T* a, Index a_row, Index a_column, const T* b, Index b_row, T* out,
                 Index out_row, bool accumulate) {
  using V = Vector<T, Bytes>;
  std::array<V, sizeof...(Row)> sums{};
  if (accumulate) (std::memcpy(&sums[Row], out + static_cast<Index>(Row) * out_row, sizeof(V)), ...);
  for (Index k = 0; k < depth; ++k) {
    V value;
    std::memcpy(&value, b + k * b_row, sizeof(V));
    const T* column = a + k * a_column;
    ((sums[Row] += column[static_cast<Index>(Row) * a_row] * value), ...);
  }
  (std::memcpy(out + static_cast<Index>(Row) * out_row, &sums[Row], sizeof(V)), ...);
}

}  // namespace detail

/// out[i, 0:lanes] (+)= sum_k a[i a_row + k a_column] b[k b_row, 0:lanes] for i < count.
template <int Bytes = 64, class T>
void panel(Index count, Index depth, const T* a, Index a_row, Index a_column, const T* b, Index b_row, T* out, Index out_row,
           bool accumulate) {
  Index i = 0;
  for (; i + 8 <= count; i += 8) {
    detail::rows<Bytes>(std::make_index_sequence<8>{}, depth, a + i * a_row, a_row, a_column, b, b_row, out + i * out_row, out_row,
                        accumulate);
  }
  for (; i + 4 <= count; i += 4) {
    detail::rows<Bytes>(std::make_index_sequence<4>{}, depth, a + i * a_row, a_row, a_column, b, b_row, out + i * out_row, out_row,
                        accumulate);
  }
  for (; i < count; ++i) {
    detail::rows<Bytes>(std::make_index_sequence<1>{}, depth, a + i * a_row, a_row, a_column, b, b_row, out + i * out_row, out_row,
                        accumulate);
  }
}

}  // namespace fredholm::simd
