// What the library reads off a grid's type, with a default for everything that a user's own grid leaves out.
//
//   family_of<Grid>    what is promised about the points (Grid::family, else Family::other)
//   extent_of<Grid>    the number of points if the type fixes it (Grid::extent, else dynamic)
//   is_product<Grid>   a product of grids, one an axis of the array (has Grid::Axes)
//   rank_of<Grid>      the number of axes of an array over the grid: the factors of a product, otherwise 1
#pragma once

#include <fredholm/core/shape.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace fredholm {

/// What a grid promises about its points x_0 < x_1 < ... on [left, right]. A rule and an interpolation ask
/// for the promise, not for the class: a user's grid that states a family is served like the library's own.
enum class Family {
  uniform,    ///< x_i = left + i (right - left) / (n - 1): both end points
  periodic,   ///< x_i = left + i (right - left) / n: the right end point is the left one again
  midpoint,   ///< x_i = left + (i + 1/2) (right - left) / n: the centres of n equal cells
  chebyshev,  ///< x_i = left + (right - left) sin²(π i / (2 (n - 1))): both end points
  legendre,   ///< the zeros of the Legendre polynomial P_n, mapped to [left, right]
  scattered,  ///< sorted, anywhere; possibly drawn at random
  cloud,      ///< in no order, in any dimension; possibly drawn at random
  other       ///< nothing is known but the order
};

template <class Grid>
inline constexpr Family family_of = Family::other;
template <class Grid>
  requires requires { Grid::family; }
inline constexpr Family family_of<Grid> = Grid::family;

template <class Grid>
inline constexpr Index extent_of = dynamic;
template <class Grid>
  requires requires { Grid::extent; }
inline constexpr Index extent_of<Grid> = Grid::extent;

template <class Grid>
inline constexpr bool is_product = requires { typename Grid::Axes; };

template <class Grid>
inline constexpr Index rank_of = 1;
template <class Grid>
  requires is_product<Grid>
inline constexpr Index rank_of<Grid> = static_cast<Index>(std::tuple_size_v<typename Grid::Axes>);

/// The grid along one axis of a product.
template <class Grid, std::size_t Axis>
using AxisGrid = std::tuple_element_t<Axis, typename Grid::Axes>;

/// What is promised about the points along one axis of the array.
template <class Grid>
constexpr Family family_along(Index axis) {
  if constexpr (is_product<Grid>) {
    return [axis]<std::size_t... A>(std::index_sequence<A...>) {
      Family family = Family::other;
      ((static_cast<Index>(A) == axis ? void(family = family_of<AxisGrid<Grid, A>>) : void()), ...);
      return family;
    }(std::make_index_sequence<static_cast<std::size_t>(rank_of<Grid>)>());
  } else {
    return family_of<Grid>;
  }
}

/// Which coordinates have a period. A factor of a product may have several coordinates (a cloud): an axis of
/// the array is not one of the domain.
template <class Grid>
consteval auto periodic_coordinates() {
  std::array<bool, static_cast<std::size_t>(Grid::dimension)> periodic{};
  std::size_t coordinate = 0;
  const auto factor = [&](Family family, Index dimension) {
    if (family == Family::periodic) periodic[coordinate] = true;
    coordinate += static_cast<std::size_t>(dimension);
  };
  if constexpr (is_product<Grid>) {
    [&]<std::size_t... A>(std::index_sequence<A...>) {
      (factor(family_of<AxisGrid<Grid, A>>, AxisGrid<Grid, A>::dimension), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(rank_of<Grid>)>());
  } else {
    factor(family_of<Grid>, Grid::dimension);
  }
  return periodic;
}

}  // namespace fredholm
