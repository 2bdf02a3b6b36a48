// EXPECT: the points are no discretization
#include <fredholm/physics/pinn/term.hpp>
#include <fredholm/space/points.hpp>
using namespace fredholm;
int main() {
  const auto residual = [](const auto& u, const auto& points) { return u(coordinates(points)); };
  const auto cloud = sobol_points(Box<1>{{0.0, 1.0}}, 8);
#ifdef FREDHOLM_CONTROL
  const auto made = term("inside", cloud, residual);
#else
  const auto made = term("inside", cloud.grid(), residual);
#endif
  return made.weight > 0 ? 0 : 1;
}
