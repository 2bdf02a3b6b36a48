// EXPECT: this is no model
#include <fredholm/core/tree.hpp>

using namespace fredholm;

struct Options {
  int width = 3;
};
struct Layer {
  Parameter<double> weight{Shape{3}};
};

int main() {
#ifndef FREDHOLM_CONTROL
  const Options model;
#else
  const Layer model;
#endif
  return static_cast<int>(count_parameters(model));
}
