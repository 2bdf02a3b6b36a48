// EXPECT: Arithmetic mixes float and double fields
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  const auto u = coordinates<float>(d);
  const auto v = coordinates<double>(d);
#ifndef FREDHOLM_CONTROL
  const auto w = u + v;
#else
  const auto w = cast<double>(u) + v;
#endif
  return static_cast<int>(w.batch());
}
