// e^x and 2^x in vector registers, for x <= 0: what a softmax is made of.
//
//   e^x = 2^n e^r with n = round(x / log 2), |r| <= log(2) / 2    Cody and Waite (1980), chapter 6
//   2^x = 2^n 2^r with n = round(x), |r| <= 1/2                   a seventh faster: r is exact in one step
//
// To 1 epsilon (e^x under -ffast-math to 100); 0 where the result is below the normal numbers, or nearly; NaN
// stays NaN (not under -ffast-math). In a lane with x > 0 it is unspecified, without harm to
// the others: attention computes it where there is no weight, and drops it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>

#include <fredholm/core/simd.hpp>

namespace fredholm::simd {

namespace detail {

/// Integers of the size of T.
template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
/// As many of 32 bits as a register has lanes.
template <class T>
using Whole = Vector<std::int32_t, register_bytes / sizeof(T) * 4>;

/// log(2) as a sum of two, the first with so few digits that n times it is exact.
template <class T>
inline constexpr T ln2_high = sizeof(T) == 4 ? static_cast<T>(0x1.62e4p-1) : static_cast<T>(0x1.62e42fefap-1);
template <class T>
inline constexpr T ln2_low =
    static_cast<T>(std::numbers::ln2_v<long double> - static_cast<long double>(ln2_high<T>));

/// c[0] + c[1] x + c[2] x^2 + ...
template <class V, class T, std::size_t Count>
inline V polynomial(V x, const std::array<T, Count>& c) {
  V y = V{} + c[Count - 1];
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    ((y = y * x + c[Count - 2 - K]), ...);
  }(std::make_index_sequence<Count - 1>{});
  return y;
}

/// Taylor's polynomial of e^(log_base r), for |log_base r| <= log(2) / 2. In float its last term, c r^7,
/// is spread over those before, which saves a step: c a^7 T_7(r / a) / 64, of size 2e-9, is taken off, a the
/// largest r (Lanczos 1956, chapter 7).
template <class T>
constexpr auto power_series(long double log_base) {
  constexpr bool single = sizeof(T) == 4;
  std::array<long double, single ? 8 : 14> c{1};
  for (std::size_t k = 1; k < c.size(); ++k) c[k] = c[k - 1] * log_base / static_cast<long double>(k);
  if (single) {
    const long double a = std::numbers::ln2_v<long double> / (2 * log_base), square = a * a;
    c[5] += c[7] * 7 / 4 * square;
    c[3] -= c[7] * 7 / 8 * square * square;
    c[1] += c[7] * 7 / 64 * square * square * square;
  }
  std::array<T, single ? 7 : 14> result{};
  for (std::size_t k = 0; k < result.size(); ++k) result[k] = static_cast<T>(c[k]);
  return result;
}

/// The nearest integer to x <= 0; by way of int, which no -ffast-math undoes.
template <class T>
inline Whole<T> nearest(Vector<T> x) {
  return __builtin_convertvector(x - T{0.5}, Whole<T>);
}

/// y 2^n by adding n to the exponent of y, where both are normal numbers; with n = 0 y, whatever it is.
template <class T>
inline Vector<T> times_power_of_2(Vector<T> y, Whole<T> n) {
  using Bits = Vector<std::make_unsigned_t<BitsOf<T>>>;  // of which sums may overflow, where x > 0
  const Bits bits =
      load<Bits>(&y) + (__builtin_convertvector(n, Bits) << (std::numeric_limits<T>::digits - 1));
  return load<Vector<T>>(&bits);
}

}  // namespace detail

/// 2^x for x <= 0; 0 for x < -126 (-1022 in double).
template <class T>
inline Vector<T> exp2_negative(Vector<T> x) {
  using V = Vector<T>;
  constexpr T low = static_cast<T>(std::numeric_limits<T>::min_exponent - 1);
  const auto n = detail::nearest<T>(x >= low ? x : V{});  // 0 for NaN, too
  const V r = x - __builtin_convertvector(n, V);
  constexpr auto series = detail::power_series<T>(std::numbers::ln2_v<long double>);
  return x < low ? V{} : detail::times_power_of_2<T>(detail::polynomial(r, series), n);
}

/// e^x for x <= 0; 0 for x < -87 (-708 in double).
template <class T>
inline Vector<T> exp_negative(Vector<T> x) {
  using V = Vector<T>;
  constexpr T low = sizeof(T) == 4 ? T{-87} : T{-708};
  const auto n = detail::nearest<T>((x >= low ? x : V{}) * std::numbers::log2e_v<T>);
  const V whole = __builtin_convertvector(n, V);
  constexpr T high = detail::ln2_high<T>, rest = detail::ln2_low<T>;
  const V r = (x - whole * high) - whole * rest;
  constexpr auto series = detail::power_series<T>(1.0L);
  return x < low ? V{} : detail::times_power_of_2<T>(detail::polynomial(r, series), n);
}

}  // namespace fredholm::simd
