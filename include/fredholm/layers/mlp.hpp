// A multilayer perceptron at every point: v(x) = L_n a(... a(L_1 u(x))), with an activation a between linear
// maps.
//
// On jets (autodiff/taylor/jets.hpp) all layers are one operation.
//
// Pointwise, so nothing is integrated. `make_mlp<Gelu>({in, hidden, out}, rng)` gives the widths, ends
// included.
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/taylor/functions.hpp>
#include <fredholm/autodiff/taylor/network.hpp>
#include <fredholm/layers/activation.hpp>
#include <fredholm/layers/linear.hpp>

namespace fredholm {

template <class Activation = Gelu, class Scalar = double>
struct Mlp {
  std::vector<Linear<Scalar>> layers;

  template <class Input>
  Input operator()(const Input& u) const {
    require(!layers.empty(), "an Mlp without layers is applied. Make it with make_mlp({in, ..., out}, rng).");
    constexpr bool relu_on_jets = AnyJets<Input> && std::is_same_v<Activation, Relu>;
    static_assert(
        !relu_on_jets,
        "derivatives<...> of an Mlp<Relu>: Relu has no second derivative, and its first one jumps. Take Tanh, "
        "Sin, Gelu or Silu.");
    if constexpr (relu_on_jets) {
      return u;
    } else if constexpr (AnyJets<Input> && detail::HasSeries<Activation>) {
      return on_jets(u);
    } else {
      Input v = u;
      for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
        if constexpr (detail::FusedActivation<Activation> && !AnyJets<Input>) {
          v = layers[i].template then<typename Activation::Epilogue>(v);
        } else {
          v = Activation{}(layers[i](v));
        }
      }
      return layers.back()(v);
    }
  }

 private:
  /// All layers as one operation (autodiff/taylor/network.hpp).
  template <AnyJets Input>
  Input on_jets(const Input& u) const {
    static_assert(detail::same_precision<Input, Scalar>,
                  "a network of one precision is applied to jets of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model.");
    std::vector<Array<Scalar>> weights, biases;
    for (const auto& layer : layers) {
      weights.push_back(layer.weight());
      biases.push_back(layer.bias());
    }
    return detail::network_on_jets<typename Activation::Series>(u, std::move(weights), std::move(biases));
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
