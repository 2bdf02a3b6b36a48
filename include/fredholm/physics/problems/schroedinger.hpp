// The focusing nonlinear Schroedinger equation, a complex field as two real channels.
//
//   i h_t + h_xx / 2 + |h|² h = 0,   x in [-5, 5], t in [0, pi/2],   h(x, 0) = 2 / cosh x,   h = u + i v
//
//   u_t + v_xx / 2 + (u² + v²) v = 0,    v_t - u_xx / 2 - (u² + v²) u = 0
//
// (Raissi et al., 2019, section 3.1.2, with periodic ends.) On the whole line this is the breather of Satsuma
// and Yajima (1974), two solitons that stay together:
//   h = 4 e^{it/2} (cosh 3x + 3 e^{4it} cosh x) / (cosh 4x + 4 cosh 2x + 3 cos 4t)
// On the period of 10 the start has kinks at x = ±5, where the slope jumps by 0.054, and dispersion never
// smooths them: the two differ by some per cent, and a periodic reference converges slowly with the points.
// For accuracies beyond 1e-4 take the breather, with its own values at the ends.
//
//   Schroedinger{}(net, points)                 the residual, two channels; coordinates (x, t)
//   Schroedinger{}.reference({.points = 256})   periodic, by Fourier modes and ETDRK4 (space_time.hpp);
//                                               channels u, v
//   Schroedinger::Breather{}                    of fields or jets, channels u, v
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

#include <fredholm/physics/problems/space_time.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct Schroedinger {
  static Box<2> domain() { return {{-5.0, 5.0}, {0.0, 0.5 * std::numbers::pi}}; }
  static double start(double x) { return 2.0 / std::cosh(x); }  ///< of u; v starts at 0

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto h = derivatives<Dt, Dxx>(net, points);
    const auto u = channel(h.value(), 0), v = channel(h.value(), 1);
    const auto density = square(u) + square(v);
    return concatenate(channel(h[Dt{}], 0) + 0.5 * channel(h[Dxx{}], 1) + density * v,
                       channel(h[Dt{}], 1) - 0.5 * channel(h[Dxx{}], 0) - density * u);
  }

  /// On the period of the domain. A = û + i v̂ and B = û - i v̂ rotate by ∓ k² / 2: the linear part is
  /// diagonal.
  template <class Start>
  Field<SpaceTime, double> reference_from(const Start& from, double time,
                                          const ReferenceOptions& options) const {
    using Complex = std::complex<double>;
    detail::require_reference(options, time, "Schroedinger");
    const Interval period = domain()[0];
    const Index n = options.points * options.finer;
    detail::PeriodicModes modes(n, fast_fft_size(2 * n));
    const auto count = static_cast<std::size_t>(modes.modes());
    const auto fine_count = static_cast<std::size_t>(modes.fine());
    auto linear = detail::symbols<Complex>(period, n, [](double k) { return Complex{0.0, -0.5 * k * k}; });
    for (std::size_t k = 0; k < count; ++k) linear.push_back(std::conj(linear[k]));

    std::vector<Complex> a(count), b(count);
    const Complex i{0.0, 1.0};
    const auto part = [&](const Complex* state) {  // into û, v̂
      for (std::size_t k = 0; k < count; ++k) {
        a[k] = 0.5 * (state[k] + state[k + count]);
        b[k] = -0.5 * i * (state[k] - state[k + count]);
      }
    };
    const auto join = [&](Complex* state) {
      for (std::size_t k = 0; k < count; ++k) {
        state[k] = a[k] + i * b[k];
        state[k + count] = a[k] - i * b[k];
      }
    };
    std::vector<double> u(fine_count), v(fine_count);
    const auto nonlinear = [&](const Complex* in, Complex* out) {
      part(in);
      modes.to_fine(a.data(), u.data());
      modes.to_fine(b.data(), v.data());
      for (std::size_t j = 0; j < fine_count; ++j) {
        const double density = u[j] * u[j] + v[j] * v[j], old = u[j];
        u[j] = -density * v[j];
        v[j] = density * old;
      }
      modes.from_fine(u.data(), a.data());
      modes.from_fine(v.data(), b.data());
      join(out);
    };
    const auto channels = [&](const std::vector<Complex>& state) {
      part(state.data());
      return std::array<std::vector<double>, 2>{modes.synthesis(a), modes.synthesis(b)};
    };
    a = modes.analysis([&](double x) { return from(x).real(); }, period);
    b = modes.analysis([&](double x) { return from(x).imag(); }, period);
    const auto first = [&](double x) { return std::array<double, 2>{from(x).real(), from(x).imag()}; };
    std::vector<Complex> state(2 * count);
    join(state.data());
    return detail::march(period, time, options, linear, first, std::move(state), nonlinear, channels,
                         "Schroedinger");
  }
  Field<SpaceTime, double> reference(const ReferenceOptions& options = {
                                         .points = 256, .finer = 8, .steps = 100}) const {
    return reference_from([](double x) { return std::complex<double>(start(x)); }, domain()[1].right,
                          options);
  }

  struct Breather {
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      const auto x = channel(p, 0), t = channel(p, 1);
      const auto even = [](const auto& y) { return 0.5 * (exp(y) + exp(-1.0 * y)); };  // cosh
      const auto c1 = even(x), c2 = even(2.0 * x), c3 = even(3.0 * x), c4 = even(4.0 * x);
      const auto below = c4 + 4.0 * c2 + 3.0 * cos(4.0 * t);
      // e^{it/2} (cosh 3x + 3 e^{4it} cosh x) = cosh 3x e^{it/2} + 3 cosh x e^{9it/2}
      return concatenate(4.0 * (c3 * cos(0.5 * t) + 3.0 * c1 * cos(4.5 * t)) / below,
                         4.0 * (c3 * sin(0.5 * t) + 3.0 * c1 * sin(4.5 * t)) / below);
    }
  };
};

}  // namespace fredholm::problems
