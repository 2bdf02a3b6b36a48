// The law of symmetry: an operator commutes with each element g of a group.
//
//   symmetry<Group>   op(g u) = g op(u)
//
//   laws::symmetry<SquareSymmetries>(op, u, discretization);
//
// `op` takes fields to fields, `u` is a function of the coordinates, as sample takes it, and has none of the
// symmetries itself: where an element leaves u as it is, the law says so and fails. So it does where element
// 0 is not the identity, or `undo` does not take back what `apply` did. The error is the largest difference
// relative to the largest value of op(u).
//
// A Fourier neural operator or a transformer with positions must fail reflections.
#pragma once

#include <type_traits>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/laws/gap.hpp>
#include <fredholm/laws/report.hpp>
#include <fredholm/space/sample.hpp>
#include <fredholm/space/symmetry.hpp>

namespace fredholm::laws {

struct SymmetryOptions {
  double tolerance = 1e-12;
};

struct SymmetryReport : Report {
  std::vector<double> errors;  ///< relative, one for each element but the identity
};

template <class Group, class Operator, class Function, AnyDiscretization D>
SymmetryReport symmetry(const Operator& op, const Function& u, const D& discretization,
                        const SymmetryOptions& options = {}) {
  const auto field = sample(u, discretization);
  const auto plain = op(field);
  static_assert(fredholm::detail::is_group<Group, std::remove_cv_t<decltype(field)>>());
  static_assert(fredholm::detail::is_group<Group, std::remove_cv_t<decltype(plain)>>());
  static_assert(Group::elements > 1, "laws::symmetry: a group of one element asks nothing of an operator.");
  SymmetryReport report;
  report.expect(detail::largest_value(plain.values()) != 0.0, "op(u) is 0: that says nothing.");
  report.expect(detail::relative_gap(Group::apply(0, field).values(), field.values()) == 0.0,
                "element 0 is not the identity.");
  for (Index g = 1; g < Group::elements; ++g) {
    const auto moved = Group::apply(g, field);
    report.expect(detail::relative_gap(moved.values(), field.values()) > 1e-6, "element ", g,
                  " leaves u as it is: that says nothing. Take a function without symmetries.");
    report.expect(detail::relative_gap(Group::undo(g, moved).values(), field.values()) <= options.tolerance,
                  "`undo` does not take back what `apply` does for element ", g, ".");
    report.errors.push_back(detail::relative_gap(op(moved).values(), Group::apply(g, plain).values()));
    report.note("element ", g, ": ", report.errors.back());
    report.expect(report.errors.back() <= options.tolerance, "moved by element ", g, ", op differs by ",
                  report.errors.back(), ".");
  }
  return report;
}

}  // namespace fredholm::laws
