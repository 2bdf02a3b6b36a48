// EXPECT: a group of symmetries is a type with a constant `elements` and static functions `apply(element, u)` and
#include <fredholm/operators/equivariant.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

struct Signs {
  static constexpr Index elements = 2;
  static auto apply(Index g, const AnyField auto& u) { return g == 0 ? u : -1.0 * u; }
#ifdef FREDHOLM_CONTROL
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
#endif
};

int main() {
  const auto model = equivariant<Signs>([](const auto& u) { return u * u; });
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 3});
  return static_cast<int>(model(Field(d, Array<double>::zeros({1, 3, 1}))).batch()) - 1;
}
