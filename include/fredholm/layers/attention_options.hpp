// What an attention is made with. Every kind of attention has `static make(options, engine)` and reads what
// concerns it, so that a transformer is put together from any of them (operators/transformer.hpp), and from
// yours:
//
//   template <class Scalar = double>
//   struct Mine {
//     ...                                                                  // parameters, other layers
//     static Mine make(const AttentionOptions& options, Engine& engine);
//     auto operator()(const AnyField auto& u) const;                       // u attends to itself
//     // optional: u attends to f, on other points
//     auto operator()(const AnyField auto& u, const AnyField auto& f) const;
//     auto operator()(const AnyField auto& u, const AnyField auto& f,
//                     const RotaryPosition<Scalar>& position) const;       // optional: with rotary positions
//   };
//
// In attention(u, f) a query sees f and not the other queries: its value is the same whichever points are
// asked beside it.
#pragma once

#include <concepts>

#include <fredholm/core/error.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

struct AttentionOptions {
  Index channels = 32;  ///< in and out
  Index heads = 4;      ///< channels is a multiple of it
  Index slices = 32;    ///< of a SliceAttention
  double radius = 0.1;  ///< of a RadiusAttention, in the unit of x
};

namespace detail {

/// For every maker of something with heads.
inline void require_heads(const char* maker, Index channels, Index heads) {
  require(channels > 0 && heads > 0 && channels % heads == 0, maker, ": ", channels,
          " channels are not split evenly into ", heads,
          " heads. Give at least one head, and channels that are a multiple of their number.");
}

}  // namespace detail

/// A layer that a transformer may have as its attention.
template <class Layer>
concept AnyAttention = requires(const AttentionOptions& options, Engine& engine) {
  { Layer::make(options, engine) } -> std::same_as<Layer>;
};

}  // namespace fredholm
