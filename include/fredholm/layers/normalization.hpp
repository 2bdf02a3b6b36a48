// Normalizations: LayerNorm over the channels of each point, MeasureNorm over the domain.
//
//   LayerNorm      (u(x) - mean_c u(x)) / sqrt(var_c u(x) + epsilon)                pointwise: nothing is integrated
//   MeasureNorm    (u_c(x) - m_c) / sqrt(v_c + epsilon),  m_c = int u_c / |Omega|,  v_c = int (u_c - m_c)^2 / |Omega|
//
// each times a scale plus a shift, one a channel. MeasureNorm is an instance norm whose mean is an integral: with a
// plain mean over points (MeasureNorm<Counting>) it depends on where the points are, and loses the rule's order.
#pragma once

#include <fredholm/autodiff/ops/normalize.hpp>
#include <fredholm/layers/linear.hpp>
#include <fredholm/layers/rule_of_field.hpp>

namespace fredholm {

template <class Scalar = double>
struct LayerNorm {
  Parameter<Scalar> scale;
  Parameter<Scalar> shift;
  double epsilon = 1e-5;

  auto operator()(const auto& u) const {
    return detail::on_values(u, [this]<class Values>(const Values& values) {
      static_assert(detail::same_precision<Values, Scalar>,
                    "a layer of one precision is applied to values of the other: use cast<float>(...) or "
                    "cast<double>(...) on the model or on the field.");
      if constexpr (detail::same_precision<Values, Scalar>) {
        return layer_norm(values, scale(), shift(), static_cast<Scalar>(epsilon));
      } else {
        return values;  // not reached: the sentence above has been said
      }
    });
  }
};

template <class Rule = RuleOfField, class Scalar = double>
struct MeasureNorm {
  Parameter<Scalar> scale;
  Parameter<Scalar> shift;
  double epsilon = 1e-5;

  auto operator()(const AnyField auto& u) const {
    return u.with(measure_norm(u.values(), detail::layer_weights<Rule, Scalar>(u.discretization()), scale(),
                               shift(), static_cast<Scalar>(epsilon)));
  }
};

template <class Scalar = double>
LayerNorm<Scalar> make_layer_norm(Index channels) {
  return {Parameter<Scalar>(Array<Scalar>::full({channels}, Scalar{1})), Parameter<Scalar>(Shape{channels})};
}
template <class Rule = RuleOfField, class Scalar = double>
MeasureNorm<Rule, Scalar> make_measure_norm(Index channels) {
  return {Parameter<Scalar>(Array<Scalar>::full({channels}, Scalar{1})), Parameter<Scalar>(Shape{channels})};
}

}  // namespace fredholm
