// Whose weights a layer integrates with: those of the field it is given, or those of a rule in the layer's
// type.
//
//   Attention<>            RuleOfField: the integral is the field's own
//   Attention<Counting>    every point counts 1: what an ordinary transformer does
//   Attention<Simpson>     Simpson's weights on the grid of the field, whatever rule the field carries
#pragma once

#include <type_traits>

#include <fredholm/space/integrate.hpp>

namespace fredholm {

struct RuleOfField {};

namespace detail {

/// (points): the weights that a layer with this rule uses on a discretization.
template <class Rule, class Scalar, class D>
Array<Scalar> layer_weights(const D& d) {
  if constexpr (std::is_same_v<Rule, RuleOfField> || std::is_same_v<Rule, typename D::rule_type>) {
    return weights_of<Scalar>(d);
  } else {
    return weights_of<Scalar>(Discretization<typename D::grid_type, Rule>(d.grid()));
  }
}

}  // namespace detail

}  // namespace fredholm
