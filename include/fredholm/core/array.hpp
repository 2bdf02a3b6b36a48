// Array: an N-d row-major value.
//
// The shape is known at run time, the storage is shared, the values do not change: a copy costs a reference
// count, and `mutable_data()` copies the values first if anybody else holds them. Operations (autodiff/ops)
// are templated on the scalar alone, so another grid, rule or rank costs the compiler nothing. Under a tape
// an array also carries its position on it (core/context.hpp); `detach(array)` gives the same values as a
// constant.
//
// Users meet fields (space/field.hpp) and xtensor (core/views.hpp); Array is what lies between.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/context.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

template <class T>
class Array {
 public:
  using value_type = T;

  /// No values: shape (0).
  Array() : shape_{0} {}

  /// Uninitialised values, to be written before anybody reads them.
  explicit Array(Shape shape) : data_(allocate(checked_count(shape))), shape_(shape) {}

  /// Takes over the values.
  Array(Shape shape, std::vector<T> values) : shape_(shape) {
    require(shape.count() == static_cast<Index>(values.size()), "an array of shape ", shape, " has ",
            shape.count(), " values, and ", values.size(), " were given.");
    auto owner = std::make_shared<std::vector<T>>(std::move(values));
    data_ = std::shared_ptr<T>(owner, owner->data());
  }

  /// Shares the memory of somebody else, kept alive by the pointer.
  Array(Shape shape, std::shared_ptr<T> data) : data_(std::move(data)), shape_(shape) {}

  static Array full(Shape shape, T value) {
    Array result(shape);
    std::fill_n(result.data_.get(), result.size(), value);
    return result;
  }
  static Array zeros(Shape shape) { return full(shape, T{0}); }

  const Shape& shape() const { return shape_; }
  Index shape(Index axis) const { return shape_[axis]; }
  Index rank() const { return shape_.size(); }
  Index size() const { return shape_.count(); }

  /// The values in row-major order, without a look at the tape: for operations, which record themselves.
  const T* data() const { return data_.get(); }
  const std::shared_ptr<T>& shared() const { return data_; }

  /// The values for writing. Copies them first if another array shares them. Throws if the array is on the
  /// running tape.
  T* mutable_data() {
    if (detail::on_active_tape(node_)) {
      throw std::logic_error(
          "an array on the tape is written to; its gradient would be that of the old values. Say detach(array).");
    }
    if (data_.use_count() > 1) {
      auto own = allocate(size());
      std::copy_n(data_.get(), size(), own.get());
      data_ = std::move(own);
    }
    return data_.get();
  }

  /// One value, by one index an axis. Throws if the array is on the running tape.
  template <class... Indices>
  T operator()(Indices... indices) const {
    require(static_cast<Index>(sizeof...(indices)) == rank(), "an array of shape ", shape_, " takes ", rank(),
            " indices, and ", sizeof...(indices), " were given.");
    if (detail::on_active_tape(node_)) {
      throw std::logic_error(
          "a value is read out of an array on the tape; its gradient would be lost. Say detach(array).");
    }
    Index position = 0;
    Index axis = 0;
    (
        [&](Index index) {
          require(index >= 0 && index < shape_[axis], "index ", index, " of axis ", axis, " is outside of ",
                  shape_, ".");
          position = position * shape_[axis++] + index;
        }(static_cast<Index>(indices)),
        ...);
    return data_.get()[position];
  }

  /// The same values under another shape of the same size. Shares the memory and the place on the tape.
  Array reshaped(Shape shape) const {
    require(checked_count(shape) == size(), "an array of shape ", shape_, " has no shape ", shape,
            ": the sizes differ.");
    Array result = *this;
    result.shape_ = shape;
    return result;
  }

  const Node& node() const { return node_; }

  /// The same values at a position of a tape.
  Array on_tape(Node node) const {
    Array result = *this;
    result.node_ = std::move(node);
    return result;
  }

 private:
  /// The number of values. Throws for a negative length, and for more values than memory can have.
  static Index checked_count(const Shape& shape) {
    constexpr Index most = std::numeric_limits<Index>::max() / 2 / static_cast<Index>(sizeof(T));
    Index count = 1;
    for (Index length : shape) {
      require(length >= 0, "an array has no shape ", shape, ": a length is negative.");
      require(length == 0 || count <= most / length, "an array of shape ", shape,
              " is larger than any memory.");
      count *= length;
    }
    return count;
  }

  static std::shared_ptr<T> allocate(Index count) {
    if (detail::active_context != nullptr) return detail::active_context->pool.template allocate<T>(count);
    return allocate_from_system<T>(count);
  }

  std::shared_ptr<T> data_;
  Shape shape_;
  Node node_;
};

/// The same values as a constant: the gradient stops here.
template <class T>
Array<T> detach(const Array<T>& array) {
  return array.on_tape(Node{});
}

/// The values in another precision, as a constant (use `cast` of autodiff/ops on what may be on a tape).
template <class To, class From>
Array<To> converted(const Array<From>& array) {
  if constexpr (std::is_same_v<To, From>) {
    return detach(array);
  } else {
    Array<To> result(array.shape());
    std::transform(array.data(), array.data() + array.size(), result.mutable_data(),
                   [](From value) { return static_cast<To>(value); });
    return result;
  }
}

}  // namespace fredholm
