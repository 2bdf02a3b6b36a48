// EXPECT: Midpoint needs the centres of equal cells: use MidpointGrid
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<>, Midpoint> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<MidpointGrid<>, Midpoint> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
