// EXPECT: a transformer has one kind of norm, and two are given
#include <fredholm/operators/transformer.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<1, LayerNorm<>, MeasureNorm<>>({}, engine);
#else
  const auto model = make_transformer<1, MeasureNorm<>>({}, engine);
#endif
  return static_cast<int>(model.blocks.size());
}
