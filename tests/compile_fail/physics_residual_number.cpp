// EXPECT: the residual must return a Field on the points that it is given
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/space/points.hpp>
using namespace fredholm;
int main() {
  Engine engine(1);
  const auto net = make_mlp<Tanh>({2, 4, 1}, engine);
  const auto mean = [](const auto& u, const auto& points) { return integrate(u(coordinates(points))); };
  const auto points = sobol_points(Box<2>{{0.0, 1.0}, {0.0, 1.0}}, 8);
#ifdef FREDHOLM_CONTROL
  const auto problem = make_problem(term("mean", points, whole(mean)));
#else
  const auto problem = make_problem(term("mean", points, mean));
#endif
  return losses(problem, net).total > 0 ? 0 : 1;
}
