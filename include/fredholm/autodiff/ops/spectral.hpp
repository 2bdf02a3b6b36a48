// What a spectral layer does between analysis and synthesis.
//
//   mix(c, R, half)           c'_k = c_k R_k for each mode: c (batch, modes..., in), R (modes..., in, out)
//   combine(c, axis, half)    rows cos 0 ... K, sin 1 ... K of one axis and (re, im) of the half one to the complex
//                             coefficients of the frequencies -K ... K-1, with sin(-k x) = -sin(k x):
//                             e^{-i k x} = cos - i sin:   re = (cos, re) + (sin, im),   im = (cos, im) - (sin, re)
//   separate(c, axis, half)   the transpose of combine, which is what synthesis needs before its axis matrix
//
// Complex coefficients have their real and imaginary parts one after the other along one axis of c, `half` (2 K long; -1:
// all coefficients are real); complex weights have them as two planes, (2, modes..., in, out). Mixing goes mode by mode over
// the whole batch, so that the weights are read once. Adjoints: c' += conj-transposed products, R' += products over the
// batch; combine and separate are each other's.
#pragma once

#include <cstdlib>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/complex_rows.hpp>
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
  const Index axes = c.rank() - 2;  // of modes
  bool fits = axes >= 0 && weight.rank() == axes + 2 + (complex ? 1 : 0) && c.shape().back() == in;
  Index modes = 1;
  Index last = 1;  // modes of the half axis and those after it
  for (Index axis = 1; fits && axis <= axes; ++axis) {
    const Index count = weight.shape(axis - (complex ? 0 : 1));
    fits = c.shape(axis) == (axis == half ? 2 * count : count);
    modes *= count;
    if (!complex || axis >= half) last *= count;
  }
  require(fits, "mode mixing with weights of shape ", weight.shape(), " was given coefficients of shape ",
          c.shape(), ".");
  Shape shape = c.shape();
  shape[shape.size() - 1] = out;
  if (modes == 0 || in == 0 || out == 0)
    return Array<T>::zeros(shape);  // an empty sum, whose gradient has no entries
  const detail::ModeView view{c.shape(0), modes / last, last, parts};
  Array<T> y(shape);
  const auto rows = [view](auto* values, Index k, Index channels) {
    return simd::Planes{values + view.row(k, 0) * channels, values + view.row(k, view.parts - 1) * channels,
                        view.sample(channels)};
  };
  const auto matrix_of = [modes, in, out](auto* values, Index k) {
    return simd::Planes{values + k * in * out, values + (modes + k) * in * out, out};
  };
  const auto real_rows = [view](auto* values, Index k, Index channels) {
    return linalg::Block(values + view.row(k, 0) * channels, view.batch, channels, view.sample(channels));
  };
  T* to = y.mutable_data();
  for (Index k = 0; k < modes; ++k) {
    if (complex) {
      simd::multiply<T>(view.batch, in, out, rows(c.data(), k, in), matrix_of(weight.data(), k),
                        rows(to, k, out));
    } else {
      linalg::multiply<T>(real_rows(c.data(), k, in), {weight.data() + k * in * out, in, out},
                          real_rows(to, k, out));
    }
  }
  return record(
      y,
      [c, weight, complex, view, modes, in, out, rows, matrix_of, real_rows](Tape& tape, const T* dy) {
        tape.accumulate(c, [&](T* dx, bool accumulate) {
          for (Index k = 0; k < modes; ++k) {
            if (complex) {
              simd::multiply_adjoint<T>(view.batch, in, out, rows(dy, k, out), matrix_of(weight.data(), k),
                                        rows(dx, k, in), accumulate);
            } else {
              linalg::multiply_nt<T>(real_rows(dy, k, out), {weight.data() + k * in * out, in, out},
                                     real_rows(dx, k, in), accumulate);
            }
          }
        });
        tape.accumulate(weight, [&](T* dw) {
          for (Index k = 0; k < modes; ++k) {
            if (complex) {
              simd::add_outer<T>(view.batch, in, out, rows(c.data(), k, in), rows(dy, k, out),
                                 matrix_of(dw, k));
            } else {
              linalg::multiply_tn<T>(real_rows(c.data(), k, in), real_rows(dy, k, out),
                                     {dw + k * in * out, in, out}, true);
            }
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
