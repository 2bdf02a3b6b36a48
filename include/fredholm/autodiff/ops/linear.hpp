// Linear maps: of the channels at each point, and of the values along one axis.
//
//   linear(x, W, b)             y = x W + b          x (..., in), W (in, out), b (out)
//     x' += y' W^T,   W' += x^T y',   b' += sum over rows of y'
//   apply_along(x, axis, map)   y = M x along an axis: x (..., columns, ...) gives (..., rows, ...)
//     x' += M^T y'
#pragma once

#include <memory>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

template <class T>
Array<T> linear(const Array<T>& x, const Array<T>& weight, const Array<T>& bias) {
  require(weight.rank() == 2 && bias.size() == weight.shape(1),
          "a linear map has a weight (in, out) and a bias (out), and "
          "was given shapes ",
          weight.shape(), " and ", bias.shape(), ".");
  const Index in = weight.shape(0);
  const Index out = weight.shape(1);
  require(x.rank() >= 1 && x.shape().back() == in, "a linear map from ", in, " to ", out,
          " channels was given an array of shape ", x.shape(), ": its last axis must be ", in, ".");
  const Index rows = in == 0 ? 0 : x.size() / in;
  Shape shape = x.shape();
  shape[shape.size() - 1] = out;
  Array<T> y(shape);
  using linalg::Block;
  for (Index r = 0; r < rows; ++r) std::copy_n(bias.data(), out, y.mutable_data() + r * out);
  linalg::multiply<T>({x.data(), rows, in}, {weight.data(), in, out}, {y.mutable_data(), rows, out}, true);
  return record(
      y,
      [x, weight, bias, rows, in, out](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          linalg::multiply_nt<T>({dy, rows, out}, {weight.data(), in, out}, {dx, rows, in}, true);
        });
        tape.accumulate(weight, [&](T* dw) {
          linalg::multiply_tn<T>({x.data(), rows, in}, {dy, rows, out}, {dw, in, out}, true);
        });
        tape.accumulate(bias, [&](T* db) {
          for (Index r = 0; r < rows; ++r) flat(db, out) += flat(dy + r * out, out);
        });
      },
      x, weight, bias);
}

namespace detail {

/// out (rows, inner) += M in (columns, inner), or with M transposed. A dense map is one matrix product.
template <class T>
void multiply_banded(const AxisMap& map, const T* weights, const T* in, T* out, Index inner,
                     bool transposed) {
  if (map.width == map.cols) {
    using linalg::Block;
    if (transposed) {
      linalg::multiply_tn<T>({weights, map.rows, map.cols}, {in, map.rows, inner}, {out, map.cols, inner},
                             true);
    } else {
      linalg::multiply<T>({weights, map.rows, map.cols}, {in, map.cols, inner}, {out, map.rows, inner}, true);
    }
    return;
  }
  for (Index r = 0; r < map.rows; ++r) {
    for (Index k = 0; k < map.width; ++k) {
      const Index c = map.start[static_cast<std::size_t>(r)] + k;
      const T weight = weights[r * map.width + k];
      if (transposed) {
        flat(out + c * inner, inner) += weight * flat(in + r * inner, inner);
      } else {
        flat(out + r * inner, inner) += weight * flat(in + c * inner, inner);
      }
    }
  }
}

}  // namespace detail

template <class T>
Array<T> apply_along(const Array<T>& x, Index axis, std::shared_ptr<const AxisMap> map) {
  const detail::AxisView view(x.shape(), axis);
  require(view.length == map->cols, "a map of ", map->cols, " points along axis ", axis,
          " was given an array of shape ", x.shape(), ".");
  Shape shape = x.shape();
  shape[axis] = map->rows;
  const auto weights =
      converted<T>(Array<double>(Shape{static_cast<Index>(map->weights.size())},
                                 std::shared_ptr<double>(map, const_cast<double*>(map->weights.data()))));
  Array<T> y = Array<T>::zeros(shape);
  for (Index o = 0; o < view.outer; ++o) {
    detail::multiply_banded(*map, weights.data(), x.data() + o * view.length * view.inner,
                            y.mutable_data() + o * map->rows * view.inner, view.inner, false);
  }
  return record(
      y,
      [x, view, map, weights](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          for (Index o = 0; o < view.outer; ++o) {
            detail::multiply_banded(*map, weights.data(), dy + o * map->rows * view.inner,
                                    dx + o * view.length * view.inner, view.inner, true);
          }
        });
      },
      x);
}

template <class T>
Array<T> apply_along(const Array<T>& x, Index axis, AxisMap map) {
  return apply_along(x, axis, std::make_shared<const AxisMap>(std::move(map)));
}

}  // namespace fredholm
