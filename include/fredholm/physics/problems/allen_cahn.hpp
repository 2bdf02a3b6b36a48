// Allen and Cahn's equation: two phases, u = -1 and u = 1, and thin fronts between them.
//
//   u_t = D u_xx + 5 u - 5 u³,   x in [-1, 1] periodic, t in [0, 1],   u(x, 0) = x² cos(pi x),   D = 1e-4
//
// (Raissi et al., 2019, section 4.1.) The start has a kink at x = ±1, where its slope jumps by 4; it is gone
// for t > 0. Fronts are sqrt(2 D / 5) = 0.0063 wide. A network that is not told about causality likes to stay
// at u = 0.
//
//   AllenCahn{}(net, points)                 the residual; coordinates (x, t)
//   AllenCahn{}.reference({.points = 512})   by Fourier modes and ETDRK4 (space_time.hpp); its digits are in
//                                            docs/problems.md
//   AllenCahn{}.front()                      u = 1 invading u = 0, exact on the line, of fields or jets:
//                                            u = (1 - tanh((x - s t) sqrt(5 / (8 D)))) / 2
//                                            s = 3 sqrt(5 D / 2)
#pragma once

#include <cmath>
#include <numbers>

#include <fredholm/physics/problems/space_time.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct AllenCahn {
  double diffusion = 1e-4;
  double reaction = 5.0;

  static Box<2> domain() { return {{-1.0, 1.0}, {0.0, 1.0}}; }
  static double start(double x) { return x * x * std::cos(std::numbers::pi * x); }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = derivatives<Dt, Dxx>(net, points);
    const auto& v = u.value();
    return u[Dt{}] - diffusion * u[Dxx{}] - reaction * v + reaction * (v * square(v));
  }

  Field<SpaceTime, double> reference(const ReferenceOptions& options = {.points = 512, .finer = 4}) const {
    detail::require_reference(options, 1.0, "AllenCahn");
    const Interval period = domain()[0];
    const auto linear = detail::symbols<double>(period, options.points * options.finer,
                                                [this](double k) { return reaction - diffusion * k * k; });
    return detail::march_real(
        period, 1.0, options, linear, start, [this](double u) { return -reaction * u * u * u; }, false,
        "AllenCahn");
  }

  struct Front {
    double steepness, speed;
    template <class Coordinates>
    auto operator()(const Coordinates& p) const {
      return 0.5 - 0.5 * tanh(steepness * (channel(p, 0) - speed * channel(p, 1)));
    }
  };
  Front front() const {
    return {std::sqrt(reaction / (8.0 * diffusion)), 3.0 * std::sqrt(0.5 * reaction * diffusion)};
  }
};

}  // namespace fredholm::problems
