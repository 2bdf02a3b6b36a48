// The Fourier neural operator, and its like in other bases.
//
//   v_0 = L (u, x);   v <- gelu(K v + W v + b), depth times, the last without gelu;   output = P(v)
//
// with spectral convolutions K (layers/spectral.hpp) and linear maps W of the channels. Li et al. (2021), section 3.
// make_fno<1>(...) is the FNO; make_fno<1, Sine>(...) suits functions that vanish at the ends of the domain.
#pragma once

#include <vector>

#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/spectral.hpp>

namespace fredholm {

struct FnoOptions {
  Index in = 1;         ///< channels of the input
  Index out = 1;        ///< channels of the output
  Index channels = 32;  ///< inside
  Index modes = 16;     ///< kept along each axis (layers/spectral.hpp)
  Index depth = 4;      ///< blocks
  Index ratio = 2;      ///< width of the projection's hidden layer, in channels
};

template <Index D, class Basis = Fourier, class Scalar = double>
struct FnoBlock {
  SpectralConvolution<D, Basis, Scalar> spectral;
  Linear<Scalar> skip;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    return spectral(u) + skip(u);
  }
};

template <Index D, class Basis = Fourier, class Scalar = double>
struct Fno {
  CoordinateEmbedding position;
  Linear<Scalar> lift;
  std::vector<FnoBlock<D, Basis, Scalar>> blocks;
  Mlp<Gelu, Scalar> project;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    static_assert(std::is_same_v<typename Input::scalar_type, Scalar>,
                  "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    Input v = lift(position(u));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      v = blocks[i](v);
      if (i + 1 < blocks.size()) v = gelu(v);
    }
    return project(v);
  }
};

template <Index D, class Basis, class Scalar>
Fno<D, Basis, Scalar> make_fno(const FnoOptions& options, Engine& engine) {
  const Index c = options.channels;
  require(options.depth >= 1, "make_fno: depth is ", options.depth, "; give at least one block.");
  Fno<D, Basis, Scalar> model;
  model.lift = make_linear<Scalar>(options.in + D, c, engine);
  for (Index i = 0; i < options.depth; ++i) {
    auto spectral = make_spectral<D, Basis, Scalar>(c, c, options.modes, engine);
    model.blocks.push_back({std::move(spectral), make_linear<Scalar>(c, c, engine)});
  }
  model.project = make_mlp<Gelu, Scalar>({c, options.ratio * c, options.out}, engine);
  return model;
}

/// make_fno<1>({.modes = 16}, rng), make_fno<2, float>(...).
template <Index D, AnyScalar Scalar = double>
Fno<D, Fourier, Scalar> make_fno(const FnoOptions& options, Engine& engine) {
  return make_fno<D, Fourier, Scalar>(options, engine);
}
/// make_fno<1, Sine>(...), make_fno<1, Sine, float>(...).
template <Index D, class Basis>
  requires(!AnyScalar<Basis>)
Fno<D, Basis, double> make_fno(const FnoOptions& options, Engine& engine) {
  return make_fno<D, Basis, double>(options, engine);
}

}  // namespace fredholm
