// Random functions that vanish at the ends of an interval, and the heat equation for them, both exact.
//
//   u(x) = sum_{k=1}^{K} a_k sqrt(2 / L) sin(k pi (x - l) / L)        on [l, l + L]
//   u_t = alpha u_xx, u = 0 at both ends:   a_k(t) = a_k(0) exp(-alpha (k pi / L)^2 t)
//
// The random ones are Gaussian: a_k independent normal with standard deviation sigma / ((k pi / L)^2 +
// tau^2)^{gamma / 2}, that is, covariance sigma^2 (-Delta + tau^2)^{-gamma} with Dirichlet ends, cut off
// after K terms. A SineSeries is a function: it is sampled on any grid, and the same seed gives the same
// functions at every resolution. Coordinates and times are in the units of the problem.
#pragma once

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/space/box.hpp>

namespace fredholm {

struct SineSeries {
  Interval interval{0.0, 1.0};
  std::vector<double> coefficients;  ///< a_1 ... a_K, of functions orthonormal in L2

  double operator()(double x) const {
    // sin(k t) by the recurrence sin((k + 1) t) = 2 cos(t) sin(k t) - sin((k - 1) t), as in Clenshaw's
    // summation.
    const double t = std::numbers::pi * (x - interval.left) / interval.length();
    double next = 0.0;
    double after = 0.0;
    for (auto a = coefficients.rbegin(); a != coefficients.rend(); ++a) {
      after = std::exchange(next, *a + 2.0 * std::cos(t) * next - after);
    }
    return std::sqrt(2.0 / interval.length()) * std::sin(t) * next;
  }
};

struct SineFieldOptions {
  Interval interval{0.0, 1.0};
  Index terms = 32;
  double sigma = 25.0;
  double tau = 5.0;
  double gamma = 2.0;
};

/// `count` independent Gaussian random functions.
inline std::vector<SineSeries> random_sine_series(Index count, const SineFieldOptions& options,
                                                  Engine& engine) {
  require(count >= 0 && options.terms >= 1, "random_sine_series: ", count, " functions of ", options.terms,
          " terms; give at least one term.");
  std::vector<SineSeries> functions(static_cast<std::size_t>(count), SineSeries{options.interval, {}});
  for (SineSeries& u : functions) {
    for (Index k = 1; k <= options.terms; ++k) {
      const double wave = static_cast<double>(k) * std::numbers::pi / options.interval.length();
      u.coefficients.push_back(options.sigma *
                               std::pow(wave * wave + options.tau * options.tau, -0.5 * options.gamma) *
                               normal(engine));
    }
  }
  return functions;
}

/// The solution of the heat equation at time t: exact.
inline SineSeries heat(SineSeries u, double alpha, double t) {
  require(alpha >= 0.0 && t >= 0.0, "heat: alpha is ", alpha, " and t is ", t, "; neither is negative.");
  for (std::size_t i = 0; i < u.coefficients.size(); ++i) {
    const double wave = static_cast<double>(i + 1) * std::numbers::pi / u.interval.length();
    u.coefficients[i] *= std::exp(-alpha * wave * wave * t);
  }
  return u;
}

}  // namespace fredholm
