// EXPECT: Points of a boundary have all coordinates of the domain
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/space/points.hpp>
using namespace fredholm;
int main() {
  const auto residual = [](const auto& u, const auto& points) { return u(coordinates(points)); };
  const Box<2> box{{0.0, 1.0}, {0.0, 1.0}};
  const auto line = sobol_points(Box<1>{{0.0, 1.0}}, 8);
#ifdef FREDHOLM_CONTROL
  const auto start = initial(box, line);
#else
  const auto start = line;
#endif
  const auto problem =
      make_problem(term("inside", sobol_points(box, 8), residual), term("start", start, residual));
  return std::get<0>(problem.terms).weight > 0 ? 0 : 1;
}
