// EXPECT: u lives on a cloud of points in no order
#include <fredholm/space/grids.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<PointCloud<1>, MonteCarlo> d(PointCloud<1>(Box<1>(), {{0.1}, {0.2}}));
#else
  const Discretization<ScatteredGrid, Trapezoid> d(ScatteredGrid({0.0, 0.1, 1.0}));
#endif
  const auto v = resample(coordinates(d), Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 5}));
  return static_cast<int>(v.batch());
}
