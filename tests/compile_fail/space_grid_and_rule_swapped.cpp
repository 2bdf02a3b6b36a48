// EXPECT: Discretization<Grid, Rule>: the first argument is not a grid
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<Simpson, UniformGrid<>> d({});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
