// The heat equation on (0, L) between cold ends: the teaching case.
//
//   u_t = alpha u_xx,   x in [0, L], t in [0, T],   u(0, t) = u(L, t) = 0,   u(x, 0) = sin(k pi x / L)
//   u = exp(-alpha (k pi / L)² t) sin(k pi x / L)
//
// alpha in length² / time: after L² / (pi² alpha) a mode with k = 1 has fallen to 1 / e. Müller and Zeinhofer
// (2023), section 4.2, have alpha = 1/4, L = T = 1, k = 1 (the comment in their program has the wrong sign of
// the exponent, its code the right one).
//
//   Heat{alpha, L, T}(net, points)    the residual; coordinates (x, t)
//   heat.solution()                   of fields or jets
//   HardHeat<Net>{net, L, k}          keeps start and ends exactly: sin(k pi x / L) + t x (L - x) net
#pragma once

#include <numbers>

#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct Heat {
  double alpha = 0.25;
  double length = 1.0;
  double time = 1.0;
  int mode = 1;

  Box<2> domain() const { return {{0.0, length}, {0.0, time}}; }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = derivatives<Dt, Dxx>(net, points);
    return u[Dt{}] - alpha * u[Dxx{}];
  }

  struct Solution {
    double wave, decay;
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      return exp(-decay * channel(p, 1)) * sin(wave * channel(p, 0));
    }
  };
  Solution solution() const {
    const double wave = std::numbers::pi * mode / length;
    return {wave, alpha * wave * wave};
  }
};

template <class Net>
struct HardHeat {
  Net net;
  double length = 1.0;
  int mode = 1;

  template <class Coordinates>
  auto operator()(const Coordinates& p) const {
    const auto x = channel(p, 0), t = channel(p, 1);
    return sin(std::numbers::pi * mode / length * x) + t * x * (length - x) * net(p);
  }
};

}  // namespace fredholm::problems
