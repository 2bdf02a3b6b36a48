// EXPECT: a transformer has one kind of position, and two are given
#include <fredholm/operators/encoder_decoder.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_encoder_decoder<1, FourierFeatures<>, RotaryPosition<>>({}, engine);
#else
  const auto model = make_encoder_decoder<1, RotaryPosition<>>({}, engine);
#endif
  return static_cast<int>(model.encoder.size());
}
