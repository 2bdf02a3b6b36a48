// Attention without a softmax: the product of three functions, of which two are integrated over the domain.
//
//   GalerkinAttention   (A u)(x) = P  q(x) . (1/|Omega|) int k~ (x) v~ dmu
//                       a d x d matrix a head, d = C / heads
//   FourierAttention    (A u)(x) = P  (1/|Omega|) int (q~(x) . k~(y)) v(y) dmu(y)
//                       q, k, v linear in u, by heads
//
// ~ is MeasureNorm, channel by channel: mean 0 and variance 1 by the measure, then a scale and a shift.
// |Omega| is the sum of the weights. Galerkin's type is a Petrov-Galerkin projection: the channels of v are
// projected on those of k, and q is what they are expanded in. In Fourier's type the integral is taken by
// associativity as q~ . int k~ (x) v.
//
//   layer(u, f)        q from u at its points, k and v from f on any other points: the integrals are over f's
//
// In layer(u, f) FourierAttention normalizes q by the mean and variance that the queries of f have over f's
// domain: the value at a point depends on u at that point and on f, never on what else is asked.
//
// When: many points; cost O(n C d), memory O(n C). It resolves what linear maps of inner products resolve.
// When not: what depends on the point where u peaks; a softmax finds that, a mean of products does not.
// Order: the rule's. Any weights with a positive sum will do, negative ones too (a variance that they make
// negative counts as 0, and then the norm divides by sqrt(epsilon)). Initialization (as in Cao 2021, delta
// xavier + delta I): q, k and v are I + xavier's uniform, bound sqrt(3 / C). Cao's factor 0.01 is left out;
// MeasureNorm takes it out of k~ and v~, and would meet its epsilon.
//
// Cao (2021), arXiv:2105.14995, section 3, with sums over points 1/n where the integrals are (that is
// GalerkinAttention<Counting>) and a LayerNorm over channels where MeasureNorm is.
#pragma once

#include <cmath>
#include <utility>

#include <fredholm/autodiff/ops/linear_attention.hpp>
#include <fredholm/layers/attention_options.hpp>
#include <fredholm/layers/by_points.hpp>
#include <fredholm/layers/linear.hpp>
#include <fredholm/layers/normalization.hpp>

namespace fredholm {

namespace detail {

/// weight I + xavier's uniform (Glorot and Bengio 2010, equation 16), bias as in make_linear.
template <class Scalar>
Linear<Scalar> make_near_identity(Index channels, Engine& engine) {
  Linear<Scalar> map = make_linear<Scalar>(channels, channels, engine);
  Array<Scalar> weight =
      uniform_array<Scalar>({channels, channels}, std::sqrt(3.0 / static_cast<double>(channels)), engine);
  for (Index c = 0; c < channels; ++c) weight.mutable_data()[c * channels + c] += Scalar{1};
  map.weight.set(weight);
  return map;
}

/// Three maps near the identity, two norms and a map behind: what both types are made of.
template <class Layer, class Rule, class Scalar>
Layer make_with_norms(const char* maker, const AttentionOptions& options, Engine& engine) {
  require_heads(maker, options.channels, options.heads);
  const Index c = options.channels;
  auto query = make_near_identity<Scalar>(c, engine);
  auto key = make_near_identity<Scalar>(c, engine);
  auto value = make_near_identity<Scalar>(c, engine);
  return {std::move(query),
          std::move(key),
          std::move(value),
          make_measure_norm<Rule, Scalar>(c),
          make_measure_norm<Rule, Scalar>(c),
          make_linear<Scalar>(c, c, engine),
          options.heads};
}

}  // namespace detail

template <class Rule = RuleOfField, class Scalar = double>
struct GalerkinAttention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  MeasureNorm<Rule, Scalar> key_norm;
  MeasureNorm<Rule, Scalar> value_norm;
  Linear<Scalar> output;
  Index heads = 1;

  auto operator()(const AnyField auto& u) const { return (*this)(u, u); }

  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    const Array<Scalar> projected =
        outer_integral(detail::point_rows(key_norm(key(f))), detail::point_rows(value_norm(value(f))),
                       detail::layer_shares<Rule, Scalar>(f.discretization()), heads);
    const Array<Scalar> q = query(detail::point_rows(u));
    return detail::on_points_of(u, output(apply_by_heads(q, projected, heads)));
  }

  static GalerkinAttention make(const AttentionOptions& options, Engine& engine) {
    return detail::make_with_norms<GalerkinAttention, Rule, Scalar>("GalerkinAttention::make", options,
                                                                    engine);
  }
};

template <class Rule = RuleOfField, class Scalar = double>
struct FourierAttention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  MeasureNorm<Rule, Scalar> query_norm;
  MeasureNorm<Rule, Scalar> key_norm;
  Linear<Scalar> output;
  Index heads = 1;

  auto operator()(const AnyField auto& u) const { return mixed(u, query_norm(query(u)), u); }

  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    return mixed(u, query_norm(query(u), query(f)), f);
  }

  static FourierAttention make(const AttentionOptions& options, Engine& engine) {
    return detail::make_with_norms<FourierAttention, Rule, Scalar>("FourierAttention::make", options, engine);
  }

 private:
  /// `q` are the normalized queries at the points of u.
  auto mixed(const AnyField auto& u, const AnyField auto& q, const AnyField auto& f) const {
    const Array<Scalar> sums =
        outer_integral(detail::point_rows(key_norm(key(f))), value(detail::point_rows(f)),
                       detail::layer_shares<Rule, Scalar>(f.discretization()), heads);
    return detail::on_points_of(u, output(apply_by_heads(detail::point_rows(q), sums, heads)));
  }
};

template <class Rule = RuleOfField, class Scalar = double>
GalerkinAttention<Rule, Scalar> make_galerkin_attention(Index channels, Index heads, Engine& engine) {
  return GalerkinAttention<Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}
template <class Rule = RuleOfField, class Scalar = double>
FourierAttention<Rule, Scalar> make_fourier_attention(Index channels, Index heads, Engine& engine) {
  return FourierAttention<Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}

}  // namespace fredholm
