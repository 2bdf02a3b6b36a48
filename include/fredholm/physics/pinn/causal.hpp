// Causal weights: a later time counts once the earlier ones are learned.
//
//   f_i = exp(-epsilon (L_after + sum_{k < i} L_k))
//   L_k = int over slab k of |r|^2 / measure of slab k     slabs along time
//   L_after = weight * int |r_after|^2 / measure           of the term that `after` names, 0 without one
//
//   term("equation", inside, equation, {.causal = Causal{.slabs = 32, .epsilon = 1, .after = "initial"}})
//   update_causal(workspace, problem, model);           // `solve` calls it before every step
//
// For evolution equations on long times, where a network that satisfies the equation everywhere but the
// initial condition nowhere sits in a bad minimum. Say `.after` then, as the paper has it: without it a
// network that satisfies the equation by u = const has all f = 1, and stays. Not needed on short times or
// with the initial condition built into the network. Time is the last axis. f multiplies the weights of the
// points (Term::factors) and is a constant of the gradient. Raise epsilon by hand, 0.01, 0.1, ... 100, each
// time all f are near 1 (smallest_causal).
//
// Source: Wang, Sankaran and Perdikaris, Respecting causality for training physics-informed neural networks,
// CMAME 421, 2024 (arXiv 2203.07404), (14) and algorithm 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fredholm/physics/pinn/problem.hpp>

namespace fredholm {

namespace detail {

/// The slab of each point, counted along the last axis of the domain.
template <class Points>
std::vector<std::size_t> slabs_of(const Points& points, Index slabs) {
  const Interval time = points.box()[Points::dimension - 1];
  std::vector<std::size_t> result(static_cast<std::size_t>(points.size()));
  for (std::size_t j = 0; j < result.size(); ++j) {
    const double t = points.points()[(j + 1) * static_cast<std::size_t>(Points::dimension) - 1];
    const auto slab = static_cast<Index>((t - time.left) / time.length() * static_cast<double>(slabs));
    result[j] = static_cast<std::size_t>(std::clamp<Index>(slab, 0, slabs - 1));
  }
  return result;
}

template <class Points, class Residual>
void set_causal_factors(Term<Points, Residual>& term, const std::vector<double>& squares, double before) {
  const std::vector<std::size_t> slab = slabs_of(term.points, term.causal->slabs);
  const auto slabs = static_cast<std::size_t>(term.causal->slabs);
  std::vector<double> integrals(slabs), measures(slabs), factors(slabs);
  for (std::size_t j = 0; j < slab.size(); ++j) {
    const double weight = term.points.weights()[j];
    integrals[slab[j]] += weight * squares[j];
    measures[slab[j]] += weight;
  }
  for (std::size_t i = 0; i < slabs; ++i) {
    factors[i] = std::exp(-term.causal->epsilon * before);
    if (measures[i] > 0) before += integrals[i] / measures[i];  // a slab without points has no say
  }
  term.factors.resize(slab.size());
  for (std::size_t j = 0; j < slab.size(); ++j) term.factors[j] = factors[slab[j]];
}

/// weight * the mean of |r|^2 of a term by its name, without factors; 0 for no name. `who` asks for it.
template <class... Terms, class Model>
double mean_square_of(Workspace& workspace, const Problem<Terms...>& problem, const Model& model,
                      const std::string& name, const std::string& who) {
  double mean = 0;
  bool found = name.empty();
  for_each_term(problem, [&](const auto& term) {
    if (found || term.name != name || name == who) return;
    found = true;
    const std::vector<double> squares = squares_at_points(workspace, term, model);
    double measure = 0;
    for (std::size_t j = 0; j < squares.size(); ++j) {
      mean += term.weight * term.points.weights()[j] * squares[j];
      measure += term.points.weights()[j];
    }
    mean /= measure;
  });
  require(
      found, "term \"", who, "\": it has causal weights after \"", name,
      "\", and no other term is called so. Give .after the name of a term, such as the initial condition.");
  return mean;
}

}  // namespace detail

/// Sets the factors of all terms with causal weights from the residuals of the model as it is. Whether there
/// were any.
template <class... Terms, class Model>
bool update_causal(Workspace& workspace, Problem<Terms...>& problem, const Model& model) {
  bool any = false;
  for_each_term(problem, [&](auto& term) {
    if (!term.causal) return;
    any = true;
    detail::set_causal_factors(
        term, detail::squares_at_points(workspace, term, model),
        detail::mean_square_of(workspace, problem, model, term.causal->after, term.name));
  });
  return any;
}

/// The smallest causal factor of all terms: near 1 where all times are learned as well as epsilon asks for.
template <class... Terms>
double smallest_causal(const Problem<Terms...>& problem) {
  double smallest = 1;
  for_each_term(problem, [&smallest](const auto& term) {
    if (!term.causal) return;
    for (double factor : term.factors) smallest = std::min(smallest, factor);
  });
  return smallest;
}

}  // namespace fredholm
