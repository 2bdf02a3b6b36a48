// The derivative of a field along an axis.
//
//   (d u / d x_axis)(x_j),   of the function that the grid puts through the values (space/interpolation.hpp)
//
// Spectral on periodic, Chebyshev and Legendre grids, order 8 on uniform and midpoint grids, order 4 on
// scattered points. On many periodic points it goes by FFT, otherwise by a matrix. A derivative is linear;
// its adjoint is the transposed map. Axes: 0 is x, the last is t.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/fourier_derivative.hpp>
#include <fredholm/space/interpolation.hpp>

namespace fredholm {

namespace detail {

/// The grid along one axis of the array; the grid itself if it has but one.
template <Index Axis, class Grid>
const auto& grid_along(const Grid& grid) {
  if constexpr (is_product<Grid>) {
    return grid.template axis<static_cast<std::size_t>(Axis)>();
  } else {
    return grid;
  }
}

template <Index Axis, class Discretization>
using GridAlong =
    std::remove_cvref_t<decltype(grid_along<Axis>(std::declval<const Discretization&>().grid()))>;

/// Its points lie on a line in order, so that a function can be put through values at them.
template <class Grid>
inline constexpr bool is_line = AnyGrid1D<Grid> && family_of<Grid> != Family::cloud;

/// The matrix of an axis is computed once and kept with the discretization.
template <Index Axis, class Discretization, class Scalar>
Array<Scalar> derivative_along(const Array<Scalar>& values, const Discretization& d) {
  const auto& grid = grid_along<Axis>(d.grid());
  if constexpr (family_of<std::remove_cvref_t<decltype(grid)>> == Family::periodic) {
    if (grid.size() > fourier_derivative_from)
      return fourier_derivative(values, Axis + 1, grid.box()[0].length());
  }
  return apply_along(values, Axis + 1,
                     d.template derived<AxisMap>("differentiation " + std::to_string(Axis),
                                                 [&] { return differentiation(grid); }));
}

}  // namespace detail

/// derivative<0>(u) is u_x.
template <Index Axis, class Discretization, class Scalar>
Field<Discretization, Scalar> derivative(const Field<Discretization, Scalar>& u) {
  constexpr bool exists = 0 <= Axis && Axis < Discretization::rank;
  static_assert(exists, "derivative<Axis>(u): the field has no such axis. Axes are counted from 0.");
  if constexpr (exists) {
    constexpr bool line = detail::is_line<detail::GridAlong<Axis, Discretization>>;
    static_assert(line,
                  "derivative<Axis>(u): a cloud of points is in no order, and nothing is known between its "
                  "points. Sample on a grid, or take derivatives of the operator that made the field.");
    if constexpr (line) {
      return u.with(detail::derivative_along<Axis>(u.values(), u.discretization()));
    }
  }
}

}  // namespace fredholm
