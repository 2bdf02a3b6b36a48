// EXPECT: Mirrors<Axes...>: the field has no such axis; they are counted from 0.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/symmetry.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  using Group = Mirrors<0, 1>;
#else
  using Group = Mirrors<0>;
#endif
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 3});
  return static_cast<int>(Group::apply(1, Field(d, Array<double>::zeros({1, 3, 1}))).batch()) - 1;
}
