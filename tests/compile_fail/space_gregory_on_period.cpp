// EXPECT: Gregory corrects the two ends of a UniformGrid
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<PeriodicGrid<>, Gregory<4>> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
