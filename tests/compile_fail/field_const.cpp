// EXPECT: d is const, and so is its type
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const Field<decltype(d), double> u(d, Array<double>::zeros({1, 5, 1}));
#else
  const Field u(d, Array<double>::zeros({1, 5, 1}));
#endif
  return static_cast<int>(u.batch());
}
