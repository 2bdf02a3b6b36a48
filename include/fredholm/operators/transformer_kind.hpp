// The parts of a transformer, found among template arguments by what they are, and how a block calls them.
//
//   attention   AnyAttention, or a rule R for Attention<R>; Attention<> unless said
//   norm        AnyNorm; LayerNorm<> unless said
//   position    AnyPosition; FourierFeatures<> unless said
//   scalar      float or double; double unless said. Layers named with the default scalar are taken in the
//               model's.
#pragma once

#include <type_traits>

#include <fredholm/core/cast.hpp>
#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/normalization.hpp>
#include <fredholm/layers/rotary.hpp>
#include <fredholm/layers/template_arguments.hpp>

namespace fredholm::detail {

/// The layer in another precision, as cast<Scalar> finds it: Attention<Counting> gives Attention<Counting,
/// float>.
template <class Layer, class Scalar>
using rebind_scalar = typename Recast<Layer, Scalar>::type;

template <class T>
struct IsRule : std::bool_constant<AnyRule<T> || std::is_same_v<T, RuleOfField>> {};
template <class T>
struct IsAttention : std::bool_constant<AnyAttention<T>> {};
template <class T>
struct IsNorm : std::bool_constant<AnyNorm<T>> {};
template <Index D>
struct OnDomain {
  template <class T>
  struct IsPosition : std::bool_constant<AnyPosition<T, D>> {};
};

/// Named in float, where the model is in double.
template <class Scalar, class T>
inline constexpr bool is_of_other_scalar =
    !AnyScalar<T> && std::is_same_v<Scalar, double> && !std::is_same_v<rebind_scalar<T, double>, T>;

template <Index D, class... Argument>
struct TransformerKind {
  using scalar = scalar_among<Argument...>;
  using rule = first_that<IsRule, RuleOfField, Argument...>;
  using attention = rebind_scalar<first_that<IsAttention, Attention<rule>, Argument...>, scalar>;
  using norm = rebind_scalar<first_that<IsNorm, LayerNorm<>, Argument...>, scalar>;
  using position =
      rebind_scalar<first_that<OnDomain<D>::template IsPosition, FourierFeatures<>, Argument...>, scalar>;

  static constexpr int attentions = count_that<IsRule, Argument...> + count_that<IsAttention, Argument...>;
  static constexpr int norms = count_that<IsNorm, Argument...>;
  static constexpr int positions = count_that<OnDomain<D>::template IsPosition, Argument...>;
  static constexpr int scalars = count_that<IsScalar, Argument...>;
  static_assert(
      attentions <= 1,
      "a transformer has one attention, and two are given: name one layer, or one rule R, which stands "
      "for Attention<R>.");
  static_assert(norms <= 1,
                "a transformer has one kind of norm, and two are given: name LayerNorm<> or MeasureNorm<>.");
  static_assert(
      positions <= 1,
      "a transformer has one kind of position, and two are given: name FourierFeatures<>, RotaryPosition<>, "
      "CoordinateEmbedding or NoPosition.");
  static_assert(scalars <= 1, "a transformer has one scalar, and two are given: name float or double.");
  static_assert(
      attentions + norms + positions + scalars == sizeof...(Argument),
      "a transformer is made of an attention (or a rule), a norm, a position and a scalar, and one of the "
      "arguments is none of them. A layer of your own needs the `make` of AnyAttention, AnyNorm or AnyPosition.");
  static_assert(
      !(... || is_of_other_scalar<scalar, Argument>),
      "a layer of a transformer is named in float and the model is in double: give float as an argument of the "
      "model, make_transformer<D, Layer<>, float>, and every layer takes it.");
};

/// What a model made by make_transformer<D> and the like takes. A class, so that its sentences come before
/// other errors.
template <Index D, class Scalar, class Input>
struct InputOf {
  static_assert(std::is_same_v<typename Input::scalar_type, Scalar>,
                "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                "cast<double>(...) on the model or on the field.");
  static_assert(Input::discretization_type::dimension == D,
                "a model made for D coordinates is applied to a field over another number of them: D of "
                "make_transformer<D> and make_encoder_decoder<D> is the dimension of the domain.");
};

/// Said here, the numbers are those of the user and not those inside of the model. `model` is its name with
/// its article.
template <Index D, class Position, class Lift, class Input>
void require_channels(const char* model, const Position& position, const Lift& lift, const Input& u) {
  require(lift.weight.shape().size() == 2, model, " without parameters is applied; make it by its maker.");
  const Index in = lift.weight.shape()[0] - position.template channels<D>();
  require(u.channels() == in, model, " of ", in, " channels in was given a field of ", u.channels(),
          ". Make it with {.in = ", u.channels(), "}, or give a field of ", in, ".");
}

/// A from f to u, with the position if it belongs in the scores.
template <class Layer, AnyField Input, AnyField Source, class Position>
auto cross_attention(const Layer& layer, const Input& u, const Source& f, const Position& position) {
  if constexpr (is_rotary<Position>) {
    constexpr bool rotates = requires { layer(u, f, position); };
    static_assert(
        rotates,
        "this attention takes no rotary position: it has no attention(u, f, position). Use Attention<>, or "
        "FourierFeatures<> for the position.");
    if constexpr (rotates) {
      return layer(u, f, position);
    } else {
      return u;  // not reached: the sentence above has been said
    }
  } else {
    constexpr bool crosses = requires { layer(u, f); };
    static_assert(
        crosses,
        "this attention goes from a field to itself alone: it has no attention(u, f) for queries at other points. "
        "Use Attention<> or another one that has.");
    if constexpr (crosses) {
      return layer(u, f);
    } else {
      return u;  // not reached: the sentence above has been said
    }
  }
}

/// A u, from u to itself.
template <class Layer, AnyField Input, class Position>
auto self_attention(const Layer& layer, const Input& u, const Position& position) {
  if constexpr (is_rotary<Position>) {
    return cross_attention(layer, u, u, position);
  } else {
    return layer(u);
  }
}

/// u by the statistics of f where the norm has any, and point by point where not.
template <class Norm, AnyField Input, AnyField Source>
Input normalize_beside(const Norm& norm, const Input& u, const Source& f) {
  if constexpr (requires { norm(u, f); }) {
    return norm(u, f);
  } else {
    return norm(u);
  }
}

/// Heads and channels have been checked (require_heads).
template <Index D, class Position, class Options>
Position make_position(const char* maker, const Options& options) {
  if constexpr (is_rotary<Position>) {
    require(2 * D * options.frequencies <= options.channels / options.heads, maker, ": ", options.frequencies,
            " rotary frequencies along each of ", D, " axes turn ", 2 * D * options.frequencies,
            " channels of each head, and with ", options.channels, " channels and ", options.heads,
            " heads there are fewer. Give fewer frequencies, fewer heads or more channels.");
  }
  return Position::template make<D>(options.frequencies, options.length);
}

}  // namespace fredholm::detail
