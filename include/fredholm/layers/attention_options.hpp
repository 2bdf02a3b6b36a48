// What an attention is made with. Every kind of attention has `static make(options, engine)` and reads what concerns it, so that
// a transformer is put together from any of them (operators/transformer.hpp).
#pragma once

#include <fredholm/core/shape.hpp>

namespace fredholm {

struct AttentionOptions {
  Index channels = 32;  ///< in and out
  Index heads = 4;      ///< channels is a multiple of it
  Index slices = 32;    ///< of a SliceAttention
  double radius = 0.1;  ///< of a RadiusAttention, in the unit of x
};

}  // namespace fredholm
