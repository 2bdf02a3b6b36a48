// A multilayer perceptron at every point: v(x) = L_n a(... a(L_1 u(x))), with an activation a between linear
// maps.
//
// Pointwise, so nothing is integrated. `make_mlp<Gelu>({in, hidden, out}, rng)` gives the widths, ends
// included.
#pragma once

#include <vector>

#include <fredholm/layers/activation.hpp>
#include <fredholm/layers/linear.hpp>

namespace fredholm {

template <class Activation = Gelu, class Scalar = double>
struct Mlp {
  std::vector<Linear<Scalar>> layers;

  template <class Input>
  Input operator()(const Input& u) const {
    require(!layers.empty(), "an Mlp without layers is applied. Make it with make_mlp({in, ..., out}, rng).");
    Input v = u;
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
      if constexpr (detail::FusedActivation<Activation>) {
        v = layers[i].template then<typename Activation::Epilogue>(v);
      } else {
        v = Activation{}(layers[i](v));
      }
    }
    return layers.back()(v);
  }
};

template <class Activation = Gelu, class Scalar = double>
Mlp<Activation, Scalar> make_mlp(const std::vector<Index>& widths, Engine& engine) {
  require(widths.size() >= 2, "make_mlp was given ", widths.size(),
          " widths; give those of the input and the output at least.");
  Mlp<Activation, Scalar> mlp;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i)
    mlp.layers.push_back(make_linear<Scalar>(widths[i], widths[i + 1], engine));
  return mlp;
}

}  // namespace fredholm
