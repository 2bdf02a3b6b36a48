// EXPECT: sample(f, d): f takes one double for each dimension
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const auto f = [](double x, double y) { return x + y; };
#else
  const auto f = [](double x) { return x; };
#endif
  return static_cast<int>(sample(f, d).batch());
}
