// EXPECT: the optimizer has no step for this model
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/space/points.hpp>
#include <fredholm/train/adam.hpp>
using namespace fredholm;
struct Stepper {
  void step(int) {}
};
int main() {
  Engine engine(1);
  auto net = make_mlp<Tanh>({1, 4, 1}, engine);
  const auto zero = [](const auto& u, const auto& points) { return u(coordinates(points)); };
  auto problem = make_problem(term("zero", sobol_points(Box<1>{{0.0, 1.0}}, 8), zero));
#ifdef FREDHOLM_CONTROL
  Adam optimizer(net);
#else
  Stepper optimizer;
#endif
  return solve(problem, net, optimizer, {.steps = 1, .quiet = true}).steps == 1 ? 0 : 1;
}
