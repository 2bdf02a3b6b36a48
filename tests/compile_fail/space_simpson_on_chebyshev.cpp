// EXPECT: Simpson needs equal steps
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<ChebyshevGrid<>, Simpson> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
