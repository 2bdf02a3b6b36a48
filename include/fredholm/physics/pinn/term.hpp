// A term of a physics-informed loss: what is to vanish, and where.
//
//   weight * int |r|^2 dmu  =  weight * sum_j w_j sum_c r_c(x_j)^2
//
//   auto equation = term("equation", inside, residual);
//   auto start = term("initial", initial(inside), condition, {.weight = 100});
//
// The residual is a callable residual(model, points) -> Field on the points, of batch 1, with a channel for
// every equation of a system. The points are any discretization, and the integral is by the weights that they
// carry: the rule, and with it the order of the loss, is the type of the points. A residual sees some hundred
// points at a time, as a cloud (WeightedPoints<D>), since the work is cut into tiles: it must be pointwise,
// r(x_j) from x_j alone. One that needs all points of the term at once (an integral, a difference between
// points, a derivative on their grid) is wrapped: `whole(residual)`. It is given the points as they were
// made, is evaluated in one piece, and may return a Number, which is squared: the constraint int u = 0. A
// residual that takes a third argument, residual(model, points, Index begin), is told which point of the term
// the first of its points is: for numbers that belong to points, as measured data do (data.hpp).
//
// Residuals are called from several threads at once, and must not write to what they share.
//
// A term is a plain struct. Its weight and factors may be set by hand between steps; see causal.hpp,
// balance.hpp and resampling.hpp for who else does.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tiles.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/points/face.hpp>

namespace fredholm {

/// Causal weights in time (causal.hpp).
struct Causal {
  Index slabs = 32;        ///< of equal length, along the last axis
  double epsilon = 1;      ///< how fast a slab lets the next one begin: small is lenient
  std::string after = {};  ///< a term that comes before the first slab, "initial"; empty: none
};

struct TermOptions {
  double weight = 1;
  std::optional<Causal> causal = {};
};

/// Points that are drawn anew where the residual is large (resampling.hpp).
template <Index D>
struct Resampling {
  double power = 1;       ///< p ~ |r|^power / mean + constant
  double constant = 1;    ///< how many of the points stay uniform: 1 is about half
  Index candidates = 0;   ///< that are drawn to choose from; 0: ten for every point
  bool unbiased = false;  ///< weights that undo the density; without, all points weigh the same
  std::uint64_t seed = 1;
  /// Candidates with their weights; empty: uniform in the box.
  std::function<WeightedPoints<D>(Index, Engine&)> draw = {};
};

template <class Points, class Residual>
struct Term {
  static constexpr Index dimension = Points::dimension;

  std::string name;
  Points points;
  Residual residual;
  double weight = 1;
  std::vector<double> factors = {};  ///< of each point, beside its weight; empty: 1
  std::optional<Causal> causal = {};
  std::optional<Resampling<dimension>> resampling = {};
};

namespace detail {

template <class T>
inline constexpr bool is_term = false;
template <class Points, class Residual>
inline constexpr bool is_term<Term<Points, Residual>> = true;

template <class T>
concept AnyTerm = is_term<T>;

/// Whether a residual says that it belongs to the points of its term (data.hpp).
template <class Residual>
inline constexpr bool is_numbered = requires { Residual::is_numbered; };

template <class T>
inline constexpr bool is_discretization = false;
template <class Grid, class Rule>
inline constexpr bool is_discretization<Discretization<Grid, Rule>> = true;

inline void check_term(const std::string& name, const TermOptions& options) {
  require(!name.empty(),
          "term(name, points, residual): the name is empty, and errors and histories go by it.");
  require(std::isfinite(options.weight) && options.weight >= 0, "term \"", name, "\": weight is ",
          options.weight, ". Give a finite weight, 0 or more.");
  if (!options.causal) return;
  require(options.causal->slabs >= 1 && options.causal->epsilon >= 0, "term \"", name, "\": causal has ",
          options.causal->slabs, " slabs and epsilon = ", options.causal->epsilon,
          ". Give at least 1 slab and epsilon >= 0.");
}

}  // namespace detail

template <class Points, class Residual>
Term<Points, Residual> term(std::string name, Points points, Residual residual,
                            const TermOptions& options = {}) {
  static_assert(
      detail::is_discretization<Points>,
      "term(name, points, residual): the points are no discretization. Give a Discretization<Grid, Rule>: a "
      "grid with a rule, sobol_points(box, n), initial(inside), ...");
  detail::check_term(name, options);
  std::vector<double> factors(options.causal ? static_cast<std::size_t>(points.size()) : 0, 1.0);
  return {std::move(name),
          std::move(points),
          std::move(residual),
          options.weight,
          std::move(factors),
          options.causal,
          {}};
}

}  // namespace fredholm
