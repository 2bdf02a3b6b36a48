// EXPECT: a transformer has one attention, and two are given
#include <fredholm/operators/transformer.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<1, Attention<>, Counting>({}, engine);
#else
  const auto model = make_transformer<1, Attention<Counting>>({}, engine);
#endif
  return static_cast<int>(model.blocks.size());
}
