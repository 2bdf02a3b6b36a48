// An encoder and a decoder: what is known at some points, asked for at others.
//
//   encoder  v_0 = L (u, features of y);   v <- v + A(norm v);  v <- v + M(norm v), depth times;   f = norm v
//   decoder  w_0 = Q (features of x);   w <- w + A(norm w, f);  w <- w + M(norm w), decoder_depth times
//   output   P(norm w)                     y the points of u, x those of the target
//
//   auto model = make_encoder_decoder<2>({.in = 1, .out = 3}, rng);
//   auto v = model(u, target);       // a field on target; u on any discretization, a cloud of sensors too
//
// A(w, f) is attention to the points of u, an integral over them with u's own weights. A point of the target
// sees u and its own coordinates, and no other target point: the output is one function of x, the same to
// round-off on every target, and it converges under refinement of u at the order of its rule. u need not be
// known at the target (a transformer's model(u, target) needs that, and is then the better choice: it keeps
// what is local in u). Template arguments are those of make_transformer; the target lies within the box of u;
// the norms of the decoder are LayerNorm, because another would mix the target's points.
//
// Li, Meidani and Farimani (2023), the encoder and decoder of OFormer; Jaegle et al. (2022), queries of a
// Perceiver IO.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include <fredholm/operators/transformer.hpp>

namespace fredholm {

struct EncoderDecoderOptions {
  Index in = 1;             ///< channels of the input
  Index out = 1;            ///< channels of the output
  Index channels = 32;      ///< inside
  Index heads = 4;          ///< channels is a multiple of it
  Index depth = 4;          ///< blocks of the encoder
  Index decoder_depth = 2;  ///< blocks of the decoder
  Index ratio = 2;          ///< width of the perceptrons, in channels
  Index frequencies = 4;    ///< as in TransformerOptions
  double length = 1.0;      ///< of the domain, in its own unit; half the period where the domain is periodic
  Index slices = 32;        ///< of a SliceAttention
  double radius = 0.1;      ///< of a RadiusAttention, in the unit of x
};

namespace detail {

/// The model was shown nothing beyond the domain of u, and would answer all the same.
template <Index D>
void require_within(const Box<D>& target, const Box<D>& source) {
  const auto text = [](const Box<D>& box) {
    std::ostringstream out;
    for (Index axis = 0; axis < D; ++axis) out << (axis > 0 ? " x " : "") << box[axis];
    return out.str();
  };
  for (Index axis = 0; axis < D; ++axis) {
    const Interval &inner = target[axis], &outer = source[axis];
    const double size = std::max({std::abs(outer.left), std::abs(outer.right), outer.length()});
    const double slack =
        8 * std::numeric_limits<double>::epsilon() * size;  // round-off of the ends, as in resample
    require(inner.left >= outer.left - slack && inner.right <= outer.right + slack,
            "an encoder-decoder is asked for values on ", text(target), ", and u lives on ", text(source),
            ". Give a target within the domain of u.");
  }
}

}  // namespace detail

template <Index D, class AttentionLayer, class Norm, class Position, class Scalar>
struct BasicEncoderDecoder {
  Position position;
  Linear<Scalar> lift;
  std::vector<TransformerBlock<AttentionLayer, Norm, Scalar>> encoder;
  Norm encoder_norm;
  Linear<Scalar> query;
  std::vector<TransformerBlock<AttentionLayer, LayerNorm<Scalar>, Scalar>> decoder;
  LayerNorm<Scalar> decoder_norm;
  Mlp<Gelu, Scalar> project;

  template <AnyField Input, AnyDiscretization Target>
  Field<Target, Scalar> operator()(const Input& u, const Target& target) const {
    return decode(encode(u), target);
  }

  /// On the points of u.
  template <AnyField Input>
  Input operator()(const Input& u) const {
    return (*this)(u, u.discretization());
  }

  /// What the decoder attends to: (batch, points of u, channels). It may be kept, and asked for many targets.
  template <AnyField Input>
  Input encode(const Input& u) const {
    (void)detail::InputOf<D, Scalar, Input>{};
    detail::require_channels<D>("an encoder-decoder", position, lift, u);
    Input v = lift(position(u));
    for (const auto& block : encoder) v = block(v, position);
    return encoder_norm(v);
  }

  template <AnyField Input, AnyDiscretization Target>
  Field<Target, Scalar> decode(const Input& code, const Target& target) const {
    detail::require_within(target.box(), code.discretization().box());
    Field<Target, Scalar> w = queries(target, code.batch());
    for (const auto& block : decoder) w = block.cross(w, code, position);
    return project(decoder_norm(w));
  }

 private:
  /// A channel of ones beside the features: where positions are rotary, it is all that a query starts from.
  template <class Target>
  Field<Target, Scalar> queries(const Target& target, Index batch) const {
    Shape points = detail::field_shape(1, target.shape(), 1);
    const Field<Target, Scalar> ones(target, Array<Scalar>::full(points, Scalar{1}));
    const Field<Target, Scalar> w = query(position(ones));
    if (batch == 1) return w;
    std::fill(points.begin(), points.end(), Index{1});
    points[0] = batch;
    return w + Array<Scalar>::zeros(points);
  }
};

/// EncoderDecoder<2>, EncoderDecoder<2, Counting, float>: arguments as in Transformer.
template <Index D, class... Argument>
using EncoderDecoder = BasicEncoderDecoder<D, typename detail::TransformerKind<D, Argument...>::attention,
                                           typename detail::TransformerKind<D, Argument...>::norm,
                                           typename detail::TransformerKind<D, Argument...>::position,
                                           detail::scalar_among<Argument...>>;

template <Index D, class... Argument>
auto make_encoder_decoder(const EncoderDecoderOptions& options, Engine& engine) {
  using Kind = detail::TransformerKind<D, Argument...>;
  using Scalar = detail::scalar_among<Argument...>;
  static_assert(
      !std::is_same_v<typename Kind::position, NoPosition>,
      "make_encoder_decoder: without a position all points of the target are one query. Use FourierFeatures<>, "
      "RotaryPosition<> or CoordinateEmbedding.");
  const Index c = options.channels;
  detail::require_heads("make_encoder_decoder", c, options.heads);
  if constexpr (requires(const typename Kind::position& p) { p.frequency; }) {
    require(options.frequencies >= 1, "make_encoder_decoder: frequencies is ", options.frequencies,
            ", and without one all points of the target are one query; give at least 1.");
  }
  require(options.depth >= 1 && options.decoder_depth >= 1, "make_encoder_decoder: depth is ", options.depth,
          " and decoder_depth ", options.decoder_depth, "; give at least one block each.");
  EncoderDecoder<D, Argument...> model;
  model.position = detail::make_position<D, typename Kind::position>("make_encoder_decoder", options);
  const Index features = model.position.template channels<D>();
  model.lift = make_linear<Scalar>(options.in + features, c, engine);
  for (Index i = 0; i < options.depth; ++i) {
    model.encoder.push_back(
        detail::make_transformer_block<typename Kind::attention, typename Kind::norm, Scalar>(options,
                                                                                              engine));
  }
  model.encoder_norm = Kind::norm::make(c);
  model.query = make_linear<Scalar>(1 + features, c, engine);
  for (Index i = 0; i < options.decoder_depth; ++i) {
    model.decoder.push_back(
        detail::make_transformer_block<typename Kind::attention, LayerNorm<Scalar>, Scalar>(options, engine));
  }
  model.decoder_norm = LayerNorm<Scalar>::make(c);
  model.project = make_mlp<Gelu, Scalar>({c, options.ratio * c, options.out}, engine);
  return model;
}

}  // namespace fredholm
