// Fourier neural operators of the sizes that the field measures with, float: a forward pass of a batch of 20, and a
// training step (relative L2 loss, gradient, Adam), on one and on two threads.
//
//   fno_1d      1024 points, 64 channels, 16 modes, 4 blocks: Li et al. (2021), linear lift, no perceptrons
//   fno_2d      64 x 64 points, 32 channels, 12 modes an axis (-12 ... 11 along the first), 4 blocks; 128 x 128
//   *_mlp       the same with what neuralop.models.FNO has by default: a lift with a hidden layer of twice the
//               channels, and in each block a perceptron of half the channels beside a soft gate
//
// Counted: the matrix products of a forward pass, three times for a step. Transforms are counted as products with the
// matrices of the kept modes; along the first axis of two, k and -k share one product. Counters: median_ms of single
// iterations by the clock, and processor_ms of the process; the process before the row and at its peak, in MiB, which mean something if one row runs alone:
//
//   benchmark_fno '--benchmark_filter=^step<fno_2d_64>/2/' --benchmark_out=row.json --benchmark_out_format=json
//
// peers/neuraloperator_fno.py does that, and measures the same networks in PyTorch.
#include <algorithm>
#include <ctime>
#include <memory>
#include <numeric>
#include <vector>

#include <fredholm/fredholm.hpp>

#include "support/floor.hpp"
#include "support/peak.hpp"

using namespace fredholm;

namespace {

struct Case {
  Index dimension, points, channels, modes;
  bool mlp;
};
constexpr Case fno_1d{1, 1024, 64, 16, false};
constexpr Case fno_1d_mlp{1, 1024, 64, 16, true};
constexpr Case fno_2d_64{2, 64, 32, 12, false};
constexpr Case fno_2d_64_mlp{2, 64, 32, 12, true};
constexpr Case fno_2d_128{2, 128, 32, 12, false};

constexpr Index batch = 20;
constexpr Index depth = 4;

double forward_flop(const Case& c) {
  const auto n = static_cast<double>(c.points);
  const auto width = static_cast<double>(c.channels);
  const auto k = static_cast<double>(c.modes);
  const double points = c.dimension == 1 ? n : n * n;
  const double in = 1.0 + static_cast<double>(c.dimension);
  const double lift = c.mlp ? 4.0 * in * width + 4.0 * width * width : 2.0 * in * width;
  const double project = 4.0 * width * width + 4.0 * width;
  const double pointwise = (c.mlp ? 4.0 : 2.0) * width * width;
  const double transforms = 8.0 * k * width * points + (c.dimension == 1 ? 0.0 : 16.0 * k * k * n * width);
  const double mixing = (c.dimension == 1 ? k : 2.0 * k * k) * 8.0 * width * width;
  return static_cast<double>(batch) *
         (points * (lift + project) +
          static_cast<double>(depth) * (points * pointwise + transforms + mixing));
}

template <Case c>
auto model() {
  Engine engine(1);
  FnoOptions options{.channels = c.channels, .modes = c.modes, .depth = depth};
  if (c.mlp) options.lift_ratio = 2, options.mlp_ratio = 0.5;
  return make_fno<c.dimension, float>(options, engine);
}

template <Case c>
auto functions(int seed) {
  Engine engine(static_cast<unsigned>(seed));
  if constexpr (c.dimension == 1) {
    const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, c.points});
    return Field(d, normal_array<float>({batch, c.points, 1}, 1.0, engine));
  } else {
    const Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid> d(
        {{0.0, 1.0, c.points}, {0.0, 1.0, c.points}});
    return Field(d, normal_array<float>({batch, c.points, c.points, 1}, 1.0, engine));
  }
}

/// What a row works with. It is kept from one call of the row to the next, since a program that trains does not make its
/// workspace anew either. What the floor of the machine took is no part of its memory.
template <class Made>
struct Kept {
  int threads = 0;
  double start_mib = 0.0;
  std::unique_ptr<Made> made;

  Made& get(benchmark::State& state) {
    if (threads != static_cast<int>(state.range(0))) {
      made.reset();
      support::machine();
      support::forget_peak();
      threads = static_cast<int>(state.range(0));
      start_mib = support::held_mib();
      made = std::make_unique<Made>(threads);
    }
    state.counters["start_mib"] = start_mib;
    return *made;
  }
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

template <class Model>
void time(benchmark::State& state, const Model& model, double flop, const auto& work) {
  work();  // fills pools and caches
  std::vector<double> times, processor;
  for (auto _ : state) {
    const std::clock_t begin = std::clock();
    times.push_back(support::seconds(work));
    processor.push_back(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  const double total = std::accumulate(times.begin(), times.end(), 0.0);
  state.counters["peak_mib"] = support::peak_mib();
  state.counters["median_ms"] = 1e3 * median(times);
  state.counters["processor_ms"] = 1e3 * median(processor);
  state.counters["parameters"] = static_cast<double>(count_parameters(model));
  state.counters["machine_gflops"] = support::machine().flops * 1e-9;
  support::compare(state, flop, 0.0, total, static_cast<int>(state.range(0)));
}

template <Case c>
struct Forward {
  decltype(model<c>()) fno = model<c>();
  decltype(functions<c>(2)) u = functions<c>(2);
  Team team;
  explicit Forward(int threads) : team(threads) {}
};
template <Case c>
void forward(benchmark::State& state) {
  static Kept<Forward<c>> kept;
  auto& row = kept.get(state);
  time(state, row.fno, forward_flop(c),
       [&] { benchmark::DoNotOptimize(predict(row.fno, row.u, row.team).values().data()); });
}

template <Case c>
struct Step {
  decltype(model<c>()) fno = model<c>();
  decltype(functions<c>(2)) u = functions<c>(2), target = functions<c>(3);
  Workspace workspace;
  Adam<decltype(model<c>())> adam{fno, {.learning_rate = 1e-4}};
  explicit Step(int threads) : workspace(threads) {}
};
template <Case c>
void step(benchmark::State& state) {
  static Kept<Step<c>> kept;
  auto& row = kept.get(state);
  const auto loss = [](const auto& m, const auto& input, const auto& output) {
    return relative_error<L2>(m(input), output);
  };
  time(state, row.fno, 3.0 * forward_flop(c), [&] {
    const auto result = value_and_gradient(row.workspace, loss, row.fno, row.u, row.target);
    row.adam.step(row.fno, result.gradient);
  });
}

#define ROW(row) BENCHMARK(row)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime()
ROW(forward<fno_1d>);
ROW(step<fno_1d>);
ROW(forward<fno_1d_mlp>);
ROW(step<fno_1d_mlp>);
ROW(forward<fno_2d_64>);
ROW(step<fno_2d_64>);
ROW(forward<fno_2d_64_mlp>);
ROW(step<fno_2d_64_mlp>);
ROW(forward<fno_2d_128>);
ROW(step<fno_2d_128>);
#undef ROW

}  // namespace
