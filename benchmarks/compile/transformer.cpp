// A transformer, its gradient and a step of Adam; with -DFURTHER, on a second discretization as well.
#include <fredholm/fredholm.hpp>

using namespace fredholm;

int main() {
  Engine engine(7);
  auto model = make_transformer<1>({.channels = 32}, engine);
  const auto loss = [](const auto& net, const auto& u, const auto& v) {
    return relative_error<L2>(net(u), v);
  };
  const auto f = [](double x) { return x; };
  Adam adam(model, {.learning_rate = 1e-3});
  const auto train = [&](const auto& u) {
    const auto result = value_and_gradient(loss, model, u, u);
    adam.step(model, result.gradient);
  };
  train(sample(f, Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 65})));
#ifdef FURTHER
  train(sample(f, Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 33})));
#endif
}
