// The one door to matrix products. All matrices are row-major, given by pointer and leading dimension (the distance
// between rows), so that a product can read and write parts of a larger array.
//
//   multiply     C[m, n] = A[m, k] B[k, n]        + C if accumulate
//   multiply_tn  C[m, n] = A[k, m]^T B[k, n]      + C if accumulate
//   multiply_nt  C[m, n] = A[m, k] B[n, k]^T      + C if accumulate
//
// The arithmetic is Eigen's. Each distinct Eigen product expression costs half a second of compile time, so there are
// these three, for each scalar that is used, and no others in the library.
#pragma once

#include <Eigen/Core>

#include <fredholm/core/shape.hpp>
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

}  // namespace detail

template <class T>
void multiply(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false) {
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  result.noalias() += detail::map(a) * detail::map(b);
}

template <class T>
void multiply_tn(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false) {
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  result.noalias() += detail::map(a).transpose() * detail::map(b);
}

template <class T>
void multiply_nt(Block<const T> a, Block<const T> b, Block<T> c, bool accumulate = false) {
  auto result = detail::map(c);
  if (!accumulate) result.setZero();
  result.noalias() += detail::map(a) * detail::map(b).transpose();
}

}  // namespace fredholm::linalg
