// The Gaussian error linear unit.
//
//   y = x Phi(x),   x' += (Phi(x) + x phi(x)) y'
//
// with the distribution function Phi and the density phi of the normal distribution: the exact one (Hendrycks
// and Gimpel 2016, equation 1), not its tanh approximation. Apart from ops/elementwise.hpp because the error
// function is a header of Eigen's that costs every program a second to compile.
//
// The slope is computed beside the value where a tape runs, since both stand on Phi, and nothing else is
// kept. `GeluOf` is the function as other operations take it to apply while values are still in cache
// (ops/linear.hpp).
#pragma once

#include <algorithm>
#include <numbers>

#include <unsupported/Eigen/SpecialFunctions>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/simd_exp.hpp>

namespace fredholm {

namespace detail {

/// Phi of an array, as an expression of Eigen's.
template <class Values>
auto normal_distribution(const Values& x) {
  using T = typename Values::Scalar;
  return T{0.5} * (T{1} + (static_cast<T>(1.0 / std::numbers::sqrt2) * x).erf());
}

/// phi(0)
template <class T>
inline constexpr T normal_peak = static_cast<T>(0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2);

/// y = f(x) for `count` values, y may be x; with a slope (else nullptr) f'(x), too.
struct GeluOf {
  static constexpr bool identity = false;

  template <class T>
  static void apply(const T* x, Index count, T* y, T* slope) {
    using V = simd::Vector<T>;
    constexpr Index lanes = simd::lanes<T>, chunk = 512;  // values in first-level cache
    static_assert(chunk % lanes == 0);
    Eigen::Array<T, chunk, 1> cdf_room, room;
    for (Index first = 0; first < count; first += chunk) {
      const Index n = std::min(chunk, count - first);
      const auto in = flat(x + first, n);
      auto cdf = cdf_room.head(n);
      cdf = normal_distribution(in);
      if (slope != nullptr) {
        auto density = room.head(n);  // phi(x) / phi(0) = 2^(log2(e) (-x^2 / 2)), in whole registers
        density = T{-0.5} * std::numbers::log2e_v<T> * in.square();
        std::fill(room.data() + n, room.data() + (n + lanes - 1) / lanes * lanes, T{0});
        for (Index i = 0; i < n; i += lanes)
          simd::store(room.data() + i, simd::exp2_negative<T>(simd::load<V>(room.data() + i)));
        flat(slope + first, n) = cdf + in * normal_peak<T> * density;
      }
      flat(y + first, n) = in * cdf;
    }
  }
};

}  // namespace detail

template <class T>
Array<T> gelu(const Array<T>& x) {
  const Index n = x.size();
  Array<T> y(x.shape());
  if (!detail::any_on_active_tape(x)) {
    detail::GeluOf::apply<T>(x.data(), n, y.mutable_data(), nullptr);
    return y;
  }
  Array<T> slope(x.shape());
  detail::GeluOf::apply(x.data(), n, y.mutable_data(), slope.mutable_data());
  return record(
      y, [x, slope, n](Tape& tape, const T* dy) { tape.add(x, flat(dy, n) * flat(slope.data(), n)); }, x);
}

}  // namespace fredholm
