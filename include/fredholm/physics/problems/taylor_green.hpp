// Taylor and Green's vortices in the plane, decaying in time: an exact solution of the Navier-Stokes
// equations.
//
//   u = -cos kx sin ky e^{-2 n k² t},   v = sin kx cos ky e^{-2 n k² t},   n = viscosity / density
//   p = -density / 4 (cos 2kx + cos 2ky) e^{-4 n k² t}
//
// (Taylor and Green, 1937; Taylor, 1923.) Periodic in x and y with 2 pi / k.
//
//   TaylorGreen{}.equation()(net, points)    the residual, three channels; coordinates (x, y, t)
//   TaylorGreen{}.solution()                 (u, v, p), of fields or jets
#pragma once

#include <numbers>

#include <fredholm/physics/problems/navier_stokes.hpp>

namespace fredholm::problems {

struct TaylorGreen {
  double density = 1.0, viscosity = 0.01;
  double wave = 1.0;  ///< k
  double time = 1.0;

  Box<3> domain() const {
    const double period = 2.0 * std::numbers::pi / wave;
    return {{0.0, period}, {0.0, period}, {0.0, time}};
  }

  NavierStokes<> equation() const { return {density, viscosity, {}}; }

  struct Solution {
    double density, wave, decay;
    template <class Coordinates>
    auto operator()(const Coordinates& coordinates) const {
      const auto x = wave * channel(coordinates, 0), y = wave * channel(coordinates, 1);
      const auto fall = exp(-decay * channel(coordinates, 2));
      const auto pressure = -0.25 * density * ((cos(2.0 * x) + cos(2.0 * y)) * square(fall));
      return concatenate(concatenate(-1.0 * (cos(x) * sin(y)) * fall, sin(x) * cos(y) * fall), pressure);
    }
  };
  Solution solution() const { return {density, wave, 2.0 * viscosity / density * wave * wave}; }
};

}  // namespace fredholm::problems
