// Korteweg and de Vries's equation: waves that steepen and then part into solitons.
//
//   u_t + u u_x + mu² u_xxx = 0,   x in [-1, 1] periodic, t in [0, 1],   u(x, 0) = cos(pi x),   mu = 0.022
//
// (Zabusky and Kruskal, 1965; the usual benchmark of physics-informed networks has their numbers.)
//
//   KortewegDeVries{}(net, points)                  the residual; coordinates (x, t)
//   KortewegDeVries{}.reference({.points = 512})    by Fourier modes and ETDRK4 (space_time.hpp)
//   KortewegDeVries{}.soliton(c)                    exact on the line, of fields or jets:
//                                                   u = 3 c / cosh²((x - c t) sqrt(c) / (2 mu))
#pragma once

#include <cmath>
#include <complex>
#include <numbers>

#include <fredholm/core/error.hpp>
#include <fredholm/physics/problems/space_time.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct KortewegDeVries {
  double dispersion = 0.022;  ///< mu

  static Box<2> domain() { return {{-1.0, 1.0}, {0.0, 1.0}}; }
  static double start(double x) { return std::cos(std::numbers::pi * x); }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = derivatives<Dt, Dx, Dxxx>(net, points);
    return u[Dt{}] + u.value() * u[Dx{}] + dispersion * dispersion * u[Dxxx{}];
  }

  /// Of any start with the period 2, until `time`.
  template <class Start>
  Field<SpaceTime, double> reference_from(const Start& from, double time,
                                          const ReferenceOptions& options) const {
    detail::require_reference(options, time, "KortewegDeVries");
    const Interval period = domain()[0];
    const double square = dispersion * dispersion;
    const auto linear = detail::symbols<std::complex<double>>(
        period, options.points * options.finer,
        [square](double k) { return std::complex<double>{0.0, square * k * k * k}; });
    return detail::march_real(
        period, time, options, linear, from, [](double u) { return -0.5 * u * u; }, true, "KortewegDeVries");
  }
  Field<SpaceTime, double> reference(const ReferenceOptions& options = {.points = 512, .steps = 100}) const {
    return reference_from(start, 1.0, options);
  }

  struct Soliton {
    double height, steepness, speed;
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      return height * (1.0 - square(tanh(steepness * (channel(p, 0) - speed * channel(p, 1)))));
    }
  };
  Soliton soliton(double speed) const {
    require(speed > 0.0, "KortewegDeVries: a soliton of speed ", speed, ". Its speed is positive.");
    return {3.0 * speed, std::sqrt(speed) / (2.0 * dispersion), speed};
  }
};

}  // namespace fredholm::problems
