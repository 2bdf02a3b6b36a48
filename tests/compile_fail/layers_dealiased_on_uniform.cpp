// EXPECT: Dealiased: only periodic, Legendre and Chebyshev grids say which frequencies they hold
#include <cmath>

#include <fredholm/layers/dealiased.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 17});
#else
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, 17});
#endif
  return static_cast<int>(Dealiased<Gelu, 2>{}(sample([](double x) { return std::sin(x); }, d)).batch());
}
