// The laws of scaling: an operator commutes with a change of units.
//
//   scaling          op(c u) = c^p op(u)                   c over the factors
//   domain_scaling   op(u(l .)) = l^-q (op u)(l .)         l over the factors, on a domain 1 / l as long
//
//   laws::scaling(op, u, discretization, {.degree = -1});         Darcy: the coefficient, the source fixed
//   laws::domain_scaling(op, u, discretization, {.degree = 2});   Poisson: the source
//
// `op` takes fields to fields, `u` is a function of the coordinates, as sample takes it. The error is the
// largest difference relative to the largest value of the right side. For domain_scaling the points are those
// of the discretization, moved (space/rescaled.hpp), so that the values of the input are the same.
//
// A plain Fourier neural operator or transformer must fail both.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/laws/gap.hpp>
#include <fredholm/laws/report.hpp>
#include <fredholm/space/rescaled.hpp>
#include <fredholm/space/sample.hpp>

namespace fredholm::laws {

struct ScalingOptions {
  double degree = 1;  ///< p, or q
  std::vector<double> factors{0.1, 0.5, 2, 10};
  double tolerance = 1e-12;
};

struct ScalingReport : Report {
  std::vector<double> factors;
  std::vector<double> errors;  ///< relative, one a factor
};

namespace detail {

/// max |scaled - power plain| / max |power plain|
inline void compare_scaled(ScalingReport& report, const Array<double>& scaled, const Array<double>& plain,
                           double factor, double power, double tolerance) {
  const Array<double> right = plain * power;
  report.expect(scaled.shape() == right.shape(), "the values have shapes ", scaled.shape(), " and ",
                right.shape(), ".");
  report.expect(largest_value(right) != 0.0, "op(u) is 0: that says nothing.");
  report.factors.push_back(factor);
  report.errors.push_back(relative_gap(scaled, right));
  report.note("factor ", factor, ": ", report.errors.back());
  report.expect(report.errors.back() <= tolerance, "scaled by ", factor, ", op differs by ",
                report.errors.back(), " from what its degree asks for.");
}

inline void require_factors(const std::vector<double>& factors) {
  require(std::any_of(factors.begin(), factors.end(), [](double c) { return c != 1.0; }),
          "the law needs a factor other than 1.");
  for (double c : factors)
    require(c > 0.0 && std::isfinite(c), "a factor is ", c, "; give positive numbers.");
}

}  // namespace detail

template <class Operator, class Function, AnyDiscretization D>
ScalingReport scaling(const Operator& op, const Function& u, const D& discretization,
                      const ScalingOptions& options = {}) {
  detail::require_factors(options.factors);
  ScalingReport report;
  const auto field = sample(u, discretization);
  const Array<double> plain = op(field).values();
  for (double c : options.factors) {
    detail::compare_scaled(report, op(field * c).values(), plain, c, std::pow(c, options.degree),
                           options.tolerance);
  }
  return report;
}

template <class Operator, class Function, AnyDiscretization D>
ScalingReport domain_scaling(const Operator& op, const Function& u, const D& discretization,
                             const ScalingOptions& options = {}) {
  detail::require_factors(options.factors);
  ScalingReport report;
  const auto field = sample(u, discretization);
  const Array<double> plain = op(field).values();
  for (double l : options.factors) {
    auto box = discretization.box();
    for (Index axis = 0; axis < box.size(); ++axis) box[axis] = {box[axis].left / l, box[axis].right / l};
    const auto small = Field<D, double>(rescaled(discretization, box), field.values());
    detail::compare_scaled(report, op(small).values(), plain, l, std::pow(l, -options.degree),
                           options.tolerance);
  }
  return report;
}

}  // namespace fredholm::laws
