// The laws on squares with a rule an axis, and on clouds of points.
#pragma once

#include "laws.hpp"

namespace axis_laws {

using namespace law_tests;

inline const auto simpson_by_trapezoid = on_square<ProductRule<Simpson, Trapezoid>>();
inline const auto gauss_by_simpson = [](Index n) {
  using Mixed =
      Discretization<ProductGrid<LegendreGrid<>, UniformGrid<>>, ProductRule<GaussLegendre, Simpson>>;
  return Mixed({{0.0, 1.0, n}, {0.0, 1.0, n}});
};

struct Expected {
  std::vector<Index> sizes{9, 17, 33};
  Index reference = 28;           ///< Gauss points an axis
  std::optional<double> mixed{};  ///< order with Gauss and Simpson, if not Simpson's
  std::vector<Index> gauss{20};   ///< points an axis, with Gauss's rule on both; none: not spectral
  double round_off = 1e-8;
  double from = 1.7, to = 2.4;  ///< slope with Simpson and the trapezoid rule: the worse axis has order 2
};

template <class Operator>
void check_axes(const Operator& op, const Expected& expected = {}) {
  const auto reference = gauss_square(expected.reference);
  const laws::RefinementOptions options{.sizes = expected.sizes, .tolerance = 0.3, .probes = 3};
  check_slope(laws::refinement(op, smooth2, simpson_by_trapezoid, reference, options), expected.from,
              expected.to);
  laws::RefinementOptions mixed = options;
  mixed.order = expected.mixed;
  check(laws::refinement(op, smooth2, gauss_by_simpson, reference, mixed));
  if (!expected.gauss.empty()) {
    check(laws::refinement(op, smooth2, gauss_square, reference,
                           {.sizes = expected.gauss, .round_off = expected.round_off, .probes = 3}));
  }
}

/// A cloud with the points and weights of a product says the same, whatever the order of its points, and split or not.
template <class Operator>
void check_cloud(const Operator& op, Index n = 7) {
  const auto d = simpson_by_trapezoid(n);
  const auto cloud = laws::detail::cloud_of(d, laws::detail::as_they_are(d.size()));
  const Array<double> here = op(sample(smooth2, d)).values();
  const Array<double> there = op(sample(smooth2, cloud)).values();
  CHECK(laws::detail::largest_gap(here.reshaped(there.shape()), there) < 1e-12);
  check(laws::permutation(op, smooth2, d));
  check(laws::split(op, smooth2, d));
}

}  // namespace axis_laws
