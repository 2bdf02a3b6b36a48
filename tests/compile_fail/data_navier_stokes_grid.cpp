// EXPECT: navier_stokes(w0): the flow is periodic
#include <cmath>

#include <fredholm/data/navier_stokes.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 9}, {0.0, 1.0, 9}});
#else
  const Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 9}, {0.0, 1.0, 9}});
#endif
  return static_cast<int>(
      navier_stokes(sample([](double x, double y) { return std::sin(x + y); }, d)).batch());
}
