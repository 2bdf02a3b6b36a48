// What layers on arrays (batch, points, channel) ask of fields: the rows, the way back, and a mean in place
// of an integral.
#pragma once

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/layers/rule_of_field.hpp>

namespace fredholm::detail {

/// The values of a field as (batch, points, channel).
template <AnyField Input>
auto point_rows(const Input& u) {
  return u.values().reshaped({u.batch(), u.points(), u.channels()});
}

/// (batch, points, channel) as a field on the points of u.
template <AnyField Input, class Scalar>
auto on_points_of(const Input& u, const Array<Scalar>& rows) {
  return u.with(rows.reshaped(field_shape(rows.shape(0), u.discretization().shape(), rows.shape(2))));
}

/// (points): weights that add up to 1, so that a sum with them is an integral over the domain divided by its
/// measure. The measure is the sum of the weights: that of the domain for a rule, the number of points for
/// Counting.
template <class Rule, class Scalar, class D>
Array<Scalar> layer_shares(const D& d) {
  Array<Scalar> weights = detach(layer_weights<Rule, Scalar>(d));
  const Scalar total = flat(weights.data(), weights.size()).sum();
  require(total > Scalar{0}, "the weights of a mean over the domain add up to ", total,
          "; a mean needs a positive measure.");
  flat(weights.mutable_data(), weights.size()) /= total;
  return weights;
}

}  // namespace fredholm::detail
