// EXPECT: this derivative was not asked for
#include <fredholm/physics/on_grid.hpp>
#include <fredholm/space.hpp>
using namespace fredholm;
int main() {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 17});
  const auto u = derivatives<Dx>(on_grid(sample([](double x) { return x * x; }, d)), d);
#ifdef FREDHOLM_CONTROL
  const auto slope = u[Dx{}];
#else
  const auto slope = u[Dxx{}];
#endif
  return slope.points() > 0 ? 0 : 1;
}
