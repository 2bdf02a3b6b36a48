// EXPECT: u lives on a cloud of points in no order
#include <fredholm/space/grids.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<PointCloud<2>, MonteCarlo> d(PointCloud<2>(Box<2>(), {{0.1, 0.2}}));
#else
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 5}, {0.0, 1.0, 5}});
#endif
  return static_cast<int>(resample(coordinates(d), std::vector<std::array<double, 2>>{{0.5, 0.5}}).size());
}
