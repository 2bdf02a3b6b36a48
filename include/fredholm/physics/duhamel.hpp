// Heat flow and Duhamel's integral: the linear half of u_t - nu u_xx = f on a period, solved exactly.
//
//   heat_flow(u0, d, nu)    S(t) u0,                     S(t) = exp(nu t d^2/dx^2)
//   duhamel(f, nu)          int_0^t S(t - s) f(s) ds     = (d/dt - nu d^2/dx^2)^-1 f,  zero at the start
//
//   auto picard = heat_flow(u0, d, nu) - 0.5 * duhamel(derivative<0>(u * u), nu);
//   auto loss = relative_error<L2>(u, picard);      // u solves Burgers' equation from u0 where it is 0
//
// u - S u0 - duhamel(f(u)) is the mild residual: the strong one, u_t - nu u_xx - f(u), behind the inverse of
// its linear part. With the start given it has the same zeros, and no derivative that is not integrated, so
// that it is about as large as the error of u, at all frequencies, over times in which f does little.
// (at_start(u) in the place of u0 asks for a solution from any start. It is for models that have theirs built
// in, on grids with a node there: ChebyshevGrid.)
//
// Fields are on a period and time, the last axis; for duhamel a ChebyshevGrid or a LegendreGrid. Both are
// exact at the points of the grid, heat_flow for every u0 and duhamel for every f that they hold:
// trigonometric in x, below the frequency n/2 of n points, and polynomial in t. The rule of d plays no part
// in it. For each frequency k time goes by the matrix
//
//   M_ij = int_0^{t_i} exp(-lambda (t_i - s)) l_j(s) ds,   lambda = nu (2 pi k / L)^2
//
// with l_j the polynomial that is 1 at t_j alone, so that both are a spectral convolution
// (layers/spectral.hpp) with the times as channels and weights that are known. nu is a constant: there is no
// gradient by it, and for each value some n n_t^2 / 2 numbers stay with d.
//
// Source: Pazy, Semigroups of linear operators and applications to partial differential equations (1983),
// section 6.1.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

#include <fredholm/core/digits.hpp>
#include <fredholm/layers/spectral.hpp>
#include <fredholm/physics/pino.hpp>
#include <fredholm/space/grids/legendre.hpp>
#include <fredholm/space/rules/gauss_legendre.hpp>
#include <fredholm/space/rules/trapezoid.hpp>

namespace fredholm {

namespace detail {

template <class Discretization>
constexpr bool is_period_and_time() {
  if constexpr (Discretization::rank == 2 && Discretization::dimension == 2) {
    return family_of<GridAlong<0, Discretization>> == Family::periodic;
  } else {
    return false;
  }
}

/// Whether polynomials are known at the times.
template <class Discretization>
constexpr bool is_polynomial_in_time() {
  constexpr Family time = family_of<GridAlong<1, Discretization>>;
  return time == Family::chebyshev || time == Family::legendre;
}

/// The period of d with the trapezoid rule, by which coefficients are exact, whatever the rule of d is.
template <class D>
auto circle_of(const D& d) {
  using Circle = Discretization<GridAlong<0, D>, Trapezoid>;
  return *d.template derived<Circle>("circle", [&] { return Circle(grid_along<0>(d.grid())); });
}

/// Gauss's points for the integrals of that many times.
inline Discretization<LegendreGrid<>, GaussLegendre> past_points(Index times) {
  return {{0.0, 1.0, 40 + times}};
}

/// l_j(s) -> int_0^{t_i} exp(-decay (t_i - s)) l_j(s) ds, as an array (j, i).
template <class Grid>
std::vector<double> duhamel_matrix(const Grid& time, double decay,
                                   const Discretization<LegendreGrid<>, GaussLegendre>& unit) {
  const std::vector<double> nodes = time.points();
  const double start = time.box()[0].left;
  const Index n = time.size();
  std::vector<double> matrix(static_cast<std::size_t>(n * n), 0.0);
  for (Index i = 0; i < n; ++i) {
    const double end = nodes[static_cast<std::size_t>(i)];
    const double begin = std::max(start, end - 40.0 / decay);  // exp(-40) is below round-off
    if (!(end > begin)) continue;
    std::vector<double> past = unit.points();
    for (double& x : past) x = begin + (end - begin) * x;
    const AxisMap values = interpolation(time, past);
    for (Index q = 0; q < unit.size(); ++q) {
      const auto at = static_cast<std::size_t>(q);
      const double weight =
          (end - begin) * unit.weights()[at] * std::exp(-decay * (end - begin) * (1.0 - unit.points()[at]));
      for (Index j = 0; j < n; ++j) matrix[static_cast<std::size_t>(j * n + i)] += weight * values(q, j);
    }
  }
  return matrix;
}

/// The convolution that applies of(lambda), an array (channels in, times), to the channels of each frequency.
template <class Scalar, class Discretization, class Of>
SpectralConvolution<1, Scalar> by_decay(const Discretization& d, double diffusion, Index in, const Of& of) {
  require(diffusion > 0, "heat_flow, duhamel: the diffusion is ", diffusion, ". Give a number > 0.");
  const Index n = d.shape()[0], modes = std::max<Index>(1, (n + 1) / 2), out = d.shape()[1];
  auto weight = Array<Scalar>::zeros({2, modes, in, out});  // real parts, and imaginary ones, which are zero
  for (Index k = 0; k < modes; ++k) {
    const double wave = 2 * std::numbers::pi * static_cast<double>(k) / d.box()[0].length();
    const std::vector<double> entries = of(diffusion * wave * wave);
    std::transform(entries.begin(), entries.end(), weight.mutable_data() + k * in * out,
                   [](double x) { return static_cast<Scalar>(x); });
  }
  SpectralConvolution<1, Scalar> result{Parameter<std::complex<Scalar>>(weight), {}};
  result.weight.set_frozen(true);
  return result;
}

}  // namespace detail

/// S(t) u0 at all times of d, which begin at the left end of its last axis.
template <class Space, class Scalar, class Discretization>
Field<Discretization, Scalar> heat_flow(const Field<Space, Scalar>& start, const Discretization& d,
                                        double diffusion) {
  static_assert(
      detail::is_period_and_time<Discretization>(),
      "heat_flow(u0, d, nu): d is space and time, ProductGrid<PeriodicGrid<>, ChebyshevGrid<>>, say.");
  static_assert(
      std::is_same_v<Space, decltype(space_of(d))>,
      "heat_flow(u0, d, nu): u0 is not on the space of d. Sample it on space_of(d), or resample it.");
  require(start.discretization() == space_of(d) && start.channels() == 1, "heat_flow(u0, d, nu): u0 has ",
          start.points(), " points and ", start.channels(),
          " channels. It has one channel on the space of d: sample it on space_of(d).");
  const auto flow =
      d.template derived<SpectralConvolution<1, Scalar>>("heat flow " + detail::all_digits(diffusion), [&] {
        return detail::by_decay<Scalar>(d, diffusion, 1, [&](double decay) {
          std::vector<double> factors = d.nodes(1);
          for (double& t : factors) t = std::exp(-decay * (t - d.box()[1].left));
          return factors;
        });
      });
  const auto channels = (*flow)(Field(detail::circle_of(d), start.values()));
  return {d, channels.values().reshaped(detail::field_shape(start.batch(), d.shape(), 1))};
}

/// int_0^t S(t - s) f(s) ds at all points of f.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> duhamel(const Field<Discretization, Scalar>& f, double diffusion) {
  static_assert(
      detail::is_period_and_time<Discretization>() && detail::is_polynomial_in_time<Discretization>(),
      "duhamel(f, nu): f is on space and time, ProductGrid<PeriodicGrid<>, ChebyshevGrid<>> or with a "
      "LegendreGrid<> in time.");
  const auto& d = f.discretization();
  require(f.channels() == 1, "duhamel(f, nu): f has ", f.channels(), " channels. Give one at a time.");
  const auto integral =
      d.template derived<SpectralConvolution<1, Scalar>>("duhamel " + detail::all_digits(diffusion), [&] {
        const auto past = detail::past_points(d.shape()[1]);
        return detail::by_decay<Scalar>(d, diffusion, d.shape()[1], [&](double decay) {
          return detail::duhamel_matrix(d.grid().template axis<1>(), decay, past);
        });
      });
  const Field times(detail::circle_of(d), f.values().reshaped(Shape{f.batch(), d.shape()[0], d.shape()[1]}));
  return f.with((*integral)(times).values().reshaped(f.values().shape()));
}

}  // namespace fredholm
