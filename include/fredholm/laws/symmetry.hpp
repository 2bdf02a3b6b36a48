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

template <class Group, class F>
std::vector<F> images_of(const F& u) {
  std::vector<F> images;
  for (Index g = 0; g < Group::elements; ++g) images.push_back(Group::apply(g, u));
  return images;
}

/// Element 0 leaves u as it is, and `undo` takes back what `apply` does.
template <class Group, class F>
void check_inverses(SymmetryReport& report, const F& u, const std::vector<F>& images, const char* what) {
  report.expect(relative_gap(images.front().values(), u.values()) == 0.0, "element 0 moves ", what,
                ": it is the identity in a group.");
  for (std::size_t g = 0; g < images.size(); ++g) {
    const F back = Group::undo(static_cast<Index>(g), images[g]);
    report.expect(relative_gap(back.values(), u.values()) <= same_image,
                  "`undo` does not take back what `apply` does to ", what, ", for element ", g, ".");
  }
}

/// The images are different, and each of them is moved to one of them. `size` is the largest value.
template <class Group, class F>
void check_closed(SymmetryReport& report, const std::vector<F>& images, double size) {
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
  const double size = detail::largest_value(field.values());
  for (const double largest : {size, detail::largest_value(plain.values())}) {
    if (!report.expect(largest > 0.0 && std::isfinite(largest), "the largest value of u or of op(u) is ",
                       largest, ": that says nothing."))
      return report;
  }
  const auto images = detail::images_of<Group>(field);
  const auto answers = detail::images_of<Group>(plain);
  detail::check_inverses<Group>(report, field, images, "u");
  detail::check_inverses<Group>(report, plain, answers, "op(u)");
  detail::check_closed<Group>(report, images, size);
  for (std::size_t g = 1; g < images.size(); ++g) {
    report.errors.push_back(detail::relative_gap(op(images[g]).values(), answers[g].values()));
    report.note("element ", g, ": ", report.errors.back());
    report.expect(report.errors.back() <= options.tolerance, "moved by element ", g, ", op differs by ",
                  report.errors.back(), ".");
  }
  return report;
}

}  // namespace fredholm::laws
