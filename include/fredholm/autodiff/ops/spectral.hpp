// What a spectral layer does between analysis and synthesis.
//
//   mix(c, R, half)           c'_k = c_k R_k for each mode: c (batch, modes..., in), R (modes..., in, out)
//   combine(c, axis, half)    rows cos 0 ... K, sin 1 ... K of one axis and (re, im) of the half one to the complex
//                             coefficients of the frequencies -K ... K-1, with sin(-k x) = -sin(k x):
//                             e^{-i k x} = cos - i sin:   re = (cos, re) + (sin, im),   im = (cos, im) - (sin, re)
//   separate(c, axis, half)   the transpose of combine, which is what synthesis needs before its axis matrix
//
// Complex coefficients have their real and imaginary parts one after the other along one axis of c, `half` (2 K long; -1:
// all coefficients are real); complex weights have them as two planes, (2, modes..., in, out). Mixing goes mode by mode over the whole batch, so that the
// weights are read once. Adjoints: c' += conj-transposed products, R' += products over the batch; combine and separate
// are each other's.
#pragma once

#include <cstdlib>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

namespace detail {

/// Coefficients (batch, outer modes, parts, half and later modes, channels): where mode k has its real or imaginary row.
struct ModeView {
  Index batch, outer, last, parts;  // (batch, outer, parts, last, channels)
  Index modes() const { return outer * last; }
  Index row(Index mode, Index part) const { return (mode / last * parts + part) * last + mode % last; }
  Index sample(Index channels) const { return outer * parts * last * channels; }
};

}  // namespace detail

template <class T>
Array<T> mix(const Array<T>& c, const Array<T>& weight, Index half) {
  const bool complex = half >= 0;
  const Index in = weight.shape(weight.rank() - 2);
  const Index out = weight.shape(weight.rank() - 1);
  const Index parts = complex ? 2 : 1;
  const Index modes = weight.size() / std::max<Index>(1, in * out * parts);
  Index last = 1;  // modes of the half axis and those after it
  for (Index axis = complex ? half : 1; axis + 1 < c.rank(); ++axis) last *= c.shape(axis);
  last /= parts;
  require(c.shape().back() == in && c.size() == c.shape(0) * modes * parts * in,
          "mode mixing with weights of shape ", weight.shape(), " was given coefficients of shape ",
          c.shape(), ".");
  const detail::ModeView view{c.shape(0), modes / last, last, parts};
  Shape shape = c.shape();
  shape[shape.size() - 1] = out;
  Array<T> y(shape);
  using linalg::Block;
  const Index x_step = view.sample(in);
  const Index y_step = view.sample(out);
  const Index plane = modes * in * out;
  const auto product = [=](Index k) { return k * in * out; };
  for (Index k = 0; k < modes; ++k) {
    const auto x_of = [&](Index part) {
      return Block<const T>(c.data() + view.row(k, part) * in, view.batch, in, x_step);
    };
    const auto y_of = [&](Index part) {
      return Block<T>(y.mutable_data() + view.row(k, part) * out, view.batch, out, y_step);
    };
    const Block<const T> real(weight.data() + product(k), in, out);
    if (!complex) {
      linalg::multiply<T>(x_of(0), real, y_of(0));
      continue;
    }
    const Block<const T> imaginary(weight.data() + plane + product(k), in, out);
    linalg::multiply<T>(x_of(1), imaginary, y_of(0));  // re = xr Rr - xi Ri
    for (Index b = 0; b < view.batch; ++b) flat(y_of(0).values + b * y_step, out) *= T{-1};
    linalg::multiply<T>(x_of(0), real, y_of(0), true);
    linalg::multiply<T>(x_of(1), real, y_of(1));  // im = xi Rr + xr Ri
    linalg::multiply<T>(x_of(0), imaginary, y_of(1), true);
  }
  return record(
      y,
      [c, weight, complex, view, modes, in, out, x_step, y_step, plane](Tape& tape, const T* dy) {
        // conj(dy) = (re, -im); with g = (gr, gi): xr' = gr Rr^T + gi Ri^T, xi' = gi Rr^T - gr Ri^T,
        // Rr' = xr^T gr + xi^T gi, Ri' = xr^T gi - xi^T gr
        Array<T> negative(Shape{view.batch, out});
        const auto g_of = [&](Index k, Index part) {
          return Block<const T>(dy + view.row(k, part) * out, view.batch, out, y_step);
        };
        const auto negated = [&](Index k) {
          for (Index b = 0; b < view.batch; ++b)
            flat(negative.mutable_data() + b * out, out) = -flat(g_of(k, 0).values + b * y_step, out);
          return Block<const T>(negative.data(), view.batch, out);
        };
        tape.accumulate(c, [&](T* dx) {
          for (Index k = 0; k < modes; ++k) {
            const auto x_of = [&](Index part) {
              return Block<T>(dx + view.row(k, part) * in, view.batch, in, x_step);
            };
            const Block<const T> real(weight.data() + k * in * out, in, out);
            linalg::multiply_nt<T>(g_of(k, 0), real, x_of(0), true);
            if (!complex) continue;
            const Block<const T> imaginary(weight.data() + plane + k * in * out, in, out);
            linalg::multiply_nt<T>(g_of(k, 1), imaginary, x_of(0), true);
            linalg::multiply_nt<T>(g_of(k, 1), real, x_of(1), true);
            linalg::multiply_nt<T>(negated(k), imaginary, x_of(1), true);
          }
        });
        tape.accumulate(weight, [&](T* dw) {
          for (Index k = 0; k < modes; ++k) {
            const auto x_of = [&](Index part) {
              return Block<const T>(c.data() + view.row(k, part) * in, view.batch, in, x_step);
            };
            const Block<T> real(dw + k * in * out, in, out);
            linalg::multiply_tn<T>(x_of(0), g_of(k, 0), real, true);
            if (!complex) continue;
            const Block<T> imaginary(dw + plane + k * in * out, in, out);
            linalg::multiply_tn<T>(x_of(1), g_of(k, 1), real, true);
            linalg::multiply_tn<T>(x_of(0), g_of(k, 1), imaginary, true);
            linalg::multiply_tn<T>(x_of(1), negated(k), imaginary, true);
          }
        });
      },
      c, weight);
}

namespace detail {

/// Rows (outer, K + 1 cosines and K sines, middle, (re, im), inner) and frequencies (outer, 2 K, middle, (re, im), inner),
/// where inner is the half axis and all after it.
struct PairView {
  Index outer = 1, modes, middle = 1, inner = 1;
  PairView(const Shape& paired, Index axis, Index half) : modes((paired[axis] - 1) / 2) {
    require(axis < half && half < paired.size(), "axis ", axis, " is not before the axis ", half,
            " that holds real and imaginary parts.");
    for (Index i = 0; i < axis; ++i) outer *= paired[i];
    for (Index i = axis + 1; i < half; ++i) middle *= paired[i];
    for (Index i = half; i < paired.size(); ++i) inner *= paired[i];
    inner /= 2;
  }
  Index cosine(Index o, Index k, Index m, Index imaginary) const {
    return ((o * (2 * modes + 1) + std::abs(k)) * middle + m) * 2 * inner + imaginary * inner;
  }
  Index sine(Index o, Index k, Index m, Index imaginary) const {
    return ((o * (2 * modes + 1) + modes + std::abs(k)) * middle + m) * 2 * inner + imaginary * inner;
  }
  Index single(Index o, Index k, Index m, Index imaginary) const {
    return ((o * 2 * modes + modes + k) * middle + m) * 2 * inner + imaginary * inner;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (Index o = 0; o < outer; ++o) {
      for (Index k = -modes; k < modes; ++k) {
        for (Index m = 0; m < middle; ++m) visit(o, k, m);
      }
    }
  }

  template <class T>
  void combine(const T* from, T* to) const {
    for_each([&](Index o, Index k, Index m) {
      auto real = flat(to + single(o, k, m, 0), inner), imaginary = flat(to + single(o, k, m, 1), inner);
      real += flat(from + cosine(o, k, m, 0), inner);
      imaginary += flat(from + cosine(o, k, m, 1), inner);
      if (k == 0) return;
      const T sign = k < 0 ? T{-1} : T{1};
      real += sign * flat(from + sine(o, k, m, 1), inner);
      imaginary -= sign * flat(from + sine(o, k, m, 0), inner);
    });
  }
  template <class T>
  void separate(const T* from, T* to) const {
    for_each([&](Index o, Index k, Index m) {
      const auto real = flat(from + single(o, k, m, 0), inner);
      const auto imaginary = flat(from + single(o, k, m, 1), inner);
      flat(to + cosine(o, k, m, 0), inner) += real;
      flat(to + cosine(o, k, m, 1), inner) += imaginary;
      if (k == 0) return;
      const T sign = k < 0 ? T{-1} : T{1};
      flat(to + sine(o, k, m, 1), inner) += sign * real;
      flat(to + sine(o, k, m, 0), inner) -= sign * imaginary;
    });
  }
};

}  // namespace detail

template <class T>
Array<T> combine(const Array<T>& c, Index axis, Index half) {
  const detail::PairView view(c.shape(), axis, half);
  Shape shape = c.shape();
  require(shape[axis] % 2 == 1, "combine: axis ", axis, " of an array of shape ", shape,
          " holds K + 1 cosines and K sines, an odd number of rows.");
  shape[axis] -= 1;
  Array<T> y = Array<T>::zeros(shape);
  view.combine(c.data(), y.mutable_data());
  return record(
      y, [c, view](Tape& tape, const T* dy) { tape.accumulate(c, [&](T* dc) { view.separate(dy, dc); }); },
      c);
}

template <class T>
Array<T> separate(const Array<T>& c, Index axis, Index half) {
  Shape shape = c.shape();
  require(shape[axis] % 2 == 0, "separate: axis ", axis, " of an array of shape ", shape,
          " holds the frequencies -K ... K-1, an even number of them.");
  shape[axis] += 1;
  const detail::PairView view(shape, axis, half);
  Array<T> y = Array<T>::zeros(shape);
  view.separate(c.data(), y.mutable_data());
  return record(
      y, [c, view](Tape& tape, const T* dy) { tape.accumulate(c, [&](T* dc) { view.combine(dy, dc); }); }, c);
}

}  // namespace fredholm
