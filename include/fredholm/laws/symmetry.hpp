// The law of symmetry: an operator commutes with each element g of a group.
//
//   symmetry<Group>   g^-1 op(g u) = op(u)
//
//   laws::symmetry<SquareSymmetries>(op, u, discretization);
//
// `op` takes fields to fields, `u` is a function of the coordinates, as sample takes it, and has none of the
// symmetries itself: a law that is asked about a field that the group leaves as it is says so and fails. The error
// is the largest difference relative to the largest value of op(u).
//
// A Fourier neural operator or a transformer with positions must fail.
#pragma once

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
  std::vector<double> errors;  ///< relative, one an element; the first is that of the identity
};

template <class Group, class Operator, class Function, AnyDiscretization D>
SymmetryReport symmetry(const Operator& op, const Function& u, const D& discretization,
                        const SymmetryOptions& options = {}) {
  static_assert(Group::order > 1, "laws::symmetry: a group of one element asks nothing of an operator.");
  SymmetryReport report;
  const auto field = sample(u, discretization);
  const auto plain = op(field);
  report.expect(detail::largest_value(plain.values()) != 0.0, "op(u) is 0: that says nothing.");
  for (Index g = 0; g < Group::order; ++g) {
    const auto moved = Group::apply(g, field);
    report.expect(g == 0 || detail::relative_gap(moved.values(), field.values()) > 1e-6, "element ", g,
                  " leaves u as it is: that says nothing. Take a function without symmetries.");
    report.errors.push_back(detail::relative_gap(Group::undo(g, op(moved)).values(), plain.values()));
    report.note("element ", g, ": ", report.errors.back());
    report.expect(report.errors.back() <= options.tolerance, "moved by element ", g, ", op differs by ",
                  report.errors.back(), ".");
  }
  return report;
}

}  // namespace fredholm::laws
