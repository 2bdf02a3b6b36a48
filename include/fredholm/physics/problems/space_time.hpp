// Reference solutions of periodic equations: Fourier modes in space, ETDRK4 in time, kept at equal times.
//
//   v' = c v + N(v)      mode by mode
//
// A reference is a field on (x, t), of `points` x `times` values with both ends of the time interval among
// the times, so that an error is relative_error<L2>(values(net, reference.discretization()), reference).
//
// Order 4 in time, spectral in space for smooth starts. How many digits are right is found by halving the
// steps and doubling the points: docs/problems.md has them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/fft.hpp>
#include <fredholm/data/etdrk4.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids/periodic.hpp>
#include <fredholm/space/grids/product.hpp>
#include <fredholm/space/grids/uniform.hpp>
#include <fredholm/space/rules/product.hpp>
#include <fredholm/space/rules/trapezoid.hpp>

namespace fredholm::problems {

/// Points of a reference: a period in space, a time interval with both its ends.
using SpaceTime =
    Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Trapezoid>>;

struct ReferenceOptions {
  Index points = 256;  ///< in space
  Index times = 101;   ///< both ends among them
  Index finer = 1;     ///< the solver has finer * points points
  Index steps = 20;    ///< of time, from one of the times to the next
};

namespace detail {

using Complex = std::complex<double>;

/// Real functions on n points and their modes û_k = 1/n sum_j u_j exp(-2 pi i jk/n), 0 <= k < n/2, by way of
/// `fine` points, on which products are formed. The mode n/2 of an even n has no phase and is dropped.
class PeriodicModes {
 public:
  PeriodicModes(Index points, Index fine)
      : points_(points), modes_((points - 1) / 2 + 1), fine_(fine), padded_(at(fine / 2 + 1)) {}

  Index modes() const { return modes_; }
  Index fine() const { return fine_; }

  /// Of the function itself, not of its samples on n points: sampled on many more, so that what n points
  /// cannot hold is cut off and not mistaken for something else. Of a start with a kink this is worth five
  /// digits.
  template <class Function>
  std::vector<Complex> analysis(const Function& f, const Interval& period) const {
    const Index many = points_ * std::max<Index>(1, (Index{1} << 18) / points_);
    std::vector<double> values(at(many));
    for (Index j = 0; j < many; ++j)
      values[at(j)] = f(period.left + period.length() * static_cast<double>(j) / static_cast<double>(many));
    std::vector<Complex> v(at(many / 2 + 1));
    RealFft<double>(many).forward(values.data(), v.data());
    v.resize(at(modes_));
    for (Complex& mode : v) mode /= static_cast<double>(many);
    return v;
  }
  std::vector<double> synthesis(std::vector<Complex> v) const {
    v.resize(at(points_ / 2 + 1));
    std::vector<double> values(at(points_));
    RealFft<double>(points_).backward(v.data(), values.data());
    return values;
  }

  /// Values on the fine points, and the modes of such values.
  void to_fine(const Complex* modes, double* values) {
    std::copy_n(modes, modes_, padded_.begin());
    std::fill(padded_.begin() + modes_, padded_.end(), Complex{});
    RealFft<double>(fine_).backward(padded_.data(), values);
  }
  void from_fine(const double* values, Complex* modes) {
    RealFft<double>(fine_).forward(values, padded_.data());
    for (Index k = 0; k < modes_; ++k) modes[k] = padded_[at(k)] / static_cast<double>(fine_);
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }

  Index points_, modes_, fine_;
  std::vector<Complex> padded_;
};

inline void require_reference(const ReferenceOptions& options, double time, const char* problem) {
  require(options.points >= 4 && options.times >= 2 && options.finer >= 1 && options.steps >= 1, problem,
          ": a reference with ", options.points, " points, ", options.times,
          " times, finer = ", options.finer, " and ", options.steps,
          " steps. Give at least 4 points, 2 times, and 1 of the others.");
  require(time > 0.0 && std::isfinite(time), problem, ": the reference ends at time ", time,
          ". Give a positive time.");
}

/// Marches v and keeps channels(v), a list of values on the solver's points for each channel, at all times;
/// at the first of them start(x), an array of a number for each channel.
template <class Coefficient, class Start, class Nonlinear, class Channels>
Field<SpaceTime, double> march(const Interval& period, double time, const ReferenceOptions& options,
                               const std::vector<Coefficient>& linear, const Start& start,
                               std::vector<Complex> v, const Nonlinear& nonlinear, const Channels& channels,
                               const char* problem) {
  const SpaceTime points({{period.left, period.right, options.points}, {0.0, time, options.times}});
  const BasicEtdrk4<Coefficient> step(linear,
                                      time / static_cast<double>((options.times - 1) * options.steps));
  typename BasicEtdrk4<Coefficient>::Workspace work;
  constexpr Index count = static_cast<Index>(std::tuple_size_v<std::invoke_result_t<Start, double>>);
  Array<double> values({1, options.points, options.times, count});
  double* out = values.mutable_data();
  for (Index j = 0; j < options.points; ++j) {
    const auto first = start(points.nodes(0)[static_cast<std::size_t>(j)]);
    std::copy(first.begin(), first.end(), out + j * options.times * count);
  }
  for (Index i = 1; i < options.times; ++i) {
    for (Index s = 0; s < options.steps; ++s) step(v, nonlinear, work);
    const std::array<std::vector<double>, static_cast<std::size_t>(count)> now = channels(v);
    for (Index j = 0; j < options.points; ++j) {
      for (Index c = 0; c < count; ++c) {
        const double value = now[static_cast<std::size_t>(c)][static_cast<std::size_t>(j * options.finer)];
        require(std::isfinite(value), problem, ": the reference grew without bound after ", i, " of ",
                options.times - 1, " intervals with ", options.steps, " steps in each. Give more steps.");
        out[(j * options.times + i) * count + c] = value;
      }
    }
  }
  return {points, std::move(values)};
}

/// u_t = c u + g(u), or with a slope u_t = c u + (g(u))_x, for one real function.
template <class Coefficient, class Start, class Pointwise>
Field<SpaceTime, double> march_real(const Interval& period, double time, const ReferenceOptions& options,
                                    const std::vector<Coefficient>& linear, const Start& start,
                                    const Pointwise& pointwise, bool slope, const char* problem) {
  const Index n = options.points * options.finer;
  PeriodicModes modes(n, fast_fft_size(2 * n));  // enough for a cube
  std::vector<double> fine(static_cast<std::size_t>(modes.fine()));
  const double wave = 2.0 * std::numbers::pi / period.length();
  const auto nonlinear = [&](const Complex* in, Complex* out) {
    modes.to_fine(in, fine.data());
    for (double& u : fine) u = pointwise(u);
    modes.from_fine(fine.data(), out);
    for (Index k = 0; slope && k < modes.modes(); ++k) out[k] *= Complex{0.0, wave * static_cast<double>(k)};
  };
  const auto channels = [&](const std::vector<Complex>& v) {
    return std::array<std::vector<double>, 1>{modes.synthesis(v)};
  };
  const auto first = [&](double x) { return std::array<double, 1>{start(x)}; };
  return march(period, time, options, linear, first, modes.analysis(start, period), nonlinear, channels,
               problem);
}

/// c of the modes 0 <= k < n/2: symbol(wave number).
template <class Coefficient, class Symbol>
std::vector<Coefficient> symbols(const Interval& period, Index points, const Symbol& symbol) {
  std::vector<Coefficient> linear;
  for (Index k = 0; k < (points - 1) / 2 + 1; ++k)
    linear.push_back(symbol(2.0 * std::numbers::pi / period.length() * static_cast<double>(k)));
  return linear;
}

}  // namespace detail

}  // namespace fredholm::problems
