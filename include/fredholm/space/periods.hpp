// The length of the period along each coordinate, 0 where there is none.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <fredholm/concepts.hpp>
#include <fredholm/space/grid_traits.hpp>

namespace fredholm::detail {

/// A factor of a product may have several coordinates (a cloud): an axis of the array is not one of the
/// domain.
template <AnyDiscretization Discretization>
auto periods_of(const Discretization& d) {
  using Grid = typename Discretization::grid_type;
  std::array<double, static_cast<std::size_t>(Discretization::dimension)> periods{};
  const auto box = d.box();
  Index coordinate = 0;
  const auto axis = [&](Family family, Index dimension) {
    if (family == Family::periodic) periods[static_cast<std::size_t>(coordinate)] = box[coordinate].length();
    coordinate += dimension;
  };
  if constexpr (is_product<Grid>) {
    [&]<std::size_t... A>(std::index_sequence<A...>) {
      (axis(family_of<AxisGrid<Grid, A>>, AxisGrid<Grid, A>::dimension), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(rank_of<Grid>)>());
  } else {
    axis(family_of<Grid>, Grid::dimension);
  }
  return periods;
}

}  // namespace fredholm::detail
