// Activations as types, for layers that take one: Mlp<Gelu>, Mlp<Tanh>, ...
//
// Each applies the function of the same name in autodiff/ops at every point. An activation creates
// frequencies above those of its input; on a grid that cannot hold them they come back as an error
// (aliasing).
#pragma once

#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/ops/gelu.hpp>
#include <fredholm/autodiff/taylor/series.hpp>
#include <fredholm/concepts.hpp>

namespace fredholm {

namespace detail {

/// What Activation(layer(u)) is made of where the two are one operation.
template <class Activation>
concept FusedActivation = requires { typename Activation::Epilogue; };

/// What has its derivatives in autodiff/taylor/series.hpp: a network of it is one operation on jets.
template <class Activation>
concept HasSeries = requires { typename Activation::Series; };

}  // namespace detail

/// Of a field, as the functions in space/field.hpp.
template <AnyField Input>
Input gelu(const Input& u) {
  return u.with(gelu(u.values()));
}

/// `Epilogue` is the function as a fused operation applies it to values in cache (autodiff/ops/linear.hpp).
struct Gelu {
  using Epilogue = detail::GeluOf;
  using Series = detail::GeluSeries;
  auto operator()(const auto& u) const { return gelu(u); }
};
struct Tanh {
  using Series = detail::TanhSeries;
  auto operator()(const auto& u) const { return tanh(u); }
};
struct Relu {
  auto operator()(const auto& u) const { return relu(u); }
};
struct Silu {
  using Series = detail::SiluSeries;
  auto operator()(const auto& u) const { return silu(u); }
};
struct Sin {
  using Series = detail::SinSeries;
  auto operator()(const auto& u) const { return sin(u); }
};

}  // namespace fredholm
