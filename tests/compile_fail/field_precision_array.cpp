// EXPECT: Arithmetic mixes float and double fields
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const auto u = coordinates<float>(Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 5}));
#ifndef FREDHOLM_CONTROL
  const auto w = Array<double>::zeros({1}) * u;
#else
  const auto w = Array<float>::zeros({1}) * u;
#endif
  return static_cast<int>(w.batch());
}
