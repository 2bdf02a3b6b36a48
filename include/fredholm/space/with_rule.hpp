// The same points under another rule.
//
//   ∫ u ≈ Σ_j w_j u(x_j)   becomes   Σ_j v_j u(x_j)
//
//   with_rule<Simpson>(d)            a discretization with the grid of d
//   with_rule<Simpson>(u)            a field with the values of u, which are shared and not copied
//   with_rule(u, Given{weights})     a rule with data of its own
//
// To see how far an operator or an integral depends on its rule: nothing but the type changes.
#pragma once

#include <utility>

#include <fredholm/space/field.hpp>

namespace fredholm {

template <class NewRule, class Grid, class Rule>
Discretization<Grid, NewRule> with_rule(const Discretization<Grid, Rule>& discretization, NewRule rule = {}) {
  return {discretization.grid(), std::move(rule)};
}

template <class NewRule, class Grid, class Rule, class Scalar>
Field<Discretization<Grid, NewRule>, Scalar> with_rule(const Field<Discretization<Grid, Rule>, Scalar>& u,
                                                       NewRule rule = {}) {
  return {with_rule<NewRule>(u.discretization(), std::move(rule)), u.values()};
}

}  // namespace fredholm
