// The transpose of a matrix, square by square in vector registers.
//
//   out[j, i] (+)= in[i, j]     i < rows, j < columns; the rows of both are neighbouring values
//
// A square has as many rows as a register has lanes, n. In step s = 1, 2, 4, ..., n/2 the lanes whose number
// has the bit s, of a row whose number has it not, change places with the lanes without it of the row s
// further: after log2(n) steps row and lane have changed roles (Eklundh 1972). What is left over at the edges
// goes value by value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fredholm/core/simd.hpp>

namespace fredholm::simd {

namespace detail {

template <class T, std::size_t Step, std::size_t... Lane>
inline void exchange_lanes(Vector<T>& a, Vector<T>& b, std::index_sequence<Lane...>) {
  constexpr std::size_t width = sizeof...(Lane);
  const Vector<T> first =
      __builtin_shufflevector(a, b, static_cast<int>((Lane & Step) != 0 ? width + Lane - Step : Lane)...);
  b = __builtin_shufflevector(a, b, static_cast<int>((Lane & Step) != 0 ? width + Lane : Lane + Step)...);
  a = first;
}

template <class T, std::size_t Step, std::size_t... Row>
inline void transpose_square(Vector<T>* rows, std::index_sequence<Row...> all) {
  const auto exchange = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if constexpr ((I & Step) == 0) exchange_lanes<T, Step>(rows[I], rows[I + Step], all);
  };
  (exchange(std::integral_constant<std::size_t, Row>{}), ...);
  if constexpr (2 * Step < sizeof...(Row)) transpose_square<T, 2 * Step>(rows, all);
}

template <class T, std::size_t... Row>
inline void transpose_square(const T* in, Index in_row, T* out, Index out_row, bool accumulate,
                             std::index_sequence<Row...> all) {
  using V = Vector<T>;
  V rows[sizeof...(Row)] = {load<V>(in + static_cast<Index>(Row) * in_row)...};
  transpose_square<T, 1>(rows, all);
  if (accumulate) ((rows[Row] += load<V>(out + static_cast<Index>(Row) * out_row)), ...);
  (store(out + static_cast<Index>(Row) * out_row, rows[Row]), ...);
}

}  // namespace detail

/// out[j out_row + i] (+)= in[i in_row + j]. The two do not overlap.
template <class T>
void transpose(const T* in, Index rows, Index columns, Index in_row, T* out, Index out_row,
               bool accumulate = false) {
  constexpr Index n = lanes<T>;
  const Index high = rows / n * n, wide = columns / n * n;
  for (Index i = 0; i < high; i += n) {
    for (Index j = 0; j < wide; j += n) {
      detail::transpose_square(in + i * in_row + j, in_row, out + j * out_row + i, out_row, accumulate,
                               std::make_index_sequence<static_cast<std::size_t>(n)>{});
    }
  }
  for (Index i = 0; i < rows; ++i) {
    for (Index j = i < high ? wide : 0; j < columns; ++j) {
      T& to = out[j * out_row + i];
      to = accumulate ? to + in[i * in_row + j] : in[i * in_row + j];
    }
  }
}

}  // namespace fredholm::simd
