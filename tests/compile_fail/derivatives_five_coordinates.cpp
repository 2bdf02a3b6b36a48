// EXPECT: a derivative is asked for in more than four coordinates
#include <fredholm/autodiff/taylor/index.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  using Set = jet_set<4, D<0, 0, 0, 0, 1>>;
#else
  using Set = jet_set<4, D<0, 0, 0, 1>>;
#endif
  return Set::size > 0 ? 0 : 1;
}
