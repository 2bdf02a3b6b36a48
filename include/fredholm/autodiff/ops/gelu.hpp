// The Gaussian error linear unit.
//
//   y = x Phi(x),   x' += (Phi(x) + x phi(x)) y'
//
// with the distribution function Phi and the density phi of the normal distribution: the exact one (Hendrycks and Gimpel
// 2016, equation 1), not its tanh approximation. Apart from ops/elementwise.hpp because the error function is a header of
// Eigen's that costs every program a second to compile.
#pragma once

#include <numbers>

#include <unsupported/Eigen/SpecialFunctions>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

/// Phi(x) is kept for the slope: an error function is dearer than a read from cache.
template <class T>
Array<T> gelu(const Array<T>& x) {
  const Index n = x.size();
  Array<T> cdf(x.shape());
  Array<T> y(x.shape());
  constexpr T half = T{1} / T{2};
  const T inverse_root_2 = static_cast<T>(1.0 / std::numbers::sqrt2);
  flat(cdf.mutable_data(), n) = half * (T{1} + (inverse_root_2 * flat(x.data(), n)).erf());
  flat(y.mutable_data(), n) = flat(x.data(), n) * flat(cdf.data(), n);
  return record(
      y,
      [x, cdf, n](Tape& tape, const T* dy) {
        constexpr T half = T{1} / T{2};
        const T normalization = static_cast<T>(0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2);
        const auto values = flat(x.data(), n);
        tape.add(x, flat(dy, n) *
                        (flat(cdf.data(), n) + values * normalization * (-half * values.square()).exp()));
      },
      x);
}

}  // namespace fredholm
