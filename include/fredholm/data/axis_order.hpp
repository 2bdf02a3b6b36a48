// From column-major order (Fortran, MATLAB: the first index runs fastest) to row-major order (C, Array: the
// last one does), and back. The shape stays: element (i, j, k) remains element (i, j, k).
#pragma once

#include <algorithm>

#include <fredholm/core/array.hpp>

namespace fredholm {

namespace detail {

/// Calls copy(place in row-major order, place in column-major order) for every element. Tiles of the first
/// and the last axis, the ones that run fastest, keep both sides in cache.
template <class Copy>
void for_each_in_both_orders(const Shape& shape, Copy&& copy) {
  if (shape.count() == 0) return;
  constexpr Index tile = 16;
  const Index rows = shape.empty() ? 1 : shape.front();
  const Index columns = shape.size() < 2 ? 1 : shape.back();
  const Index row_stride = shape.count() / rows;        // of the first axis in row-major order
  const Index column_stride = shape.count() / columns;  // of the last axis in column-major order
  const Index between = row_stride / columns;           // combinations of the indices of the axes between
  for (Index middle = 0; middle < between; ++middle) {
    // `middle` counts in row-major order; its digits, weighed the other way round, are the place in the
    // other.
    Index other = 0;
    Index rest = middle;
    Index stride = column_stride;
    for (Index axis = shape.size() - 2; axis >= 1; --axis) {
      stride /= shape[axis];
      other += rest % shape[axis] * stride;
      rest /= shape[axis];
    }
    for (Index i0 = 0; i0 < rows; i0 += tile) {
      for (Index j0 = 0; j0 < columns; j0 += tile) {
        for (Index i = i0; i < std::min(rows, i0 + tile); ++i) {
          for (Index j = j0; j < std::min(columns, j0 + tile); ++j) {
            copy(i * row_stride + middle * columns + j, i + other + j * column_stride);
          }
        }
      }
    }
  }
}

}  // namespace detail

/// Row-major values from column-major ones of the same shape.
template <class T>
Array<T> from_column_major(const Array<T>& values) {
  Array<T> result(values.shape());
  T* const to = result.mutable_data();
  const T* const from = values.data();
  detail::for_each_in_both_orders(values.shape(), [&](Index row, Index column) { to[row] = from[column]; });
  return result;
}

/// Column-major values from row-major ones of the same shape.
template <class T>
Array<T> to_column_major(const Array<T>& values) {
  Array<T> result(values.shape());
  T* const to = result.mutable_data();
  const T* const from = values.data();
  detail::for_each_in_both_orders(values.shape(), [&](Index row, Index column) { to[column] = from[row]; });
  return result;
}

}  // namespace fredholm
