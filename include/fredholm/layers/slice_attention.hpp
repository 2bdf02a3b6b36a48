// Attention among a few tokens, each a mean of u over a learned slice of the domain.
//
//   p_hs(x) = softmax over s of  (L u(x))_hs / T_h             S slices a head; sum_s p_hs(x) = 1
//   t_hs    = int p_hs v_h dmu / int p_hs dmu                  v linear in u; tokens of d = C/heads channels
//   t'_h    = softmax attention among the S tokens of a head   maps of d channels that all heads share
//   (A u)(x) = P  sum_s p_hs(x) t'_hs
//
//   auto layer = SliceAttention<>::make({.channels = 64, .heads = 4, .slices = 32}, rng);
//   layer(u, f)         p(x) from u at its points, the tokens from f on any other points
//
// The tokens are integrals by the measure, so they are the same on every discretization; among tokens the
// softmax counts, because a token is no point. When: many points, in any arrangement, and features that a few
// dozen states describe; cost O(n C (S + d) + S^2 C), memory O(n heads S). When not: fine detail far from
// what the slices tell apart goes by P v alone. Order: the rule's. Temperatures are e^{log_temperature} > 0,
// 1/2 at first. A slice that is nearly empty (below `epsilon` of the measure) has a token that goes to 0, not
// to 0/0; with negative weights int p_hs may vanish, and that is an error.
//
// Wu, Luo, Wang, Wang and Long (2024), Transolver, arXiv:2402.02366, equations 1 to 4, where sums over points
// stand for the integrals: that is SliceAttention<Counting>. There L acts on each head alone.
#pragma once

#include <cmath>
#include <utility>

#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/autodiff/ops/linear_attention.hpp>
#include <fredholm/layers/attention_options.hpp>
#include <fredholm/layers/by_points.hpp>
#include <fredholm/layers/linear.hpp>

namespace fredholm {

template <class Rule = RuleOfField, class Scalar = double>
struct SliceAttention {
  Linear<Scalar> slice;               // C -> heads * slices
  Parameter<Scalar> log_temperature;  // (heads)
  Linear<Scalar> value;
  Linear<Scalar> token_query;  // d -> d, as the next two
  Linear<Scalar> token_key;
  Linear<Scalar> token_value;
  Linear<Scalar> output;
  Index heads = 1;
  double epsilon = 1e-8;

  auto operator()(const AnyField auto& u) const {
    const Array<Scalar> p = slices(u);
    return detail::on_points_of(u, output(apply_by_heads(p, mixed(tokens(u, p)), heads)));
  }

  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    return detail::on_points_of(u, output(apply_by_heads(slices(u), mixed(tokens(f, slices(f))), heads)));
  }

  /// p: (batch, points, heads * slices)
  Array<Scalar> slices(const AnyField auto& u) const {
    const Array<Scalar> score = slice(detail::point_rows(u));
    const Shape split{score.shape(0), score.shape(1), heads, score.shape(2) / heads};
    const Array<Scalar> sharpness = exp(-log_temperature()).reshaped({heads, 1});
    return softmax(score.reshaped(split) * sharpness).reshaped(score.shape());
  }

  /// t: (batch, heads, slices, d), from the slices of f.
  Array<Scalar> tokens(const AnyField auto& f, const Array<Scalar>& p) const {
    const Array<Scalar> shares = detail::layer_shares<Rule, Scalar>(f.discretization());
    const Array<Scalar> sums = outer_integral(p, value(detail::point_rows(f)), shares, heads);
    const Array<Scalar> mass = weighted_sum(p, shares) + static_cast<Scalar>(epsilon);
    if (flat(shares.data(), shares.size()).minCoeff() < Scalar{0}) {
      detail::require_denominator(
          detach(mass), weighted_sum(detach(p), detail::absolute(shares)) + static_cast<Scalar>(epsilon),
          "a token");
    }
    return sums / mass.reshaped({p.shape(0), heads, p.shape(2) / heads, 1});
  }

  static SliceAttention make(const AttentionOptions& options, Engine& engine) {
    detail::require_heads("SliceAttention::make", options.channels, options.heads);
    require(options.slices > 0, "SliceAttention::make: ", options.slices, " slices; give at least one.");
    const Index c = options.channels, d = c / options.heads;
    auto slice = make_linear<Scalar>(c, options.heads * options.slices, engine);
    auto value = make_linear<Scalar>(c, c, engine);
    auto token_query = make_linear<Scalar>(d, d, engine);
    auto token_key = make_linear<Scalar>(d, d, engine);
    auto token_value = make_linear<Scalar>(d, d, engine);
    const auto cold = Array<Scalar>::full({options.heads}, static_cast<Scalar>(std::log(0.5)));
    return {std::move(slice),
            Parameter<Scalar>(cold),
            std::move(value),
            std::move(token_query),
            std::move(token_key),
            std::move(token_value),
            make_linear<Scalar>(c, c, engine),
            options.heads};
  }

 private:
  /// t' from t: every head of every sample is a sample of its own, with S tokens.
  Array<Scalar> mixed(const Array<Scalar>& t) const {
    const Shape samples{t.shape(0) * heads, t.shape(2), t.shape(3)};
    const Array<Scalar> x = t.reshaped(samples);
    const auto each = Array<Scalar>::full({samples[1]}, Scalar{1});
    return attention(token_query(x), token_key(x), token_value(x), each, 1).reshaped(t.shape());
  }
};

template <class Rule = RuleOfField, class Scalar = double>
SliceAttention<Rule, Scalar> make_slice_attention(Index channels, Index heads, Index slices, Engine& engine) {
  return SliceAttention<Rule, Scalar>::make({.channels = channels, .heads = heads, .slices = slices}, engine);
}

}  // namespace fredholm
