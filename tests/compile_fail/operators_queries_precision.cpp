// EXPECT: a model of one precision is applied to a field of the other
#include <fredholm/operators/transformer.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 5}), target({0.0, 1.0, 9});
  const auto model = make_transformer<1, float>({}, engine);
#ifndef FREDHOLM_CONTROL
  const auto u = coordinates<double>(d);
#else
  const auto u = coordinates<float>(d);
#endif
  return static_cast<int>(model(u, target).points());
}
