// The law of quadrature: a rule on a grid is an integral.
//
//   Σ_j w_j = |Ω|,    Σ_j w_j p(x_j) = ∫ p for polynomials up to the stated degree,    |error| ~ h^order
//
//   const auto report = laws::quadrature<Simpson, UniformGrid<>>();      // a grid made from (left, right, n)
//   const auto report = laws::quadrature<MyRule>([](Index n) { return MyGrid(n); });
//   const auto report = laws::quadrature([](Index n) { return MyGrid(n); },
//                                        [](const MyGrid& grid) { return Given{...}; });
//
// For grids of one dimension. Orders are measured on e^t sin 5t over the box (t = 0 at its left end, 1 at its
// right), which is smooth and not periodic; on a periodic grid every rule of an order is held to be spectral,
// on e^{sin 2πt}. What is stated is read off the rule (order, degree; none promises nothing) unless the
// options say otherwise: that is how Given is held to something. The sums are done in long double, so that
// what is left is the rounding of weights and nodes.
//
// Counting must fail this law, and so must weights that are wrong in one place.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/laws/report.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids/angles.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace fredholm::laws {

struct QuadratureOptions {
  Interval domain{0.0, 1.0};      ///< for grids that are made from (left, right, n)
  std::vector<Index> sizes{};     ///< numbers of points, each about twice the one before; empty: chosen
  std::optional<int> order{};     ///< instead of the order that the rule states
  std::optional<Index> degree{};  ///< instead of the degree that the rule states
  double tolerance = 0.1;         ///< of the observed order
};

struct QuadratureReport : Report {
  int order = none;                      ///< stated
  std::optional<double> observed_order;  ///< on the finest pair of sizes that round-off leaves
  std::vector<Index> sizes;
  std::vector<double> errors;  ///< on the function of the law, divided by |Ω|, one a size
  std::vector<double> orders;  ///< between a size and the next
};

namespace detail {

using Wide = long double;

template <class Grid>
inline constexpr bool on_a_period = family_of<Grid> == Family::periodic;

/// Σ_j w_j f(t_j) / |Ω| with t = 0 at the left end of the box and 1 at the right.
template <class Discretization, class Function>
Wide mean_of(const Discretization& discretization, Function f) {
  const Interval domain = discretization.box()[0];
  const auto& x = discretization.points();
  const auto& w = discretization.weights();
  const Wide length = fredholm::detail::wide_length(domain);
  Wide sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    sum += static_cast<Wide>(w[j]) * f((static_cast<Wide>(x[j]) - static_cast<Wide>(domain.left)) / length);
  }
  return sum / length;
}

/// The error on e^t sin 5t, or on e^{sin 2πt} on a period: the means are (e (sin 5 - 5 cos 5) + 5) / 26 and
/// I_0(1).
template <class Discretization>
double error_of(const Discretization& discretization) {
  if constexpr (on_a_period<typename Discretization::grid_type>) {
    const auto f = [](Wide t) { return std::exp(std::sin(2 * fredholm::detail::wide_pi * t)); };
    return static_cast<double>(mean_of(discretization, f) - 1.26606587775200833560L);
  } else {
    const auto f = [](Wide t) { return std::exp(t) * std::sin(5 * t); };
    const Wide mean = (std::exp(1.0L) * (std::sin(5.0L) - 5 * std::cos(5.0L)) + 5) / 26;
    return static_cast<double>(mean_of(discretization, f) - mean);
  }
}

/// The Legendre polynomial P_k(2t - 1): its mean is 1 for k = 0 and 0 for all others, and it is at most 1.
inline Wide legendre_polynomial(Index k, Wide t) {
  const Wide x = 2 * t - 1;
  Wide before = 0, value = 1;
  for (Index i = 1; i <= k; ++i) {
    const Wide degree = static_cast<Wide>(i);
    before = std::exchange(value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree);
  }
  return value;
}

/// Each weight, and each node, is off by half a unit in the last place at most. Of a function with the bound
/// 1 and the slope given, that makes: in the worst case (a sum) ...
struct RoundOff {
  double worst;
  double likely;  ///< ... and if the signs are random (a root of a sum of squares)
};

template <class Discretization>
RoundOff round_off(const Discretization& discretization, Wide slope) {
  const Interval domain = discretization.box()[0];
  Wide sum = 0, squares = 0;
  for (double weight : discretization.weights()) {
    const Wide w = static_cast<Wide>(weight);
    sum += std::abs(w);
    squares += w * w;
  }
  const Wide length = fredholm::detail::wide_length(domain);
  const Wide offset = std::max(std::abs(domain.left), std::abs(domain.right)) / length;
  const Wide unit = std::numeric_limits<double>::epsilon() * (1 + slope * offset) / length;
  return {static_cast<double>(unit * sum), static_cast<double>(unit * std::sqrt(squares))};
}

template <class Discretization>
void check_exactness(QuadratureReport& report, const Discretization& discretization, Index degree) {
  const Index n = discretization.size();
  const Wide total = mean_of(discretization, [](Wide) { return Wide{1}; });
  report.expect(std::abs(total - 1) <= round_off(discretization, 0).worst, "the weights of ", n,
                " points add up to ", static_cast<double>(total * discretization.measure()),
                " and the measure is ", discretization.measure(),
                ". If they miss it by the rule's error, scale them to it: the order stays.");
  for (Index k = 1; k <= degree; ++k) {
    const Wide mean = mean_of(discretization, [k](Wide t) { return legendre_polynomial(k, t); });
    const Wide slope = static_cast<Wide>(k * (k + 1)) / 2;  // of P_k at an end
    if (!report.expect(std::abs(mean) <= 2 * round_off(discretization, slope).worst,
                       "the degree is stated to be ", degree, ", and with ", n,
                       " points a polynomial of degree ", k, " is off by ", static_cast<double>(mean), ".")) {
      return;
    }
  }
}

/// How many steps h go into the domain.
template <class Grid>
double steps(Index n) {
  const bool ends_in_a_point = family_of<Grid> != Family::periodic && family_of<Grid> != Family::midpoint;
  return static_cast<double>(ends_in_a_point ? n - 1 : n);
}

/// Enough points for the asymptotic regime of order 16. A spectral rule must be done before an order of 8
/// would be.
template <class Grid>
std::vector<Index> chosen_sizes(int order) {
  const Index extra = steps<Grid>(2) < 2 ? 1 : 0;
  const Index last = order != spectral ? 1024 : on_a_period<Grid> ? 128 : 64;
  std::vector<Index> sizes;
  for (Index n = order == spectral ? 8 : 32; n <= last; n *= 2) sizes.push_back(n + extra);
  return sizes;
}

/// The observed order is that of the finest pair of sizes whose errors stand clear of round-off.
template <class Grid>
void check_order(QuadratureReport& report, const std::vector<RoundOff>& floor, double tolerance) {
  for (std::size_t i = 0; i + 1 < report.sizes.size(); ++i) {
    const double coarse = std::abs(report.errors[i]), fine = std::abs(report.errors[i + 1]);
    const double refinement = steps<Grid>(report.sizes[i + 1]) / steps<Grid>(report.sizes[i]);
    report.orders.push_back(std::log(coarse / fine) / std::log(refinement));
    report.note("n = ", report.sizes[i], " -> ", report.sizes[i + 1], ": error ", coarse, " -> ", fine,
                ", order ", report.orders.back());
    if (fine > 16 * floor[i + 1].likely) report.observed_order = report.orders.back();
  }
  if (report.order == none) return;
  if (report.order == spectral) {
    report.expect(std::abs(report.errors.back()) <= 4 * floor.back().worst,
                  "the rule is stated to be spectral, and with ", report.sizes.back(),
                  " points the error is still ", report.errors.back(), ".");
  } else if (report.expect(report.observed_order.has_value(),
                           "no two sizes in a row have errors above round-off. Give smaller sizes.")) {
    report.expect(std::abs(*report.observed_order - report.order) <= tolerance, "the order is stated to be ",
                  report.order, " and observed to be ", *report.observed_order, ".");
  }
}

}  // namespace detail

/// The law on the grids make_grid(n) with the rules make_rule(grid).
template <class MakeGrid, class MakeRule>
  requires std::invocable<MakeGrid&, Index>
QuadratureReport quadrature(MakeGrid make_grid, MakeRule make_rule, const QuadratureOptions& options = {}) {
  using Grid = std::remove_cvref_t<decltype(make_grid(Index{}))>;
  using Rule = std::remove_cvref_t<decltype(make_rule(std::declval<const Grid&>()))>;
  static_assert(AnyGrid1D<Grid>,
                "laws::quadrature holds for grids of one dimension. Hold each axis of a product to it.");

  QuadratureReport report;
  report.order = options.order.value_or(order_on<Rule, Grid>);
  report.sizes = options.sizes.empty() ? detail::chosen_sizes<Grid>(report.order) : options.sizes;
  std::vector<detail::RoundOff> floor;
  for (std::size_t i = 0; i < report.sizes.size(); ++i) {
    const Grid grid = make_grid(report.sizes[i]);
    const Rule rule = make_rule(grid);
    const Discretization<Grid, Rule> discretization(grid, rule);
    report.errors.push_back(detail::error_of(discretization));
    floor.push_back(detail::round_off(discretization, 15));  // 15 bounds the slopes of both functions
    if (i < 2)
      detail::check_exactness(report, discretization, options.degree.value_or(degree_of(rule, grid)));
  }
  detail::check_order<Grid>(report, floor, options.tolerance);
  return report;
}

/// The law for a rule that has no state, on the grids make_grid(n).
template <AnyRule Rule, class MakeGrid>
  requires std::invocable<MakeGrid&, Index>
QuadratureReport quadrature(MakeGrid make_grid, const QuadratureOptions& options = {}) {
  return quadrature(make_grid, [](const auto&) { return Rule{}; }, options);
}

/// The law for a rule that has no state, on grids Grid(left, right, n).
template <AnyRule Rule, AnyGrid1D Grid>
  requires std::constructible_from<Grid, double, double, Index>
QuadratureReport quadrature(const QuadratureOptions& options = {}) {
  const Interval domain = options.domain;
  return quadrature<Rule>([domain](Index n) { return Grid(domain.left, domain.right, n); }, options);
}

}  // namespace fredholm::laws
