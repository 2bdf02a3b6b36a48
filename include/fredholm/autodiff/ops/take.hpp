// The entries of an axis in another order, as in NumPy: y[..., i, ...] = x[..., indices[i], ...]
//
//   x'[..., indices[i], ...] += y'[..., i, ...]
//
// An index may stand in the list more than once, or not at all.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/reduce.hpp>

namespace fredholm {

template <class T>
Array<T> take(const Array<T>& x, std::vector<Index> indices, Index axis) {
  require(axis >= 0 && axis < x.rank(), "take: an array of shape ", x.shape(), " has no axis ", axis,
          "; they are counted from 0.");
  const detail::AxisView view(x.shape(), axis);
  for (const Index i : indices) {
    require(i >= 0 && i < view.length, "take: axis ", axis, " of an array of shape ", x.shape(),
            " has no entry ", i, "; they are counted from 0.");
  }
  Shape shape = x.shape();
  shape[axis] = std::ssize(indices);
  // visit(row of x, row of y): both rows are `inner` values.
  auto for_each_row = [view, indices = std::move(indices)](const auto& visit) {
    Index to = 0;
    for (Index o = 0; o < view.outer; ++o) {
      for (const Index i : indices) visit((o * view.length + i) * view.inner, to++ * view.inner);
    }
  };
  Array<T> y(shape);
  T* out = y.mutable_data();
  for_each_row([&](Index from, Index to) { std::copy_n(x.data() + from, view.inner, out + to); });
  return record(
      y,
      [place = detail::place_of(x), inner = view.inner, for_each_row = std::move(for_each_row)](Tape& tape,
                                                                                                const T* dy) {
        tape.accumulate(place, [&](T* dx) {
          for_each_row([&](Index from, Index to) {
            for (Index k = 0; k < inner; ++k) dx[from + k] += dy[to + k];
          });
        });
      },
      x);
}

}  // namespace fredholm
