// The points of the Chebyshev and Legendre grids as angles, and the weights that go with them.
//
//   x = left + (right - left) sin²(θ / 2)  =  (left + right) / 2 - (right - left) / 2 cos θ,    0 <= θ <= π
//
// Near an end the points are a distance 1/n² apart. There the angle is what floating point holds well: 1 - x²
// = sin²θ loses digits if x is given and none if θ is. Everything is long double; whoever makes a node or a
// weight of it rounds once.
//
// Sources: Legendre's recurrence on the differences P_k - P_{k-1}, which is accurate near the ends (C.
// Reinsch; Gil, Segura, Temme, Numerical Methods for Special Functions, 2007, 5.5); Newton's method in the
// angle (Swarztrauber, On computing the points and weights for Gauss-Legendre quadrature, SIAM J. Sci.
// Comput. 24, 2003).
#pragma once

#include <fredholm/core/shape.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace fredholm::detail {

using Wide = long double;
inline constexpr Wide wide_pi = std::numbers::pi_v<Wide>;

/// θ_i = π i / (n - 1): the extrema of the Chebyshev polynomial T_{n-1}.
inline std::vector<Wide> chebyshev_angles(Index n) {
  std::vector<Wide> angles;
  for (Index i = 0; i < n; ++i) angles.push_back(wide_pi * static_cast<Wide>(i) / static_cast<Wide>(n - 1));
  return angles;
}

struct GaussLegendrePoints {
  std::vector<Wide> angles;   ///< ascending in (0, π)
  std::vector<Wide> weights;  ///< on [-1, 1]: they add up to 2
};

struct LegendreValue {
  Wide value;  ///< P_n(cos θ)
  Wide slope;  ///< d/dθ P_n(cos θ)
};

inline LegendreValue legendre(Index n, Wide angle) {
  const Wide s = std::sin(angle / 2);
  const Wide y = 2 * s * s;  // 1 - cos θ, without cancellation
  Wide before = 0, value = 1, difference = 0;
  for (Index k = 1; k <= n; ++k) {
    const Wide degree = static_cast<Wide>(k);
    difference = ((degree - 1) * difference - (2 * degree - 1) * y * value) / degree;  // P_k - P_{k-1}
    before = value;
    value += difference;
  }
  return {value, -static_cast<Wide>(n) * (before - (1 - y) * value) / std::sin(angle)};
}

/// The n zeros of P_n(cos θ) and the weights 2 / (d/dθ P_n)². Costs O(n²): a millisecond at n = 1000.
inline GaussLegendrePoints gauss_legendre(Index n) {
  const auto size = static_cast<std::size_t>(n);
  GaussLegendrePoints points{std::vector<Wide>(size), std::vector<Wide>(size)};
  for (std::size_t i = 0; i < (size + 1) / 2; ++i) {
    const Wide phase = wide_pi * static_cast<Wide>(4 * i + 3) / static_cast<Wide>(4 * n + 2);
    Wide angle = phase + 1 / (8 * static_cast<Wide>(n) * static_cast<Wide>(n) * std::tan(phase));
    if (2 * i + 1 == size) {
      angle = wide_pi / 2;
    } else {
      for (int step = 0; step < 8; ++step) {  // three or four steps do; each doubles the digits
        const auto [value, slope] = legendre(n, angle);
        const Wide change = value / slope;
        angle -= change;
        if (std::abs(change) < 2 * std::numeric_limits<Wide>::epsilon() * angle) break;
      }
    }
    const Wide slope = legendre(n, angle).slope;
    points.angles[i] = angle;
    points.angles[size - 1 - i] = wide_pi - angle;
    points.weights[i] = points.weights[size - 1 - i] = 2 / (slope * slope);
  }
  return points;
}

/// The nodes on [left, right], ascending and symmetric to the last bit.
inline std::vector<double> nodes_at(const std::vector<Wide>& angles, double left, double right) {
  std::vector<double> x(angles.size());
  const Wide length = static_cast<Wide>(right) - static_cast<Wide>(left);
  for (std::size_t i = 0; i < (x.size() + 1) / 2; ++i) {
    const Wide s = std::sin(angles[i] / 2);
    const std::size_t mirror = x.size() - 1 - i;
    if (i == mirror) {
      x[i] = static_cast<double>((static_cast<Wide>(left) + static_cast<Wide>(right)) / 2);
    } else {
      x[i] = static_cast<double>(static_cast<Wide>(left) + length * s * s);
      x[mirror] = static_cast<double>(static_cast<Wide>(right) - length * s * s);
    }
  }
  return x;
}

}  // namespace fredholm::detail
