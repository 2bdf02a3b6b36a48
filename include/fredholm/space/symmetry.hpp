// Fields moved by a symmetry of their domain: the values are the same, at other points of the same grid.
//
//   mirrored(u, axis)       v(..., x, ...) = u(..., left + right - x, ...)   grids that are their own mirror
//                                                                            image
//   swapped(u)              v(x, y) = u(y, x)                                a square, with the same points
//                                                                            both ways
//   rolled(u, axis, cells)  v(..., x, ...) = u(..., x - cells * step, ...)   periodic grids
//
// and groups of them: `apply(g, u)` moves a field by element g = 0, ..., order - 1, 0 is the identity, and
// `undo(g, u)` moves it back.
//
//   Mirrors<Axes...>        reflections of these axes                        2^axes elements
//   SquareSymmetries        reflections, diagonal, quarter turns             8
//
// Where an equation, its domain and what it is driven by have a symmetry, a solution that is moved is another
// solution, exactly: for training on more than was computed (train/augment.hpp), and for models that have the
// symmetry themselves (operators/equivariant.hpp). Values are permuted, nothing is interpolated, and the rule
// is not asked: it had better have the symmetry, too. A vector's components are channels, and are not turned.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/swap_axes.hpp>
#include <fredholm/autodiff/ops/take.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

namespace detail {

/// The values at index source(i) along an axis of the points, for each i.
template <class Discretization, class Scalar, class Source>
Field<Discretization, Scalar> permuted(const Field<Discretization, Scalar>& u, Index axis,
                                       const Source& source) {
  std::vector<Index> sources(static_cast<std::size_t>(u.values().shape(axis + 1)));
  for (Index i = 0; i < std::ssize(sources); ++i) sources[static_cast<std::size_t>(i)] = source(i);
  return u.with(take(u.values(), axis + 1, std::move(sources)));
}

template <class Discretization, class Scalar>
void require_movable(const Field<Discretization, Scalar>& u, Index axis, const char* what) {
  static_assert(
      Discretization::rank == Discretization::dimension,
      "mirrored, swapped and rolled move a field on a grid with an axis for each coordinate; the points of a cloud "
      "lie on no axis.");
  require(axis >= 0 && axis < u.rank, what, ": axis ", axis, " of a field with ", u.rank, " axes of points.");
}

}  // namespace detail

/// Throws std::invalid_argument if the points along the axis are not symmetric about the middle of the
/// domain.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> mirrored(const Field<Discretization, Scalar>& u, Index axis = 0) {
  detail::require_movable(u, axis, "mirrored");
  const auto& d = u.discretization();
  const std::vector<double>& x = d.nodes(axis);
  const Interval domain = d.box()[axis];
  const Index n = std::ssize(x);
  // The left end of a period is the right one: its own image. All other points are among themselves.
  const Index first = family_along<typename Discretization::grid_type>(axis) == Family::periodic ? 1 : 0;
  const double round_off =
      4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(domain.left), std::abs(domain.right));
  for (Index i = first; i < n; ++i) {
    const double image = domain.left + domain.right - x[static_cast<std::size_t>(i)];
    const double there = x[static_cast<std::size_t>(n - 1 - i + first)];
    require(std::abs(image - there) <= 1e-12 * domain.length() + round_off, "mirrored: the ", n,
            " points of axis ", axis, " are not symmetric about the middle of [", domain.left, ", ",
            domain.right, "]: ", there, " stands where ", image, " should. Resample onto a grid that is.");
  }
  return detail::permuted(u, axis, [=](Index i) { return (n - 1 - i + first) % n; });
}

/// Throws std::invalid_argument if the two axes have different points.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> swapped(const Field<Discretization, Scalar>& u) {
  static_assert(Discretization::rank == 2, "swapped(u): the field has two axes of points.");
  detail::require_movable(u, 0, "swapped");
  const auto& d = u.discretization();
  require(d.nodes(0) == d.nodes(1), "swapped: the ", d.nodes(0).size(), " points of axis 0 and the ",
          d.nodes(1).size(), " of axis 1 are not the same.");
  return u.with(swap_axes(u.values(), 1, 2));
}

/// By whole cells, to the right if `cells` is positive.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> rolled(const Field<Discretization, Scalar>& u, Index axis, Index cells) {
  detail::require_movable(u, axis, "rolled");
  const Index n = u.values().shape(axis + 1);
  require(family_along<typename Discretization::grid_type>(axis) == Family::periodic, "rolled: the ", n,
          " points of axis ", axis, " are no PeriodicGrid, and do not go around.");
  const Index back = ((cells % n) + n) % n;
  return detail::permuted(u, axis, [=](Index i) { return (i + n - back) % n; });
}

/// The reflections of some axes, and of several together: Mirrors<0>, Mirrors<0, 1>.
template <Index... Axes>
struct Mirrors {
  static constexpr Index order = Index{1} << sizeof...(Axes);

  template <AnyField F>
  static F apply(Index element, F u) {
    Index bit = 1;
    ((u = (element & bit) != 0 ? mirrored(u, Axes) : u, bit <<= 1), ...);
    return u;
  }
  template <AnyField F>
  static F undo(Index element, const F& u) {
    return apply(element, u);  // they commute, and each is its own inverse
  }
};

/// The reflections of both axes, and with the diagonal, which exchanges the axes, all that maps a square onto itself.
struct SquareSymmetries {
  static constexpr Index order = 8;

  template <AnyField F>
  static F apply(Index element, const F& u) {
    const F v = Mirrors<0, 1>::apply(element % 4, u);
    return element >= 4 ? swapped(v) : v;
  }
  template <AnyField F>
  static F undo(Index element, const F& u) {
    return Mirrors<0, 1>::undo(element % 4, element >= 4 ? swapped(u) : u);
  }
};

/// What Equivariant and laws::symmetry ask of a group; one of your own is such a type.
template <class Group, class F>
concept SymmetryGroupOf = requires(Index element, const F& u) {
  { Group::order } -> std::convertible_to<Index>;
  { Group::apply(element, u) } -> std::same_as<F>;
  { Group::undo(element, u) } -> std::same_as<F>;
};

}  // namespace fredholm
