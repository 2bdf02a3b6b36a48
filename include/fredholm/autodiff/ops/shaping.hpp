// Arrays put together and taken apart: along channels (the last axis), along the batch (the first), and into
// another precision. Each copies once; the adjoint copies back.
//
//   concatenate({a, b, ...})          (..., c1) and (..., c2) give (..., c1 + c2); a batch of 1 is repeated
//   slice_channels(x, begin, count)   (..., count)
//   slice_batch(x, begin, count)      (count, ...); shares the memory when nothing is on the tape
//   stack(arrays)                     along the batch
//   cast<To>(x)                       float <-> double
#pragma once

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

/// Channels from `begin` on.
template <class T>
Array<T> slice_channels(const Array<T>& x, Index begin, Index count) {
  require(x.rank() >= 1, "a number has no channels to slice.");
  const Index channels = x.shape().back();
  require(begin >= 0 && count >= 0 && begin + count <= channels, "channels ", begin, " to ", begin + count,
          " are not in an array of shape ", x.shape(), ".");
  Shape shape = x.shape();
  shape[shape.size() - 1] = count;
  const Index rows = channels == 0 ? 0 : x.size() / channels;
  Array<T> y(shape);
  matrix(y.mutable_data(), rows, count) = matrix(x.data(), rows, channels).middleCols(begin, count);
  return record(
      y,
      [x, rows, channels, begin, count](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          matrix(dx, rows, channels).middleCols(begin, count) += matrix(dy, rows, count);
        });
      },
      x);
}

/// Two arrays side by side along the last axis. All other axes agree, but a batch of 1 is repeated.
template <class T>
Array<T> concatenate(const Array<T>& a, const Array<T>& b) {
  bool fits = a.rank() >= 2 && a.rank() == b.rank();
  for (Index axis = 1; fits && axis + 1 < a.rank(); ++axis) fits = a.shape(axis) == b.shape(axis);
  fits = fits && (a.shape(0) == b.shape(0) || a.shape(0) == 1 || b.shape(0) == 1);
  require(
      fits, "arrays of shapes ", a.shape(), " and ", b.shape(),
      " are not joined along channels: they need the same number of axes (two or more), the same lengths between "
      "the first and the last, and the same batch, or a batch of 1.");
  const Index left = a.shape().back();
  const Index right = b.shape().back();
  const Index batch = a.shape(0) == 1 ? b.shape(0) : a.shape(0);
  Shape shape = a.shape();
  shape[0] = batch;
  shape[shape.size() - 1] = left + right;
  Index rows = 1;  // of a sample
  for (Index axis = 1; axis + 1 < a.rank(); ++axis) rows *= a.shape(axis);
  const Index step_a = a.shape(0) == 1 ? 0 : rows * left;
  const Index step_b = b.shape(0) == 1 ? 0 : rows * right;
  Array<T> y(shape);
  T* out = y.mutable_data();
  for (Index s = 0; s < batch; ++s) {
    auto sample = matrix(out + s * rows * (left + right), rows, left + right);
    sample.leftCols(left) = matrix(a.data() + s * step_a, rows, left);
    sample.rightCols(right) = matrix(b.data() + s * step_b, rows, right);
  }
  return record(
      y,
      [a, b, batch, rows, left, right, step_a, step_b](Tape& tape, const T* dy) {
        tape.accumulate(a, [&](T* da) {
          for (Index s = 0; s < batch; ++s) {
            matrix(da + s * step_a, rows, left) +=
                matrix(dy + s * rows * (left + right), rows, left + right).leftCols(left);
          }
        });
        tape.accumulate(b, [&](T* db) {
          for (Index s = 0; s < batch; ++s) {
            matrix(db + s * step_b, rows, right) +=
                matrix(dy + s * rows * (left + right), rows, left + right).rightCols(right);
          }
        });
      },
      a, b);
}

/// Samples from `begin` on.
template <class T>
Array<T> slice_batch(const Array<T>& x, Index begin, Index count) {
  require(x.rank() > 0 && begin >= 0 && count >= 0 && begin + count <= x.shape(0), "samples ", begin, " to ",
          begin + count, " are not in an array of shape ", x.shape(), ".");
  Shape shape = x.shape();
  const Index stride = shape[0] == 0 ? 0 : x.size() / shape[0];
  shape[0] = count;
  if (!detail::on_active_tape(x.node())) {
    return Array<T>(shape, std::shared_ptr<T>(x.shared(), x.shared().get() + begin * stride));
  }
  Array<T> y(shape);
  std::copy_n(x.data() + begin * stride, y.size(), y.mutable_data());
  return record(
      y,
      [x, begin, stride, n = y.size()](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) { flat(dx + begin * stride, n) += flat(dy, n); });
      },
      x);
}

/// Samples one after the other along the batch.
template <class T>
Array<T> stack(const std::vector<Array<T>>& parts) {
  require(!parts.empty() && parts.front().rank() >= 1,
          "stack takes at least one array, with a batch as its first axis.");
  Shape shape = parts.front().shape();
  shape[0] = 0;
  for (const Array<T>& part : parts) {
    Shape expected = parts.front().shape();
    expected[0] = part.rank() == 0 ? 0 : part.shape(0);
    require(part.rank() == expected.size() && part.shape() == expected, "arrays of shapes ",
            parts.front().shape(), " and ", part.shape(),
            " are not stacked: beyond the batch their shapes differ.");
    shape[0] += part.shape(0);
  }
  Array<T> y(shape);
  T* out = y.mutable_data();
  for (const Array<T>& part : parts) out = std::copy_n(part.data(), part.size(), out);
  bool on_tape = false;
  for (const Array<T>& part : parts) on_tape |= detail::on_active_tape(part.node());
  if (!on_tape) return y;
  return y.on_tape(detail::active_tape().push([parts](Tape& tape, const void* gradient) {
    const T* dy = static_cast<const T*>(gradient);
    for (const Array<T>& part : parts) {
      tape.add(part, flat(dy, part.size()));
      dy += part.size();
    }
  }));
}

/// The values in another precision.
template <class To, class From>
Array<To> cast(const Array<From>& x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    return record(
        converted<To>(x),
        [x](Tape& tape, const To* dy) { tape.add(x, flat(dy, x.size()).template cast<From>()); }, x);
  }
}

}  // namespace fredholm
