// EXPECT: The number of points is missing
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<PeriodicGrid<64>, Trapezoid> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#endif
}
