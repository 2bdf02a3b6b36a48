// EXPECT: Arithmetic mixes fields on different kinds of discretization
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/with_rule.hpp>

using namespace fredholm;

int main() {
  const auto u = coordinates(Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 5}));
  const auto v = coordinates(Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 5}));
#ifndef FREDHOLM_CONTROL
  const auto w = u - v;
#else
  const auto w = with_rule<Simpson>(u) - v;
#endif
  return static_cast<int>(w.batch());
}
