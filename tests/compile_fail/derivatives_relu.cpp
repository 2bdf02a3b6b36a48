// EXPECT: Relu has no second derivative
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto net = make_mlp<Relu>({1, 4, 1}, engine);
#else
  const auto net = make_mlp<Tanh>({1, 4, 1}, engine);
#endif
  const Discretization<UniformGrid<>, Trapezoid> points({0.0, 1.0, 5});
  const auto u = derivatives<Dx>(net, points);
  return static_cast<int>(u.value().batch());
}
