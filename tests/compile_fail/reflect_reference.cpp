// EXPECT: this struct has a reference
#include <fredholm/core/reflect.hpp>

int shared = 3;
struct Layer {
  int width = 1;
#ifndef FREDHOLM_CONTROL
  int& depth = shared;
#else
  int depth = shared;
#endif
};

int main() {
  const Layer object{};
  int count = 0;
  fredholm::for_each_field(object, [&](const auto&) { ++count; });
  return count - 2;
}
