// EXPECT: Every argument of ProductGrid must be a grid
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const ProductGrid<Simpson, Trapezoid> rule(Simpson{}, Trapezoid{});
  (void)rule;
#else
  const ProductRule<Simpson, Trapezoid> rule(Simpson{}, Trapezoid{});
  (void)rule;
#endif
}
