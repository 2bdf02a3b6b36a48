// Sums over axes and integrals over points.
//
//   sum(x)            a number; its adjoint is spread over all values
//   sum(x, axis)      that axis is gone
//   mean(x)           sum / size
//   weighted_sum(x, w)    x (batch, points..., channel), w (points): sum_j w_j x_j, of shape (batch, channel)
#pragma once

#include <cmath>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

template <class T>
Number<T> sum(const Array<T>& x) {
  const Index n = x.size();
  return record(
      Number<T>(flat(x.data(), n).sum()),
      [x, n](Tape& tape, T dy) { tape.accumulate(x, [&](T* dx) { flat(dx, n) += dy; }); }, x);
}

template <class T>
Number<T> mean(const Array<T>& x) {
  require(x.size() > 0, "the mean of an array of shape ", x.shape(), " does not exist: it has no values.");
  return sum(x) / static_cast<T>(x.size());
}

namespace detail {

/// An array seen as (outer, length of one axis, inner).
struct AxisView {
  Index outer = 1;
  Index length = 1;
  Index inner = 1;
  AxisView(const Shape& shape, Index axis) {
    require(axis >= 0 && axis < shape.size(), "an array of shape ", shape, " has no axis ", axis, ".");
    for (Index i = 0; i < shape.size(); ++i) (i < axis ? outer : i == axis ? length : inner) *= shape[i];
  }
};

}  // namespace detail

template <class T>
Array<T> sum(const Array<T>& x, Index axis) {
  const detail::AxisView view(x.shape(), axis);
  Shape shape;
  for (Index i = 0; i < x.rank(); ++i) {
    if (i != axis) shape.push_back(x.shape(i));
  }
  Array<T> y = Array<T>::zeros(shape);
  T* out = y.mutable_data();
  for (Index o = 0; o < view.outer; ++o) {
    for (Index j = 0; j < view.length; ++j) {
      flat(out + o * view.inner, view.inner) +=
          flat(x.data() + (o * view.length + j) * view.inner, view.inner);
    }
  }
  return record(
      y,
      [x, view](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          for (Index o = 0; o < view.outer; ++o) {
            for (Index j = 0; j < view.length; ++j) {
              flat(dx + (o * view.length + j) * view.inner, view.inner) +=
                  flat(dy + o * view.inner, view.inner);
            }
          }
        });
      },
      x);
}

/// sum_j w_j x_j over the points of x (batch, points..., channel): shape (batch, channel).
template <class T>
Array<T> weighted_sum(const Array<T>& x, const Array<T>& weights) {
  require(x.rank() >= 2, "a sum over points takes an array (batch, points, channel), and the shape is ",
          x.shape(), ".");
  const Index batch = x.shape(0);
  const Index channels = x.shape().back();
  const Index points = weights.size();
  require(batch * points * channels == x.size(), "an array of shape ", x.shape(), " is not summed with ",
          points, " weights.");
  detail::require_constant(weights.node(), "the weights of a sum over points");
  Array<T> y = Array<T>::zeros({batch, channels});
  T* out = y.mutable_data();
  for (Index b = 0; b < batch; ++b) {
    for (Index j = 0; j < points; ++j)
      flat(out + b * channels, channels) +=
          weights.data()[j] * flat(x.data() + (b * points + j) * channels, channels);
  }
  return record(
      y,
      [x, weights, batch, points, channels](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          for (Index b = 0; b < batch; ++b) {
            for (Index j = 0; j < points; ++j) {
              flat(dx + (b * points + j) * channels, channels) +=
                  weights.data()[j] * flat(dy + b * channels, channels);
            }
          }
        });
      },
      x);
}

/// The largest value over all axes but the first: shape (batch). The gradient goes to the first that attains
/// it.
template <class T>
Array<T> max_per_sample(const Array<T>& x) {
  const Index batch = x.shape(0);
  const Index n = batch == 0 ? 0 : x.size() / batch;
  require(n > 0, "the maximum of an array of shape ", x.shape(), " does not exist: it has no values.");
  Array<T> y(Shape{batch});
  Array<Index> position(Shape{batch});
  for (Index b = 0; b < batch; ++b) {
    const T* row = x.data() + b * n;
    Index largest = 0;
    for (Index i = 1; i < n; ++i) {
      if (!(row[i] <= row[largest]) && !std::isnan(row[largest])) largest = i;  // a NaN is the largest of all
    }
    position.mutable_data()[b] = largest;
    y.mutable_data()[b] = row[largest];
  }
  return record(
      y,
      [x, position, batch, n](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          for (Index b = 0; b < batch; ++b) dx[b * n + position.data()[b]] += dy[b];
        });
      },
      x);
}

}  // namespace fredholm
