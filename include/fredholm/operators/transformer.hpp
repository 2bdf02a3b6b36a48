// A transformer between function spaces.
//
//   v_0 = L (u, x features);   v <- v + A(norm v);   v <- v + M(norm v), depth times;   output = P(norm v)
//
// with an attention A, a perceptron M of one hidden layer of width ratio * channels, and pointwise networks L
// and P. Every part but A (and a MeasureNorm) is pointwise, and A is made of integrals: the model takes a
// field on any discretization of its domain and converges at the order of the rule. Pre-normalization as in
// Xiong et al. (2020).
//
//   make_transformer<1>({.channels = 32}, rng)       softmax over the measure of the field, LayerNorm,
//                                                    Fourier features
//   make_transformer<1, Counting, float>(...)        Attention<Counting>: the ordinary transformer
//   make_transformer<2, MeasureNorm<>, float>(...)   an attention, a norm, a position and a scalar, in any
//   make_transformer<1, RotaryPosition<>>(...)       order, each optional; a layer given in double takes
//                                                    the scalar of the model
//
// Any layer with the `make` of AnyAttention, AnyNorm or AnyPosition will do, your own too.
//
//   model(u)            on the points of u
//   model(u, target)    the same operator at the points of any discretization of the domain: u is resampled
//   model(u, known)     there (from a grid), or known there (a field). These points attend to those of u and
//                       are attended to by none, so that each value is what model(u) would say at that point:
//                       Nystroem's interpolation (1930).
#pragma once

#include <utility>
#include <vector>

#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/normalization.hpp>
#include <fredholm/layers/rotary.hpp>
#include <fredholm/operators/transformer_kind.hpp>
#include <fredholm/space/resample.hpp>

namespace fredholm {

struct TransformerOptions {
  Index in = 1;         ///< channels of the input
  Index out = 1;        ///< channels of the output
  Index channels = 32;  ///< inside
  Index heads = 4;      ///< channels is a multiple of it
  Index depth = 4;      ///< blocks
  Index ratio = 2;      ///< width of the perceptron, in channels
  /// Of Fourier features and rotary positions, along each axis: k / 2 cycles over `length`, k = 1 ...
  /// frequencies. A rotary position turns 2 D frequencies channels of each head.
  Index frequencies = 4;
  double length = 1.0;  ///< of the domain, in its own unit; half the period where the domain is periodic
  Index slices = 32;    ///< of a SliceAttention
  double radius = 0.1;  ///< of a RadiusAttention, in the unit of x
};

template <class AttentionLayer, class Norm, class Scalar>
struct TransformerBlock {
  Norm attention_norm;
  AttentionLayer attention;
  Norm mlp_norm;
  Mlp<Gelu, Scalar> mlp;

  template <AnyField Input, class Position>
  Input operator()(const Input& u, const Position& position) const {
    const Input v = u + detail::self_attention(attention, attention_norm(u), position);
    return v + mlp(mlp_norm(v));
  }

  /// u as above, and beside it the values t at other points.
  template <AnyField Input, AnyField Beside, class Position>
  std::pair<Input, Beside> operator()(const Input& u, const Beside& t, const Position& position) const {
    const Input n = attention_norm(u);
    const Input v = u + detail::self_attention(attention, n, position);
    const Beside w =
        t + detail::cross_attention(attention, detail::normalize_beside(attention_norm, t, u), n, position);
    return {v + mlp(mlp_norm(v)), w + mlp(detail::normalize_beside(mlp_norm, w, v))};
  }

  /// w attends to the field f on other points, and not to itself.
  template <AnyField Input, AnyField Source, class Position>
  Input cross(const Input& w, const Source& f, const Position& position) const {
    const Input v = w + detail::cross_attention(attention, attention_norm(w), f, position);
    return v + mlp(mlp_norm(v));
  }
};

/// What Transformer<D, ...> stands for.
template <Index D, class AttentionLayer, class Norm, class Position, class Scalar>
struct BasicTransformer {
  Position position;
  Linear<Scalar> lift;
  std::vector<TransformerBlock<AttentionLayer, Norm, Scalar>> blocks;
  Norm norm;
  Mlp<Gelu, Scalar> project;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    (void)detail::InputOf<D, Scalar, Input>{};
    detail::require_channels<D>("a transformer", position, lift, u);
    Input v = lift(position(u));
    for (const auto& block : blocks) v = block(v, position);
    return project(norm(v));
  }

  /// At the points of a discretization of the same domain. u is resampled there, at the order of resample.
  template <AnyField Input, AnyDiscretization Target>
  Field<Target, Scalar> operator()(const Input& u, const Target& target) const {
    using Source = typename Input::discretization_type;
    constexpr bool same = std::is_same_v<typename Input::scalar_type, Scalar>;
    constexpr bool interpolates = detail::goes_axis_by_axis<Source, Target>() || detail::on_lines<Source>;
    static_assert(same,
                  "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    static_assert(
        interpolates,
        "model(u, target): u lives on a cloud of points in no order, and nothing is known between them. Give "
        "model(u, v) with the field v of u at the target points, or use make_encoder_decoder, which needs no u there.");
    if constexpr (same && interpolates) {
      return (*this)(u, resample(u, target));
    } else {
      return Field<Target, Scalar>(target, Array<Scalar>());  // not reached: the sentence above has been said
    }
  }

  /// At the points of `known`, whose values are those of the function u there.
  template <AnyField Input, AnyField Target>
  Target operator()(const Input& u, const Target& known) const {
    (void)detail::InputOf<D, Scalar, Input>{};
    (void)detail::InputOf<D, Scalar, Target>{};
    detail::require_channels<D>("a transformer", position, lift, u);
    detail::require_channels<D>("a transformer", position, lift, known);
    std::pair<Input, Target> v{lift(position(u)), lift(position(known))};
    for (const auto& block : blocks) v = block(v.first, v.second, position);
    return project(detail::normalize_beside(norm, v.second, v.first));
  }
};

/// Transformer<1>, Transformer<2, MeasureNorm<>, float>: an attention or its rule, a norm, a position and a
/// scalar, each of them optional.
template <Index D, class... Argument>
using Transformer = BasicTransformer<D, typename detail::TransformerKind<D, Argument...>::attention,
                                     typename detail::TransformerKind<D, Argument...>::norm,
                                     typename detail::TransformerKind<D, Argument...>::position,
                                     detail::scalar_among<Argument...>>;

namespace detail {

template <class AttentionLayer, class Norm, class Scalar, class Options>
TransformerBlock<AttentionLayer, Norm, Scalar> make_transformer_block(const Options& options,
                                                                      Engine& engine) {
  const Index c = options.channels;
  auto attention = AttentionLayer::make(
      {.channels = c, .heads = options.heads, .slices = options.slices, .radius = options.radius}, engine);
  return {Norm::make(c), std::move(attention), Norm::make(c),
          make_mlp<Gelu, Scalar>({c, options.ratio * c, c}, engine)};
}

}  // namespace detail

template <Index D, class... Argument>
auto make_transformer(const TransformerOptions& options, Engine& engine) {
  using Kind = detail::TransformerKind<D, Argument...>;
  using Scalar = detail::scalar_among<Argument...>;
  const Index c = options.channels;
  detail::require_heads("make_transformer", c, options.heads);
  require(options.depth >= 1, "make_transformer: depth is ", options.depth, "; give at least one block.");
  Transformer<D, Argument...> model;
  model.position = detail::make_position<D, typename Kind::position>("make_transformer", options);
  model.lift = make_linear<Scalar>(options.in + model.position.template channels<D>(), c, engine);
  for (Index i = 0; i < options.depth; ++i) {
    model.blocks.push_back(
        detail::make_transformer_block<typename Kind::attention, typename Kind::norm, Scalar>(options,
                                                                                              engine));
  }
  model.norm = Kind::norm::make(c);
  model.project = make_mlp<Gelu, Scalar>({c, options.ratio * c, options.out}, engine);
  return model;
}

}  // namespace fredholm
