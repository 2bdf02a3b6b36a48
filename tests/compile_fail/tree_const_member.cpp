// EXPECT: a member that holds parameters is const
#include <fredholm/core/tree.hpp>

using namespace fredholm;

struct Layer {
  Parameter<double> weight{Shape{3}};
};
struct Model {
#ifndef FREDHOLM_CONTROL
  const Layer inner{};
#else
  Layer inner{};
#endif
};

int main() {
  Model model;
  for_each_parameter(model, [](auto& leaf) { leaf.set(leaf.value()); });
}
