// EXPECT: A ProductGrid of a ProductGrid has no order of axes that one could guess
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const UniformGrid<> x(0.0, 1.0, 5);
  const ProductGrid<ProductGrid<UniformGrid<>, UniformGrid<>>, UniformGrid<>> grid({x, x}, x);
  return grid.size() == 0;
#else
  const UniformGrid<> x(0.0, 1.0, 5);
  const ProductGrid<UniformGrid<>, UniformGrid<>, UniformGrid<>> grid(x, x, x);
  return grid.size() == 0;
#endif
}
