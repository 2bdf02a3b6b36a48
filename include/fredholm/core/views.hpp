// Views: every conversion between arrays, Eigen and xtensor, none of which copies.
//
//   tensor<Rank>(array)       what users index, slice and save: an xtensor adaptor that shares (and keeps
//                             alive) the memory
//   mutable_tensor<Rank>(a)   the same for writing; copies the values first if they are shared
//   array_from(xtensor)       an array that takes over the memory of an xt::xtensor
//   matrix(pointer, r, c)     Eigen: one row a point, row-major; the arithmetic of the kernels
//   flat(pointer, n)          Eigen: n values in a row, for elementwise work
//
// xt::xarray and xio stay out of here: they do not compile with clang 19.
#pragma once

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include <Eigen/Core>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <fredholm/core/array.hpp>

namespace fredholm {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using MatrixView = Eigen::Map<RowMajor<T>>;
template <class T>
using ConstMatrixView = Eigen::Map<const RowMajor<T>>;

template <class T>
MatrixView<T> matrix(T* values, Index rows, Index columns) {
  return {values, rows, columns};
}
template <class T>
ConstMatrixView<T> matrix(const T* values, Index rows, Index columns) {
  return {values, rows, columns};
}

template <class T>
Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> flat(T* values, Index count) {
  return {values, count};
}
template <class T>
Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> flat(const T* values, Index count) {
  return {values, count};
}

/// The array as an xtensor of static rank over the same memory, which it keeps alive. Read-only: arrays are
/// values. Throws std::invalid_argument if the array has another rank, std::logic_error if it is on the
/// running tape.
template <std::size_t Rank, class T>
auto tensor(const Array<T>& array) {
  require(array.rank() == static_cast<Index>(Rank), "an array of shape ", array.shape(),
          " is seen as a tensor of rank ", Rank, ".");
  if (detail::on_active_tape(array.node())) {
    throw std::logic_error(
        "an array on the tape is read as a tensor; its gradient would be lost. Say detach(array).");
  }
  std::size_t shape[Rank];  // a plain array, by which xtensor knows the rank
  for (std::size_t axis = 0; axis < Rank; ++axis)
    shape[axis] = static_cast<std::size_t>(array.shape(static_cast<Index>(axis)));
  const T* values = array.data();
  return xt::adapt_smart_ptr(values, shape, std::shared_ptr<const T>(array.shared()));
}

/// The same for writing. Copies the values first if another array shares them; the view is of use while the
/// array lives and is not copied.
template <std::size_t Rank, class T>
auto mutable_tensor(Array<T>& array) {
  static_cast<void>(tensor<Rank>(array));  // its checks
  std::array<std::size_t, Rank> shape{};
  for (std::size_t axis = 0; axis < Rank; ++axis)
    shape[axis] = static_cast<std::size_t>(array.shape(static_cast<Index>(axis)));
  return xt::adapt(array.mutable_data(), static_cast<std::size_t>(array.size()), xt::no_ownership(), shape);
}

/// An array over the memory of the tensor, which it takes over.
template <class T, std::size_t Rank>
Array<T> array_from(xt::xtensor<T, Rank> values) {
  Shape shape;
  for (std::size_t length : values.shape()) shape.push_back(static_cast<Index>(length));
  auto owner = std::make_shared<xt::xtensor<T, Rank>>(std::move(values));
  return Array<T>(shape, std::shared_ptr<T>(owner, owner->data()));
}

}  // namespace fredholm
