// EXPECT: A Box has at least one axis
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  const Box<0> box;
  return box.measure() > 2;
#else
  const Box<1> box;
  return box.measure() > 2;
#endif
}
