// EXPECT: the field and the discretization have different dimensions
#include <fredholm/space/grids.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> e(
      {{0.0, 1.0, 5}, {0.0, 1.0, 5}});
#else
  const Discretization<PeriodicGrid<>, Trapezoid> e({0.0, 1.0, 5});
#endif
  return static_cast<int>(resample(coordinates(d), e).batch());
}
