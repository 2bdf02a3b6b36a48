// The weights of an integral over a ball, for the layers of this folder.
//
//   (1 / |B_r|) int_{B(x_i, r)} chi(|x_i - y| / r) f(y) dmu(y)  ≈  sum_{j in N(i)} a_ij f(y_j),
//   a_ij = w_j chi(|x_i - y_j| / r) / |B_r|,    |B_r| the volume of a whole ball: pi r^2 in two dimensions
//
// Made once for a pair of discretizations, a radius and a window, and kept as long as both live: 4 +
// sizeof(Scalar) bytes an edge.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include <fredholm/layers/kernel_integral.hpp>
#include <fredholm/layers/window.hpp>
#include <fredholm/space/neighbours/within.hpp>

namespace fredholm::detail {

inline double ball_volume(Index dimension, double radius) {
  const double half = 0.5 * static_cast<double>(dimension);
  return std::pow(std::numbers::pi, half) / std::tgamma(half + 1.0) *
         std::pow(radius, static_cast<double>(dimension));
}

/// Round a period each source is seen once, at its nearest image: a ball wider than the period would cut its
/// window off.
template <Index D>
void require_ball_within_period(const Sites<D>& sources, double radius) {
  for (Index axis = 0; axis < D; ++axis) {
    const double period = sources.period[static_cast<std::size_t>(axis)];
    require(period == 0.0 || radius <= 0.5 * period, "a ball of radius ", radius,
            " is wider than the period ", period, " of axis ", axis,
            ": give a radius of at most half the period.");
  }
}

/// With the rule and the precision in its type, so that each is kept by itself.
template <class Rule, class T>
struct PairsWithin {
  Pairs<T> pairs;
  Index empty = -1;   // the first target in whose ball nothing has a weight
  Index beyond = -1;  // the first such target that lies outside of the domain of the sources
};

/// Pairs within a radius, between points with weights in double.
template <class T, Index D>
Pairs<T> weighted_pairs(const Sites<D>& targets, const Sites<D>& sources, const double* weights,
                        std::shared_ptr<const Edges> edges, double radius, Window window) {
  require_ball_within_period(sources, radius);
  const double scale = 1.0 / ball_volume(D, radius);
  std::vector<T> values(edges->columns.size());
  for (Index i = 0; i < targets.size; ++i) {
    for (Index e = edges->begin(i); e < edges->end(i); ++e) {
      const Index j = edges->column(e);
      const double square =
          square_distance<D>(targets.at(i), sources.at(j), sources.period) / (radius * radius);
      values[static_cast<std::size_t>(e)] = static_cast<T>(scale * weights[j] * window_value(window, square));
    }
  }
  const auto copy = [](const Sites<D>& sites) {
    return std::make_shared<const std::vector<double>>(sites.points, sites.points + sites.size * D);
  };
  const Shape shape{std::ssize(values)};
  return {D,
          copy(targets),
          copy(sources),
          std::vector<double>(sources.period.begin(), sources.period.end()),
          std::move(edges),
          Array<T>(shape, std::move(values))};
}

/// Nothing in the ball of this target has a weight.
template <class T>
bool is_empty(const Pairs<T>& pairs, Index target) {
  const T* weights = pairs.weights.data();
  return std::all_of(weights + pairs.edges->begin(target), weights + pairs.edges->end(target),
                     [](T weight) { return weight == T{0}; });
}

template <class T>
Index first_empty(const Pairs<T>& pairs) {
  for (Index i = 0; i < pairs.edges->targets(); ++i) {
    if (is_empty(pairs, i)) return i;
  }
  return -1;
}

/// The first target from `first` on that lies outside of the box and sees nothing; round a period nothing is
/// outside.
template <class T, Index D>
Index first_beyond(const Pairs<T>& pairs, const Box<D>& box, Index first) {
  for (Index i = first; i < pairs.edges->targets(); ++i) {
    for (Index axis = 0; axis < D; ++axis) {
      const double x = (*pairs.targets)[static_cast<std::size_t>(i * D + axis)];
      const bool periodic = pairs.periods[static_cast<std::size_t>(axis)] != 0.0;
      if (!periodic && (x < box[axis].left || x > box[axis].right) && is_empty(pairs, i)) return i;
    }
  }
  return -1;
}

template <class Rule, class T, AnyDiscretization Targets, AnyDiscretization Sources>
std::shared_ptr<const PairsWithin<Rule, T>> pairs_within(const Targets& targets, const Sources& sources,
                                                         double radius, Window window) {
  static_assert(Targets::dimension == Sources::dimension,
                "a layer over balls: the field and the target have points of different dimension.");
  const std::string name =
      "window " + std::to_string(static_cast<int>(window)) + " within " + all_digits(radius);
  return kept_for_pair<PairsWithin<Rule, T>>(targets, sources, name, [&] {
    const Array<double> weights = layer_weights<Rule, double>(sources);
    PairsWithin<Rule, T> result{weighted_pairs<T>(sites_of(targets), sites_of(sources), weights.data(),
                                                  neighbours_within(targets, sources, radius), radius,
                                                  window)};
    result.empty = first_empty(result.pairs);
    if (result.empty >= 0) result.beyond = first_beyond(result.pairs, sources.box(), result.empty);
    return result;
  });
}

/// "(0.5, 0.25)"
template <class T>
std::string target_as_text(const Pairs<T>& pairs, Index target) {
  std::ostringstream text;
  for (Index axis = 0; axis < pairs.dimension; ++axis)
    text << (axis == 0 ? "(" : ", ")
         << (*pairs.targets)[static_cast<std::size_t>(target * pairs.dimension + axis)];
  return text.str() + ")";
}

}  // namespace fredholm::detail
