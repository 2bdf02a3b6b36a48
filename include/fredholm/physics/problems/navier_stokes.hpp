// The incompressible Navier-Stokes equations in the plane: velocity (u, v), pressure p, three channels.
//
//   density (∂_t + u ∂_x + v ∂_y)(u, v) = -∇p + viscosity Δ(u, v) + force,     u_x + v_y = 0
//
// density in mass / area, viscosity (dynamic) in mass / time, force in force / area; Re = density U L /
// viscosity.
//
//   SteadyNavierStokes<>{density, viscosity}(net, points)   coordinates (x, y)
//   NavierStokes<>{density, viscosity}(net, points)         coordinates (x, y, t)
//   NavierStokes{density, viscosity, force}                 force(x, y) or (x, y, t) returns
//                                                           std::array{f_x, f_y}
//
// The residual has three channels: two of momentum and the divergence. The pressure is known up to a
// constant: prescribe it somewhere, or compare it without its mean.
#pragma once

#include <array>
#include <type_traits>

#include <fredholm/physics/problems/support.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

struct NoForce {};

namespace detail {

/// density (u · ∇) w + ∇p - viscosity Δw, and the divergence; `gradient` holds the derivatives of (u, v, p).
template <class Gradient, class Curvature>
auto steady_momentum(const Gradient& g, const Curvature& laplacian, double density, double viscosity) {
  const auto u = channel(g.value(), 0), v = channel(g.value(), 1);
  const auto velocity_x = slice_channels(g[Dx{}], 0, 2), velocity_y = slice_channels(g[Dy{}], 0, 2);
  const auto pressure = concatenate(channel(g[Dx{}], 2), channel(g[Dy{}], 2));
  return density * (u * velocity_x + v * velocity_y) + pressure - viscosity * slice_channels(laplacian, 0, 2);
}

template <class Gradient>
auto divergence(const Gradient& g) {
  return channel(g[Dx{}], 0) + channel(g[Dy{}], 1);
}

template <class Momentum, class Force, class Points>
auto without_force(const Momentum& momentum, const Force& force, const Points& points) {
  if constexpr (std::is_same_v<Force, NoForce>) {
    return momentum;
  } else {
    return momentum - sample_like(momentum, force, points);
  }
}

}  // namespace detail

template <class Force = NoForce>
struct SteadyNavierStokes {
  double density = 1.0, viscosity = 0.01;
  Force force{};

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    static_assert(Points::dimension == 2,
                  "SteadyNavierStokes: the coordinates are (x, y). With time it is NavierStokes.");
    const auto g = derivatives<Dx, Dy, Laplacian>(net, points);
    const auto momentum = detail::steady_momentum(g, g[Laplacian{}], density, viscosity);
    return concatenate(detail::without_force(momentum, force, points), detail::divergence(g));
  }
};
template <class Force>
SteadyNavierStokes(double, double, Force) -> SteadyNavierStokes<Force>;
SteadyNavierStokes(double, double) -> SteadyNavierStokes<NoForce>;

template <class Force = NoForce>
struct NavierStokes {
  double density = 1.0, viscosity = 0.01;
  Force force{};

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    static_assert(Points::dimension == 3, "NavierStokes: the coordinates are (x, y, t).");
    const auto g = derivatives<Dt, Dx, Dy, SpaceLaplacian>(net, points);
    const auto momentum = density * slice_channels(g[Dt{}], 0, 2) +
                          detail::steady_momentum(g, g[SpaceLaplacian{}], density, viscosity);
    return concatenate(detail::without_force(momentum, force, points), detail::divergence(g));
  }
};
template <class Force>
NavierStokes(double, double, Force) -> NavierStokes<Force>;
NavierStokes(double, double) -> NavierStokes<NoForce>;

}  // namespace fredholm::problems
