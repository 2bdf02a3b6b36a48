// EXPECT: duhamel(f, nu): f is on space and time
#include <fredholm/physics/duhamel.hpp>
#include <fredholm/space.hpp>
using namespace fredholm;
int main() {
#ifdef FREDHOLM_CONTROL
  using Times = ChebyshevGrid<>;
#else
  using Times = UniformGrid<>;
#endif
  const Discretization<ProductGrid<PeriodicGrid<>, Times>, Trapezoid> d({{0.0, 1.0, 8}, {0.0, 1.0, 5}});
  const auto f = sample([](double x, double t) { return x * t; }, d);
  return duhamel(f, 0.1).channels() == 1 ? 0 : 1;
}
