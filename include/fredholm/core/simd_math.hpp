// Functions of one variable in vector registers, in float and double: tanh, sin and cos, sigmoid, the normal
// distribution.
//
//   tanh x        = m / (2 + m) with m = e^(2 x) - 1, from its own polynomial, so that small x keep all
//                 digits
//   sin x, cos x  by Cody and Waite's reduction to |r| <= pi / 4 with pi / 2 in three parts (four in
//                 float), and Taylor's polynomials
//   Phi(x)        = erfc(-x / sqrt 2) / 2, by the three rational approximations of Cody (1969)
//
// Each is within a few units in the last place over the whole range (tests/unit/simd_math.cpp has the
// bounds); NaN stays NaN (not under -ffast-math). tanh is odd up to its rounding. Eigen 3.4 has no vectors
// for tanh and sin in double.
//
// Sources: Cody and Waite (1980), chapters 6 and 8; Cody (1969), Math. Comp. 23, 631-637.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include <fredholm/core/simd_exp.hpp>

namespace fredholm::simd {

namespace detail {

/// 1 / (First)!, 1 / (First + Step)!, ...
template <class T, int First, int Step, std::size_t Count>
inline constexpr std::array<T, Count> inverse_factorials = [] {
  std::array<T, Count> result{};
  for (std::size_t k = 0; k < Count; ++k) {
    long double product = 1;
    for (int i = 2; i <= First + Step * static_cast<int>(k); ++i) product *= i;
    result[k] = static_cast<T>(1 / product);
  }
  return result;
}();

template <class V>
inline V absolute(V x) {
  return x < 0 ? -x : x;
}

}  // namespace detail

/// tanh x.
template <class T>
inline Vector<T> tanh(Vector<T> x) {
  using V = Vector<T>;
  constexpr bool single = sizeof(T) == 4;
  constexpr int mantissa = std::numeric_limits<T>::digits - 1;
  constexpr int bias = std::numeric_limits<T>::max_exponent - 1;
  constexpr T largest = single ? T{10} : T{20};       // from here on tanh x is 1 in this precision
  const V above = x >= -largest ? x : V{} - largest;  // no NaN: that has no integer
  const V y = T{2} * (above <= largest ? above : V{} + largest);
  // The nearest integer, shifted to where all are positive.
  const auto exponent = __builtin_convertvector(
      y * std::numbers::log2e_v<T> + (static_cast<T>(bias) + T{0.5}), detail::Whole<T>);
  const V n = __builtin_convertvector(exponent, V) - static_cast<T>(bias);
  constexpr T high = detail::ln2_high<T>, rest = detail::ln2_low<T>;
  const V r = (y - n * high) - n * rest;
  // e^r - 1 = r + r^2 (1/2 + r/6 + ...)
  const V p = r + r * r * detail::polynomial(r, detail::inverse_factorials < T, 2, 1, single ? 6 : 12 >);
  const Vector<detail::BitsOf<T>> bits = __builtin_convertvector(exponent, Vector<detail::BitsOf<T>>)
                                         << mantissa;
  const V power = load<V>(&bits);  // 2^n
  const V m = power * p + (power - T{1});
  const V t = m / (T{2} + m);
  return x == x ? t : x;
}

/// 1 / (1 + e^-x)
template <class T>
inline Vector<T> sigmoid(Vector<T> x) {
  using V = Vector<T>;
  const V e = exp_negative<T>(x < 0 ? x : -x);
  return (x < 0 ? e : V{} + T{1}) / (T{1} + e);
}

template <class T>
struct SinCos {
  Vector<T> sin, cos;
};

/// sin x and cos x. Where a value is too large for the reduction (10^4 in float, 10^6 in double) by the
/// standard library, value by value.
template <class T>
inline SinCos<T> sin_cos(Vector<T> x) {
  using V = Vector<T>;
  using Bits = Vector<detail::BitsOf<T>>;
  constexpr bool single = sizeof(T) == 4;
  constexpr T largest = single ? T{1e4} : T{1e6};
  // pi / 2 in parts, of which n times all but the last are exact; in float a fourth, since near a multiple of
  // pi / 2 what is left is the last part's own error.
  constexpr T high = single ? static_cast<T>(0x1.92p0) : static_cast<T>(0x1.921fb544p0);
  constexpr T middle = single ? static_cast<T>(0x1.fb4p-12) : static_cast<T>(0x1.0b4611a6p-34);
  constexpr long double rest = std::numbers::pi_v<long double> / 2 - static_cast<long double>(high);
  constexpr T low = single ? static_cast<T>(0x1.444p-24) : static_cast<T>(0x1.3198a2e037073p-69);
  constexpr T last =
      single ? static_cast<T>(rest - static_cast<long double>(middle) - static_cast<long double>(low)) : T{0};
  const V size = detail::absolute(x);
  const Bits outside = size > largest;
  std::array<detail::BitsOf<T>, lanes<T>> flags;
  store(flags.data(), outside);
  detail::BitsOf<T> any = 0;
  for (const auto flag : flags) any |= flag;
  const V inside = size <= largest ? x : V{};  // no NaN, either
  const V half = inside < 0 ? V{} - T{0.5} : V{} + T{0.5};
  const auto whole =
      __builtin_convertvector(inside * static_cast<T>(2 * std::numbers::inv_pi) + half, detail::Whole<T>);
  const V n = __builtin_convertvector(whole, V);
  const Bits quarter = __builtin_convertvector(whole, Bits);
  V r = ((inside - n * high) - n * middle) - n * low;
  if constexpr (single) r -= n * last;
  const V q = -(r * r);
  const V s = r + r * q * detail::polynomial(q, detail::inverse_factorials < T, 3, 2, single ? 4 : 8 >);
  const V c = T{1} + (T{0.5} * q +
                      q * q * detail::polynomial(q, detail::inverse_factorials < T, 4, 2, single ? 4 : 7 >));
  const Bits odd = (quarter & 1) != 0;
  const V first = odd ? c : s, second = odd ? s : c;
  SinCos<T> result{(quarter & 2) != 0 ? -first : first, ((quarter + 1) & 2) != 0 ? -second : second};
  if (any != 0) {
    for (std::size_t i = 0; i < flags.size(); ++i) {
      const auto at = static_cast<int>(i);
      if (flags[i] == 0) continue;
      result.sin[at] = std::sin(x[at]);
      result.cos[at] = std::cos(x[at]);
    }
  }
  result.sin = x == x ? result.sin : x;
  result.cos = x == x ? result.cos : x;
  return result;
}

template <class T>
struct Normal {
  Vector<T> distribution, density;
};

/// Phi(x) = (1 + erf(x / sqrt 2)) / 2 and phi(x) = e^(-x^2 / 2) / sqrt(2 pi).
template <class T>
inline Normal<T> normal(Vector<T> x) {
  using V = Vector<T>;
  using Bits = Vector<detail::BitsOf<T>>;
  constexpr auto as = [](auto... c) { return std::array<T, sizeof...(c)>{static_cast<T>(c)...}; };
  constexpr auto small_top = as(3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02,
                                3.16112374387056560e00, 1.85777706184603153e-1);
  constexpr auto small_bottom =
      as(2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02, 2.36012909523441209e01, 1.0);
  constexpr auto middle_top = as(1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03,
                                 8.81952221241769090e02, 2.98635138197400131e02, 6.61191906371416295e01,
                                 8.88314979438837594e00, 5.64188496988670089e-1, 2.15311535474403846e-8);
  constexpr auto middle_bottom =
      as(1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03, 3.29079923573345963e03,
         1.62138957456669019e03, 5.37181101862009858e02, 1.17693950891312499e02, 1.57449261107098347e01, 1.0);
  constexpr auto large_top = as(6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1,
                                3.60344899949804439e-1, 3.05326634961232344e-1, 1.63153871373020978e-2);
  constexpr auto large_bottom = as(2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1,
                                   1.87295284992346725e00, 2.56852019228982242e00, 1.0);
  const V beyond = V{} + T{64};  // from here on both tails are 0, and nothing below overflows
  const V size = detail::absolute(x) > beyond ? beyond : detail::absolute(x);
  // x^2 / 2 as a sum of two, the second a correction: e^(-x^2 / 2) then has all its digits.
  Bits mask = load<Bits>(&size);
  mask &= ~((detail::BitsOf<T>{1} << (std::numeric_limits<T>::digits + 1) / 2) - 1);
  const V high = load<V>(&mask), low = size - high;
  const V square = T{0.5} * (high * high), correction = low * (high + T{0.5} * low);
  const V e = exp_negative<T>(-square) * exp_negative<T>(-correction);
  // erfc at y = |x| / sqrt 2, in units of e^(-y^2).
  const V y = size * static_cast<T>(std::numbers::sqrt2 / 2);
  const V middle = detail::polynomial(y, middle_top) / detail::polynomial(y, middle_bottom);
  const V z = T{1} / (y > T{4} ? y * y : V{} + T{16});
  const V far = (static_cast<T>(std::numbers::inv_sqrtpi) -
                 z * detail::polynomial(z, large_top) / detail::polynomial(z, large_bottom)) /
                (y > T{4} ? y : V{} + T{4});
  const V tail = T{0.5} * e * (y > T{4} ? far : middle);
  const V q = y * y;
  const V error =
      static_cast<T>(0.5) * y * detail::polynomial(q, small_top) / detail::polynomial(q, small_bottom);
  const V upper = y < static_cast<T>(0.46875) ? T{0.5} - error : tail;  // 1 - Phi(|x|)
  const V lower = y < static_cast<T>(0.46875) ? T{0.5} + error : T{1} - tail;
  return {x < 0 ? upper : lower, e * static_cast<T>(std::numbers::inv_sqrtpi / std::numbers::sqrt2)};
}

}  // namespace fredholm::simd
