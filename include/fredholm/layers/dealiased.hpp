// An activation on a finer grid, brought back without the frequencies that are too high.
//
//   Dealiased<Gelu, 2>       u -> P gelu(I u),   I onto 2n points along each axis, P back onto all that n
//                            points hold
//   Dealiased<Gelu, 2, 16>   the same, P onto the frequencies below 16 (degrees, on Legendre and Chebyshev
//                            grids)
//
// A pointwise nonlinearity makes frequencies above those of its input. On n points they come back as lower
// ones (aliasing), so that the same network is another operator on another grid. On Factor times as many
// points they are held, and P leaves them out. What the finer grid cannot hold either is still aliased; it
// falls fast with Factor.
//
// With the band of the grid itself (Band 0) nothing folds, but a finer grid holds more, and the next layer
// makes something of it. With one Band for all grids every grid that holds it works in the same space of
// functions: the operator is the same on all of them, as ReNO asks (Bartolucci et al. 2023; the activation on
// a finer grid as in CNO, Raonic et al. 2023). Costs Factor^D times the activations, and two products an
// axis. The frequency n/2 of an even n is left out, so that on it even a linear "activation" is not the
// identity.
//
// On other grids (uniform, midpoint, scattered points) there is no such space, and it does not compile.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/layers/activation.hpp>
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/grids/legendre.hpp>
#include <fredholm/space/grids/periodic.hpp>
#include <fredholm/space/interpolation.hpp>
#include <fredholm/space/rules/counting.hpp>
#include <fredholm/space/rules/gauss_legendre.hpp>
#include <fredholm/space/rules/trapezoid.hpp>
#include <fredholm/transform/projection.hpp>

namespace fredholm {

namespace detail {

template <class Grid>
inline constexpr bool has_band = family_of<Grid> == Family::periodic || family_of<Grid> == Family::legendre ||
                                 family_of<Grid> == Family::chebyshev;

/// The points of the finer grid: equally spaced on a period, Gauss's otherwise.
template <class Grid>
std::vector<double> finer_points(const Grid& grid, Index points) {
  const Interval domain = grid.box()[0];
  if constexpr (family_of<Grid> == Family::periodic) {
    return PeriodicGrid<>(domain.left, domain.right, points).points();
  } else {
    return LegendreGrid<>(domain.left, domain.right, points).points();
  }
}

/// Back from the finer points: the projection onto what n points hold, taken at the points of the grid.
template <class Grid>
AxisMap band_projection(const Grid& grid, Index points, Index band) {
  using Basis = std::conditional_t<family_of<Grid> == Family::periodic, Fourier, Legendre>;
  using Fine =
      std::conditional_t<family_of<Grid> == Family::periodic, Discretization<PeriodicGrid<>, Trapezoid>,
                         Discretization<LegendreGrid<>, GaussLegendre>>;
  const Interval domain = grid.box()[0];
  const Fine fine({domain.left, domain.right, points});
  const Index n = grid.size();
  // What n points hold: frequencies below Nyquist's, polynomials of degree below n.
  const Index held = mode_limit<Basis>(grid);
  const Spectrum<1> spectrum{{band > 0 ? std::min(band, held) : held}, {}};
  const AxisMap analysis = axis_matrix<Basis>(fine, 0, spectrum, true, true);
  const Discretization<Grid, Counting> coarse(grid);
  const AxisMap synthesis = axis_matrix<Basis>(coarse, 0, spectrum, true, false);
  std::vector<double> product(static_cast<std::size_t>(n * points));
  linalg::multiply<double>({synthesis.weights.data(), n, synthesis.cols},
                           {analysis.weights.data(), analysis.rows, points}, {product.data(), n, points});
  return AxisMap::dense(n, points, std::move(product));
}

}  // namespace detail

template <class Activation = Gelu, Index Factor = 2, Index Band = 0>
struct Dealiased {
  static_assert(Factor >= 2,
                "Dealiased<Activation, Factor>: the finer grid has Factor times the points; give 2 or more.");

  template <AnyField Input>
  Input operator()(const Input& u) const {
    using Discretization = std::remove_cvref_t<decltype(u.discretization())>;
    constexpr bool possible = []<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return (detail::has_band<detail::GridAlong<static_cast<Index>(Axis), Discretization>> && ...);
    }(std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());
    static_assert(
        possible,
        "Dealiased: only periodic, Legendre and Chebyshev grids say which frequencies they hold. Use the "
        "plain activation on the grid that you have, or sample on one of those.");
    if constexpr (possible) {
      return through_finer(u, std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());
    }
  }

 private:
  template <class Input, std::size_t... Axis>
  static Input through_finer(const Input& u, std::index_sequence<Axis...>) {
    auto values = u.values();
    ((values = along<static_cast<Index>(Axis)>(values, u.discretization(), true)), ...);
    values = Activation{}(values);
    ((values = along<static_cast<Index>(Axis)>(values, u.discretization(), false)), ...);
    return u.with(values);
  }

  template <Index Axis, class Values, class Discretization>
  static Values along(const Values& values, const Discretization& d, bool finer) {
    const auto& grid = detail::grid_along<Axis>(d.grid());
    const Index points = Factor * grid.size();
    const std::string name = (finer ? "finer " : "band " + std::to_string(Band) + " of ") +
                             std::to_string(Axis) + " x" + std::to_string(Factor);
    return apply_along(values, Axis + 1, d.template derived<AxisMap>(name, [&] {
      return finer ? interpolation(grid, detail::finer_points(grid, points))
                   : detail::band_projection(grid, points, Band);
    }));
  }
};

}  // namespace fredholm
