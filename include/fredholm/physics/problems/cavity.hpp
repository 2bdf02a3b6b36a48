// The lid-driven cavity: a square of fluid under a lid that moves with speed 1.
//
//   (u, v) = (1, 0) on y = 1,   0 on the other walls of [0, 1]²,   Re = 1 / viscosity with density 1
//
// The velocity jumps at the two upper corners, so no smooth function solves it, and points should stay out of
// them.
//
//   Cavity{}.equation()(net, points)    the residual, three channels (u, v, p); coordinates (x, y)
//   Cavity::lid(x, y)                   the prescribed velocity on the boundary
//   ghia_u, ghia_v                      u on x = 1/2 and v on y = 1/2 at Re = 100: Ghia, Ghia and Shin
//                                       (1982), J. Comput. Phys. 48, 387-411, tables I and II (finite
//                                       differences, 129 x 129)
//
// The table has five digits and about two true ones: by finite differences extrapolated to step 0
// (tests/reference/lid_driven_cavity.py) it is off by up to 0.0050 in u and 0.0092 in v. Within 1 % of the
// speed of the lid it is right, and no further.
#pragma once

#include <array>

#include <fredholm/physics/problems/navier_stokes.hpp>

namespace fredholm::problems {

struct Cavity {
  double reynolds = 100.0;

  static Box<2> domain() { return {}; }
  static std::array<double, 2> lid(double, double y) { return {y == 1.0 ? 1.0 : 0.0, 0.0}; }

  SteadyNavierStokes<> equation() const { return {1.0, 1.0 / reynolds, {}}; }

  struct Sample {
    double at, velocity;
  };
};

/// u(1/2, y) at Re = 100.
inline constexpr std::array<Cavity::Sample, 17> ghia_u{{{0.0000, 0.00000},
                                                        {0.0547, -0.03717},
                                                        {0.0625, -0.04192},
                                                        {0.0703, -0.04775},
                                                        {0.1016, -0.06434},
                                                        {0.1719, -0.10150},
                                                        {0.2813, -0.15662},
                                                        {0.4531, -0.21090},
                                                        {0.5000, -0.20581},
                                                        {0.6172, -0.13641},
                                                        {0.7344, 0.00332},
                                                        {0.8516, 0.23151},
                                                        {0.9531, 0.68717},
                                                        {0.9609, 0.73722},
                                                        {0.9688, 0.78871},
                                                        {0.9766, 0.84123},
                                                        {1.0000, 1.00000}}};

/// v(x, 1/2) at Re = 100.
inline constexpr std::array<Cavity::Sample, 17> ghia_v{{{0.0000, 0.00000},
                                                        {0.0625, 0.09233},
                                                        {0.0703, 0.10091},
                                                        {0.0781, 0.10890},
                                                        {0.0938, 0.12317},
                                                        {0.1563, 0.16077},
                                                        {0.2266, 0.17507},
                                                        {0.2344, 0.17527},
                                                        {0.5000, 0.05454},
                                                        {0.8047, -0.24533},
                                                        {0.8594, -0.22445},
                                                        {0.9063, -0.16914},
                                                        {0.9453, -0.10313},
                                                        {0.9531, -0.08864},
                                                        {0.9609, -0.07391},
                                                        {0.9688, -0.05906},
                                                        {1.0000, 0.00000}}};

}  // namespace fredholm::problems
