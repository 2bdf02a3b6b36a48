// EXPECT: The number of points is given twice
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<LegendreGrid<33>, GaussLegendre> d({0.0, 1.0, 33});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<LegendreGrid<33>, GaussLegendre> d({0.0, 1.0});
  return static_cast<int>(d.size()) == 0;
#endif
}
