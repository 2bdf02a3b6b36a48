// One training step (loss, gradient, Adam) of each model of 02_heat_on_any_grid, on one and on two threads,
// and of the 1-D FNO that the field measures with (width 64, 16 modes, 4 layers, n = 1024, batch 20), in
// float.
//
// Counted: the matrix products of one forward pass, three times.
#include <fredholm/fredholm.hpp>

#include "support/floor.hpp"

using namespace fredholm;

namespace {

/// Flop of the products with parameters for each point, forward: two for each weight that meets every point.
template <class Model>
void train(benchmark::State& state, Model model, Index batch, Index points, double flop_a_point) {
  support::machine();
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, points});
  Engine engine(1);
  const auto u = sample<float>(random_sine_series(batch, {}, engine), d);
  const auto loss = [](const auto& m, const auto& input, const auto& output) {
    return relative_error<L2>(m(input), output);
  };
  const auto threads = static_cast<int>(state.range(0));
  Workspace workspace(threads);
  Adam adam(model, {.learning_rate = 1e-4});
  const auto one = [&] {
    const auto result = value_and_gradient(workspace, loss, model, u, u);
    adam.step(model, result.gradient);
  };
  one();
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) one();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  support::compare(state, 3.0 * static_cast<double>(batch * points) * flop_a_point, 0.0, elapsed.count(),
                   threads);
}

template <class Rule>
void transformer(benchmark::State& state) {
  Engine engine(1);
  const double c = 32.0;
  train(state, make_transformer<1, Rule, float>({.channels = 32, .heads = 4, .depth = 4}, engine), 20, 65,
        4.0 * (8.0 * c * c + 8.0 * c * c + 4.0 * 65.0 * c) + 2.0 * 9.0 * c + 4.0 * c * c);
}
void sine_fno(benchmark::State& state) {
  Engine engine(1);
  const double c = 23.0;
  train(state, make_fno<1, Sine, float>({.channels = 23, .modes = 16, .depth = 4}, engine), 20, 65,
        4.0 * (4.0 * 16.0 * c + 2.0 * c * c + 2.0 * 16.0 * c * c / 65.0) + 4.0 * c * c);
}
void fourier_fno(benchmark::State& state) {
  Engine engine(1);
  const double c = 64.0;
  train(state, make_fno<1, float>({.channels = 64, .modes = 16, .depth = 4}, engine), 20, 1024,
        4.0 * (8.0 * 16.0 * c + 2.0 * c * c + 8.0 * 16.0 * c * c / 1024.0) + 4.0 * c * c);
}

BENCHMARK(transformer<Counting>)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(transformer<RuleOfField>)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sine_fno)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(fourier_fno)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
