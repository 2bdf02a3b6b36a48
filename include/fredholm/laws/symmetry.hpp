// The law of symmetry: an operator commutes with each element g of a group.
//
//   symmetry<Group>   op(g u) = g op(u)
//
//   laws::symmetry<SquareSymmetries>(op, u, discretization);
//
// `op` takes fields to fields, in double. `u` is a function of the coordinates, as sample takes it, and has
// none of the symmetries itself, such as exp(x) sin(3 x + y^2) + y on the unit square: where two elements
// move it to the same values, the law says so and fails. So it does where the group is none, to 1e-12:
// element 0 is not the identity, `undo` does not take back what `apply` did, to u or to op(u), or one element
// after another is not among them. It takes |G|^2 moves and up to |G|^3 comparisons of fields. The error is
// the largest difference relative to the largest value of op(u).
//
// A Fourier neural operator or a transformer with positions must fail reflections.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// Relative to the largest value: up to the first, two images of u are the same, above the second different.
inline constexpr double same_image = 1e-12, other_image = 1e-6;

/// Element 0 leaves it as it is, and `undo` takes back what `apply` did.
template <class Group, class F>
void check_inverses(SymmetryReport& report, const F& u, const char* what) {
  report.expect(relative_gap(Group::apply(0, u).values(), u.values()) == 0.0, "element 0 moves ", what,
                ": it is the identity in a group.");
  for (Index g = 0; g < Group::elements; ++g) {
    report.expect(relative_gap(Group::undo(g, Group::apply(g, u)).values(), u.values()) <= same_image,
                  "`undo` does not take back what `apply` does to ", what, ", for element ", g, ".");
  }
}

/// The images of u are different, and each of them is moved to one of them.
template <class Group, class F>
void check_closed(SymmetryReport& report, const F& u) {
  const double size = largest_value(u.values());
  std::vector<F> images;
  for (Index g = 0; g < Group::elements; ++g) images.push_back(Group::apply(g, u));
  const auto differ = [&](const F& a, const F& b, double by) {
    const double *x = a.values().data(), *y = b.values().data();
    return !std::equal(x, x + a.values().size(), y,
                       [&](double s, double t) { return std::abs(s - t) <= by * size; });
  };
  for (std::size_t g = 0; g < images.size(); ++g) {
    for (std::size_t h = 0; h < images.size(); ++h) {
      report.expect(h <= g || differ(images[g], images[h], other_image), "elements ", g, " and ", h,
                    " do the same to u. Take a function without symmetries; each element stands once.");
      const F product = Group::apply(static_cast<Index>(h), images[g]);
      report.expect(std::any_of(images.begin(), images.end(),
                                [&](const F& image) { return !differ(product, image, same_image); }),
                    "element ", h, " after element ", g, " is no element: that is no group.");
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
  for (const double size : {detail::largest_value(field.values()), detail::largest_value(plain.values())}) {
    if (!report.expect(size > 0.0 && std::isfinite(size), "the largest value of u or of op(u) is ", size,
                       ": that says nothing."))
      return report;
  }
  detail::check_inverses<Group>(report, field, "u");
  detail::check_inverses<Group>(report, plain, "op(u)");
  detail::check_closed<Group>(report, field);
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
