// Exponential time differencing of order 4, for a stiff linear part that is diagonal.
//
//   v' = c v + N(v)      mode by mode, N anything but stiff; c real (diffusion) or complex (dispersion)
//
//   a = e^{ch/2} v + Q N(v),   b = e^{ch/2} v + Q N(a),   d = e^{ch/2} a + Q (2 N(b) - N(v)),
//   v(t + h) = e^{ch} v + f1 N(v) + 2 f2 (N(a) + N(b)) + f3 N(d)
//
// Cox and Matthews (2002), equations 26 to 29. The linear part alone is solved exactly. Q and f1, f2, f3 are
// h times entire functions of z = ch whose formulas cancel near z = 0, so they are means over 32 points of a
// circle of radius 1 about z (Kassam and Trefethen, 2005, section 3), which is exact to round-off.
//
//   Etdrk4               c is real
//   DispersiveEtdrk4     c is complex: k³ of Korteweg and de Vries, i k² of Schroedinger
//
// Order 4 in h for a smooth solution. The step is bound by N alone: for advection at speed U with wave
// numbers up to K it is stable for about U K h < 2.8. A solver of ordinary differential equations without a
// stiff part is classical Runge-Kutta: c = 0 gives it.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <type_traits>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

template <class Coefficient>
class BasicEtdrk4 {
  static constexpr bool real = std::is_same_v<Coefficient, double>;
  static_assert(real || std::is_same_v<Coefficient, std::complex<double>>,
                "BasicEtdrk4<Coefficient>: the linear part is double or std::complex<double>.");

 public:
  using Complex = std::complex<double>;

  /// c of every mode, and the step h in the unit of time.
  BasicEtdrk4(const std::vector<Coefficient>& linear, double step) : step_(step) {
    require(step > 0.0 && std::isfinite(step), "Etdrk4: the step is ", step, ". Give a positive number.");
    modes_.reserve(linear.size());
    for (const Coefficient& c : linear) modes_.push_back(coefficients(c * step, step));
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
    Coefficient full, half, q, f1, f2, f3;
  };

  static Mode coefficients(Coefficient z, double h) {
    // Of a real z the upper half of the circle is enough: the lower one is its conjugate.
    constexpr int points = real ? 16 : 32;
    constexpr double angle = (real ? 1.0 : 2.0) * std::numbers::pi / points;
    const auto part = [](const Complex& value) {
      if constexpr (real) {
        return value.real();
      } else {
        return value;
      }
    };
    Mode mode{std::exp(z), std::exp(0.5 * z), {}, {}, {}, {}};
    for (int j = 0; j < points; ++j) {
      const Complex w = z + std::polar(1.0, angle * (j + 0.5));
      const Complex e = std::exp(w), cube = w * w * w;
      mode.q += h / points * part((std::exp(0.5 * w) - 1.0) / w);
      mode.f1 += h / points * part((-4.0 - w + e * (4.0 - 3.0 * w + w * w)) / cube);
      mode.f2 += h / points * part((2.0 + w + e * (w - 2.0)) / cube);
      mode.f3 += h / points * part((-4.0 - 3.0 * w - w * w + e * (4.0 - w)) / cube);
    }
    return mode;
  }

  double step_;
  std::vector<Mode> modes_;
};

using Etdrk4 = BasicEtdrk4<double>;
using DispersiveEtdrk4 = BasicEtdrk4<std::complex<double>>;

}  // namespace fredholm
