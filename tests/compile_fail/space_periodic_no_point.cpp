// EXPECT: PeriodicGrid needs at least 1 point
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const PeriodicGrid<0> grid(0.0, 1.0);
  return grid.size() == 0;
#else
  const PeriodicGrid<1> grid(0.0, 1.0);
  return grid.size() == 0;
#endif
}
