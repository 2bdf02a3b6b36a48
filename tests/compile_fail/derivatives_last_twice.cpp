// EXPECT: t is the last coordinate of the domain, which this derivative names as x, y or z, too
#include <fredholm/autodiff/taylor/index.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  using Set = jet_set<2, Dyt>;
#else
  using Set = jet_set<3, Dyt>;
#endif
  return Set::size > 0 ? 0 : 1;
}
