// How an integral over a ball ends at its edge.
//
//   int_{|x - y| < r} chi(|x - y| / r) f(y) dmu(y),     chi(0) = 1, chi(s) = 0 for s >= 1
//
//   Window::quartic  (1 - s^2)^4            three continuous derivatives: a rule of order up to 4 keeps it.
//                                           The default: with few neighbours its error is the smallest
//   Window::bump     e^{-s^2 / (1 - s^2)}   all of them: every rule keeps its order, and Gauss-Legendre is
//                                           faster than any power; steep near the edge, so it wants more
//                                           points (100 and more in a ball's diameter) before that shows
//   Window::sharp    1                      none: the integrand jumps at the edge, and what a rule gives
//                                           jumps as points come in; no more than order 1, and that in the
//                                           mean. What neighbour search with a plain sum does; kept so that
//                                           its failure can be shown
//
// s is a quotient of lengths in the unit of x.
#pragma once

#include <cmath>

namespace fredholm {

enum class Window { quartic, bump, sharp };

/// chi by the square of s = |x - y| / r.
inline double window_value(Window window, double square) {
  if (window == Window::sharp) return square <= 1.0 ? 1.0 : 0.0;
  if (!(square < 1.0)) return 0.0;
  const double rest = 1.0 - square;
  return window == Window::bump ? std::exp(-square / rest) : rest * rest * rest * rest;
}

}  // namespace fredholm
