// EXPECT: one of the arguments is none of them
#include <fredholm/operators/transformer.hpp>

using namespace fredholm;

struct Mine {
#ifdef FREDHOLM_CONTROL
  static Mine make(const AttentionOptions&, Engine&) { return {}; }
#endif
  auto operator()(const AnyField auto& u) const { return u; }
};

int main() {
  Engine engine(1);
  const auto model = make_transformer<1, Mine>({}, engine);
  return static_cast<int>(model.blocks.size());
}
