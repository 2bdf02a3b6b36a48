// The Fourier neural operator, and its like in other bases.
//
//   v_0 = L (u, x);   v <- a(K v + W v + b), depth times, the last without a;   output = P(v)
//
// with spectral convolutions K (layers/spectral.hpp), linear maps W of the channels, an activation a, and
// pointwise networks L and P. Li et al. (2021), section 3.
//
//   make_fno<1>({.modes = 16}, rng)                      the FNO
//   make_fno<1, Sine, float>(...)                        for functions that vanish at the ends of the domain
//   make_fno<2, Fourier, Chebyshev>(...)                 a channel: periodic along x, with ends along y
//   make_fno<1, Dealiased<Gelu, 2>>(...)                 activations without aliasing (layers/dealiased.hpp)
//   make_fno<2, CpWeights>({.rank = 0.1}, rng)           weights by factors (layers/low_rank.hpp)
//
// With mlp_ratio > 0 each block has a perceptron M of the channels and a soft gate g behind it, as in
// neuraloperator: v <- a(M a(K v + W v + b) + g v), the last block without these two a (the perceptron keeps
// its own).
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/spectral.hpp>

namespace fredholm {

/// What an operator is told of x, in channels beside the input.
enum class Position {
  none,         ///< nothing: on a periodic domain the FNO then commutes with translations
  coordinates,  ///< x itself, as in Li et al. (2021); on a periodic domain it jumps, and the order is 1
  periodic      ///< cos and sin of 2 pi x / length along each axis
};

/// A checkpoint holds parameters and buffers; activation and padding are not in it, and are those of the
/// model that it is loaded into.
struct FnoOptions {
  Index in = 1;               ///< channels of the input
  Index out = 1;              ///< channels of the output
  Index channels = 32;        ///< inside
  PerAxis<Index> modes = 16;  ///< kept along each axis (layers/spectral.hpp)
  Index depth = 4;            ///< blocks
  Index ratio = 2;            ///< width of the projection's hidden layer, in channels
  Index lift_ratio = 0;       ///< width of a hidden layer in the lift, in channels; 0: the lift is linear
  double mlp_ratio = 0.0;     ///< width of the perceptron in each block, in channels; 0: there is none
  Position position = Position::coordinates;
  PerAxis<double> length = 1.0;  ///< of the domain, for Position::periodic
  PerAxis<double> padding =
      0.0;  ///< margin of Fourier axes, in the unit of x; leave 0 on a period, which a margin cuts open
  double rank = 1.0;  ///< of CpWeights and TuckerWeights (layers/low_rank.hpp); dense ones have none
};

/// A perceptron of the channels beside a soft gate: M(v) + g u, with a number g for each channel.
template <class Activation = Gelu, class Scalar = double>
struct ChannelMixing {
  Mlp<Activation, Scalar> mlp;
  Parameter<Scalar> gate;  // (channels)

  template <AnyField Input>
  Input operator()(const Input& v, const Input& u) const {
    return mlp(v) + u.with(u.values() * gate());
  }
};

template <Index D, class Basis, class Activation, class Weights, class Scalar>
struct FnoBlock {
  BasicSpectralConvolution<D, Basis, Weights, Scalar> spectral;
  Linear<Scalar> skip;
  std::optional<ChannelMixing<Activation, Scalar>> mixing;

  template <AnyField Input>
  Input operator()(const Input& u, bool last) const {
    const auto activate = [last](const Input& v) { return last ? v : Activation{}(v); };
    if constexpr (detail::FusedActivation<Activation> && std::is_same_v<Weights, DenseWeights>) {
      using Epilogue = typename Activation::Epilogue;
      const Input v = last ? spectral.template block<detail::Unchanged>(u, skip.weight(), skip.bias())
                           : spectral.template block<Epilogue>(u, skip.weight(), skip.bias());
      return mixing ? activate((*mixing)(v, u)) : v;
    } else {
      const Input v = activate(spectral(u) + skip(u));
      return mixing ? activate((*mixing)(v, u)) : v;
    }
  }
};

/// What Fno<D, ...> stands for.
template <Index D, class Basis, class Activation, class Weights, class Scalar>
struct BasicFno {
  bool coordinates = true;
  std::optional<FourierFeatures<Scalar>> waves;
  Mlp<Activation, Scalar> lift;
  std::vector<FnoBlock<D, Basis, Activation, Weights, Scalar>> blocks;
  Mlp<Activation, Scalar> project;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    static_assert(std::is_same_v<typename Input::scalar_type, Scalar>,
                  "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    Input v = with_position(u);
    require_channels(u, v);
    v = lift(v);
    for (std::size_t i = 0; i < blocks.size(); ++i) v = blocks[i](v, i + 1 == blocks.size());
    return project(v);
  }

 private:
  template <AnyField Input>
  void require_channels(const Input& u, const Input& with_position) const {
    if (lift.layers.empty()) return;  // Mlp says so
    const Index in = lift.layers.front().weight.shape()[0] - (with_position.channels() - u.channels());
    require(u.channels() == in, "an FNO of ", in, " channels was given a field of ", u.channels(),
            ". Make it with make_fno<D>({.in = ", u.channels(), ", ...}, rng).");
  }

  template <AnyField Input>
  Input with_position(const Input& u) const {
    if (waves) return (*waves)(u);
    return coordinates ? CoordinateEmbedding{}(u) : u;
  }
};

namespace detail {

template <class T>
struct IsActivation : std::bool_constant<!AnyScalar<T> && !IsBasis<T>::value && !IsWeights<T>::value> {};

}  // namespace detail

/// Fno<1>, Fno<2, Fourier, Sine, float>: bases, an activation, weights and a scalar, each of them optional.
template <Index D, class... Argument>
using Fno =
    BasicFno<D, detail::basis_among<Argument...>, detail::first_that<detail::IsActivation, Gelu, Argument...>,
             detail::weights_among<Argument...>, detail::scalar_among<Argument...>>;

template <Index D, class... Argument>
Fno<D, Argument...> make_fno(const FnoOptions& options, Engine& engine) {
  using Scalar = detail::scalar_among<Argument...>;
  using Activation = detail::first_that<detail::IsActivation, Gelu, Argument...>;
  const Index c = options.channels;
  require(options.depth >= 1, "make_fno: depth is ", options.depth, "; give at least one block.");
  const auto padding = options.padding.template on<D>("make_fno: padding");
  for (const double p : padding)
    require(p >= 0.0 && std::isfinite(p), "make_fno: padding is ", p,
            "; give a length that is not negative.");
  const auto widths = [](Index in, Index hidden, Index out) {
    return hidden > 0 ? std::vector<Index>{in, hidden, out} : std::vector<Index>{in, out};
  };
  Fno<D, Argument...> model;
  Index position = 0;
  model.coordinates = options.position == Position::coordinates;
  if (model.coordinates) position = D;
  if (options.position == Position::periodic) {
    const auto length = options.length.template on<D>("make_fno: length");
    for (const double l : length)
      require(l > 0.0 && std::isfinite(l), "make_fno: length is ", l,
              "; for Position::periodic give the length of the domain along each axis.");
    Array<Scalar> frequency = Array<Scalar>::zeros({D, D});
    for (Index a = 0; a < D; ++a)
      frequency.mutable_data()[a * D + a] = static_cast<Scalar>(1.0 / length[static_cast<std::size_t>(a)]);
    model.waves = FourierFeatures<Scalar>{Buffer<Scalar>(frequency)};
    position = 2 * D;
  }
  model.lift = make_mlp<Activation, Scalar>(widths(options.in + position, options.lift_ratio * c, c), engine);
  for (Index i = 0; i < options.depth; ++i) {
    auto spectral = make_spectral<D, Argument...>(c, c, options.modes, engine, {.rank = options.rank});
    spectral.padding.assign(padding.begin(), padding.end());
    auto skip = make_linear<Scalar>(c, c, engine);
    model.blocks.push_back({std::move(spectral), std::move(skip), std::nullopt});
    if (options.mlp_ratio > 0.0) {
      const auto hidden = std::max<Index>(1, std::lround(options.mlp_ratio * static_cast<double>(c)));
      model.blocks.back().mixing =
          ChannelMixing<Activation, Scalar>{make_mlp<Activation, Scalar>({c, hidden, c}, engine),
                                            Parameter<Scalar>(Array<Scalar>::full({c}, Scalar{1}))};
    }
  }
  model.project = make_mlp<Activation, Scalar>(widths(c, options.ratio * c, options.out), engine);
  return model;
}

}  // namespace fredholm
