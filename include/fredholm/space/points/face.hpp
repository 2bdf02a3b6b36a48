// The boundary of a box, as weighted points of the box.
//
//   auto wall = face(box, 0, Side::lower, line);          // x = left; `line` discretizes the other axes
//   auto wall = face(inside, 0, Side::lower);             // the same, with the nodes and rules of a product
//   auto start = initial(inside);                         // t = left of the last axis
//   auto rim = boundary(inside);                          // all faces, joined
//   auto walls = walls(inside);                           // all but those of the last axis, time
//   auto both = join(start, walls);
//
//   sum_j w_j f(x_j) ~ int_face f dS
//
// The points have all coordinates of the domain, so that a network and its derivatives are evaluated there as
// inside; the weights are those of the rule on the face, of one dimension less, and integrate over it at the
// order of that rule. They add up to the measure of the face: for a box of one dimension to 1, one point.
// Corners belong to every face that has them. All are Discretization<PointCloud<D>, Given>.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/part.hpp>
#include <fredholm/space/rules/given.hpp>

namespace fredholm {

/// Points of a domain of any kind with a weight each: of a part of it, of its boundary.
template <Index D>
using WeightedPoints = Discretization<PointCloud<D>, Given>;

/// Which end of an axis.
enum class Side { lower, upper };

/// All points of a discretization, as a cloud that carries their weights.
template <class Grid, class Rule>
WeightedPoints<Grid::dimension> weighted_points(const Discretization<Grid, Rule>& d) {
  return part_of_points(d, 0, d.size());
}

namespace detail {

template <Index D>
void require_axis(Index axis, const char* where) {
  require(0 <= axis && axis < D, where, ": axis ", axis, " of a box with ", D, " axes, counted from 0.");
}

inline double end_of(const Interval& interval, Side side) {
  return side == Side::lower ? interval.left : interval.right;
}

/// The coordinates of a point of a face, and the one across it, in the order of the domain.
template <Index D>
std::array<double, static_cast<std::size_t>(D)> lifted(const double* on_face, Index axis, double across) {
  std::array<double, static_cast<std::size_t>(D)> point{};
  for (Index a = 0; a < D; ++a)
    point[static_cast<std::size_t>(a)] = a == axis ? across : on_face[a < axis ? a : a - 1];
  return point;
}

}  // namespace detail

/// The face of a box across an axis, with the points and weights of a discretization of the other axes, in
/// their order.
template <Index D, AnyDiscretization Face>
WeightedPoints<D> face(const Box<D>& box, Index axis, Side side, const Face& on_face) {
  constexpr bool fits = Face::dimension == D - 1;
  static_assert(
      fits,
      "face(box, axis, side, on_face): a face has one dimension less than the box. Give a discretization "
      "of the other axes, in their order; a box of one axis takes none: face(box, 0, side).");
  detail::require_axis<D>(axis, "face");
  std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(on_face.size()));
  if constexpr (fits) {
    const std::vector<double>& coordinates = on_face.points();
    for (Index j = 0; j < on_face.size(); ++j) {
      auto& point = points[static_cast<std::size_t>(j)];
      point = detail::lifted<D>(coordinates.data() + j * (D - 1), axis, detail::end_of(box[axis], side));
      for (Index a = 0; a < D; ++a) {
        const double x = point[static_cast<std::size_t>(a)];
        require(box[a].contains(x), "face: point ", j, " of the face has coordinate ", a, " = ", x,
                ", outside of the domain, which has ", box[a],
                " there. Discretize the face on the box's other intervals.");
      }
    }
  }
  return {PointCloud<D>(box, std::move(points)), Given{on_face.weights()}};
}

/// An end of an interval: one point of weight 1.
inline WeightedPoints<1> face(const Box<1>& box, Index axis, Side side) {
  detail::require_axis<1>(axis, "face");
  return {PointCloud<1>(box, {{detail::end_of(box[0], side)}}), Given{{1.0}}};
}

/// The face of the domain of a product, with the nodes and weights that the product has along the other axes.
template <class Grid, class Rule>
WeightedPoints<Grid::dimension> face(const Discretization<Grid, Rule>& domain, Index axis, Side side) {
  constexpr Index D = Grid::dimension;
  constexpr bool product = D == rank_of<Grid> && Discretization<Grid, Rule>::separable;
  static_assert(
      product,
      "face(domain, axis, side) takes the nodes and weights of the other axes of a product, and a cloud of "
      "points has none. Discretize the face: face(box, axis, side, on_face).");
  detail::require_axis<D>(axis, "face");
  std::vector<typename PointCloud<D>::Point> points(1);
  std::vector<long double> weights{1.0L};
  if constexpr (product) {
    for (Index a = 0; a < D; ++a) {
      const std::vector<double> across{detail::end_of(domain.box()[a], side)}, one{1.0};
      const std::vector<double>& nodes = a == axis ? across : domain.nodes(a);
      const std::vector<double>& factors = a == axis ? one : domain.axis_weights(a);
      std::vector<typename PointCloud<D>::Point> more_points;
      std::vector<long double> more_weights;
      for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = 0; j < nodes.size(); ++j) {
          more_points.push_back(points[i]);
          more_points.back()[static_cast<std::size_t>(a)] = nodes[j];
          more_weights.push_back(weights[i] * static_cast<long double>(factors[j]));
        }
      }
      points = std::move(more_points);
      weights = std::move(more_weights);
    }
  }
  return {PointCloud<D>(domain.box(), std::move(points)),
          Given{std::vector<double>(weights.begin(), weights.end())}};
}

/// The lower face of the last axis, which is time: where an initial condition holds.
template <Index D, AnyDiscretization Face>
WeightedPoints<D> initial(const Box<D>& box, const Face& on_face) {
  return face(box, D - 1, Side::lower, on_face);
}
template <class Grid, class Rule>
WeightedPoints<Grid::dimension> initial(const Discretization<Grid, Rule>& domain) {
  return face(domain, Grid::dimension - 1, Side::lower);
}

namespace detail {

template <Index D>
WeightedPoints<D> joined(const std::vector<WeightedPoints<D>>& parts) {
  std::vector<typename PointCloud<D>::Point> points;
  std::vector<double> weights;
  for (const auto& part : parts) {
    require(part.box() == parts.front().box(),
            "join: the points are of different domains. Make all of them with the same box.");
    const std::vector<double>& coordinates = part.points();
    for (Index j = 0; j < part.size(); ++j) {
      points.emplace_back();
      std::copy_n(coordinates.begin() + j * D, D, points.back().begin());
    }
    weights.insert(weights.end(), part.weights().begin(), part.weights().end());
  }
  return {PointCloud<D>(parts.front().box(), std::move(points)), Given{std::move(weights)}};
}

template <class Grid, class Rule>
WeightedPoints<Grid::dimension> faces(const Discretization<Grid, Rule>& domain, Index axes) {
  std::vector<WeightedPoints<Grid::dimension>> all;
  for (Index axis = 0; axis < axes; ++axis) {
    all.push_back(face(domain, axis, Side::lower));
    all.push_back(face(domain, axis, Side::upper));
  }
  return joined(all);
}

}  // namespace detail

/// The points of several parts of one domain, one after the other: the integral over all of them is the sum.
template <AnyDiscretization First, AnyDiscretization... Others>
WeightedPoints<First::dimension> join(const First& first, const Others&... others) {
  constexpr bool same = (... && (Others::dimension == First::dimension));
  static_assert(same, "join: the points have different numbers of coordinates. Join parts of one domain.");
  std::vector<WeightedPoints<First::dimension>> parts{weighted_points(first)};
  if constexpr (same) (parts.push_back(weighted_points(others)), ...);
  return detail::joined(parts);
}

/// All faces of the domain of a product.
template <class Grid, class Rule>
WeightedPoints<Grid::dimension> boundary(const Discretization<Grid, Rule>& domain) {
  return detail::faces(domain, Grid::dimension);
}

/// All faces but those of the last axis, which is time: where boundary conditions in space hold.
template <class Grid, class Rule>
WeightedPoints<Grid::dimension> walls(const Discretization<Grid, Rule>& domain) {
  static_assert(
      Grid::dimension >= 2,
      "walls(domain): the last axis is time, and there is no other. Use boundary(domain), or a domain "
      "with time.");
  return detail::faces(domain, Grid::dimension - 1);
}

/// The points where a condition holds: condition(x, y, ...) or condition(std::array<double, D>). The weights
/// stay, so that what is cut out by a line through cells is integrated at order 1.
template <AnyDiscretization Points, class Condition>
WeightedPoints<Points::dimension> points_where(const Points& d, const Condition& condition) {
  constexpr Index D = Points::dimension;
  std::vector<typename PointCloud<D>::Point> points;
  std::vector<double> weights;
  for (Index j = 0; j < d.size(); ++j) {
    typename PointCloud<D>::Point point{};
    std::copy_n(d.points().begin() + j * D, D, point.begin());
    bool holds = false;
    if constexpr (std::is_invocable_v<const Condition&, typename PointCloud<D>::Point>) {
      holds = condition(point);
    } else {
      holds = std::apply(condition, point);
    }
    if (!holds) continue;
    points.push_back(point);
    weights.push_back(d.weights()[static_cast<std::size_t>(j)]);
  }
  require(
      !points.empty(), "points_where: the condition holds at none of the ", d.size(),
      " points, and a term of a loss needs at least one. Is it meant for the coordinates of this domain? On a "
      "boundary compare with a tolerance.");
  return {PointCloud<D>(d.box(), std::move(points)), Given{std::move(weights)}};
}

}  // namespace fredholm
