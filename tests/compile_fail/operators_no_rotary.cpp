// EXPECT: this attention takes no rotary position
#include <fredholm/operators/transformer.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

struct Mine {
  static Mine make(const AttentionOptions&, Engine&) { return {}; }
  auto operator()(const AnyField auto& u) const { return u; }
};

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<1, Mine, RotaryPosition<>>({}, engine);
#else
  const auto model = make_transformer<1, RotaryPosition<>>({}, engine);
#endif
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 9});
  return static_cast<int>(model(sample([](double x) { return x; }, d)).points());
}
