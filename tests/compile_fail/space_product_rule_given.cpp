// EXPECT: Given holds one weight for each point of the product, not of an axis
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Given, Trapezoid>> d(
      {{0.0, 1.0, 2}, {0.0, 1.0, 2}});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Given> d({{0.0, 1.0, 2}, {0.0, 1.0, 2}},
                                                                           {{0.25, 0.25, 0.25, 0.25}});
  return static_cast<int>(d.size()) == 0;
#endif
}
