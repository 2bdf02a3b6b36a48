// EXPECT: Boole needs 4k + 1 points: four intervals to a quartic
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<67>, Boole> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<65>, Boole> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#endif
}
