// The laws of invariance: an operator does not depend on how its functions are sampled.
//
//   refinement     op on N, 2N, 4N, ... points goes to one function, at the order of the rule
//   rule_swap      op under two rules on one grid: the difference falls at the order of the worse
//   grid_swap      the same on two kinds of grid
//   split          a point of weight w made two in its place that share w out: nothing changes
//   permutation    the points of a cloud in another order give the same values at the same points
//
//   const auto make = [](Index n) { return Discretization<UniformGrid<>, Simpson>({0.0, 1.0, n}); };
//   const auto make_grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
//   laws::refinement(op, u, make, reference);      // the expected order is the rule's
//   laws::rule_swap<Trapezoid, Simpson>(op, u, make_grid, {.sizes = {33, 65, 129}});
//   laws::grid_swap(op, u, make_a, make_b);
//   laws::split(op, u, discretization);
//   laws::permutation(op, u, discretization);
//
// `op` takes fields to fields, `u` is a function of the coordinates, as sample takes it. What is compared are
// the values at fixed points of the domain, and the error is absolute: a relative one hides a missing
// measure. Use smooth functions that are not periodic: on a period the trapezoid rule has every order, and
// what is demanded there is an error that falls to round-off. An observed order is the slope of a straight
// line through all sizes whose error stands above round-off.
//
// Transformers over Counting, an instance norm by plain mean, and a convolution or padding counted in cells
// must fail these laws.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/laws/gap.hpp>
#include <fredholm/laws/report.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rule_traits.hpp>
#include <fredholm/space/rules/given.hpp>
#include <fredholm/space/sample.hpp>

namespace fredholm::laws {

struct RefinementOptions {
  std::vector<Index> sizes{65, 129, 257,
                           513};  ///< numbers of points (an axis), each about twice the one before
  std::optional<double> order{};  ///< instead of that of the rule
  double tolerance = 0.1;         ///< of the observed order (above it is no failure)
  double round_off = 1e-9;        ///< for spectral rules: the error at the finest size
  double floor = 1e-12;           ///< errors below it are not used for the order
  Index probes = 9;               ///< an axis: where the values are compared
};

struct RefinementReport : Report {
  double order = none;                   ///< expected
  std::optional<double> observed_order;  ///< none if fewer than two errors stand above round-off
  std::vector<Index> sizes;
  std::vector<double> errors;  ///< the largest difference at the points of comparison, one a size
};

namespace detail {

/// A lattice of points in the box, ends included.
template <Index D>
auto probes_in(const Box<D>& box, Index count) {
  const auto at = [&](Index axis, Index i) {
    const double t = static_cast<double>(i) / static_cast<double>(count - 1);
    return i == count - 1 ? box[axis].right : box[axis].left + t * box[axis].length();
  };
  if constexpr (D == 1) {
    std::vector<double> points;
    for (Index i = 0; i < count; ++i) points.push_back(at(0, i));
    return points;
  } else {
    std::vector<std::array<double, static_cast<std::size_t>(D)>> points;
    Index total = 1;
    for (Index axis = 0; axis < D; ++axis) total *= count;
    for (Index p = 0; p < total; ++p) {
      auto& point = points.emplace_back();
      for (Index axis = 0, rest = p; axis < D; ++axis, rest /= count)
        point[static_cast<std::size_t>(axis)] = at(axis, rest % count);
    }
    return points;
  }
}

/// op(u) on a discretization, at the points of comparison: (1, points, channel).
template <class Operator, class Function, class Discretization>
Array<double> at_probes(const Operator& op, const Function& u, const Discretization& d, Index probes) {
  return resample(op(sample(u, d)), probes_in(d.box(), probes));
}

/// The slope of log error over log size, by least squares, of the errors above the floor.
inline std::optional<double> fitted_order(const std::vector<Index>& sizes, const std::vector<double>& errors,
                                          double floor) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (!(errors[i] > floor)) continue;
    x.push_back(std::log(static_cast<double>(sizes[i] - 1)));
    y.push_back(std::log(errors[i]));
  }
  if (x.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n,
               mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double above = 0.0, below = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    above += (x[i] - mean_x) * (y[i] - mean_y);
    below += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return -above / below;
}

inline void check_order(RefinementReport& report, const RefinementOptions& options) {
  require(!report.sizes.empty(), "the law was given no sizes.");
  for (std::size_t i = 0; i < report.sizes.size(); ++i)
    report.note("n = ", report.sizes[i], ": ", report.errors[i]);
  report.observed_order = fitted_order(report.sizes, report.errors, options.floor);
  if (report.observed_order) report.note("order ", *report.observed_order);
  for (double error : report.errors) report.expect(std::isfinite(error), "an error is ", error, ".");
  if (report.order >= spectral) {
    report.expect(report.errors.back() <= options.round_off, "the rule is spectral, and with ",
                  report.sizes.back(), " points the difference is still ", report.errors.back(), ".");
  } else if (report.observed_order) {
    report.expect(*report.observed_order >= report.order - options.tolerance,
                  "the difference is to fall at order ", report.order, ", and it falls at ",
                  *report.observed_order, ".");
  } else {
    // No two errors stand above the floor: they are round-off, or there is one size alone.
    for (double error : report.errors) {
      report.expect(error <= options.floor, "no order was observed, and an error of ", error,
                    " stands above round-off (", options.floor, "): give more sizes.");
    }
  }
}

/// The order of a rule on a grid; of a product the least of its axes.
template <class Discretization>
double promised_order() {
  return static_cast<double>(
      order_on<typename Discretization::rule_type, typename Discretization::grid_type>);
}

/// What no rule promises is expected of none: an order must then be given.
inline void require_order(double order) {
  require(order > 0, "the rule states no order; give the one that you expect: {.order = 2}.");
}

}  // namespace detail

/// op on make(n), n over the sizes, against op on the reference (a discretization that is far finer, or
/// spectral).
template <class Operator, class Function, class Make, AnyDiscretization Reference>
RefinementReport refinement(const Operator& op, const Function& u, const Make& make,
                            const Reference& reference, const RefinementOptions& options = {}) {
  using Discretization = std::remove_cvref_t<decltype(make(Index{}))>;
  RefinementReport report;
  report.order = options.order.value_or(detail::promised_order<Discretization>());
  detail::require_order(report.order);
  report.sizes = options.sizes;
  const Array<double> limit = detail::at_probes(op, u, reference, options.probes);
  for (Index n : options.sizes) {
    report.errors.push_back(detail::largest_gap(detail::at_probes(op, u, make(n), options.probes), limit));
  }
  detail::check_order(report, options);
  return report;
}

/// op on make_a(n) against op on make_b(n): any two families of discretizations of one domain.
template <class Operator, class Function, class MakeA, class MakeB>
  requires std::invocable<const MakeB&, Index>
RefinementReport grid_swap(const Operator& op, const Function& u, const MakeA& make_a, const MakeB& make_b,
                           const RefinementOptions& options = {}) {
  using A = std::remove_cvref_t<decltype(make_a(Index{}))>;
  using B = std::remove_cvref_t<decltype(make_b(Index{}))>;
  RefinementReport report;
  report.order = options.order.value_or(std::min(detail::promised_order<A>(), detail::promised_order<B>()));
  detail::require_order(report.order);
  report.sizes = options.sizes;
  for (Index n : options.sizes) {
    report.errors.push_back(detail::largest_gap(detail::at_probes(op, u, make_a(n), options.probes),
                                                detail::at_probes(op, u, make_b(n), options.probes)));
  }
  detail::check_order(report, options);
  return report;
}

/// op under two rules on the grids make_grid(n).
template <AnyRule RuleA, AnyRule RuleB, class Operator, class Function, class MakeGrid>
RefinementReport rule_swap(const Operator& op, const Function& u, const MakeGrid& make_grid,
                           const RefinementOptions& options = {}) {
  using Grid = std::remove_cvref_t<decltype(make_grid(Index{}))>;
  return grid_swap(
      op, u, [&](Index n) { return Discretization<Grid, RuleA>(make_grid(n)); },
      [&](Index n) { return Discretization<Grid, RuleB>(make_grid(n)); }, options);
}

namespace detail {

/// The points and weights of a discretization as a cloud, in the order given; each entry names a point and a
/// share.
template <class D>
auto cloud_of(const D& d, const std::vector<std::pair<Index, double>>& order) {
  constexpr Index dimension = D::dimension;
  std::vector<std::array<double, static_cast<std::size_t>(dimension)>> points;
  std::vector<double> weights;
  for (const auto& [j, share] : order) {
    auto& point = points.emplace_back();
    std::copy_n(d.points().begin() + j * dimension, dimension, point.begin());
    weights.push_back(share * d.weights()[static_cast<std::size_t>(j)]);
  }
  return Discretization<PointCloud<dimension>, Given>(PointCloud<dimension>(d.box(), std::move(points)),
                                                      Given{std::move(weights)});
}

/// The largest difference between op on two clouds, where point i of the second is point order[i] of the
/// first.
template <class Operator, class Function, class Cloud>
double gap_between(const Operator& op, const Function& u, const Cloud& first, const Cloud& second,
                   const std::vector<std::pair<Index, double>>& order) {
  const auto a = op(sample(u, first)), b = op(sample(u, second));
  double largest = 0.0;
  const Index channels = a.channels();
  for (Index i = 0; i < std::ssize(order); ++i) {
    for (Index c = 0; c < channels; ++c) {
      const Index j = order[static_cast<std::size_t>(i)].first;
      keep_largest(largest,
                   std::abs(a.values().data()[j * channels + c] - b.values().data()[i * channels + c]));
    }
  }
  return largest;
}

inline std::vector<std::pair<Index, double>> as_they_are(Index size) {
  std::vector<std::pair<Index, double>> order;
  for (Index j = 0; j < size; ++j) order.emplace_back(j, 1.0);
  return order;
}

}  // namespace detail

/// Every third point of a discretization made two, with a third and two thirds of its weight: the same
/// measure.
template <class Operator, class Function, AnyDiscretization D>
Report split(const Operator& op, const Function& u, const D& discretization, double tolerance = 1e-12) {
  auto order = detail::as_they_are(0);
  for (Index j = 0; j < discretization.size(); ++j) {
    if (j % 3 == 1) order.emplace_back(j, 1.0 / 3.0);
    order.emplace_back(j, j % 3 == 1 ? 2.0 / 3.0 : 1.0);
  }
  const auto whole = detail::cloud_of(discretization, detail::as_they_are(discretization.size()));
  const double gap = detail::gap_between(op, u, whole, detail::cloud_of(discretization, order), order);
  Report report;
  report.note("points split: ", gap);
  report.expect(gap <= tolerance,
                "points that are split in two, with their weight shared out, change the values by ", gap,
                ".");
  return report;
}

/// The points of a discretization in a random order, as a cloud.
template <class Operator, class Function, AnyDiscretization D>
Report permutation(const Operator& op, const Function& u, const D& discretization, double tolerance = 1e-12,
                   std::uint64_t seed = 1) {
  const auto straight = detail::as_they_are(discretization.size());
  auto order = straight;
  Engine engine(seed);
  shuffle(order, engine);
  const double gap = detail::gap_between(op, u, detail::cloud_of(discretization, straight),
                                         detail::cloud_of(discretization, order), order);
  Report report;
  report.note("points permuted: ", gap);
  report.expect(gap <= tolerance, "points in another order change the values by ", gap, ".");
  return report;
}

}  // namespace fredholm::laws
