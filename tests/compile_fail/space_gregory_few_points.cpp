// EXPECT: Gregory<P> needs at least 2 (P - 1) points
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<9>, Gregory<6>> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<10>, Gregory<6>> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#endif
}
