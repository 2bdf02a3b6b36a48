// Exponential time differencing of order 4, for a stiff linear part that is diagonal.
//
//   v' = c v + N(v)      mode by mode, c real, N anything but stiff
//
//   a = e^{ch/2} v + Q N(v),   b = e^{ch/2} v + Q N(a),   d = e^{ch/2} a + Q (2 N(b) - N(v)),
//   v(t + h) = e^{ch} v + f1 N(v) + 2 f2 (N(a) + N(b)) + f3 N(d)
//
// Cox and Matthews (2002), equations 26 to 29. The linear part alone is solved exactly. Q and f1, f2, f3 are
// h times entire functions of z = ch whose formulas cancel near z = 0, so they are means over 32 points of a
// circle of radius 1 about z (Kassam and Trefethen, 2005, section 3), which is exact to round-off.
//
// Order 4 in h for a smooth solution. The step is bound by N alone: for advection at speed U with wave
// numbers up to K it is stable for about U K h < 2.8. A solver of ordinary differential equations without a
// stiff part is classical Runge-Kutta: c = 0 gives it.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

class Etdrk4 {
 public:
  using Complex = std::complex<double>;

  /// c of every mode, and the step h in the unit of time.
  Etdrk4(const std::vector<double>& linear, double step) : step_(step) {
    require(step > 0.0 && std::isfinite(step), "Etdrk4: the step is ", step, ". Give a positive number.");
    modes_.reserve(linear.size());
    for (double c : linear) modes_.push_back(coefficients(c * step, step));
  }

  Index size() const { return std::ssize(modes_); }
  double step() const { return step_; }

  /// What a step works in; each thread has its own.
  struct Workspace {
    std::vector<Complex> stage, next, at_v, at_a, at_b;
  };

  /// One step of v, of size() modes. nonlinear(v, out) writes N(v) to out; the two do not overlap.
  template <class Nonlinear>
  void operator()(std::vector<Complex>& v, const Nonlinear& nonlinear, Workspace& work) const {
    const std::size_t n = modes_.size();
    require(v.size() == n, "Etdrk4: ", v.size(), " values for ", n, " modes. They must be as many.");
    for (auto* part : {&work.stage, &work.next, &work.at_v, &work.at_a, &work.at_b}) part->resize(n);
    auto& [stage, next, at_v, at_a, at_b] = work;
    nonlinear(v.data(), at_v.data());
    for (std::size_t k = 0; k < n; ++k) stage[k] = modes_[k].half * v[k] + modes_[k].q * at_v[k];  // a
    nonlinear(stage.data(), at_a.data());
    for (std::size_t k = 0; k < n; ++k) next[k] = modes_[k].half * v[k] + modes_[k].q * at_a[k];  // b
    nonlinear(next.data(), at_b.data());
    for (std::size_t k = 0; k < n; ++k) {
      const Mode& m = modes_[k];
      stage[k] = m.half * stage[k] + m.q * (2.0 * at_b[k] - at_v[k]);  // d
      v[k] = m.full * v[k] + m.f1 * at_v[k] + 2.0 * m.f2 * (at_a[k] + at_b[k]);
    }
    nonlinear(stage.data(), at_a.data());
    for (std::size_t k = 0; k < n; ++k) v[k] += modes_[k].f3 * at_a[k];
  }

 private:
  struct Mode {
    double full, half, q, f1, f2, f3;
  };

  static Mode coefficients(double z, double h) {
    constexpr int points = 16;  // of the upper half; the lower one is its conjugate
    Mode mode{std::exp(z), std::exp(0.5 * z), 0, 0, 0, 0};
    for (int j = 0; j < points; ++j) {
      const Complex w = z + std::polar(1.0, std::numbers::pi * (j + 0.5) / points);
      const Complex e = std::exp(w), cube = w * w * w;
      mode.q += h / points * ((std::exp(0.5 * w) - 1.0) / w).real();
      mode.f1 += h / points * ((-4.0 - w + e * (4.0 - 3.0 * w + w * w)) / cube).real();
      mode.f2 += h / points * ((2.0 + w + e * (w - 2.0)) / cube).real();
      mode.f3 += h / points * ((-4.0 - 3.0 * w - w * w + e * (4.0 - w)) / cube).real();
    }
    return mode;
  }

  double step_;
  std::vector<Mode> modes_;
};

}  // namespace fredholm
