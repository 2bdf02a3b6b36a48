// Two axes of an array change places, as in NumPy: y[..., j, ..., i, ...] = x[..., i, ..., j, ...]
//
//   x' += swap_axes(y')
//
// For an operation that runs along one axis, and takes it where another is (axial attention). It copies,
// unless axes of one entry leave the values in their order.
#pragma once

#include <algorithm>
#include <utility>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

namespace detail {

/// An array seen as (outer, first, middle, second, inner).
struct TwoAxes {
  Index outer = 1, first = 1, middle = 1, second = 1, inner = 1;

  TwoAxes(const Shape& shape, Index a, Index b) {
    for (Index i = 0; i < shape.size(); ++i)
      (i < a ? outer : i == a ? first : i < b ? middle : i == b ? second : inner) *= shape[i];
  }

  /// visit(row of x, row of y): both rows are `inner` values.
  template <class Visit>
  void for_each_row(const Visit& visit) const {
    Index from = 0;
    for (Index o = 0; o < outer; ++o) {
      for (Index i = 0; i < first; ++i) {
        for (Index m = 0; m < middle; ++m) {
          for (Index j = 0; j < second; ++j, ++from)
            visit(from * inner, (((o * second + j) * middle + m) * first + i) * inner);
        }
      }
    }
  }
};

}  // namespace detail

template <class T>
Array<T> swap_axes(const Array<T>& x, Index a, Index b) {
  require(a >= 0 && b >= 0 && a < x.rank() && b < x.rank(), "swap_axes: an array of shape ", x.shape(),
          " has no axes ", a, " and ", b, "; they are counted from 0.");
  if (a == b) return x;
  const detail::TwoAxes view(x.shape(), std::min(a, b), std::max(a, b));
  Shape shape = x.shape();
  std::swap(shape[a], shape[b]);
  if ((view.first == 1) + (view.middle == 1) + (view.second == 1) >= 2) return x.reshaped(shape);
  Array<T> y(shape);
  T* out = y.mutable_data();
  view.for_each_row([&](Index from, Index to) { std::copy_n(x.data() + from, view.inner, out + to); });
  return record(
      y,
      [place = detail::place_of(x), view](Tape& tape, const T* dy) {
        tape.accumulate(place, [&](T* dx) {
          view.for_each_row(
              [&](Index from, Index to) { flat(dx + from, view.inner) += flat(dy + to, view.inner); });
        });
      },
      x);
}

}  // namespace fredholm
