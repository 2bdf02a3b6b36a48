// A transformer between function spaces.
//
//   v_0 = L (u, x features);   v <- v + A(norm v);   v <- v + M(norm v), depth times;   output = P(norm v)
//
// with attention A over the measure, a perceptron M of one hidden layer of width ratio * channels, and LayerNorm over
// channels. Every part but A is pointwise, and A is a ratio of integrals: the model takes a field on any discretization
// of its domain and converges at the order of the rule. Transformer<D, Counting> is the ordinary transformer.
// Pre-normalization as in Xiong et al. (2020). Positions are Fourier features of physical coordinates.
#pragma once

#include <vector>

#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/normalization.hpp>
#include <fredholm/layers/template_arguments.hpp>

namespace fredholm {

struct TransformerOptions {
  Index in = 1;         ///< channels of the input
  Index out = 1;        ///< channels of the output
  Index channels = 32;  ///< inside
  Index heads = 4;      ///< channels is a multiple of it
  Index depth = 4;      ///< blocks
  Index ratio = 2;      ///< width of the perceptron, in channels
  Index frequencies =
      4;  ///< Fourier features along each axis: k / 2 cycles over `length`, k = 1 ... frequencies
  double length = 1.0;  ///< of the domain, in its own unit
};

template <class Rule = RuleOfField, class Scalar = double>
struct TransformerBlock {
  LayerNorm<Scalar> attention_norm;
  Attention<Rule, Scalar> attention;
  LayerNorm<Scalar> mlp_norm;
  Mlp<Gelu, Scalar> mlp;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Input v = u + attention(attention_norm(u));
    return v + mlp(mlp_norm(v));
  }
};

template <Index D, class Rule = RuleOfField, class Scalar = double>
struct Transformer {
  FourierFeatures<Scalar> position;
  Linear<Scalar> lift;
  std::vector<TransformerBlock<Rule, Scalar>> blocks;
  LayerNorm<Scalar> norm;
  Mlp<Gelu, Scalar> project;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    static_assert(std::is_same_v<typename Input::scalar_type, Scalar>,
                  "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    Input v = lift(position(u));
    for (const auto& block : blocks) v = block(v);
    return project(norm(v));
  }
};

namespace detail {

template <class T>
struct IsRule : std::bool_constant<!AnyScalar<T>> {};

}  // namespace detail

/// Over the measure of the field: make_transformer<1>({.channels = 32}, rng), make_transformer<2, float>(...).
/// Over a rule of its own: make_transformer<1, Counting>(...), make_transformer<1, Counting, float>(...).
template <Index D, class... Argument>
auto make_transformer(const TransformerOptions& options, Engine& engine) {
  using Rule = detail::first_that<detail::IsRule, RuleOfField, Argument...>;
  using Scalar = detail::scalar_among<Argument...>;
  static_assert(sizeof...(Argument) == detail::count_that<detail::IsRule, Argument...> +
                                           detail::count_that<detail::IsScalar, Argument...> &&
                    detail::count_that<detail::IsRule, Argument...> <= 1,
                "make_transformer<D, Rule, Scalar>: give at most one rule and one scalar.");
  const Index c = options.channels;
  require(options.depth >= 1, "make_transformer: depth is ", options.depth, "; give at least one block.");
  Transformer<D, Rule, Scalar> model;
  model.position = make_fourier_features<D, Scalar>(options.frequencies, options.length);
  model.lift = make_linear<Scalar>(options.in + 2 * D * options.frequencies, c, engine);
  for (Index i = 0; i < options.depth; ++i) {
    auto attention = make_attention<Rule, Scalar>(c, options.heads, engine);
    model.blocks.push_back({make_layer_norm<Scalar>(c), std::move(attention), make_layer_norm<Scalar>(c),
                            make_mlp<Gelu, Scalar>({c, options.ratio * c, c}, engine)});
  }
  model.norm = make_layer_norm<Scalar>(c);
  model.project = make_mlp<Gelu, Scalar>({c, options.ratio * c, options.out}, engine);
  return model;
}

}  // namespace fredholm
