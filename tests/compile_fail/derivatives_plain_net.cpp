// EXPECT: net(x) must return jets when it is given jets of the coordinates
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> points({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const auto net = [](const auto& x) { return x.value(); };
#else
  const auto net = [](const auto& x) { return sin(x); };
#endif
  const auto u = derivatives<Dx>(net, points);
  return sizeof(u) > 0 ? 0 : 1;
}
