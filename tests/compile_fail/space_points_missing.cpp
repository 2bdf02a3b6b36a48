// EXPECT: The number of points is missing. Give it as the third argument
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const UniformGrid<> grid(0.0, 1.0);
  return grid.size() == 0;
#else
  const UniformGrid<65> grid(0.0, 1.0);
  return grid.size() == 0;
#endif
}
