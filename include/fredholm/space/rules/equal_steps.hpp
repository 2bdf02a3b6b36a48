// The frame of the composite rules on equal steps (Trapezoid, Simpson, Boole, Gregory): an implementation
// detail.
#pragma once

#include <fredholm/concepts.hpp>

#include <array>
#include <vector>

namespace fredholm::detail {

/// Equal steps, and which end points are there is known.
template <class Grid>
inline constexpr bool has_equal_steps =
    family_of<Grid> == Family::uniform || family_of<Grid> == Family::periodic;

/// True unless the type fixes a number of points that cuts an interval (a period) into panels with a
/// remainder.
template <class Grid>
consteval bool fits_panels(Index panel) {
  if constexpr (extent_of<Grid> == dynamic) {
    return true;
  } else if constexpr (family_of<Grid> == Family::periodic) {
    return extent_of<Grid> > 0 && extent_of<Grid> % panel == 0;
  } else {
    return extent_of<Grid> > 1 && (extent_of<Grid> - 1) % panel == 0;
  }
}

/// (right - left) / intervals of a grid of equal steps.
template <class Grid>
long double step_of(const Grid& grid) {
  const Index intervals = family_of<Grid> == Family::periodic ? grid.size() : grid.size() - 1;
  return detail::wide_length(grid.box()[0]) / static_cast<long double>(intervals);
}

/// A composite rule of Newton and Cotes: the panel's weights are factor * h * panel, and neighbouring panels
/// share their end points. On a periodic grid the last panel ends in the first point.
template <class Grid, std::size_t Points>
std::vector<double> composite(const Grid& grid, long double factor, const std::array<int, Points>& panel) {
  constexpr Index intervals = static_cast<Index>(Points) - 1;
  const Index n = grid.size();
  const long double scale = factor * step_of(grid);
  std::vector<double> weights;
  weights.reserve(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    const Index within = i % intervals;
    const bool shared = within == 0 && (family_of<Grid> == Family::periodic || (i != 0 && i != n - 1));
    const int multiple = panel[static_cast<std::size_t>(within)] * (shared ? 2 : 1);
    weights.push_back(static_cast<double>(scale * static_cast<long double>(multiple)));
  }
  return weights;
}

}  // namespace fredholm::detail
