// EXPECT: this struct has a C array
#include <fredholm/core/reflect.hpp>

struct Box {
#ifndef FREDHOLM_CONTROL
  double corners[4];
#else
  double corners = 0;
#endif
  int axis = 0;
};

int main() {
  const Box object{};
  int count = 0;
  fredholm::for_each_field(object, [&](const auto&) { ++count; });
  return count - 2;
}
