// EXPECT: Trapezoid needs sorted points, and a PointCloud has no order
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<PointCloud<2>, Trapezoid> d({{{0.0, 1.0}, {0.0, 1.0}}, {{0.1, 0.2}, {0.3, 0.4}}});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<PointCloud<2>, MonteCarlo> d({{{0.0, 1.0}, {0.0, 1.0}}, {{0.1, 0.2}, {0.3, 0.4}}});
  return static_cast<int>(d.size()) == 0;
#endif
}
