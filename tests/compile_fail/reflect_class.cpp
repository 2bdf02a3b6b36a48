// EXPECT: this type is not a plain struct
#include <fredholm/core/reflect.hpp>

class Layer {
 public:
  explicit Layer(int width) : width_(width) {}
#ifdef FREDHOLM_CONTROL
  static void visit(auto& self, auto&& f) {
    f("width", self.width_);
    f("depth", self.depth_);
  }
#endif
  int size() const { return width_ * depth_; }

 private:
  int width_;
  int depth_ = 1;
};

int main() {
  const Layer object(3);
  int count = 0;
  fredholm::for_each_field(object, [&](const auto&) { ++count; });
  return count - 2;
}
