// EXPECT: derivative<Axis>(u): the field has no such axis
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const auto u = coordinates(Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 5}));
#ifndef FREDHOLM_CONTROL
  derivative<1>(u);
#else
  derivative<0>(u);
#endif
}
