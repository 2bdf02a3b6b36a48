// EXPECT: a layer of a transformer is named in float and the model is in double
#include <fredholm/operators/transformer.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<1, Attention<RuleOfField, float>>({}, engine);
#else
  const auto model = make_transformer<1, Attention<>, float>({}, engine);
#endif
  return static_cast<int>(model.blocks.size());
}
