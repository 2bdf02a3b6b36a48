// Fields moved by a symmetry of their domain: the values are the same, at other points of the same grid.
//
//   mirrored(u, axis)       v(..., x, ...) = u(..., left + right - x, ...)   grids that are their own mirror
//                                                                            image
//   swapped(u)              v(x, y) = u(y, x)                                a square, with the same points
//                                                                            both ways
//   rolled(u, axis, cells)  v(..., x, ...) = u(..., x - cells * step, ...)   periodic grids
//
// and groups of them: `apply(g, u)` moves a field by element g = 0, ..., elements - 1, 0 is the identity, and
// `undo(g, u)` moves it back.
//
//   Mirrors<Axes...>        reflections of these axes, one and several       2^axes elements
//   OddMirror<Axis>         -u(left + right - x)                             2
//   SquareSymmetries        reflections, diagonals, quarter turns            8
//
// Where an equation, its domain and what it is driven by have a symmetry, a solution that is moved is another
// solution, exactly: for training on more than was computed (train/augment.hpp), and for models that have the
// symmetry themselves (operators/equivariant.hpp). Values are permuted, nothing is interpolated, and the rule
// is not asked: it had better have the symmetry, too. A vector's components are channels, and are not turned.
#pragma once

#include <algorithm>
#include <array>
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
  return u.with(take(u.values(), std::move(sources), axis + 1));
}

template <class Discretization, class Scalar>
void require_movable(const Field<Discretization, Scalar>& u, Index axis, const char* what) {
  static_assert(
      Discretization::rank == Discretization::dimension,
      "mirrored, swapped and rolled move a field on a grid with an axis for each coordinate; the points of a cloud "
      "lie on no axis.");
  require(axis >= 0 && axis < u.rank, what, ": axis ", axis, " of a field with ", u.rank, " axes of points.");
}

/// The same place along an axis, to the rounding of points.
inline bool same_place(double a, double b, const Interval& domain) {
  const double round_off =
      4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(domain.left), std::abs(domain.right));
  return std::abs(a - b) <= 1e-12 * domain.length() + round_off;
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
  for (Index i = first; i < n; ++i) {
    const double image = domain.left + domain.right - x[static_cast<std::size_t>(i)];
    const double there = x[static_cast<std::size_t>(n - 1 - i + first)];
    require(detail::same_place(there, image, domain), "mirrored: the ", n, " points of axis ", axis,
            " are not symmetric about the middle of ", domain, ": ", there, " stands where ", image,
            " should. Resample onto a grid that is.");
  }
  return detail::permuted(u, axis, [=](Index i) { return (n - 1 - i + first) % n; });
}

/// Throws std::invalid_argument if the two axes have different points or ends.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> swapped(const Field<Discretization, Scalar>& u) {
  static_assert(Discretization::rank == 2, "swapped(u): the field has two axes of points.");
  detail::require_movable(u, 0, "swapped");
  using Grid = typename Discretization::grid_type;
  static_assert(
      family_along<Grid>(0) == family_along<Grid>(1),
      "swapped(u): one axis goes around and the other does not, or their points are of different kinds.");
  const auto& d = u.discretization();
  const Interval first = d.box()[0], second = d.box()[1];
  require(detail::same_place(first.left, second.left, first) &&
              detail::same_place(first.right, second.right, first),
          "swapped: axis 0 is ", first, " and axis 1 is ", second, ". Both have the same ends.");
  const std::vector<double>&x = d.nodes(0), &y = d.nodes(1);
  require(x.size() == y.size(), "swapped: axis 0 has ", x.size(), " points and axis 1 has ", y.size(),
          ". Both have the same.");
  for (std::size_t i = 0; i < x.size(); ++i) {
    require(detail::same_place(x[i], y[i], first), "swapped: point ", i, " of axis 0 is ", x[i],
            " and of axis 1 ", y[i], ". Both have the same.");
  }
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

namespace detail {

template <std::size_t N>
constexpr bool are_distinct(const std::array<Index, N>& values) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (values[i] == values[j]) return false;
    }
  }
  return true;
}

template <class Group>
void require_element(Index element, const char* what) {
  require(element >= 0 && element < Group::elements, what, " has the elements 0 to ", Group::elements - 1,
          ", and was asked for ", element, ".");
}

}  // namespace detail

/// The reflections of some axes, and of several together: Mirrors<0>, Mirrors<0, 1>.
template <Index... Axes>
struct Mirrors {
  static_assert(sizeof...(Axes) > 0, "Mirrors<Axes...>: name the axes, Mirrors<0> or Mirrors<0, 1>.");
  static_assert(detail::are_distinct(std::array<Index, sizeof...(Axes)>{Axes...}),
                "Mirrors<Axes...>: an axis is named twice.");
  static constexpr Index elements = Index{1} << sizeof...(Axes);

  template <AnyField F>
  static F apply(Index element, F u) {
    static_assert(((Axes >= 0 && Axes < F::rank) && ...),
                  "Mirrors<Axes...>: the field has no such axis; they are counted from 0.");
    detail::require_element<Mirrors>(element, "Mirrors<Axes...>");
    Index moves = element;
    const auto next = [&](Index axis) {
      if (moves % 2 != 0) u = mirrored(u, axis);
      moves /= 2;
    };
    (next(Axes), ...);
    return u;
  }
  /// They commute, and each is its own inverse.
  template <AnyField F>
  static F undo(Index element, const F& u) {
    return apply(element, u);
  }
};

/// -u(left + right - x): the symmetry of Burgers' equation.
template <Index Axis = 0>
struct OddMirror {
  static constexpr Index elements = 2;

  template <AnyField F>
  static F apply(Index element, const F& u) {
    const F v = Mirrors<Axis>::apply(element, u);
    return element == 0 ? v : -1.0 * v;
  }
  template <AnyField F>
  static F undo(Index element, const F& u) {
    return apply(element, u);
  }
};

/// The reflections of both axes, and with the diagonal, which exchanges them, all that maps a square onto
/// itself.
struct SquareSymmetries {
  static constexpr Index elements = 8;

  template <AnyField F>
  static F apply(Index element, const F& u) {
    static_assert(F::rank == 2, "SquareSymmetries move a field with two axes of points.");
    detail::require_element<SquareSymmetries>(element, "SquareSymmetries");
    const F v = Mirrors<0, 1>::apply(element % 4, u);
    return element >= 4 ? swapped(v) : v;
  }
  template <AnyField F>
  static F undo(Index element, const F& u) {
    detail::require_element<SquareSymmetries>(element, "SquareSymmetries");
    return Mirrors<0, 1>::apply(element % 4, element >= 4 ? swapped(u) : u);
  }
};

/// A group that moves fields of type F. One of your own is such a type; whether it is closed, names each
/// element once and undoes what it applies, laws::symmetry finds out.
template <class Group, class F>
concept SymmetryGroupOf = AnyField<F> && requires(Index element, const F& u) {
  requires Group::elements > 0;
  { Group::apply(element, u) } -> std::same_as<F>;
  { Group::undo(element, u) } -> std::same_as<F>;
};

namespace detail {

/// Says in a sentence what is missing: static_assert(is_group<Group, F>()).
template <class Group, class F>
constexpr bool is_group() {
  static_assert(
      SymmetryGroupOf<Group, F>,
      "a group of symmetries is a type with a constant `elements` and static functions `apply(element, u)` and "
      "`undo(element, u)`, both from a field to a field of the same type.");
  return true;
}

}  // namespace detail

}  // namespace fredholm
