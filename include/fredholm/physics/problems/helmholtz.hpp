// Helmholtz's equation on a square, with a solution that is manufactured.
//
//   Δu + k² u = q in (-1, 1)²,   u = 0 on the boundary;   u = sin(a1 pi x) sin(a2 pi y)
//   q = (k² - (a1 pi)² - (a2 pi)²) u
//
// The numbers of Wang, Teng and Perdikaris (2021), section 4.1, are a1 = 1, a2 = 4, k = 1.
//
//   Helmholtz{}(net, points)      the residual; coordinates (x, y)
//   helmholtz.solution()          of fields or jets
#pragma once

#include <cmath>
#include <numbers>

#include <fredholm/physics/problems/support.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct Helmholtz {
  double wave_number = 1.0;
  int a1 = 1, a2 = 4;

  static Box<2> domain() { return {{-1.0, 1.0}, {-1.0, 1.0}}; }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = derivatives<Laplacian>(net, points);
    const double first = std::numbers::pi * a1, second = std::numbers::pi * a2;
    const double square = wave_number * wave_number;
    const auto source = [=](double x, double y) {
      return (square - first * first - second * second) * std::sin(first * x) * std::sin(second * y);
    };
    return u[Laplacian{}] + square * u.value() - detail::sample_like(u.value(), source, points);
  }

  struct Solution {
    double first, second;
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      return sin(first * channel(p, 0)) * sin(second * channel(p, 1));
    }
  };
  Solution solution() const { return {std::numbers::pi * a1, std::numbers::pi * a2}; }
};

}  // namespace fredholm::problems
