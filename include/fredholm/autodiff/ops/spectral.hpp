// What a spectral layer does between analysis and synthesis.
//
//   mix(c, R, half)     c'_k = c_k R_k for each mode: c (batch, modes..., in), R (modes..., in, out)
//   PairView::combine   rows cos 0 ... K, sin 1 ... K of one axis and (re, im) of the half one to the complex
//                       coefficients of the frequencies -K ... K-1, with sin(-k x) = -sin(k x):
//                       e^{-i k x} = cos - i sin:   re = (cos, re) + (sin, im),   im = (cos, im) - (sin, re)
//   PairView::separate  the transpose of combine, which is what synthesis needs before its axis matrix
//
// Complex coefficients have their real and imaginary parts one after the other along one axis of c, `half` (2
// K long; -1: all coefficients are real); complex weights have them as two planes, (2, modes..., in, out).
// Mixing goes mode by mode over the whole batch, so that the weights are read once. Adjoints: c' +=
// conj-transposed products, R' += products over the batch; combine and separate are each other's, and part of
// transform/mode_sums.hpp.
#pragma once

#include <algorithm>
#include <cstdlib>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/complex_rows.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

namespace detail {

/// Coefficients (batch, outer modes, parts, half and later modes, channels): where mode k has its real or
/// imaginary row.
struct ModeView {
  Index batch, outer, last, parts;  // (batch, outer, parts, last, channels)
  Index modes() const { return outer * last; }
  Index row(Index mode, Index part) const { return (mode / last * parts + part) * last + mode % last; }
  Index sample(Index channels) const { return outer * parts * last * channels; }
};

/// c'_k = c_k R_k over the whole batch, and its adjoints, on plain memory: c (batch, modes..., in), y (batch,
/// modes..., out), R (modes..., in, out) as the shapes say.
template <class T>
class Mixing {
 public:
  Mixing(const Shape& c, const Shape& weight, Index half) : complex_(half >= 0) {
    in_ = weight[weight.size() - 2], out_ = weight[weight.size() - 1];
    const Index axes = c.size() - 2;  // of modes
    bool fits = axes >= 0 && weight.size() == axes + 2 + (complex_ ? 1 : 0) && c.back() == in_;
    Index last = 1;  // modes of the half axis and those after it
    for (Index axis = 1; fits && axis <= axes; ++axis) {
      const Index count = weight[axis - (complex_ ? 0 : 1)];
      fits = c[axis] == (axis == half ? 2 * count : count);
      modes_ *= count;
      if (!complex_ || axis >= half) last *= count;
    }
    require(fits, "mode mixing with weights of shape ", weight, " was given coefficients of shape ", c, ".");
    if (!is_empty()) view_ = ModeView{c.front(), modes_ / last, last, complex_ ? 2 : 1};
  }

  Index modes() const { return modes_; }

  /// An empty sum, whose gradient has no entries.
  bool is_empty() const { return modes_ == 0 || in_ == 0 || out_ == 0; }

  void forward(const T* c, const T* weight, T* y) const {
    for (Index k = 0; k < modes_; ++k) {
      if (complex_) {
        simd::multiply<T>(view_.batch, in_, out_, rows(c, k, in_), matrix(weight, k), rows(y, k, out_));
      } else {
        linalg::multiply<T>(real_rows(c, k, in_), real_matrix(weight, k), real_rows(y, k, out_));
      }
    }
  }
  void to_coefficients(const T* dy, const T* weight, T* dc, bool accumulate) const {
    for (Index k = 0; k < modes_; ++k) {
      if (complex_) {
        simd::multiply_adjoint<T>(view_.batch, in_, out_, rows(dy, k, out_), matrix(weight, k),
                                  rows(dc, k, in_), accumulate);
      } else {
        linalg::multiply_nt<T>(real_rows(dy, k, out_), real_matrix(weight, k), real_rows(dc, k, in_),
                               accumulate);
      }
    }
  }
  /// The gradient by R, of modes begin ... end - 1.
  void to_weight(const T* c, const T* dy, T* dw, Index begin, Index end, bool accumulate) const {
    for (Index k = begin; k < end; ++k) {
      if (complex_) {
        const auto to = matrix(dw, k);
        if (!accumulate) std::fill_n(to.re, in_ * out_, T{0}), std::fill_n(to.im, in_ * out_, T{0});
        simd::add_outer<T>(view_.batch, in_, out_, rows(c, k, in_), rows(dy, k, out_), to);
      } else {
        linalg::multiply_tn<T>(real_rows(c, k, in_), real_rows(dy, k, out_), real_matrix(dw, k), accumulate);
      }
    }
  }

 private:
  template <class V>
  simd::Planes<V> rows(V* values, Index k, Index channels) const {
    return {values + view_.row(k, 0) * channels, values + view_.row(k, view_.parts - 1) * channels,
            view_.sample(channels)};
  }
  template <class V>
  simd::Planes<V> matrix(V* values, Index k) const {
    return {values + k * in_ * out_, values + (modes_ + k) * in_ * out_, out_};
  }
  template <class V>
  linalg::Block<V> real_rows(V* values, Index k, Index channels) const {
    return {values + view_.row(k, 0) * channels, view_.batch, channels, view_.sample(channels)};
  }
  template <class V>
  linalg::Block<V> real_matrix(V* values, Index k) const {
    return {values + k * in_ * out_, in_, out_};
  }

  bool complex_;
  Index in_ = 0, out_ = 0, modes_ = 1;
  ModeView view_{0, 0, 1, 1};
};

}  // namespace detail

template <class T>
Array<T> mix(const Array<T>& c, const Array<T>& weight, Index half) {
  const detail::Mixing<T> mixing(c.shape(), weight.shape(), half);
  Shape shape = c.shape();
  shape[shape.size() - 1] = weight.shape().back();
  if (mixing.is_empty()) return Array<T>::zeros(shape);
  Array<T> y(shape);
  mixing.forward(c.data(), weight.data(), y.mutable_data());
  return record(
      y,
      [c, weight, mixing](Tape& tape, const T* dy) {
        tape.accumulate(
            c, [&](T* dc, bool accumulate) { mixing.to_coefficients(dy, weight.data(), dc, accumulate); });
        tape.accumulate(weight, [&](T* dw, bool accumulate) {
          mixing.to_weight(c.data(), dy, dw, 0, mixing.modes(), accumulate);
        });
      },
      c, weight);
}

namespace detail {

/// Rows (outer, K + 1 cosines and K sines, middle, (re, im), inner) and frequencies (outer, 2 K, middle, (re,
/// im), inner), where inner is the half axis and all after it.
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

  /// Frequencies of rows; c_k and s_k are of the first part, c'_k and s'_k of the second, and s_-k = -s_k:
  ///   real_k (+)= c_k + s'_k,   imaginary_k (+)= c'_k - s_k
  template <class T>
  void combine(const T* from, T* to, bool accumulate) const {
    for (Index o = 0; o < outer; ++o) {
      for (Index k = -modes; k < modes; ++k) {
        const T sign = k < 0 ? T{-1} : T{1};
        for (Index m = 0; m < middle; ++m) {
          for (const Index part : {0, 1}) {
            const T* other = k == 0 ? nullptr : from + sine(o, k, m, 1 - part);
            add(to + single(o, k, m, part), T{1}, from + cosine(o, k, m, part), part == 0 ? sign : -sign,
                other, accumulate);
          }
        }
      }
    }
  }
  /// Its transpose: rows of frequencies.
  template <class T>
  void separate(const T* from, T* to) const {
    if (modes == 0) std::fill_n(to, outer * middle * 2 * inner, T{0});
    for (Index o = 0; o < outer; ++o) {
      for (Index k = 0; k <= modes && modes > 0; ++k) {
        // Of k and -k there is only the second if k is K.
        const Index first = k < modes ? k : -k;
        const T sign = k < modes ? T{1} : T{-1};
        for (Index m = 0; m < middle; ++m) {
          for (const Index part : {0, 1}) {
            const T* one = from + single(o, first, m, part);
            const T* other = k == 0 || k == modes ? nullptr : from + single(o, -k, m, part);
            add(to + cosine(o, k, m, part), T{1}, one, T{1}, other, false);
            const T turned = part == 0 ? sign : -sign;
            if (k > 0) add(to + sine(o, k, m, 1 - part), turned, one, -turned, other, false);
          }
        }
      }
    }
  }

 private:
  /// A row: to (+)= a x + b y, without y if that is nullptr.
  template <class T>
  void add(T* to, T a, const T* x, T b, const T* y, bool accumulate) const {
    auto row = flat(to, inner);
    if (y == nullptr) {
      if (accumulate) {
        row += a * flat(x, inner);
      } else {
        row = a * flat(x, inner);
      }
    } else if (accumulate) {
      row += a * flat(x, inner) + b * flat(y, inner);
    } else {
      row = a * flat(x, inner) + b * flat(y, inner);
    }
  }
};

}  // namespace detail

}  // namespace fredholm
