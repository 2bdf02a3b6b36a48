// EXPECT: this struct has a base class
#include <fredholm/core/reflect.hpp>

struct Layer {
  int width = 1;
};
#ifndef FREDHOLM_CONTROL
struct Residual : Layer {
#else
struct Residual {
  Layer inner{};
#endif
  double scale = 1;
};

int main() {
  const Residual object{};
  int count = 0;
  fredholm::for_each_field(object, [&](const auto&) { ++count; });
  return count - 2;
}
