// EXPECT: UniformGrid holds both end points, so it needs at least 2 points
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const UniformGrid<1> grid(0.0, 1.0);
  return grid.size() == 0;
#else
  const UniformGrid<2> grid(0.0, 1.0);
  return grid.size() == 0;
#endif
}
