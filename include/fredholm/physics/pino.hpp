// Physics losses for operators: what an operator's output is held to, in place of data.
//
//   loss(model) = mean over a batch of  a / |Omega| int |R(u)|^2 + b / |space| int (u(x, 0) - u0)^2
//   with u = model(input)
//
//   auto input = through_time(u0, space_time);                   // u0(x) at every time: a field on (x, t)
//   auto u = model(input);                                       // an Fno<2>, say
//   auto residual = derivative<1>(u) + u * derivative<0>(u) - nu * derivative<0>(derivative<0>(u));
//   auto loss = mean_square(residual) + 5.0 * mean_squared_error(at_start(u), u0);
//
//   const PinoLoss loss{residual_of_u, {.start = 5.0}};         // the same as a loss: loss(model, input, u0)
//   fit(model, loss, loader, ...);                               // batches of input and u0
//
// The fields are on a product of grids with time as the last axis, and derivatives are the grid's
// (space/derivative.hpp): spectral on PeriodicGrid, ChebyshevGrid and LegendreGrid, order 8 on UniformGrid,
// whose ends are no exception. So time, which has no period, wants a UniformGrid or a ChebyshevGrid:
// derivatives by FFT in time are wrong at both ends. The integrals are by the rule of the grid, and do not
// change with its number of points.
//
// For residuals of a network of coordinates see pinn.hpp; those that are written with derivatives<...> there
// serve here, too: residual(on_grid(u), u.discretization()), see on_grid.hpp.
//
// Source: Li et al., Physics-informed neural operator for learning partial differential equations (2021), (5)
// and section 3.3.
#pragma once

#include <cmath>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/grids/product.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/train/loss.hpp>

namespace fredholm {

namespace detail {

/// The grid and the rule of all axes but the last.
template <class Grid, class Rule>
auto without_last_axis(const Discretization<Grid, Rule>& d) {
  static_assert(
      is_product<Grid> && rank_of<Grid> >= 2 && Discretization<Grid, Rule>::separable,
      "A field on space and time is on a ProductGrid whose last axis is time, with a rule for each axis.");
  constexpr auto axes = static_cast<std::size_t>(rank_of<Grid>) - 1;
  const auto rules = [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
    return ProductRule<AxisRule<Rule, Axis>...>(axis_rule<Axis>(d.rule())...);
  };
  if constexpr (axes == 1) {
    using Space = Discretization<AxisGrid<Grid, 0>, AxisRule<Rule, 0>>;
    return Space(d.grid().template axis<0>(), axis_rule<0>(d.rule()));
  } else {
    return [&]<std::size_t... Axis>(std::index_sequence<Axis...> all) {
      using Product = ProductGrid<AxisGrid<Grid, Axis>...>;
      if constexpr (is_product_rule<Rule>) {
        return Discretization<Product, ProductRule<AxisRule<Rule, Axis>...>>(
            Product(d.grid().template axis<Axis>()...), rules(all));
      } else {
        return Discretization<Product, Rule>(Product(d.grid().template axis<Axis>()...), d.rule());
      }
    }(std::make_index_sequence<axes>());
  }
}

/// (batch, x1, ..., xd, channel) from (batch, x1, ..., xd, 1, channel).
inline Shape without_axis(const Shape& shape, Index axis) {
  Shape result;
  for (Index i = 0; i < shape.size(); ++i) {
    if (i != axis) result.push_back(shape[i]);
  }
  return result;
}

}  // namespace detail

/// What space and time leave of a discretization without time.
template <class Grid, class Rule>
auto space_of(const Discretization<Grid, Rule>& d) {
  using Space = decltype(detail::without_last_axis(d));
  return *d.template derived<Space>("space", [&] { return detail::without_last_axis(d); });
}

namespace detail {

template <class Discretization>
AxisMap map_to_time(const Discretization& d, double t) {
  const std::vector<double> there{t};
  return interpolation(grid_along<Discretization::rank - 1>(d.grid()), there);
}

template <class Discretization, class Scalar>
auto slice_of_time(const Field<Discretization, Scalar>& u, std::shared_ptr<const AxisMap> map) {
  const auto space = space_of(u.discretization());
  const Array<Scalar> slice = apply_along(u.values(), Discretization::rank, std::move(map));
  return Field<std::remove_const_t<decltype(space)>, Scalar>(
      space, slice.reshaped(without_axis(slice.shape(), Discretization::rank)));
}

}  // namespace detail

/// u(x, t) at one time, as the grid of time interpolates: at a node, the values there. A field on space.
template <class Discretization, class Scalar>
auto at_time(const Field<Discretization, Scalar>& u, double t) {
  return detail::slice_of_time(u,
                               std::make_shared<const AxisMap>(detail::map_to_time(u.discretization(), t)));
}

/// u at the left end of time.
template <class Discretization, class Scalar>
auto at_start(const Field<Discretization, Scalar>& u) {
  const auto& d = u.discretization();
  const double left = d.box()[Discretization::dimension - 1].left;
  return detail::slice_of_time(
      u, d.template derived<AxisMap>("the start of time", [&] { return detail::map_to_time(d, left); }));
}

/// u0(x) at every time: a field on space and time, to be the input of an operator on both.
template <class Space, class Scalar, class Discretization>
Field<Discretization, Scalar> through_time(const Field<Space, Scalar>& start, const Discretization& d) {
  using Expected = decltype(detail::without_last_axis(d));
  static_assert(
      std::is_same_v<Space, Expected>,
      "through_time(u0, d): u0 is not on the space of d. Sample it on space_of(d), or resample it.");
  require(start.discretization() == detail::without_last_axis(d), "through_time(u0, d): u0 is on ",
          start.points(),
          " points that are not those of the space of d. Use "
          "resample(u0, space_of(d)).");
  const Index times = d.shape().back(), axis = start.values().rank() - 1;
  Shape shape = start.values().shape();
  shape[axis] = 1;
  shape.push_back(start.channels());
  const AxisMap repeat = AxisMap::dense(times, 1, std::vector<double>(static_cast<std::size_t>(times), 1.0));
  return {d, apply_along(start.values().reshaped(shape), axis, repeat)};
}

/// The mean over batch and channels of int r^2 / |Omega|: mean_squared_error(r, 0).
template <class Discretization, class Scalar>
Number<Scalar> mean_square(const Field<Discretization, Scalar>& r) {
  const double volume = r.discretization().measure() * static_cast<double>(r.channels());
  return mean(detail::l2_squares(r)) / static_cast<Scalar>(volume);
}

struct PinoWeights {
  double residual = 1;
  double start = 1;
};

/// loss(model, input, start) of an operator on space and time. `residual` takes the field that the operator
/// returns.
template <class Residual>
struct PinoLoss {
  Residual residual;
  PinoWeights weights = {};

  template <class Model, class Input, class Start>
  auto operator()(const Model& model, const Input& input, const Start& start) const {
    const auto u = model(input);
    using Scalar = typename std::remove_cvref_t<decltype(u)>::scalar_type;
    return static_cast<Scalar>(weights.residual) * mean_square(residual(u)) +
           static_cast<Scalar>(weights.start) * mean_squared_error(at_start(u), start);
  }
};
template <class Residual>
PinoLoss(Residual) -> PinoLoss<Residual>;
template <class Residual>
PinoLoss(Residual, PinoWeights) -> PinoLoss<Residual>;

}  // namespace fredholm
