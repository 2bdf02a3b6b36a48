// EXPECT: A ProductRule needs as many rules as its ProductGrid has axes
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Simpson>> d(
      {{0.0, 1.0, 65}, {0.0, 1.0, 64}});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Simpson, Trapezoid>> d(
      {{0.0, 1.0, 65}, {0.0, 1.0, 64}});
  return static_cast<int>(d.size()) == 0;
#endif
}
