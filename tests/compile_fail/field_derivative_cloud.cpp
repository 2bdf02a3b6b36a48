// EXPECT: derivative<Axis>(u): a cloud of points is in no order
#include <fredholm/space/grids.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<PointCloud<2>, MonteCarlo> d(PointCloud<2>(Box<2>(), {{0.1, 0.2}}));
#ifndef FREDHOLM_CONTROL
  using Norm = H1;
#else
  using Norm = L2;
#endif
  return static_cast<int>(static_cast<double>(norm<Norm>(coordinates(d))));
}
