// EXPECT: this derivative was not requested
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
  const auto net = make_mlp<Tanh>({1, 4, 1}, engine);
  const Discretization<UniformGrid<>, Trapezoid> points({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const auto u = derivatives<Dx>(net, points);
#else
  const auto u = derivatives<Dx, Dxx>(net, points);
#endif
  return static_cast<int>(u[Dxx{}].batch());
}
