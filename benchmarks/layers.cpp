// Attention and spectral convolution, forward and back, on one core in float.
//
// Counted: attention 4 n^2 C flop forward, 10 n^2 C back (five products); a spectral convolution of K complex
// modes on n points 8 n K C for both transforms and 8 K C^2 for the modes, twice that back.
#include <fredholm/fredholm.hpp>

#include "support/floor.hpp"

using namespace fredholm;

namespace {

template <class Layer, class Input>
void forward(benchmark::State& state, const Layer& layer, const Input& u, double flop) {
  support::machine();
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(layer(u).values().data());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  support::compare(state, flop, 0.0, elapsed.count());
}

template <class Layer, class Input>
void step(benchmark::State& state, const Layer& layer, const Input& u, double flop) {
  support::machine();
  Workspace workspace(1);
  const auto loss = [](const auto& l, const auto& input) { return mean(square(l(input).values())); };
  (void)value_and_gradient(workspace, loss, layer, u);
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(value_and_gradient(workspace, loss, layer, u).value);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  support::compare(state, flop, 0.0, elapsed.count());
}

auto input(Index batch, Index points, Index channels) {
  Engine engine(1);
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, points});
  return Field(d, normal_array<float>({batch, points, channels}, 1.0, engine));
}

void attention_forward(benchmark::State& state) {
  const Index n = state.range(0);
  Engine engine(1);
  const auto layer = make_attention<RuleOfField, float>(32, 1, engine);
  forward(state, layer, input(1, n, 32),
          4.0 * static_cast<double>(n * n) * 32.0 + 8.0 * static_cast<double>(n) * 32.0 * 32.0);
}
void attention_step(benchmark::State& state) {
  const Index n = state.range(0);
  Engine engine(1);
  const auto layer = make_attention<RuleOfField, float>(32, 1, engine);
  step(state, layer, input(1, n, 32),
       14.0 * static_cast<double>(n * n) * 32.0 + 24.0 * static_cast<double>(n) * 32.0 * 32.0);
}

/// Queries, keys and values by themselves, as peers/attention.py has them in PyTorch.
struct Triple {
  Parameter<float> q, k, v;
  Array<float> weights;

  explicit Triple(Index n) : weights(Array<float>::full({n}, 1.0F / static_cast<float>(n))) {
    Engine engine(1);
    for (auto* leaf : {&q, &k, &v}) *leaf = Parameter<float>(normal_array<float>({1, n, 32}, 1.0, engine));
  }
  static void visit(auto& self, auto&& f) { f("q", self.q), f("k", self.k), f("v", self.v); }
  Array<float> operator()() const { return attention(q(), k(), v(), weights, 1); }
};
void softmax_forward(benchmark::State& state) {
  const Index n = state.range(0);
  const Triple triple(n);
  support::machine();
  const detail::MemoryReuse memory;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(triple().data());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  support::compare(state, 4.0 * static_cast<double>(n * n) * 32.0, 0.0, elapsed.count());
}
void softmax_step(benchmark::State& state) {
  const Index n = state.range(0);
  const Triple triple(n);
  support::machine();
  Workspace workspace(1);
  const auto loss = whole([](const auto& model) { return mean(model()); });
  (void)value_and_gradient(workspace, loss, triple);
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(value_and_gradient(workspace, loss, triple).value);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  support::compare(state, 14.0 * static_cast<double>(n * n) * 32.0, 0.0, elapsed.count());
}

constexpr Index modes = 16;
constexpr Index width = 64;
double spectral_flop(Index batch, Index n) {
  return static_cast<double>(batch) *
         (8.0 * static_cast<double>(n * modes * width) + 8.0 * static_cast<double>(modes * width * width));
}
void spectral_forward(benchmark::State& state) {
  Engine engine(1);
  const auto layer = make_spectral<1, Fourier, float>(width, width, modes, engine);
  forward(state, layer, input(20, state.range(0), width), spectral_flop(20, state.range(0)));
}
void spectral_step(benchmark::State& state) {
  Engine engine(1);
  const auto layer = make_spectral<1, Fourier, float>(width, width, modes, engine);
  step(state, layer, input(20, state.range(0), width), 2.5 * spectral_flop(20, state.range(0)));
}

BENCHMARK(softmax_forward)->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);
BENCHMARK(softmax_step)->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);
BENCHMARK(attention_forward)->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);
BENCHMARK(attention_step)->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);
BENCHMARK(spectral_forward)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(spectral_step)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace
