// Layers on a cloud of n random points in the unit square: how time and memory grow with n. One core, float, one function of 32
// channels (multipole: 16).
//
//   balls_of_30     RadiusAttention, r ~ n^{-1/2} so that a ball holds 30 points: O(n)
//   fixed_radius    RadiusAttention, r = 0.05: 0.0079 n points in a ball, O(n^2 r^2)
//   multipole       kernels with 30 points in a ball on the level of the points, levels up to a spacing of 1/4: O(n)
//   low_rank        KernelIntegral<LowRankKernel>, rank 16: O(n)
//   linear          LinearAttention: O(n)
//   all_pairs       Attention: O(n^2)
//
// Counters: neighbours of a point on the finest level, the time of the first call (which searches, ms), processor time a point (ns), the
// largest memory of the process meanwhile (MiB). A _step is a gradient by all parameters.
#include <fredholm/fredholm.hpp>
#include <fredholm/neighbours.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <ctime>
#include <numbers>

#include "support/peak.hpp"

using namespace fredholm;

namespace {

using Cloud = Discretization<PointCloud<2>, MonteCarlo>;

Cloud cloud(Index n) {
  Engine engine(1);
  std::vector<std::array<double, 2>> points(static_cast<std::size_t>(n));
  for (auto& point : points) point = {uniform(engine), uniform(engine)};
  return Cloud(PointCloud<2>(Box<2>(), std::move(points)));
}

double radius_of(Index n, double neighbours) {
  return std::sqrt(neighbours / (std::numbers::pi * static_cast<double>(n)));
}

/// Of the processor, since others may be at work beside us.
double seconds(const auto& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

template <class Layer>
void forward(benchmark::State& state, const Layer& layer, const Cloud& d, Index channels, double radius) {
  Engine engine(2);
  const Index n = d.size();
  const Field u(d, normal_array<float>({1, n, channels}, 1.0, engine));
  support::forget_peak();
  const double first = seconds([&] { benchmark::DoNotOptimize(layer(u).values().data()); });
  double total = 0.0;
  for (auto _ : state) total += seconds([&] { benchmark::DoNotOptimize(layer(u).values().data()); });
  const auto runs = static_cast<double>(state.iterations());
  state.counters["first_ms"] = 1e3 * first;
  state.counters["ns_per_point"] = 1e9 * total / runs / static_cast<double>(n);
  state.counters["peak_MiB"] = support::peak_mib();
  if (radius > 0.0) {
    state.counters["neighbours"] =
        static_cast<double>(neighbours_within(d, radius)->count()) / static_cast<double>(n);
  }
}

template <class Layer>
void step(benchmark::State& state, const Layer& layer, const Cloud& d, Index channels) {
  Engine engine(2);
  const Index n = d.size();
  const Field u(d, normal_array<float>({1, n, channels}, 1.0, engine));
  const auto loss = [](const auto& l, const auto& input) { return mean(square(l(input).values())); };
  Workspace workspace(1);
  support::forget_peak();
  (void)value_and_gradient(workspace, loss, layer, u);
  double total = 0.0;
  for (auto _ : state)
    total += seconds([&] { benchmark::DoNotOptimize(value_and_gradient(workspace, loss, layer, u).value); });
  state.counters["ns_per_point"] =
      1e9 * total / static_cast<double>(state.iterations()) / static_cast<double>(n);
  state.counters["peak_MiB"] = support::peak_mib();
}

auto attention_within(double radius) {
  Engine engine(3);
  return RadiusAttention<RuleOfField, float>::make({.channels = 32, .heads = 4, .radius = radius}, engine);
}
auto multipole_of(Index n) {
  Engine engine(3);
  const double spacing = radius_of(n, 30.0);  // with a reach of 2, also the radius on the finest level
  const auto levels = 2 + static_cast<Index>(std::ceil(std::log2(0.25 / spacing)));
  return MultipoleIntegral<RuleOfField, Gelu, float>::make(
      {.dimension = 2, .channels = 16, .spacing = spacing, .reach = 2.0, .levels = levels}, engine);
}
auto linear_attention() {
  Engine engine(3);
  return LinearAttention<RuleOfField, float>::make({.channels = 32, .heads = 4}, engine);
}
auto low_rank_kernel() {
  Engine engine(3);
  return KernelIntegral<LowRankKernel<Gelu, float>>::make(
      {.dimension = 2, .in = 32, .out = 32, .width = 32, .depth = 2, .rank = 16}, engine);
}

void balls_of_30(benchmark::State& state) {
  const double radius = radius_of(state.range(0), 30.0);
  forward(state, attention_within(radius), cloud(state.range(0)), 32, radius);
}
void balls_of_30_step(benchmark::State& state) {
  step(state, attention_within(radius_of(state.range(0), 30.0)), cloud(state.range(0)), 32);
}
void fixed_radius(benchmark::State& state) {
  forward(state, attention_within(0.05), cloud(state.range(0)), 32, 0.05);
}
void multipole(benchmark::State& state) {
  forward(state, multipole_of(state.range(0)), cloud(state.range(0)), 16, radius_of(state.range(0), 30.0));
}
void multipole_step(benchmark::State& state) {
  step(state, multipole_of(state.range(0)), cloud(state.range(0)), 16);
}
void low_rank(benchmark::State& state) { forward(state, low_rank_kernel(), cloud(state.range(0)), 32, 0.0); }
void low_rank_step(benchmark::State& state) { step(state, low_rank_kernel(), cloud(state.range(0)), 32); }
void linear(benchmark::State& state) { forward(state, linear_attention(), cloud(state.range(0)), 32, 0.0); }
void linear_step(benchmark::State& state) { step(state, linear_attention(), cloud(state.range(0)), 32); }
void all_pairs(benchmark::State& state) {
  Engine engine(3);
  forward(state, make_attention<RuleOfField, float>(32, 4, engine), cloud(state.range(0)), 32, 0.0);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Arg(4096)->Arg(16384)->Arg(65536)->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(balls_of_30)->Apply(sizes);
BENCHMARK(balls_of_30_step)->Apply(sizes);
BENCHMARK(fixed_radius)->Apply(sizes);
BENCHMARK(multipole)->Apply(sizes);
BENCHMARK(multipole_step)->Apply(sizes);
BENCHMARK(low_rank)->Apply(sizes);
BENCHMARK(low_rank_step)->Apply(sizes);
BENCHMARK(linear)->Apply(sizes);
BENCHMARK(linear_step)->Apply(sizes);
BENCHMARK(all_pairs)->Arg(4096)->Arg(16384)->Unit(benchmark::kMillisecond);
