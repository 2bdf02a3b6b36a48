// EXPECT: A rule is written IntegralsBy<Rule>
#include <fredholm/operators/deeponet.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto model = make_deeponet<1, Trapezoid>({}, engine);
#else
  const auto model = make_deeponet<1, IntegralsBy<Trapezoid>>({}, engine);
#endif
  return static_cast<int>(model.bias.shape()[0]);
}
