// Self-attention over the domain, a ratio of two integrals, and attention pooling to a functional.
//
//   (A u)(x) = P  int e^{q(x).k(y)/sqrt d} v(y) dmu(y) / int e^{q(x).k(y)/sqrt d} dmu(y),   q, k, v linear in u, by heads
//
// The measure is the field's (Attention<>), so the layer is the same operator on every discretization and converges at
// the rule's order; Attention<Counting> sums over points instead and gives another answer wherever they are denser.
// Vaswani et al. (2017), equation 1; as an integral operator Calvello, Kovachki, Levine and Stuart (2024).
//
//   AttentionPooling: u -> int e^{s(u(y))} v(u(y)) dmu / int e^{s(u(y))} dmu, with networks s and v: a number a channel.
#pragma once

#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/rule_of_field.hpp>

namespace fredholm {

template <class Rule = RuleOfField, class Scalar = double>
struct Attention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  Linear<Scalar> output;
  Index heads = 1;

  auto operator()(const AnyField auto& u) const {
    const Shape rows{u.batch(), u.points(), u.channels()};
    const Array<Scalar> points = u.values().reshaped(rows);
    const Array<Scalar> weights = detail::layer_weights<Rule, Scalar>(u.discretization());
    const Array<Scalar> mixed = output(attention(query(points), key(points), value(points), weights, heads));
    return u.with(mixed.reshaped(detail::field_shape(u.batch(), u.discretization().shape(), mixed.shape(2))));
  }
};

template <class Rule = RuleOfField, class Scalar = double>
Attention<Rule, Scalar> make_attention(Index channels, Index heads, Engine& engine) {
  require(heads > 0 && channels % heads == 0, "make_attention: ", channels,
          " channels are not split evenly into ", heads, " heads.");
  const auto map = [&] { return make_linear<Scalar>(channels, channels, engine); };
  auto query = map();
  auto key = map();
  auto value = map();
  return {std::move(query), std::move(key), std::move(value), map(), heads};
}

template <class Rule = RuleOfField, class Activation = Gelu, class Scalar = double>
struct AttentionPooling {
  Mlp<Activation, Scalar> score;  // one output a head
  Mlp<Activation, Scalar> value;

  /// (batch, channel)
  Array<Scalar> operator()(const AnyField auto& u) const {
    const Array<Scalar> points = u.values().reshaped({u.batch(), u.points(), u.channels()});
    return attention_pool(score(points), value(points),
                          detail::layer_weights<Rule, Scalar>(u.discretization()));
  }
};

}  // namespace fredholm
