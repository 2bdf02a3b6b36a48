// The gallery of failures, measured: each broken operator (failures.hpp) beside the type that keeps its law.
//
//   for (const auto& entry : failures::gallery()) entry.broken.errors, entry.right.errors
//
// An error is the largest difference to the operator that was meant, at fixed points of the domain, unless the entry
// says otherwise. Where a network counts in cells, what was meant is what it does on the grid that it was trained on.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/laws.hpp>

#include "failures.hpp"

namespace failures {

struct Entry {
  int number;
  std::string name;
  std::string cure;      ///< the type that keeps the law
  std::string measured;  ///< what the errors are
  laws::RefinementReport broken, right;
};

inline const std::vector<Index> twice_from_64{64, 128, 256, 512}, twice_from_65{65, 129, 257, 513};
inline constexpr auto no_order = static_cast<double>(spectral);  // the last error is to be round-off

inline double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }
inline double wave(double x) { return std::exp(std::sin(2 * std::numbers::pi * x)); }
inline double triangle(double x) { return 8 * std::abs(x - 0.5) - 1; }

using Line = Discretization<UniformGrid<>, Trapezoid>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Graded = Discretization<ScatteredGrid, Trapezoid>;
inline Line line(Index n) { return Line({0.0, 1.0, n}); }
inline Circle circle(Index n) { return Circle({0.0, 1.0, n}); }
inline Gauss gauss(Index n) { return Gauss({0.0, 1.0, n}); }
/// Points that lie denser to the left, by a smooth map of equal steps.
inline Graded graded(Index n) {
  std::vector<double> points;
  for (Index j = 0; j < n; ++j) {
    const double t = static_cast<double>(j) / static_cast<double>(n - 1);
    points.push_back(0.5 * t * (1 + t));
  }
  return Graded(ScatteredGrid(points));
}

/// The Fourier layer that keeps the frequencies below `modes` and changes none of them.
inline SpectralConvolution<1> keep(Index modes) {
  Array<double> one = Array<double>::zeros({2, modes, 1, 1});
  std::fill_n(one.mutable_data(), modes, 1.0);
  return {Parameter<std::complex<double>>(one), {}};
}

/// A pointwise map into `channels`, then a layer of as many.
template <class Map, class Layer>
struct Then {
  Map first;
  Layer second;
  auto operator()(const AnyField auto& u) const { return second(first(u)); }
};
template <class Layer>
Then<Linear<>, Layer> lifted(Layer layer, Index channels) {
  Engine engine(11);
  return {make_linear(1, channels, engine), std::move(layer)};
}

/// The first channel times the second.
struct TimesPosition {
  template <AnyField Input>
  Input operator()(const Input& v) const {
    return slice_channels(v, 0, 1) * slice_channels(v, 1, 1);
  }
};

/// q(x) . int k(y) u(y) dy with q = k = (cos 2x, sin 2x): what WeightsAtOutput is meant to be.
struct WeightsInside {
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const auto angle = coordinates(u.discretization()) * 2.0;
    const auto q = concatenate(cos(angle), sin(angle));
    const auto c = integrals(concatenate(cos(angle) * u, sin(angle) * u));
    return u.with(sum((q * c.reshaped({2})).values(), 2).reshaped({1, u.points(), 1}));
  }
};

/// Errors error(n) that are to fall at an order, or to be round-off at the end (no_order).
template <class Error>
laws::RefinementReport held(const std::vector<Index>& sizes, double order, const Error& error,
                            const laws::RefinementOptions& options = {}) {
  laws::RefinementReport report;
  report.order = order;
  report.sizes = sizes;
  for (Index n : sizes) report.errors.push_back(error(n));
  laws::detail::check_order(report, options);
  return report;
}

/// An operator and its cure on make(n), both against the cure on a reference.
template <class Broken, class Right, class Function, class Make, class Reference>
Entry compared(Entry entry, const Broken& broken, const Right& right, const Function& u, const Make& make,
               const Reference& reference, const std::vector<Index>& sizes, double order) {
  const auto limit = laws::detail::at_probes(right, u, reference, 9);
  const auto error = [&](const auto& op) {
    return
        [&](Index n) { return laws::detail::largest_gap(laws::detail::at_probes(op, u, make(n), 9), limit); };
  };
  entry.broken = held(sizes, order, error(broken));
  entry.right = held(sizes, order, error(right));
  return entry;
}

inline Entry activation_above_nyquist() {
  Entry entry{1, "activation above Nyquist", "Dealiased<Gelu, 2, 8>", "aliasing in L2 (laws::aliasing)", {},
              {}};
  const auto error = [](const auto& op) {
    return [&op](Index n) { return laws::aliasing(op, triangle, {.sizes = {n}}).errors.front(); };
  };
  const Activated<Gelu> broken{keep(8)};
  const Activated<Dealiased<Gelu, 2, 8>> right{keep(8)};
  entry.broken = held({16, 32, 64, 128}, no_order, error(broken));
  entry.right = held({16, 32, 64, 128}, no_order, error(right));
  return entry;
}

inline Entry softmax_that_counts() {
  Engine first(2), second(2);  // the same weights
  return compared({2, "softmax that counts points", "Attention<>", "gap on graded points", {}, {}},
                  lifted(make_attention<Counting>(4, 2, first), 4), lifted(make_attention(4, 2, second), 4),
                  smooth, graded, gauss(160), twice_from_65, 2.0);
}

inline Entry weights_at_output() {
  return compared({3, "weights at the output", "integrals(u)", "gap on equal steps", {}, {}},
                  WeightsAtOutput{}, WeightsInside{}, smooth, line, gauss(160), twice_from_65, 2.0);
}

inline Entry position_by_index() {
  return compared({4, "position by index", "CoordinateEmbedding", "gap of x u(x) on a period", {}, {}},
                  Then<PositionByIndex, TimesPosition>{}, Then<CoordinateEmbedding, TimesPosition>{}, wave,
                  circle, circle(64), twice_from_64, no_order);
}

inline Entry padding_in_cells() {
  Engine engine(4);
  const auto spectral = make_spectral<1>(1, 1, 6, engine);
  auto right = spectral;
  right.padding = {8.0 / 64.0};  // eight cells of the training grid, 65 points
  return compared({5, "padding in cells", "padding, a length", "gap to the training grid", {}, {}},
                  PaddingInCells{spectral}, right, smooth, line, gauss(160), twice_from_65, 2.0);
}

inline Entry norm_by_plain_mean() {
  return compared({6, "norm by plain mean", "MeasureNorm<>", "gap on equal steps", {}, {}},
                  lifted(make_measure_norm<Counting>(4), 4), lifted(make_measure_norm(4), 4), smooth, line,
                  gauss(160), twice_from_65, 2.0);
}

inline Entry kernel_in_cells() {
  // Trained on 64 cells to differentiate: (u_{j+1} - u_{j-1}) / 2h with the h of that grid.
  return compared(
      {7, "kernel in cells", "derivative<0>(u)", "gap to the derivative", {}, {}},
      ConvolutionInCells{-32, 0, 32}, [](const auto& u) { return derivative<0>(u); }, wave, circle,
      circle(48), twice_from_64, no_order);
}

inline Entry shift_of_odd_sizes() {
  Entry entry{8, "forward shift twice", "SpectralConvolution<D>", "gap to the identity", {}, {}};
  const auto u = [](double x) {
    const double turn = 2 * std::numbers::pi * x;
    return 1 + std::sin(turn) + 0.5 * std::cos(3 * turn);
  };
  const auto error = [&u](const auto& op) {
    return [&](Index n) { return distance<Linf>(op(sample(u, circle(n))), sample(u, circle(n))); };
  };
  const std::vector<Index> sizes{16, 17, 32, 33, 64, 65, 128, 129};
  const ForwardShiftTwice broken;
  const auto right = keep(8);
  entry.broken = held(sizes, no_order, error(broken));
  entry.right = held(sizes, no_order, error(right));
  return entry;
}

inline Entry resize_by_the_tail() {
  Entry entry{9, "resize pads the tail", "resample(u, d)", "gap on 2n points", {}, {}};
  const auto error = [](const auto& op) {
    return
        [&op](Index n) { return distance<Linf>(op(sample(wave, circle(n))), sample(wave, circle(2 * n))); };
  };
  const TailPadded broken;
  const auto right = [](const auto& u) { return resample(u, circle(2 * u.points())); };
  entry.broken = held({16, 32, 64, 128}, no_order, error(broken));
  entry.right = held({16, 32, 64, 128}, no_order, error(right));
  return entry;
}

/// |u - v|^2 in L2 of two waves, by a way to sum it up.
template <class Loss>
double loss_on(Index n, const Loss& loss) {
  const auto u = sample(wave, circle(n));
  return loss(u, u + sample([](double x) { return 0.1 * wave(x + 0.3); }, circle(n)));
}

inline Entry loss_by_sum() {
  Entry entry{10, "loss by plain sum", "distance<L2>(u, v)", "gap of the squared loss", {}, {}};
  const auto integral = [](const auto& u, const auto& v) {
    const double d = distance<L2>(u, v);
    return d * d;
  };
  const auto by_points = [](const auto& u, const auto& v) { return sum_of_squares(u, v); };
  const double exact = loss_on(1024, integral);
  entry.broken =
      held(twice_from_64, no_order, [&](Index n) { return std::abs(loss_on(n, by_points) - exact); });
  entry.right =
      held(twice_from_64, no_order, [&](Index n) { return std::abs(loss_on(n, integral) - exact); });
  return entry;
}

inline Entry weights_in_float() {
  Entry entry{11, "weights in float", "GaussLegendre", "error of an integral", {}, {}};
  const auto error = [](auto rule) {
    return [rule](Index n) {
      const Discretization<LegendreGrid<>, decltype(rule)> d({0.0, 1.0, n}, rule);
      const double exact = (std::exp(1.0) * (std::sin(5.0) - 5 * std::cos(5.0)) + 5) / 26;
      return std::abs(integrate(sample([](double x) { return std::exp(x) * std::sin(5 * x); }, d)) - exact);
    };
  };
  const std::vector<Index> sizes{4, 8, 16, 32, 64};
  const laws::RefinementOptions double_precision{.round_off = 1e-14};
  const laws::RefinementOptions single{.round_off = 1e-14, .floor = 1e-7};  // below, rounding has no order
  entry.broken = held(sizes, no_order, error(SinglePrecision<GaussLegendre>{}), single);
  entry.right = held(sizes, no_order, error(GaussLegendre{}), double_precision);
  return entry;
}

inline const RandomFieldOptions<1> noise_options{
    .ends = Ends::periodic, .sigma = 1.0, .tau = 3.0, .gamma = 1.0};

/// The mean square of the coefficients of the frequencies 1 ... 7 (of functions orthonormal in L2), each divided by the
/// variance variance(k) that it is to have: chi-square with `degrees` degrees of freedom, divided by them.
template <class Noise, class Variance>
double mean_square(const Noise& noise, const Variance& variance) {
  constexpr Index modes = 8;
  const auto c = keep(modes).coefficients(noise);  // (count, re and im, 1)
  double total = 0.0;
  for (Index b = 0; b < noise.batch(); ++b) {
    for (Index k = 1; k < modes; ++k) {
      const double re = c.data()[b * 2 * modes + k], im = c.data()[b * 2 * modes + modes + k];
      total += 2 * (re * re + im * im) / variance(k);
    }
  }
  return total / static_cast<double>(noise.batch() * 2 * (modes - 1));
}
inline double degrees(Index count) { return static_cast<double>(count * 14); }

/// The variance in random_fields, and that of white noise on 64 points.
inline double variance_of_function(Index k) {
  const double wave_number = 2 * std::numbers::pi * static_cast<double>(k);
  return std::pow(noise_options.sigma, 2) *
         std::pow(wave_number * wave_number + noise_options.tau * noise_options.tau, -noise_options.gamma);
}
inline double variance_on_64(Index) { return 1.0 / 64.0; }

inline Entry noise_per_cell(Index count = 4096) {
  Entry entry{
      12, "noise drawn per cell", "random_fields<D>", "variance of modes, over that on 64, less 1", {}, {}};
  Engine engine(12);
  // A mean of `degrees` squares of normal numbers deviates by sqrt(2 / degrees); five of these, once in a million.
  const double by_chance = 5 * std::sqrt(2 / degrees(count));
  const laws::RefinementOptions chance{.round_off = by_chance, .floor = by_chance};
  entry.broken = held(
      twice_from_64, no_order,
      [&](Index n) {
        return std::abs(mean_square(white_per_cell(count, circle(n), engine), variance_on_64) - 1);
      },
      chance);
  entry.right = held(
      twice_from_64, no_order,
      [&](Index n) {
        const auto functions = random_fields<1>(count, noise_options, engine);  // others for each n
        return std::abs(mean_square(sample(functions, circle(n)), variance_of_function) - 1);
      },
      chance);
  return entry;
}

/// All of them. `count`: how many functions of noise are drawn on each grid.
inline std::vector<Entry> gallery(Index count = 4096) {
  return {activation_above_nyquist(), softmax_that_counts(), weights_at_output(), position_by_index(),
          padding_in_cells(),         norm_by_plain_mean(),  kernel_in_cells(),   shift_of_odd_sizes(),
          resize_by_the_tail(),       loss_by_sum(),         weights_in_float(),  noise_per_cell(count)};
}

}  // namespace failures
