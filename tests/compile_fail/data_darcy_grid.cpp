// EXPECT: darcy(a): the coefficient is a field on
#include <cmath>

#include <fredholm/data/darcy.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<ProductGrid<MidpointGrid<>, MidpointGrid<>>, Midpoint> d(
      {{0.0, 1.0, 9}, {0.0, 1.0, 9}});
#else
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 9}, {0.0, 1.0, 9}});
#endif
  return static_cast<int>(darcy(sample([](double x, double y) { return 1 + x * y; }, d)).batch());
}
