// EXPECT: sample(f, d): f returns a number, or a std::array
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const auto f = [](double x) { return std::vector<double>{x, x * x}; };
#else
  const auto f = [](double x) { return std::array{x, x * x}; };
#endif
  return static_cast<int>(sample(f, d).batch());
}
