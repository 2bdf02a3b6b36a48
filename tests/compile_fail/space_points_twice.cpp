// EXPECT: The number of points is given twice, in the type and as an argument
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const UniformGrid<65> grid(0.0, 1.0, 65);
  return grid.size() == 0;
#else
  const UniformGrid<> grid(0.0, 1.0, 65);
  return grid.size() == 0;
#endif
}
