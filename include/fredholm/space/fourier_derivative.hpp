// The derivative of a periodic signal by FFT, for many points: O(n log n) where the matrix costs O(n²).
//
//   y = F^{-1} diag(2πik / L) F x,   |k| < n/2;   the mode k = n/2 of an even n has no slope at the points
//
// The operator is antisymmetric, D^T = -D, so the adjoint is the same transform with a minus:  x' -= D y'.
// It agrees with differentiation(PeriodicGrid) to round-off (Trefethen, Spectral Methods in MATLAB, 2000,
// chapter 3).
#pragma once

#include <algorithm>
#include <complex>
#include <numbers>

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/core/fft.hpp>

namespace fredholm::detail {

/// Beyond this number of points along the axis the transform is quicker than the matrix.
inline constexpr Index fourier_derivative_from = 256;

/// Multiplies modes (count, n/2 + 1) by 2πik / (L n).
template <class T>
void differentiate_modes(std::complex<T>* modes, Index count, Index n, double period) {
  const Index last = n / 2;
  for (Index s = 0; s < count; ++s) {
    std::complex<T>* row = modes + s * (last + 1);
    for (Index k = 0; k <= last; ++k) {
      const double factor =
          2 * k == n ? 0.0
                     : 2 * std::numbers::pi * static_cast<double>(k) / (period * static_cast<double>(n));
      const T slope = static_cast<T>(factor);
      row[k] = {-slope * row[k].imag(), slope * row[k].real()};
    }
  }
}

/// out += sign D in, for values (n, inner): columns are transposed into signals, a cache-full at a time.
template <class T>
void add_fourier_derivative(const T* in, T* out, Index n, Index inner, double period, T sign) {
  const Index chunk = std::clamp<Index>(32768 / n, 1, std::max<Index>(1, inner));
  Array<T> signals(Shape{chunk, n});
  Array<std::complex<T>> modes(Shape{chunk, n / 2 + 1});
  T* signal = signals.mutable_data();
  for (Index begin = 0; begin < inner; begin += chunk) {
    const Index count = std::min(chunk, inner - begin);
    const RealFft<T> fft(n, count);
    auto rows = matrix(signal, count, n);
    rows = matrix(in, n, inner).middleCols(begin, count).transpose();
    fft.forward(signal, modes.mutable_data());
    differentiate_modes(modes.mutable_data(), count, n, period);
    fft.backward(modes.mutable_data(), signal);
    matrix(out, n, inner).middleCols(begin, count) += sign * rows.transpose();
  }
}

template <class T>
Array<T> fourier_derivative(const Array<T>& x, Index axis, double period) {
  const AxisView view(x.shape(), axis);
  const auto add = [view, period](const T* in, T* out, T sign) {
    const Index stride = view.length * view.inner;
    for (Index o = 0; o < view.outer; ++o)
      add_fourier_derivative(in + o * stride, out + o * stride, view.length, view.inner, period, sign);
  };
  Array<T> y = Array<T>::zeros(x.shape());
  add(x.data(), y.mutable_data(), T{1});
  return record(
      y, [x, add](Tape& tape, const T* dy) { tape.accumulate(x, [&](T* dx) { add(dy, dx, T{-1}); }); }, x);
}

}  // namespace fredholm::detail
