// Attention whose kernel is an inner product of positive features: a ratio of two integrals, at a cost linear
// in n.
//
//   (A u)(x) = P  phi(q(x)) . int phi(k) (x) v dmu  /  phi(q(x)) . int phi(k) dmu
//              with q, k, v linear in u, by heads
//
//   LinearAttention<Rule, Scalar>      phi(s) = elu(s) + 1      Katharopoulos, Vyas, Pappas and Fleuret
//                                                               (2020), equations 5 to 7
//   SoftplusAttention<Rule, Scalar>    phi(s) = log(1 + e^s)    the same, smooth
//   FeatureAttention<Feature, Rule, Scalar>                     with your own: positive, of each value alone
//
//   auto layer = LinearAttention<>::make({.channels = 32, .heads = 4}, rng);
//   auto v = layer(u);              // u attends to itself
//   auto w = layer(u, f);           // q from u at its points, k and v from f, on any other points: integrals
//                                   // are over f's
//
// When: many points (10^4 and more), where the O(n^2 C) of Attention is too much; here it is O(n C d), d = C
// / heads, and memory O(n C). When not: the kernel has rank d at most, and cannot be as sharp as softmax; for
// few points take Attention. Order: the rule's, for SoftplusAttention. elu has a jump of its second
// derivative, and LinearAttention at most order 3 wherever a channel of k changes its sign in the domain
// (order 2 is kept). With negative weights the denominator may vanish: that is an error. So is a query whose
// features are all 0 in the precision (float: all below about -100).
#pragma once

#include <utility>

#include <fredholm/autodiff/ops/linear_attention.hpp>
#include <fredholm/layers/attention_options.hpp>
#include <fredholm/layers/by_points.hpp>
#include <fredholm/layers/linear.hpp>

namespace fredholm {

struct EluPlusOne {
  auto operator()(const auto& u) const { return elu_plus_one(u); }
};
struct Softplus {
  auto operator()(const auto& u) const { return softplus(u); }
};

template <class Feature, class Rule = RuleOfField, class Scalar = double>
struct FeatureAttention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  Linear<Scalar> output;
  Index heads = 1;

  auto operator()(const AnyField auto& u) const { return (*this)(u, u); }

  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    const Array<Scalar> from = detail::point_rows(f);
    const Array<Scalar> weights = detail::layer_weights<Rule, Scalar>(f.discretization());
    const Feature phi;
    const Array<Scalar> q = phi(query(detail::point_rows(u))), k = phi(key(from));
    const Array<Scalar> sums = outer_integral(k, value(from), weights, heads);
    const Array<Scalar> above = apply_by_heads(q, sums, heads), below = mass(q, k, weights);
    require_mass(detach(below), detach(q), detach(k), weights);
    const Shape rows{above.shape(0), above.shape(1), above.shape(2)};
    const Array<Scalar> mean = above.reshaped({rows[0], rows[1], heads, rows[2] / heads}) /
                               below.reshaped({rows[0], rows[1], heads, 1});
    return detail::on_points_of(u, output(mean.reshaped(rows)));
  }

  static FeatureAttention make(const AttentionOptions& options, Engine& engine) {
    detail::require_heads("FeatureAttention::make", options.channels, options.heads);
    const auto map = [&] { return make_linear<Scalar>(options.channels, options.channels, engine); };
    auto query = map();
    auto key = map();
    auto value = map();
    return {std::move(query), std::move(key), std::move(value), map(), options.heads};
  }

 private:
  /// phi(q(x)) . int phi(k) dmu: (batch, points, heads)
  Array<Scalar> mass(const Array<Scalar>& q, const Array<Scalar>& k, const Array<Scalar>& weights) const {
    const Array<Scalar> sum = weighted_sum(k, weights);
    return apply_by_heads(q, sum.reshaped({k.shape(0), heads, k.shape(2) / heads, 1}), heads);
  }

  void require_mass(const Array<Scalar>& below, const Array<Scalar>& q, const Array<Scalar>& k,
                    const Array<Scalar>& weights) const {
    const auto w = flat(weights.data(), weights.size());
    const Scalar least = w.minCoeff();
    if (least >= Scalar{0} && w.maxCoeff() > Scalar{0}) {
      detail::require_no_underflow(below, "a linear attention");
    } else {
      detail::require_denominator(below, least < Scalar{0} ? mass(q, k, detail::absolute(weights)) : below,
                                  "a linear attention");
    }
  }
};

template <class Rule = RuleOfField, class Scalar = double>
using LinearAttention = FeatureAttention<EluPlusOne, Rule, Scalar>;
template <class Rule = RuleOfField, class Scalar = double>
using SoftplusAttention = FeatureAttention<Softplus, Rule, Scalar>;

template <class Rule = RuleOfField, class Scalar = double>
LinearAttention<Rule, Scalar> make_linear_attention(Index channels, Index heads, Engine& engine) {
  return LinearAttention<Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}
template <class Rule = RuleOfField, class Scalar = double>
SoftplusAttention<Rule, Scalar> make_softplus_attention(Index channels, Index heads, Engine& engine) {
  return SoftplusAttention<Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}

}  // namespace fredholm
