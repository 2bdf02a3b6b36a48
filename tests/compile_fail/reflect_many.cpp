// EXPECT: this struct has more than 32 members
#include <fredholm/core/reflect.hpp>

struct Most {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14;
};
struct Options {
#ifndef FREDHOLM_CONTROL
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16;
#else
  Most most;
  int last;
#endif
};

int main() {
  const Options object{};
  int count = 0;
  fredholm::for_each_field(object, [&](const auto&) { ++count; });
  return count - 2;
}
