// The grid whose points are given: for data from files, which hold coordinates and no grid.
//
//   grid_from<UniformGrid<>>({0.0, 0.25, 0.5, 0.75})      both ends are points        [0, 0.75]
//   grid_from<PeriodicGrid<>>(...)                        the right end is left out   [0, 1]
//   grid_from<MidpointGrid<>>(...)                        centres of cells            [-0.125, 0.875]
//
// The kind is yours to know: the points look the same. Their steps have to be equal up to the rounding of
// float, in which files hold them; so far, the ends of the interval are rounded too.
#pragma once

#include <cmath>
#include <concepts>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/space/grids/midpoint.hpp>
#include <fredholm/space/grids/periodic.hpp>
#include <fredholm/space/grids/uniform.hpp>

namespace fredholm {

/// Throws unless the coordinates ascend in equal steps.
template <class Grid>
Grid grid_from(const std::vector<double>& coordinates) {
  static_assert(
      std::same_as<Grid, UniformGrid<>> || std::same_as<Grid, PeriodicGrid<>> ||
          std::same_as<Grid, MidpointGrid<>>,
      "grid_from<Grid>: Grid is UniformGrid<>, PeriodicGrid<> or MidpointGrid<>, whose points have equal "
      "steps.");
  require(coordinates.size() >= 2, "grid_from: ", coordinates.size(), " coordinates. Give at least 2.");
  const auto n = static_cast<Index>(coordinates.size());
  const double first = coordinates.front();
  const double last = coordinates.back();
  const double step = (last - first) / static_cast<double>(n - 1);
  const double rounding = 1e-6 * (std::abs(first) + std::abs(last));
  require(step > 0.0, "grid_from: the coordinates go from ", first, " to ", last, ". They have to ascend.");
  for (Index i = 0; i < n; ++i) {
    const double x = coordinates[static_cast<std::size_t>(i)];
    require(std::abs(x - (first + step * static_cast<double>(i))) <= rounding, "grid_from: coordinate ", i,
            " is ", x, ", and with equal steps it would be ", first + step * static_cast<double>(i),
            ". Use ScatteredGrid for other points.");
  }
  if constexpr (std::same_as<Grid, UniformGrid<>>) return Grid(first, last, n);
  if constexpr (std::same_as<Grid, PeriodicGrid<>>) return Grid(first, last + step, n);
  if constexpr (std::same_as<Grid, MidpointGrid<>>) return Grid(first - 0.5 * step, last + 0.5 * step, n);
}

}  // namespace fredholm
