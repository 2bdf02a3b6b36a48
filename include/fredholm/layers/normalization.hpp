// Normalizations: LayerNorm over the channels of each point, MeasureNorm over the domain.
//
//   LayerNorm      (u(x) - mean_c u(x)) / sqrt(var_c u(x) + epsilon)      pointwise: nothing is integrated
//   MeasureNorm    (u_c(x) - m_c) / sqrt(v_c + epsilon)
//                  m_c = int u_c / |Omega|,  v_c = int (u_c - m_c)^2 / |Omega|
//
// each times a scale plus a shift, one a channel. MeasureNorm is an instance norm whose mean is an integral:
// with a plain mean over points (MeasureNorm<Counting>) it depends on where the points are, and loses the
// rule's order. norm(u, f) normalizes u by the mean and variance of f, which may live on other points.
//
// MeasureNorm takes away the mean and the size over the domain: not for a model whose output depends on these,
// unless they go around it (a residual connection that no norm follows, operators/homogeneous.hpp).
//
// `static make(channels)` is what a model asks for that is put together by type (operators/transformer.hpp).
// A norm of your own that integrates has norm(u, f) as well; one without it is taken to be pointwise.
#pragma once

#include <concepts>

#include <fredholm/autodiff/ops/normalize.hpp>
#include <fredholm/layers/by_points.hpp>
#include <fredholm/layers/linear.hpp>

namespace fredholm {

template <class Layer>
concept AnyNorm = requires(Index channels) {
  { Layer::make(channels) } -> std::same_as<Layer>;
};

namespace detail {

inline void require_channels(const char* maker, Index channels) {
  require(channels > 0, maker, ": ", channels, " channels; give at least one.");
}

}  // namespace detail

template <class Scalar = double>
struct LayerNorm {
  Parameter<Scalar> scale;
  Parameter<Scalar> shift;
  double epsilon = 1e-5;

  static LayerNorm make(Index channels) {
    detail::require_channels("make_layer_norm", channels);
    return {Parameter<Scalar>(Array<Scalar>::full({channels}, Scalar{1})),
            Parameter<Scalar>(Shape{channels})};
  }

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

  static MeasureNorm make(Index channels) {
    detail::require_channels("make_measure_norm", channels);
    return {Parameter<Scalar>(Array<Scalar>::full({channels}, Scalar{1})),
            Parameter<Scalar>(Shape{channels})};
  }

  auto operator()(const AnyField auto& u) const {
    return u.with(measure_norm(u.values(), detail::layer_weights<Rule, Scalar>(u.discretization()), scale(),
                               shift(), static_cast<Scalar>(epsilon)));
  }

  /// u by the mean and variance of f.
  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    const Array<Scalar> share = detail::layer_shares<Rule, Scalar>(f.discretization());
    const Shape one{f.batch(), 1, f.channels()};
    const Array<Scalar> from = detail::point_rows(f);
    const Array<Scalar> mean = weighted_sum(from, share).reshaped(one);
    const Array<Scalar> variance = weighted_sum(square(from - mean), share).reshaped(one);
    // As in measure_norm, a variance that negative weights made negative counts as 0.
    const Array<Scalar> deviation = sqrt(relu(variance) + static_cast<Scalar>(epsilon));
    const Array<Scalar> out = (detail::point_rows(u) - mean) / deviation * scale() + shift();
    return detail::on_points_of(u, out);
  }
};

template <class Scalar = double>
LayerNorm<Scalar> make_layer_norm(Index channels) {
  return LayerNorm<Scalar>::make(channels);
}
template <class Rule = RuleOfField, class Scalar = double>
MeasureNorm<Rule, Scalar> make_measure_norm(Index channels) {
  return MeasureNorm<Rule, Scalar>::make(channels);
}

}  // namespace fredholm
