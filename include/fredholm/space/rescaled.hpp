// The same points on another box: every coordinate goes from its interval to the new one by an affine map.
//
//   x -> left' + (x - left) length' / length,   w -> w |box'| / |box|
//
//   auto unit = rescaled(d, Box<1>{{0.0, 1.0}});
//
// All grids of the library do it. Your own grid has a member `MyGrid rescaled(const Box<dimension>&) const`.
// The rule makes its weights anew on the new grid; weights that were given (the rule Given) are multiplied by
// the ratio of the measures.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/interval_grid.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/grids/product.hpp>
#include <fredholm/space/grids/scattered.hpp>
#include <fredholm/space/rules/given.hpp>

namespace fredholm {

namespace detail {

inline double moved(double x, const Interval& from, const Interval& to) {
  if (x == from.left) return to.left;
  if (x == from.right) return to.right;
  const long double part = (static_cast<long double>(x) - from.left) / wide_length(from);
  return static_cast<double>(to.left + part * wide_length(to));
}

/// The library's grids on an interval: UniformGrid, PeriodicGrid, ...
template <class Grid, Index Extent>
std::true_type is_on_interval(const IntervalGrid<Grid, Extent>&);
std::false_type is_on_interval(...);
template <class Grid>
inline constexpr bool is_interval_grid = decltype(is_on_interval(std::declval<const Grid&>()))::value;

inline ScatteredGrid rescaled_grid(const ScatteredGrid& grid, const Box<1>& box) {
  std::vector<double> points = grid.points();
  for (double& x : points) x = moved(x, grid.box()[0], box[0]);
  return {std::move(points), box[0]};
}

template <Index D>
PointCloud<D> rescaled_grid(const PointCloud<D>& grid, const Box<D>& box) {
  const std::vector<double> from = grid.points();
  std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(grid.size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto axis = i % static_cast<std::size_t>(D);
    const auto a = static_cast<Index>(axis);
    points[i / static_cast<std::size_t>(D)][axis] = moved(from[i], grid.box()[a], box[a]);
  }
  return {box, std::move(points)};
}

template <class Grid>
Grid rescaled_grid(const Grid& grid, const Box<Grid::dimension>& box) {
  constexpr bool own = requires { grid.rescaled(box); };
  static_assert(own || is_interval_grid<Grid>,
                "rescaled(d, box): the grid does not say how it is moved to another box. Give it a member "
                "`MyGrid rescaled(const Box<dimension>& box) const`.");
  if constexpr (own) {
    return grid.rescaled(box);
  } else if constexpr (!is_interval_grid<Grid>) {
    return grid;  // not reached: the sentence above has been said
  } else if constexpr (extent_of<Grid> == dynamic) {
    return Grid(box[0].left, box[0].right, grid.size());
  } else {
    return Grid(box[0].left, box[0].right);
  }
}

/// The intervals of one factor of a product; `first` moves on.
template <Index D, Index All>
Box<D> part_of_box(const Box<All>& box, Index& first) {
  Box<D> part;
  for (Index axis = 0; axis < D; ++axis) part[axis] = box[first++];
  return part;
}

template <class... Grids>
ProductGrid<Grids...> rescaled_grid(const ProductGrid<Grids...>& grid,
                                    const Box<ProductGrid<Grids...>::dimension>& box) {
  return std::apply(
      [&](const Grids&... factor) {
        Index first = 0;  // braces: the factors come in order
        return std::apply(
            [](auto&&... moved) { return ProductGrid<Grids...>(std::move(moved)...); },
            std::tuple<Grids...>{rescaled_grid(factor, part_of_box<Grids::dimension>(box, first))...});
      },
      grid.axes());
}

}  // namespace detail

/// The discretization moved to another box.
template <class Grid, class Rule>
Discretization<Grid, Rule> rescaled(const Discretization<Grid, Rule>& d, const Box<Grid::dimension>& box) {
  for (Index axis = 0; axis < Grid::dimension; ++axis) require_interval(box[axis], "rescaled");
  if (box == d.box()) return d;
  Rule rule = d.rule();
  if constexpr (std::same_as<Rule, Given>) {
    for (double& w : rule.values) w *= box.measure() / d.measure();
  }
  return {detail::rescaled_grid(d.grid(), box), std::move(rule)};
}

}  // namespace fredholm
