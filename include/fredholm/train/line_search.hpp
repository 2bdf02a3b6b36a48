// A step length that satisfies the strong Wolfe conditions.
//
//   f(a) <= f(0) + c1 a f'(0),     |f'(a)| <= c2 |f'(0)|,     f(a) = F(x + a d), f'(0) < 0
//
// The first says that the value falls, the second that the slope does, by which a quasi-Newton update stays
// positive definite (s . y > 0). The bracket grows until it holds such a length, and is then narrowed by the
// minimum of the cubic through two values and two slopes, kept away from its ends.
//
// Near a minimum the values differ by their round-off alone. Within round_off * |f(0)| of f(0) the first
// condition is asked of the slope, f'(a) <= (2 c1 - 1) f'(0), which is the same for a quadratic and is
// computed far more accurately, and the cubic gives way to the secant of the slopes. NaN and infinity count
// as too long a step.
//
// Sources: Nocedal and Wright (2006), algorithms 3.5 and 3.6, eq. 3.59; Hager and Zhang (2005), section 4,
// for the last condition.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

struct LineSearchOptions {
  double decrease = 1e-4;    ///< c1
  double curvature = 0.9;    ///< c2
  double round_off = 1e-14;  ///< of the values, relative; larger for parameters of float
  Index evaluations = 25;    ///< at most
};

/// A value and a slope at a length.
struct LinePoint {
  double length = 0;
  double value = 0;
  double slope = 0;
};

struct LineSearchResult {
  LinePoint point;  ///< the best that was found; length 0 if nothing lies below the beginning
  bool wolfe = false;
  Index evaluations = 0;
};

namespace detail {

inline void check(const LineSearchOptions& options) {
  require(options.decrease > 0 && options.decrease < options.curvature && options.curvature < 1,
          "line search: decrease is ", options.decrease, " and curvature is ", options.curvature,
          ". Give 0 < decrease < curvature < 1, and decrease < 0.5 for Newton steps.");
  require(options.evaluations >= 1, "line search: evaluations is ", options.evaluations,
          ". Give at least 1.");
  require(options.round_off >= 0 && options.round_off < 1, "line search: round_off is ", options.round_off,
          ". It is a relative error of values: give a number from 0 to less than 1.");
}

/// The minimum of the cubic with the values and slopes of two points (Nocedal and Wright, eq. 3.59); NaN if
/// there is none.
inline double cubic_minimum(const LinePoint& a, const LinePoint& b) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.length - b.length);
  const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.length - a.length);
  return b.length - (b.length - a.length) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

class LineSearch {
 public:
  using Function = std::function<LinePoint(double)>;

  LineSearch(const Function& function, double value, double slope, const LineSearchOptions& options)
      : function_(function), options_(options), start_{0, value, slope}, best_(start_) {
    noise_ = options.round_off * std::abs(value);
  }

  LineSearchResult run(double first) {
    LinePoint before = start_;
    double length = first;
    while (left()) {
      const LinePoint here = look(length);
      if (!is_finite(here) || !is_low(here) || (grown_ && rises(before, here))) {
        narrow(before, here);
        break;
      }
      if (is_flat(here)) return accept(here);
      if (here.slope >= 0) {
        narrow(here, before);
        break;
      }
      length = beyond(before, here);
      before = here;
      grown_ = true;
    }
    return {best_, wolfe_, evaluations_};
  }

 private:
  static bool is_finite(const LinePoint& p) { return std::isfinite(p.value) && std::isfinite(p.slope); }
  bool left() const { return evaluations_ < options_.evaluations; }

  LinePoint look(double length) {
    ++evaluations_;
    LinePoint point = function_(length);
    point.length = length;
    if (is_finite(point) && point.value < best_.value) best_ = point;
    return point;
  }

  LineSearchResult accept(const LinePoint& point) {
    best_ = point;
    wolfe_ = true;
    return {best_, true, evaluations_};
  }

  bool is_low(const LinePoint& p) const {
    if (p.value <= start_.value + options_.decrease * p.length * start_.slope) return true;
    return std::abs(p.value - start_.value) <= noise_ &&
           p.slope <= (2 * options_.decrease - 1) * start_.slope;
  }

  bool is_flat(const LinePoint& p) const { return std::abs(p.slope) <= -options_.curvature * start_.slope; }

  /// Whether the value rises from a to b by more than its round-off.
  bool rises(const LinePoint& a, const LinePoint& b) const {
    const double difference = b.value - a.value;
    return std::abs(difference) <= noise_ ? false : difference >= 0;
  }

  /// The next length of the bracket: between a tenth of the last growth and ten times the length.
  double beyond(const LinePoint& before, const LinePoint& here) const {
    const double guess = cubic_minimum(before, here);
    const double least = here.length + 0.1 * (here.length - before.length);
    const double most = 10 * here.length;
    return std::isfinite(guess) && guess > here.length ? std::clamp(guess, least, most) : most;
  }

  /// Where to look between two points, the first of which is finite: not nearer to an end than a tenth.
  double between(const LinePoint& low, const LinePoint& high) const {
    const double width = high.length - low.length;
    double part = 0.1;  // NaN or infinity at the far end
    if (is_finite(high)) {
      const bool noisy = std::abs(high.value - low.value) <= noise_;
      const double guess =
          noisy ? low.length - width * low.slope / (high.slope - low.slope) : cubic_minimum(low, high);
      part = (guess - low.length) / width;
      if (!std::isfinite(part)) part = 0.5;
    }
    return low.length + std::clamp(part, 0.1, 0.9) * width;
  }

  /// A bracket: `low` is low enough, and its slope points at `high`.
  void narrow(LinePoint low, LinePoint high) {
    while (left()) {
      const double scale = std::max(std::abs(low.length), std::abs(high.length));
      if (std::abs(high.length - low.length) <= 1e-14 * scale) return;
      const LinePoint here = look(between(low, high));
      if (!is_finite(here) || !is_low(here) || rises(low, here)) {
        high = here;
        continue;
      }
      if (is_flat(here)) {
        accept(here);
        return;
      }
      if (here.slope * (high.length - low.length) >= 0) high = low;
      low = here;
    }
  }

  const Function& function_;
  const LineSearchOptions& options_;
  LinePoint start_;
  LinePoint best_;
  double noise_ = 0;
  bool wolfe_ = false;
  bool grown_ = false;
  Index evaluations_ = 0;
};

}  // namespace detail

/// A length along a direction on which the value falls: `value` and `slope` < 0 at length 0, `first` the
/// length to try first.
inline LineSearchResult line_search(const std::function<LinePoint(double)>& function, double value,
                                    double slope, double first, const LineSearchOptions& options = {}) {
  detail::check(options);
  require(slope < 0 && first > 0, "line_search: the slope is ", slope, " and the first length is ", first,
          ". Give a direction on which the value falls (slope < 0) and a length > 0.");
  return detail::LineSearch(function, value, slope, options).run(first);
}

}  // namespace fredholm
