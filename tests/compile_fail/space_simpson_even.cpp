// EXPECT: Simpson needs an odd number of points: two intervals to a parabola. Use UniformGrid<65> rather than
// UniformGrid<64>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<64>, Simpson> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<65>, Simpson> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#endif
}
