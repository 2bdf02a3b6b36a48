// Poisson's equation on the unit square.
//
//   Δu = -2 pi² sin(pi x) sin(pi y) in (0, 1)²,   u = 0 on the boundary;   u = sin(pi x) sin(pi y)
//
// The first problem of Müller and Zeinhofer (2023), section 4.1.
//
//   Poisson{}(net, points)        the residual Δu - f; coordinates (x, y)
//   Poisson::Solution{}           of fields or jets
//   zero(net, points)             the residual on the boundary: u itself
#pragma once

#include <cmath>
#include <numbers>

#include <fredholm/physics/problems/support.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct Poisson {
  static Box<2> domain() { return {}; }

  /// Δu.
  static double force(double x, double y) {
    constexpr double pi = std::numbers::pi;
    return -2.0 * pi * pi * std::sin(pi * x) * std::sin(pi * y);
  }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = derivatives<Laplacian>(net, points);
    return u[Laplacian{}] - detail::sample_like(u[Laplacian{}], force, points);
  }

  struct Solution {
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      return sin(std::numbers::pi * channel(p, 0)) * sin(std::numbers::pi * channel(p, 1));
    }
  };
};

}  // namespace fredholm::problems
