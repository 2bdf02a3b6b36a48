// Linear maps: of the channels at each point, and of the values along one axis.
//
//   linear(x, W, b)             y = x W + b          x (..., in), W (in, out), b (out)
//     x' += y' W^T,   W' += x^T y',   b' += sum over rows of y'
//   linear_then<F>(x, W, b)     y = F(x W + b), F applied to rows that are in cache still
//   apply_along(x, axis, map)   y = M x along an axis: x (..., columns, ...) gives (..., rows, ...)
//     x' += M^T y'
//   multiply_along(x, axis, U)  the same with a matrix that may be trained, U (rows, columns): the n-mode
//                               product of Kolda and Bader (2009), section 2.5
//     x' += U^T y',   U' += y' x^T, summed over all other axes
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

namespace detail {

/// Rows by which a linear map and what follows it go through first-level cache together.
inline Index rows_at_once(Index in, Index out) {
  return std::max<Index>(12, 6 * 1024 / std::max<Index>(1, in + out) / 12 * 12);
}

/// y = f(y + x W + b) row by row, with y on the right only where `onto` says so; the slope of f, too, unless
/// it is nullptr.
template <class Epilogue, class T>
void linear_rows(const T* x, const T* weight, const T* bias, T* y, T* slope, Index rows, Index in, Index out,
                 bool onto) {
  const Index step = rows_at_once(in, out);
  for (Index first = 0; first < rows; first += step) {
    const Index count = std::min(step, rows - first);
    T* part = y + first * out;
    linalg::multiply<T>({x + first * in, count, in}, {weight, in, out}, {part, count, out}, onto, bias);
    Epilogue::apply(part, count * out, part, slope == nullptr ? nullptr : slope + first * out);
  }
}

/// Where the adjoints of a linear map go; nullptr where nobody asks.
template <class T>
struct LinearAdjoints {
  T* x = nullptr;
  bool onto_x = false;
  T *weight = nullptr, *bias = nullptr;
  LeafRows<T> weight_rows, bias_rows;  // in their place, point by point
  Array<T> transposed;                 // (out, in), for x

  /// The input comes last, so that it is added to what a weight that is the same array has got.
  LinearAdjoints(Tape& tape, const Array<T>& input, const Array<T>& matrix, const Array<T>& shift) {
    if (tape.row_points() > 0) {
      const Index rows = input.size() / std::max<Index>(1, matrix.shape(0));
      weight_rows = tape.rows(matrix, rows);
      bias_rows = tape.rows(shift, rows);
    }
    if (!weight_rows) tape.accumulate(matrix, [this](T* to) { weight = to; });
    if (!bias_rows) tape.accumulate(shift, [this](T* to) { bias = to; });
    tape.accumulate(input, [&](T* to, bool accumulate) {
      x = to, onto_x = accumulate;
      transposed = linalg::transposed<T>({matrix.data(), matrix.shape(0), matrix.shape(1)});
    });
  }

  /// Rows dy, times the slope unless that is nullptr. With `dz` (rows, out) they are kept there.
  void add(const T* input, const Array<T>& matrix, const T* dy, const T* slope, Index rows, T* dz = nullptr,
           Index sample = 0) const {
    const Index in = matrix.shape(0), out = matrix.shape(1), step = rows_at_once(in, out);
    Array<T> room(Shape{slope != nullptr && dz == nullptr ? step * out : 0});
    for (Index first = 0; first < rows; first += step) {
      const Index count = std::min(step, rows - first);
      const T* part = dy + first * out;
      if (slope != nullptr) {
        T* to = dz != nullptr ? dz + first * out : room.mutable_data();
        flat(to, count * out) = flat(part, count * out) * flat(slope + first * out, count * out);
        part = to;
      }
      const T* from = input + first * in;
      if (x != nullptr) {
        linalg::multiply<T>({part, count, out}, {transposed.data(), out, in},
                            {x + (sample * rows + first) * in, count, in}, onto_x);
      }
      if (weight != nullptr)
        linalg::multiply_tn<T>({from, count, in}, {part, count, out}, {weight, in, out}, true);
      if (bias != nullptr) simd::add_column_sums(part, count, out, bias);
      for (Index r = 0; r < count && (weight_rows || bias_rows); ++r) {
        const Index point = sample * rows + first + r;
        if (weight_rows)
          simd::panel(in, out, Index{1}, from + r * in, Index{1}, in, part + r * out, out, weight_rows(point),
                      out, true);
        if (bias_rows) flat(bias_rows(point), out) += flat(part + r * out, out);
      }
    }
  }
};

template <class T>
void require_linear(const Array<T>& x, const Array<T>& weight, const Array<T>& bias) {
  require(weight.rank() == 2 && bias.size() == weight.shape(1),
          "a linear map has a weight (in, out) and a bias (out), and "
          "was given shapes ",
          weight.shape(), " and ", bias.shape(), ".");
  require(x.rank() >= 1 && x.shape().back() == weight.shape(0), "a linear map from ", weight.shape(0), " to ",
          weight.shape(1), " channels was given an array of shape ", x.shape(), ": its last axis must be ",
          weight.shape(0), ".");
}

/// f(x W + b), with an epilogue f (ops/gelu.hpp) that is applied while the values are in cache.
template <class Epilogue, class T>
Array<T> linear_then(const Array<T>& x, const Array<T>& weight, const Array<T>& bias) {
  require_linear(x, weight, bias);
  const Index in = weight.shape(0), out = weight.shape(1), rows = in == 0 ? 0 : x.size() / in;
  Shape shape = x.shape();
  shape[shape.size() - 1] = out;
  Array<T> y(shape), slope;
  const bool sloped = !Epilogue::identity && any_on_active_tape(x, weight, bias);
  if (sloped) slope = Array<T>(shape);
  linear_rows<Epilogue, T>(x.data(), weight.data(), bias.data(), y.mutable_data(),
                           sloped ? slope.mutable_data() : nullptr, rows, in, out, false);
  return record(
      y,
      [x, weight, bias, slope, rows](Tape& tape, const T* dy) {
        const LinearAdjoints<T> to(tape, x, weight, bias);
        to.add(x.data(), weight, dy, slope.size() > 0 ? slope.data() : nullptr, rows);
      },
      x, weight, bias);
}

/// f(x) = x, as an epilogue.
struct Unchanged {
  static constexpr bool identity = true;
  template <class T>
  static void apply(const T*, Index, T*, T*) {}
};

}  // namespace detail

template <class T>
Array<T> linear(const Array<T>& x, const Array<T>& weight, const Array<T>& bias) {
  return detail::linear_then<detail::Unchanged>(x, weight, bias);
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

/// y[..., m, ...] = sum_n U[m, n] x[..., n, ...]
template <class T>
Array<T> multiply_along(const Array<T>& x, Index axis, const Array<T>& matrix) {
  const detail::AxisView view(x.shape(), axis);
  require(matrix.rank() == 2 && matrix.shape(1) == view.length, "a matrix of shape ", matrix.shape(),
          " does not act along axis ", axis, " of an array of shape ", x.shape(), ": it needs ", view.length,
          " columns.");
  const Index rows = matrix.shape(0), columns = view.length;
  Shape shape = x.shape();
  shape[axis] = rows;
  Array<T> y(shape);
  using linalg::Block;
  // Along the last axis it is one product from the right; along others one from the left for each outer
  // index.
  const bool last = view.inner == 1;
  const Index count = last ? 1 : view.outer, inner = last ? view.outer : view.inner;
  const auto step = [=](Index o, Index length) { return o * length * inner; };
  const Block<const T> u(matrix.data(), rows, columns);
  T* out = y.mutable_data();
  if (last) linalg::multiply_nt<T>({x.data(), inner, columns}, u, {out, inner, rows});
  for (Index o = 0; o < count && !last; ++o) {
    linalg::multiply<T>(u, {x.data() + step(o, columns), columns, inner}, {out + step(o, rows), rows, inner});
  }
  return record(
      y,
      [x, matrix, u, rows, columns, last, count, inner, step](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          if (last) linalg::multiply<T>({dy, inner, rows}, u, {dx, inner, columns}, true);
          for (Index o = 0; o < count && !last; ++o) {
            linalg::multiply_tn<T>(u, {dy + step(o, rows), rows, inner},
                                   {dx + step(o, columns), columns, inner}, true);
          }
        });
        tape.accumulate(matrix, [&](T* du) {
          const Block<T> to(du, rows, columns);
          if (last) linalg::multiply_tn<T>({dy, inner, rows}, {x.data(), inner, columns}, to, true);
          for (Index o = 0; o < count && !last; ++o) {
            linalg::multiply_nt<T>({dy + step(o, rows), rows, inner},
                                   {x.data() + step(o, columns), columns, inner}, to, true);
          }
        });
      },
      x, matrix);
}

}  // namespace fredholm
