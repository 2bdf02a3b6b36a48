// The law of symmetry: an operator commutes with each element g of a group.
//
//   symmetry<Group>   op(g u) = g op(u)
//
//   laws::symmetry<SquareSymmetries>(op, u, discretization);
//
// `op` takes fields to fields, in double. `u` is a function of the coordinates, as sample takes it, and has
// none of the symmetries itself, such as exp(x) sin(3 x + y^2) + y on the unit square: where two elements move
// it to the same values, the law says so and fails. So it does where the group is none: element 0 is not the
// identity, `undo` does not take back what `apply` did, or one element after another is not among them. The
// error is the largest difference relative to the largest value of op(u).
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

namespace detail {

/// That the images of u are different, and that any of them is moved to one of them, and back.
template <class Group, class F>
void check_group(SymmetryReport& report, const F& u, double tolerance) {
  std::vector<Array<double>> images;
  for (Index g = 0; g < Group::elements; ++g) images.push_back(Group::apply(g, u).values());
  const auto gap = [&](Index g, const Array<double>& values) {
    return relative_gap(values, images[static_cast<std::size_t>(g)]);
  };
  report.expect(gap(0, u.values()) == 0.0, "element 0 is not the identity.");
  for (Index g = 0; g < Group::elements; ++g) {
    const F moved = Group::apply(g, u);
    report.expect(relative_gap(Group::undo(g, moved).values(), u.values()) <= tolerance,
                  "`undo` does not take back what `apply` does for element ", g, ".");
    for (Index h = 0; h < Group::elements; ++h) {
      report.expect(h <= g || gap(h, moved.values()) > 1e-6, "elements ", g, " and ", h,
                    " do the same to u. Take a function without symmetries; each element stands once.");
      const Array<double> product = Group::apply(h, moved).values();
      Index k = 0;
      while (k < Group::elements && !(gap(k, product) <= tolerance)) ++k;
      report.expect(k < Group::elements, "element ", h, " after element ", g,
                    " is no element: that is no group.");
    }
  }
}

}  // namespace detail

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
  detail::check_group<Group>(report, field, options.tolerance);
  for (Index g = 1; g < Group::elements; ++g) {
    report.errors.push_back(
        detail::relative_gap(op(Group::apply(g, field)).values(), Group::apply(g, plain).values()));
    report.note("element ", g, ": ", report.errors.back());
    report.expect(report.errors.back() <= options.tolerance, "moved by element ", g, ", op differs by ",
                  report.errors.back(), ".");
  }
  return report;
}

}  // namespace fredholm::laws
