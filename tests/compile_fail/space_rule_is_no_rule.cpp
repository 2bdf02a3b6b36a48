// EXPECT: Discretization<Grid, Rule>: the second argument is not a rule
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<>, int> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
