// Bases to expand in, on the interval [0, 1] that an axis of the domain is mapped to.
//
//   Fourier    e^{2 pi i k x}, k = ..., -1, 0, 1, ...    periodic functions; complex coefficients
//   Cosine     1, sqrt 2 cos(k pi x)                     slope zero at both ends (Neumann)
//   Sine       sqrt 2 sin((k + 1) pi x)                  zero at both ends (Dirichlet)
//   Legendre   sqrt(2 k + 1) P_k(2 x - 1)                no condition at the ends
//
// Each is orthonormal in L2(0, 1), so that a coefficient is an integral, c_k = int u phi_k dx, which any grid and rule
// approximate. `limit(n)` is the number of functions that n points tell apart; a layer leaves out the others.
#pragma once

#include <cmath>
#include <numbers>

#include <fredholm/core/shape.hpp>

namespace fredholm {

struct Fourier {
  static constexpr bool complex = true;
  static constexpr const char* name = "Fourier";
  /// The highest frequency is below the Nyquist frequency, n / 2: k < limit.
  static Index limit(Index points) { return (points + 1) / 2; }
};

struct Cosine {
  static constexpr bool complex = false;
  static constexpr const char* name = "Cosine";
  static Index limit(Index points) { return points; }
  static double value(Index k, double x) {
    return k == 0 ? 1.0 : std::numbers::sqrt2 * std::cos(static_cast<double>(k) * std::numbers::pi * x);
  }
};

struct Sine {
  static constexpr bool complex = false;
  static constexpr const char* name = "Sine";
  static Index limit(Index points) { return points > 2 ? points - 2 : 0; }
  static double value(Index k, double x) {
    return std::numbers::sqrt2 * std::sin(static_cast<double>(k + 1) * std::numbers::pi * x);
  }
};

struct Legendre {
  static constexpr bool complex = false;
  static constexpr const char* name = "Legendre";
  static Index limit(Index points) { return points; }
  static double value(Index k, double x) {
    const double t = 2.0 * x - 1.0;
    double previous = 1.0;
    double current = k == 0 ? 1.0 : t;
    for (Index j = 2; j <= k; ++j) {
      const auto n = static_cast<double>(j);
      const double next = ((2.0 * n - 1.0) * t * current - (n - 1.0) * previous) / n;
      previous = current;
      current = next;
    }
    return std::sqrt(2.0 * static_cast<double>(k) + 1.0) * current;
  }
};

}  // namespace fredholm
