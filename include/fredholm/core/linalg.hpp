// The one door to matrix products. All matrices are row-major, given by pointer and leading dimension (the
// distance between rows), so that a product can read and write parts of a larger array.
//
//   multiply     C[m, n] = A[m, k] B[k, n]        + C if accumulate
//   multiply_tn  C[m, n] = A[k, m]^T B[k, n]      + C if accumulate
//   multiply_nt  C[m, n] = A[m, k] B[n, k]^T      + C if accumulate
//
// Where B is small enough to stay in cache, as the matrices of layers are, the product runs on the panels of
// core/simd.hpp, which pack nothing: two to three times the rate of Eigen on 1300 x 32 x 32. Everything else
// is Eigen's. Each distinct Eigen product expression costs half a second of compile time, so there are these
// three for each scalar and no others.
#pragma once

#include <algorithm>
#include <type_traits>

#include <Eigen/Core>

#include <fredholm/core/array.hpp>
#include <fredholm/core/shape.hpp>
#include <fredholm/core/simd.hpp>
#include <fredholm/core/simd_transpose.hpp>
#include <fredholm/core/views.hpp>

namespace fredholm::linalg {

/// A row-major matrix inside a larger array.
template <class T>
struct Block {
  T* values;
  Index rows;
  Index columns;
  Index leading;  // distance between rows

  Block(T* data, Index row_count, Index column_count) : Block(data, row_count, column_count, column_count) {}
  Block(T* data, Index row_count, Index column_count, Index distance)
      : values(data), rows(row_count), columns(column_count), leading(distance) {}
};

namespace detail {

template <class T>
auto map(const Block<T>& block) {
  using Matrix = std::conditional_t<std::is_const_v<T>, const RowMajor<std::remove_const_t<T>>, RowMajor<T>>;
  return Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>(block.values, block.rows, block.columns,
                                                                    Eigen::OuterStride<>(block.leading));
}

/// Whether a right factor (depth, columns) stays in a quarter of a second-level cache, and fills a register.
template <class T>
bool suits_panel(Index depth, Index columns) {
  return columns >= simd::lanes<T> / 2 && depth * columns * static_cast<Index>(sizeof(T)) <= 256 * 1024;
}

}  // namespace detail

/// (columns, rows)
template <class T>
Array<T> transposed(Block<const T> b) {
  Array<T> result(Shape{b.columns, b.rows});
  simd::transpose(b.values, b.rows, b.columns, b.leading, result.mutable_data(), b.rows);
  return result;
}

/// With a shift, it is added to every row.
template <class T>
void multiply(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false,
              const T* shift = nullptr) {
  if (detail::suits_panel<T>(b.rows, b.columns)) {
    return simd::panel(c.rows, c.columns, b.rows, a.values, a.leading, 1, b.values, b.leading, c.values,
                       c.leading, accumulate, shift);
  }
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  for (Index r = 0; shift != nullptr && r < c.rows; ++r)
    flat(c.values + r * c.leading, c.columns) += flat(shift, c.columns);
  result.noalias() += detail::map(a) * detail::map(b);
}

template <class T>
void multiply_tn(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false) {
  if (c.columns == 1 && c.leading == 1 && detail::suits_panel<T>(a.rows, a.columns)) {  // one row, transposed
    return simd::panel(1, c.rows, b.rows, b.values, 1, b.leading, a.values, a.leading, c.values, c.rows,
                       accumulate);
  }
  if (detail::suits_panel<T>(b.rows, b.columns)) {
    return simd::panel(c.rows, c.columns, b.rows, a.values, 1, a.leading, b.values, b.leading, c.values,
                       c.leading, accumulate);
  }
  if (detail::suits_panel<T>(a.columns + b.columns, 32) && detail::suits_panel<T>(c.rows, c.columns)) {
    // Two long, narrow matrices, as in the gradient of a linear layer: a part at a time, which stays in
    // first-level cache.
    const Index depth =
        std::max<Index>(32, 32 * 1024 / static_cast<Index>(sizeof(T)) / (a.columns + b.columns));
    for (Index first = 0; first < b.rows; first += depth) {
      simd::panel(c.rows, c.columns, std::min(depth, b.rows - first), a.values + first * a.leading, 1,
                  a.leading, b.values + first * b.leading, b.leading, c.values, c.leading,
                  accumulate || first > 0);
    }
    return;
  }
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  result.noalias() += detail::map(a).transpose() * detail::map(b);
}

template <class T>
void multiply_nt(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false) {
  if (c.rows >= 4 && detail::suits_panel<T>(b.columns, b.rows)) {
    const Array<T> right = transposed(b);
    return multiply<T>(a, {right.data(), b.columns, b.rows}, c, accumulate);
  }
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  result.noalias() += detail::map(a) * detail::map(b).transpose();
}

}  // namespace fredholm::linalg
