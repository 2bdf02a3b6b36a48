// Interpolation and differentiation on a grid of one dimension, as a linear map along an axis.
//
//   interpolation(grid, targets):   out[r] = p(targets[r]),   differentiation(grid):   out[r] = p'(x_r),
//
// where p is the function that the grid's family knows to put through samples:
//
//   periodic              the trigonometric polynomial (targets wrap round); spectral
//   chebyshev, legendre   the polynomial through all points, in barycentric form; spectral
//   uniform, midpoint     the polynomial through the 8 nearest points (9 for a derivative); order 8
//   everything else       the cubic through the 4 nearest points (5 for a derivative); order 4
//
// or through all points where there are fewer. A grid of your own is served by the family it states, and has
// at least a sorted list of points. The first two are dense, O(rows n); the others are bands. Between the end
// of a domain and a first or last point within it (MidpointGrid, LegendreGrid, ScatteredGrid) p goes on:
// harmless a half cell away, and not far beyond. On scattered points with large gaps it may overshoot.
//
// Sources: Berrut and Trefethen, Barycentric Lagrange interpolation, SIAM Review 46, 2004; Trefethen,
// Spectral Methods in MATLAB, 2000, chapters 3 and 6; Wang and Xiang, Math. Comp. 81, 2012 (barycentric
// weights of Gauss points).
#pragma once

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/grids/angles.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace fredholm {

namespace detail {

inline constexpr Index interpolation_width = 8;    // equal steps
inline constexpr Index differentiation_width = 9;  // equal steps
inline constexpr Index scattered_interpolation_width = 4;
inline constexpr Index scattered_differentiation_width = 5;

template <class Grid>
inline constexpr bool is_polynomial =
    family_of<Grid> == Family::chebyshev || family_of<Grid> == Family::legendre;

template <class Grid>
inline constexpr bool is_equally_spaced =
    family_of<Grid> == Family::uniform || family_of<Grid> == Family::midpoint;

// --- polynomials
// -----------------------------------------------------------------------------------------------

/// The barycentric weights 1 / Π_{k != j} (x_j - x_k) of a few nodes, scaled by their distance against
/// overflow.
inline std::vector<Wide> barycentric_weights(std::span<const double> nodes) {
  const Wide scale =
      nodes.size() < 2 ? 1 : static_cast<Wide>(nodes.back()) - static_cast<Wide>(nodes.front());
  std::vector<Wide> weights(nodes.size(), 1);
  for (std::size_t j = 0; j < nodes.size(); ++j) {
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      if (k == j) continue;
      const Wide distance = static_cast<Wide>(nodes[j]) - static_cast<Wide>(nodes[k]);
      require(distance != 0, "Interpolation needs distinct points, and two points are at ", nodes[j],
              ". Remove one of them.");
      weights[j] *= scale / distance;
    }
  }
  return weights;
}

/// Row of Lagrange polynomials at the target: (β_j / (x - x_j)) / Σ_k β_k / (x - x_k), a unit row at a node.
inline void lagrange_row(std::span<const double> nodes, std::span<const Wide> weights, double target,
                         double* row) {
  std::vector<Wide> terms(nodes.size());
  Wide sum = 0;
  for (std::size_t j = 0; j < nodes.size(); ++j) {
    const Wide distance = static_cast<Wide>(target) - static_cast<Wide>(nodes[j]);
    if (distance == 0) {
      std::fill_n(row, nodes.size(), 0.0);
      row[j] = 1;
      return;
    }
    terms[j] = weights[j] / distance;
    sum += terms[j];
  }
  for (std::size_t j = 0; j < nodes.size(); ++j) row[j] = static_cast<double>(terms[j] / sum);
}

/// Row i of the differentiation matrix: (β_j / β_i) / (x_i - x_j); the diagonal makes the row sum to zero, so
/// that constants have no slope (Berrut and Trefethen 2004, 9.3). distance(i, j) is x_i - x_j.
template <class Distance>
void derivative_row(std::span<const Wide> weights, std::size_t i, Distance distance, double* row) {
  Wide sum = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (j == i) continue;
    const Wide entry = weights[j] / (weights[i] * distance(i, j));
    row[j] = static_cast<double>(entry);
    sum += static_cast<Wide>(row[j]);
  }
  row[i] = static_cast<double>(-sum);
}

struct AnglesAndWeights {
  std::vector<Wide> angles;
  std::vector<Wide> weights;  // barycentric
};

/// Chebyshev: (-1)^j, halved at the ends. Legendre: (-1)^j sin θ_j sqrt(w_j).
template <class Grid>
AnglesAndWeights polynomial_points(const Grid& grid) {
  AnglesAndWeights points;
  if constexpr (family_of<Grid> == Family::chebyshev) {
    points = {chebyshev_angles(grid.size()), std::vector<Wide>(static_cast<std::size_t>(grid.size()), 1)};
    points.weights.front() = points.weights.back() = 0.5L;
  } else {
    GaussLegendrePoints gauss = gauss_legendre(grid.size());
    points = {std::move(gauss.angles), std::move(gauss.weights)};
    for (std::size_t j = 0; j < points.weights.size(); ++j) {
      points.weights[j] = std::sin(points.angles[j]) * std::sqrt(points.weights[j]);
    }
  }
  for (std::size_t j = 1; j < points.weights.size(); j += 2) points.weights[j] = -points.weights[j];
  return points;
}

// --- windows of neighbouring points
// ----------------------------------------------------------------------------

inline void require_sorted(const std::vector<double>& nodes) {
  const auto place = std::is_sorted_until(nodes.begin(), nodes.end());
  require(place == nodes.end(), "Interpolation on a grid of one dimension needs ascending points, and point ",
          place - nodes.begin(), " (", place == nodes.end() ? 0.0 : *place,
          ") is less than the one before it. Sort the points of the grid.");
}

/// The first of `width` neighbouring nodes with the target in their middle, as far as the ends allow.
inline Index window_start(const std::vector<double>& nodes, double target, Index width) {
  const Index right = std::upper_bound(nodes.begin(), nodes.end(), target) - nodes.begin();
  return std::clamp<Index>(right - width / 2, 0, std::ssize(nodes) - width);
}

inline std::span<const double> window(const std::vector<double>& nodes, Index start, Index width) {
  return std::span(nodes).subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(width));
}

inline AxisMap band(Index rows, Index cols, Index width) {
  const auto size = static_cast<std::size_t>(rows);
  return {rows, cols, width, std::vector<Index>(size),
          std::vector<double>(size * static_cast<std::size_t>(width))};
}

inline AxisMap local_interpolation(const std::vector<double>& nodes, const std::vector<double>& targets,
                                   Index width) {
  require_sorted(nodes);
  AxisMap map = band(std::ssize(targets), std::ssize(nodes), std::min(width, std::ssize(nodes)));
  for (std::size_t row = 0; row < targets.size(); ++row) {
    map.start[row] = window_start(nodes, targets[row], map.width);
    const auto near = window(nodes, map.start[row], map.width);
    lagrange_row(near, barycentric_weights(near), targets[row], &map.weights[row * near.size()]);
  }
  return map;
}

inline AxisMap local_differentiation(const std::vector<double>& nodes, Index width) {
  require_sorted(nodes);
  const Index n = std::ssize(nodes);
  AxisMap map = band(n, n, std::min(width, n));
  for (Index row = 0; row < n; ++row) {
    const Index start = std::clamp<Index>(row - map.width / 2, 0, n - map.width);
    const auto near = window(nodes, start, map.width);
    const auto distance = [&](std::size_t i, std::size_t j) {
      return static_cast<Wide>(near[i]) - static_cast<Wide>(near[j]);
    };
    map.start[static_cast<std::size_t>(row)] = start;
    derivative_row(barycentric_weights(near), static_cast<std::size_t>(row - start), distance,
                   &map.weights[static_cast<std::size_t>(row * map.width)]);
  }
  return map;
}

// --- trigonometric polynomials
// ---------------------------------------------------------------------------------

/// The cardinal functions sin(nπτ) / (n tan(πτ)) for even n, sin(nπτ) / (n sin(πτ)) for odd n, τ = (x - x_j)
/// / L. The even one takes the mode n/2 as a cosine, half each of exp(±iπn x / L).
inline void trigonometric_row(Index n, Wide phase, double* row) {
  // phase = n (x - left) / L in [0, n); the nodes are at the integers, where the row is a unit row.
  const Wide nearest = std::round(phase), rest = phase - nearest;
  const Index hit = static_cast<Index>(nearest);
  if (rest == 0) {
    std::fill_n(row, n, 0.0);
    row[hit % n] = 1;
    return;
  }
  for (Index j = 0; j < n; ++j) {
    const Index steps = hit - j;  // sin(π (steps + rest)) = ± sin(π rest)
    const Wide sine = (steps % 2 == 0 ? 1 : -1) * std::sin(wide_pi * rest);
    const Wide angle = wide_pi * (static_cast<Wide>(steps) + rest) / static_cast<Wide>(n);
    const Wide below = static_cast<Wide>(n) * (n % 2 == 0 ? std::tan(angle) : std::sin(angle));
    row[j] = static_cast<double>(sine / below);
  }
}

inline AxisMap trigonometric_interpolation(Index n, const Interval& period, std::span<const double> targets) {
  AxisMap map = AxisMap::dense(std::ssize(targets), n,
                               std::vector<double>(targets.size() * static_cast<std::size_t>(n)));
  const Wide size = static_cast<Wide>(n);
  for (std::size_t row = 0; row < targets.size(); ++row) {
    require(std::isfinite(targets[row]), "Interpolation needs finite targets, and target ", row, " is ",
            targets[row], ".");
    const Wide turns =
        (static_cast<Wide>(targets[row]) - static_cast<Wide>(period.left)) / wide_length(period);
    Wide phase = size * (turns - std::floor(turns));
    // A target that is a node up to the rounding of coordinates is the node.
    const Wide slack =
        4 * size * std::numeric_limits<double>::epsilon() *
        std::max<Wide>({1, std::abs(turns), std::abs(static_cast<Wide>(period.left)) / wide_length(period)});
    if (std::abs(phase - std::round(phase)) < slack) phase = std::round(phase);
    trigonometric_row(n, phase, &map.weights[row * static_cast<std::size_t>(n)]);
  }
  return map;
}

/// (-1)^k π / L cot(πk/n) for even n, (-1)^k π / L / sin(πk/n) for odd n, k = row - column; zero on the
/// diagonal.
inline AxisMap trigonometric_differentiation(Index n, const Interval& period) {
  AxisMap map = AxisMap::dense(n, n, std::vector<double>(static_cast<std::size_t>(n * n)));
  std::vector<double> entry(static_cast<std::size_t>(n), 0.0);
  for (Index k = 1; k < n; ++k) {
    const Wide angle = wide_pi * static_cast<Wide>(k) / static_cast<Wide>(n);
    const Wide value = wide_pi / wide_length(period) / (n % 2 == 0 ? std::tan(angle) : std::sin(angle));
    entry[static_cast<std::size_t>(k)] = 2 * k == n ? 0.0 : static_cast<double>(k % 2 == 0 ? value : -value);
  }
  for (Index row = 0; row < n; ++row) {
    for (Index col = 0; col < n; ++col) {
      const Index k = row - col;  // the entries are antisymmetric in k
      const double value = entry[static_cast<std::size_t>(k < 0 ? -k : k)];
      map.weights[static_cast<std::size_t>(row * n + col)] = k < 0 ? -value : value;
    }
  }
  return map;
}

/// Targets moved onto the domain if they are off by round-off; anything farther is an error.
inline std::vector<double> targets_within(const Interval& domain, std::span<const double> targets) {
  const double size = std::max({std::abs(domain.left), std::abs(domain.right), domain.length()});
  const double slack = 8 * std::numeric_limits<double>::epsilon() * size;
  std::vector<double> inside(targets.begin(), targets.end());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    require(inside[i] >= domain.left - slack && inside[i] <= domain.right + slack, "Interpolation: target ",
            i, " is ", inside[i], ", outside the domain ", domain,
            ". Interpolation does not reach beyond it.");
    inside[i] = std::clamp(inside[i], domain.left, domain.right);
  }
  return inside;
}

}  // namespace detail

/// The map from samples on the grid to values at the targets, in any order: targets.size() x grid.size().
template <AnyGrid1D Grid>
  requires(family_of<Grid> != Family::cloud)
AxisMap interpolation(const Grid& grid, std::span<const double> targets) {
  const Interval domain = grid.box()[0];
  if constexpr (family_of<Grid> == Family::periodic) {
    return detail::trigonometric_interpolation(grid.size(), domain, targets);
  } else {
    const std::vector<double> inside = detail::targets_within(domain, targets);
    const std::vector<double> nodes = grid.points();
    if constexpr (detail::is_polynomial<Grid>) {
      const auto weights = detail::polynomial_points(grid).weights;
      AxisMap map =
          AxisMap::dense(std::ssize(inside), grid.size(), std::vector<double>(inside.size() * nodes.size()));
      for (std::size_t row = 0; row < inside.size(); ++row) {
        detail::lagrange_row(nodes, weights, inside[row], &map.weights[row * nodes.size()]);
      }
      return map;
    } else {
      return detail::local_interpolation(nodes, inside,
                                         detail::is_equally_spaced<Grid>
                                             ? detail::interpolation_width
                                             : detail::scattered_interpolation_width);
    }
  }
}

/// The map from samples on the grid to the derivative at its points: grid.size() x grid.size().
template <AnyGrid1D Grid>
  requires(family_of<Grid> != Family::cloud)
AxisMap differentiation(const Grid& grid) {
  const Interval domain = grid.box()[0];
  if constexpr (family_of<Grid> == Family::periodic) {
    return detail::trigonometric_differentiation(grid.size(), domain);
  } else if constexpr (detail::is_polynomial<Grid>) {
    const auto [angles, weights] = detail::polynomial_points(grid);
    const detail::Wide length = detail::wide_length(domain);
    const auto distance = [&angles = angles, length](std::size_t i, std::size_t j) {
      return length * std::sin((angles[i] + angles[j]) / 2) * std::sin((angles[i] - angles[j]) / 2);
    };
    const std::size_t n = weights.size();
    AxisMap map = AxisMap::dense(grid.size(), grid.size(), std::vector<double>(n * n));
    for (std::size_t row = 0; row < n; ++row)
      detail::derivative_row(weights, row, distance, &map.weights[row * n]);
    return map;
  } else {
    return detail::local_differentiation(grid.points(), detail::is_equally_spaced<Grid>
                                                            ? detail::differentiation_width
                                                            : detail::scattered_differentiation_width);
  }
}

}  // namespace fredholm
