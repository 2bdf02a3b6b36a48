// Causal weights: a later time counts once the earlier ones are learned.
//
//   f_i = exp(-epsilon sum_{k < i} L_k),     L_k = int over slab k of |r|^2 / measure of slab k,    slabs along time
//
//   term("equation", inside, equation, {.causal = Causal{.slabs = 32, .epsilon = 1}})
//   update_causal(workspace, problem, model);           // `solve` calls it before every step
//
// For evolution equations on long times, where a network that satisfies the equation everywhere but the initial condition
// nowhere sits in a bad minimum. Not needed on short times or with the initial condition built into the network. Time is the
// last axis. f multiplies the weights of the points (Term::factors) and is a constant of the gradient. Raise epsilon by
// hand, 0.01, 0.1, ... 100, each time all f are near 1 (smallest_causal).
//
// Source: Wang, Sankaran and Perdikaris, Respecting causality for training physics-informed neural networks, CMAME 421, 2024
// (arXiv 2203.07404), (14) and algorithm 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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
void set_causal_factors(Term<Points, Residual>& term, const std::vector<double>& squares) {
  const std::vector<std::size_t> slab = slabs_of(term.points, term.causal->slabs);
  const auto slabs = static_cast<std::size_t>(term.causal->slabs);
  std::vector<double> integrals(slabs), measures(slabs), factors(slabs);
  for (std::size_t j = 0; j < slab.size(); ++j) {
    const double weight = term.points.weights()[j];
    integrals[slab[j]] += weight * squares[j];
    measures[slab[j]] += weight;
  }
  double before = 0;
  for (std::size_t i = 0; i < slabs; ++i) {
    factors[i] = std::exp(-term.causal->epsilon * before);
    if (measures[i] > 0) before += integrals[i] / measures[i];  // a slab without points has no say
  }
  term.factors.resize(slab.size());
  for (std::size_t j = 0; j < slab.size(); ++j) term.factors[j] = factors[slab[j]];
}

}  // namespace detail

/// Sets the factors of all terms with causal weights from the residuals of the model as it is. Whether there were any.
template <class... Terms, class Model>
bool update_causal(Workspace& workspace, Problem<Terms...>& problem, const Model& model) {
  bool any = false;
  for_each_term(problem, [&](auto& term) {
    if (!term.causal) return;
    any = true;
    detail::set_causal_factors(term, detail::squares_at_points(workspace, term, model));
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
