// Kovasznay's flow behind a grid: an exact steady solution of the Navier-Stokes equations.
//
//   u = 1 - e^{l x} cos 2 pi y,   v = l / (2 pi) e^{l x} sin 2 pi y,   p = (1 - e^{2 l x}) / 2
//   l = Re / 2 - sqrt(Re² / 4 + 4 pi²)
//
// (Kovasznay, 1948.) Density 1, viscosity 1 / Re; on [-0.5, 1] x [-0.5, 1.5] at Re = 40 as everywhere.
//
//   Kovasznay{}.equation()(net, points)    the residual, three channels; coordinates (x, y)
//   Kovasznay{}.solution()                 (u, v, p), of fields or jets
#pragma once

#include <cmath>
#include <numbers>

#include <fredholm/physics/problems/navier_stokes.hpp>

namespace fredholm::problems {

struct Kovasznay {
  double reynolds = 40.0;

  static Box<2> domain() { return {{-0.5, 1.0}, {-0.5, 1.5}}; }

  SteadyNavierStokes<> equation() const { return {1.0, 1.0 / reynolds, {}}; }

  struct Solution {
    double rate;
    template <class Coordinates>
    auto operator()(const Coordinates& coordinates) const {
      constexpr double wave = 2.0 * std::numbers::pi;
      const auto x = channel(coordinates, 0), y = channel(coordinates, 1);
      const auto decay = exp(rate * x);
      return concatenate(concatenate(1.0 - decay * cos(wave * y), rate / wave * (decay * sin(wave * y))),
                         0.5 - 0.5 * square(decay));
    }
  };
  /// l, in 1 / length.
  double rate() const {
    constexpr double pi = std::numbers::pi;
    return 0.5 * reynolds - std::sqrt(0.25 * reynolds * reynolds + 4.0 * pi * pi);
  }
  Solution solution() const { return {rate()}; }
};

}  // namespace fredholm::problems
