// Balanced weights: every term pulls at the parameters with the same force.
//
//   weight_k  <-  keep * weight_k + (1 - keep) * sum_i |grad L_i| / |grad L_k|,     L_k = int |r_k|^2 dmu_k
//
//   balance(workspace, problem, model, {.keep = 0.9});          // or solve(..., {.balance_every = 1000})
//
// For Adam, where terms of very different size are learned one after the other and some never. Costs a
// gradient a term, so do it rarely. Gauss-Newton methods see the same problem in another metric and need it
// less. The loss of a problem that is balanced is another one after each update: compare the integrals of the
// terms (losses), not the totals.
//
// Sources: Wang, Teng and Perdikaris, Understanding and mitigating gradient flow pathologies in
// physics-informed neural networks, SIAM J. Sci. Comput. 43, 2021, algorithm 1, with the norms of all terms
// in place of maximum and mean as in Wang, Sankaran, Wang and Perdikaris, An expert's guide to training
// physics-informed neural networks (arXiv 2308.08468), (4.7).
#pragma once

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <fredholm/physics/pinn/problem.hpp>

namespace fredholm {

struct BalanceOptions {
  double keep = 0.9;  ///< of the weights as they were; 0: they are forgotten
};

namespace detail {

template <class Model>
double norm_of_gradient(const Model& gradient) {
  double total = 0;
  for_each_parameter(gradient, [&total](const auto& leaf) {
    if (leaf.frozen()) return;
    for (Index i = 0; i < leaf.size(); ++i) {
      const auto g = static_cast<double>(leaf.value().data()[i]);
      total += g * g;
    }
  });
  return std::sqrt(total);
}

}  // namespace detail

/// |grad L_k| of every term, without the weights of the terms; 0 for one of weight 0, which is not computed.
template <class... Terms, class Model>
std::vector<double> gradient_norms(Workspace& workspace, const Problem<Terms...>& problem,
                                   const Model& model) {
  std::vector<double> norms;
  for_each_term(problem, [&](const auto& term) {
    if (term.weight == 0) {
      norms.push_back(0);
      return;
    }
    auto alone = make_problem(term);
    std::get<0>(alone.terms).weight = 1;
    const auto result = value_and_gradient(workspace, alone, model);
    norms.push_back(detail::norm_of_gradient(result.gradient));
    if (!std::isfinite(norms.back())) {
      throw std::runtime_error("balance: the gradient of term \"" + term.name +
                               "\" is not finite; the weights are as they were.");
    }
  });
  return norms;
}

/// Sets the weights of all terms. One whose gradient vanishes, by less than 1e-12 of the sum of all, keeps
/// its own, and so does one that is switched off by the weight 0.
template <class... Terms, class Model>
void balance(Workspace& workspace, Problem<Terms...>& problem, const Model& model,
             const BalanceOptions& options = {}) {
  require(options.keep >= 0 && options.keep < 1, "balance: keep is ", options.keep, ". Give 0 <= keep < 1.");
  const std::vector<double> norms = gradient_norms(workspace, problem, model);
  double total = 0;
  for (double norm : norms) total += norm;
  std::size_t k = 0;
  for_each_term(problem, [&](auto& term) {
    const double norm = norms[k++];
    if (norm > 1e-12 * total) term.weight = options.keep * term.weight + (1 - options.keep) * total / norm;
  });
}

}  // namespace fredholm
