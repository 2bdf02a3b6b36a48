// EXPECT: burgers(u0): the equation is periodic
#include <cmath>

#include <fredholm/data/burgers.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 65});
#else
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, 65});
#endif
  return static_cast<int>(burgers(sample([](double x) { return std::sin(x); }, d)).batch());
}
