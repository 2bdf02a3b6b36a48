// EXPECT: Field: the tensor has another rank than the field
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
#ifndef FREDHOLM_CONTROL
  const Field u(d, xt::xtensor<double, 2>({1, 5}));
#else
  const Field u(d, xt::xtensor<double, 3>({1, 5, 1}));
#endif
  return static_cast<int>(u.batch());
}
