// The law of aliasing: what an operator makes of a function on a grid, and what the grid can hold of it.
//
//   e(n) = | S_m op(u_n) - op(S_m u_n) |_L2
//
// with u_n sampled on n periodic points and S_m its trigonometric interpolant on m = factor * n points.
//
//   const auto report = laws::aliasing(op, [](double x) { return std::sin(2 * pi * x); });
//   const auto report = laws::aliasing(op, u, {.tolerance = 1e-6});      // on the finest grid
//
// An operator that is equivalent on both grids (a representation-equivalent one) has e = 0: a convolution by
// a multiplier, a derivative. A nonlinearity creates frequencies that n points cannot hold; they come back as
// lower ones, and e(n) is what they weigh. For smooth u it falls faster than every power of n: the law asks
// that each refinement (until round-off) reduces it, and that the last is below the tolerance. In one
// dimension, on periodic data. Absolute, since a relative error hides a missing measure. Bartolucci et al.
// (2023), ReNO.
#pragma once

#include <cmath>
#include <vector>

#include <fredholm/laws/report.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/periodic.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules/trapezoid.hpp>
#include <fredholm/space/sample.hpp>

namespace fredholm::laws {

struct AliasingOptions {
  Interval domain{0.0, 1.0};
  std::vector<Index> sizes{16, 32, 64, 128};  ///< each twice the one before
  Index factor = 4;                           ///< between a grid and the one that it is compared with
  double tolerance = 1e-9;                    ///< of the error on the finest grid
  double round_off = 1e-12;                   ///< below which an error need not fall any further
};

struct AliasingReport : Report {
  std::vector<Index> sizes;
  std::vector<double> errors;  ///< in L2, one a size
};

/// The law for op on the function u(x), periodic on the domain.
template <class Operator, class Function>
AliasingReport aliasing(const Operator& op, const Function& u, const AliasingOptions& options = {}) {
  using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
  require(!options.sizes.empty(), "laws::aliasing was given no sizes.");
  AliasingReport report;
  report.sizes = options.sizes;
  for (std::size_t i = 0; i < options.sizes.size(); ++i) {
    const Index n = options.sizes[i];
    const Circle coarse(PeriodicGrid<>(options.domain.left, options.domain.right, n));
    const Circle fine(PeriodicGrid<>(options.domain.left, options.domain.right, options.factor * n));
    const auto samples = sample(u, coarse);
    const double error = distance<L2>(resample(op(samples), fine), op(resample(samples, fine)));
    report.errors.push_back(error);
    report.note("n = ", n, ": aliasing ", error);
    report.expect(std::isfinite(error), "with ", n, " points the aliasing is ", error, ".");
    if (i > 0) {
      report.expect(error < report.errors[i - 1] || error <= options.round_off, "from ", options.sizes[i - 1],
                    " to ", n, " points the aliasing goes from ", report.errors[i - 1], " to ", error,
                    " and does not fall.");
    }
  }
  report.expect(report.errors.back() <= options.tolerance, "with ", options.sizes.back(),
                " points the aliasing is ", report.errors.back(), ", above ", options.tolerance, ".");
  return report;
}

}  // namespace fredholm::laws
