// Attention over the domain, a ratio of two integrals, and attention pooling to a functional.
//
//   (A u)(x) = P  int e^{q(x).k(y)/sqrt d} v(y) dmu(y) / int e^{q(x).k(y)/sqrt d} dmu(y)
//
//   q, k, v linear in u, by heads
//
//   attention(u)                   u attends to itself
//   attention(u, f)                cross-attention: q from u, k and v from f, which may live on other points;
//                                  the integral is over the points of f, the result on those of u. A batch of
//                                  1 is repeated.
//   attention(u, f, position)      with q and k turned by a RotaryPosition (layers/rotary.hpp); f = u is
//                                  self-attention
//
// The measure is the field's (Attention<>), so the layer is the same operator on every discretization and
// converges at the rule's order; Attention<Counting> sums over points instead and gives another answer
// wherever they are denser. Vaswani et al. (2017), equation 1; as an integral operator Calvello, Kovachki,
// Levine and Stuart (2024).
//
//   AttentionPooling: u -> int e^{s(u(y))} v(u(y)) dmu / int e^{s(u(y))} dmu, with networks s and v: a number
//   a channel.
#pragma once

#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/autodiff/ops/attention_pool.hpp>
#include <fredholm/layers/attention_options.hpp>
#include <fredholm/layers/by_points.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/rotary.hpp>

namespace fredholm {

template <class Rule = RuleOfField, class Scalar = double>
struct Attention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  Linear<Scalar> output;
  Index heads = 1;

  static Attention make(const AttentionOptions& options, Engine& engine) {
    const Index c = options.channels;
    detail::require_heads("make_attention", c, options.heads);
    const auto map = [&] { return make_linear<Scalar>(c, c, engine); };
    auto query = map();
    auto key = map();
    auto value = map();
    return {std::move(query), std::move(key), std::move(value), map(), options.heads};
  }

  auto operator()(const AnyField auto& u) const { return (*this)(u, u); }

  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    const Array<Scalar> from = detail::point_rows(f);
    return mixed(u, f, query(detail::point_rows(u)), key(from), value(from));
  }

  auto operator()(const AnyField auto& u, const AnyField auto& f,
                  const RotaryPosition<Scalar>& position) const {
    const Array<Scalar> from = detail::point_rows(f);
    return mixed(u, f, position.rotate(query(detail::point_rows(u)), u.discretization(), heads),
                 position.rotate(key(from), f.discretization(), heads), value(from));
  }

 private:
  auto mixed(const AnyField auto& u, const AnyField auto& f, const Array<Scalar>& q, const Array<Scalar>& k,
             const Array<Scalar>& v) const {
    const Array<Scalar> weights = detail::layer_weights<Rule, Scalar>(f.discretization());
    return detail::on_points_of(u, output(attention(q, k, v, weights, heads)));
  }
};

template <class Rule = RuleOfField, class Scalar = double>
Attention<Rule, Scalar> make_attention(Index channels, Index heads, Engine& engine) {
  return Attention<Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}

template <class Rule = RuleOfField, class Activation = Gelu, class Scalar = double>
struct AttentionPooling {
  Mlp<Activation, Scalar> score;  // one output a head
  Mlp<Activation, Scalar> value;

  /// (batch, channel)
  Array<Scalar> operator()(const AnyField auto& u) const {
    const Array<Scalar> points = detail::point_rows(u);
    return attention_pool(score(points), value(points),
                          detail::layer_weights<Rule, Scalar>(u.discretization()));
  }
};

}  // namespace fredholm
