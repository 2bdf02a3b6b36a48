// tanh, sin, cos, sigmoid and the normal distribution in vector registers, against long double.
#include <fredholm/core/simd_math.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace simd = fredholm::simd;

namespace {

/// Values of all sizes, of both signs, from `smallest` to `largest`.
template <class T>
std::vector<T> values_up_to(double smallest, double largest) {
  std::mt19937_64 engine(11);
  std::uniform_real_distribution<double> exponent(std::log(smallest), std::log(largest)),
      even(-largest, largest);
  std::vector<T> result{T{0}, T{-0.0}, static_cast<T>(largest), static_cast<T>(-largest)};
  for (int i = 0; i < 20000; ++i) {
    const double size = std::exp(exponent(engine));
    result.push_back(static_cast<T>(i % 2 == 0 ? size : -size));
    result.push_back(static_cast<T>(even(engine)));
  }
  while (result.size() % 16 != 0) result.push_back(T{1});
  return result;
}

/// The largest error in units in the last place of the exact value.
template <class T, class F, class Exact>
double ulps(const std::vector<T>& x, const F& f, const Exact& exact) {
  using V = simd::Vector<T>;
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); i += static_cast<std::size_t>(simd::lanes<T>)) {
    const V y = f(simd::load<V>(&x[i]));
    for (int k = 0; k < static_cast<int>(simd::lanes<T>); ++k) {
      const auto wanted = exact(static_cast<long double>(x[i + static_cast<std::size_t>(k)]));
      const T rounded = std::abs(static_cast<T>(wanted));
      const auto unit = static_cast<long double>(
          std::max(std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded,
                   std::numeric_limits<T>::min()));
      worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(y[k]) - wanted) / unit));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE_TEMPLATE("within a few units in the last place", T, float, double) {
  using V = simd::Vector<T>;
  const auto tanh_error = ulps<T>(
      values_up_to<T>(1e-6, 25), [](V x) { return simd::tanh<T>(x); },
      [](long double x) { return std::tanh(x); });
  CHECK(tanh_error < 3);
  const auto waves = values_up_to<T>(1e-6, 3e3);
  const auto sin_error =
      ulps<T>(waves, [](V x) { return simd::sin_cos<T>(x).sin; }, [](long double x) { return std::sin(x); });
  const auto cos_error =
      ulps<T>(waves, [](V x) { return simd::sin_cos<T>(x).cos; }, [](long double x) { return std::cos(x); });
  CHECK(sin_error < 3);
  CHECK(cos_error < 3);
  const auto far = values_up_to<T>(1e3, 1e9);
  CHECK(ulps<T>(
            far, [](V x) { return simd::sin_cos<T>(x).sin; }, [](long double x) { return std::sin(x); }) < 4);
  const auto sigmoid_error = ulps<T>(
      values_up_to<T>(1e-6, 80), [](V x) { return simd::sigmoid<T>(x); },
      [](long double x) { return 1 / (1 + std::exp(-x)); });
  CHECK(sigmoid_error < 4);
  const auto normals = values_up_to<T>(1e-6, 12);
  const auto distribution_error = ulps<T>(
      normals, [](V x) { return simd::normal<T>(x).distribution; },
      [](long double x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; });
  const auto density_error = ulps<T>(
      normals, [](V x) { return simd::normal<T>(x).density; },
      [](long double x) {
        return std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846264338327950288L);
      });
  CHECK(distribution_error < 10);
  CHECK(density_error < 6);
  MESSAGE("ulps: tanh ", tanh_error, ", sin ", sin_error, ", cos ", cos_error, ", sigmoid ", sigmoid_error,
          ", Phi ", distribution_error, ", phi ", density_error);
}

TEST_CASE_TEMPLATE("sin and cos beside the multiples of pi / 2", T, float, double) {
  using V = simd::Vector<T>;
  std::vector<T> x{static_cast<T>(6715.1543)};
  for (int n = 1; n < 6366; ++n) {  // up to 10^4
    const T near = static_cast<T>(n * 0.5L * 3.14159265358979323846264338327950288L);
    x.push_back(n % 2 == 0 ? near : -near);
    x.push_back(std::nextafter(near, T{0}));
    x.push_back(std::nextafter(near, 2 * near));
  }
  while (x.size() % 16 != 0) x.push_back(T{1});
  const auto sin_error =
      ulps<T>(x, [](V v) { return simd::sin_cos<T>(v).sin; }, [](long double v) { return std::sin(v); });
  const auto cos_error =
      ulps<T>(x, [](V v) { return simd::sin_cos<T>(v).cos; }, [](long double v) { return std::cos(v); });
  CHECK(sin_error < 3);
  CHECK(cos_error < 3);
  MESSAGE("ulps: sin ", sin_error, ", cos ", cos_error);
}

TEST_CASE_TEMPLATE("NaN stays NaN, infinities have their limits", T, float, double) {
  using V = simd::Vector<T>;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  CHECK(std::isnan(simd::tanh<T>(V{} + nan)[0]));
  CHECK(std::isnan(simd::sin_cos<T>(V{} + nan).sin[0]));
  CHECK(std::isnan(simd::sigmoid<T>(V{} + nan)[0]));
  CHECK(std::isnan(simd::normal<T>(V{} + nan).distribution[0]));
  CHECK(simd::tanh<T>(V{} + infinity)[0] == T{1});
  CHECK(simd::tanh<T>(V{} - infinity)[0] == T{-1});
  CHECK(simd::sigmoid<T>(V{} - infinity)[0] == T{0});
  CHECK(simd::sigmoid<T>(V{} + infinity)[0] == T{1});
  CHECK(std::isnan(simd::sin_cos<T>(V{} + infinity).cos[0]));
  for (const T size : {infinity, T{1e20F}}) {
    CHECK(simd::normal<T>(V{} + size).distribution[0] == T{1});
    CHECK(simd::normal<T>(V{} - size).distribution[0] == T{0});
    CHECK(simd::normal<T>(V{} + size).density[0] == T{0});
    CHECK(simd::normal<T>(V{} - size).density[0] == T{0});
  }
}
