// EXPECT: a model made for D coordinates is applied to a field over another number of them
#include <fredholm/operators/transformer.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<2>({}, engine);
#else
  const auto model = make_transformer<1>({}, engine);
#endif
  return static_cast<int>(model(coordinates(d)).points());
}
