// A step of a physics-informed network: the Burgers residual u_t + u u_x - nu u_xx at random points, squared
// and integrated, with its gradient by all parameters; tanh networks of 8 layers of 20 units and 4 of 64, in
// float and double, on one and two threads. benchmarks/peers/pinn_step.py runs it beside PyTorch.
//
// The floor: 10 F flop a point at the rate of a large matrix product (F of a forward pass of the network; four
// derivatives forward, and two products each for the three that go back, since u_t and u_xx go back as one),
// one tanh a unit, and 4 x 4 values a unit moved through second-level cache; all three measured in this run. A
// column is the memory that a step needed.
#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/part.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

#include <time.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <array>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "support/floor.hpp"
#include "support/peak.hpp"

using namespace fredholm;

namespace {

using Points = Discretization<PointCloud<2>, MonteCarlo>;

/// On one thread processor time, so that others on the machine count as little as may be; on two, time by the
/// clock.
double seconds_of(const auto& work, int threads = 1) {
  if (threads > 1) return support::seconds(work);
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

template <class Scalar>
struct Rates {
  double flop = 0.0, tanh = 0.0, bytes = 0.0;  // a second
};

/// The best of several.
template <class Scalar>
const Rates<Scalar>& rates() {
  static const Rates<Scalar> best = [] {
    constexpr Index n = 1024, few = 2048, cached = 64 * 1024;
    Engine engine(1);
    const auto a = normal_array<Scalar>({n, n}, 1.0, engine);
    Array<Scalar> c(Shape{n, n});
    Rates<Scalar> result;
    for (int i = 0; i < 8; ++i) {
      const double product = seconds_of(
          [&] { linalg::multiply<Scalar>({a.data(), n, n}, {a.data(), n, n}, {c.mutable_data(), n, n}); });
      result.flop = std::max(result.flop, 2.0 * n * n * n / product);
      const double tanh = seconds_of([&] {
        for (int k = 0; k < 200; ++k) {
          for (Index j = 0; j < few; j += simd::lanes<Scalar>)
            simd::store(c.mutable_data() + j,
                        simd::tanh<Scalar>(simd::load<simd::Vector<Scalar>>(a.data() + j)));
        }
      });
      result.tanh = std::max(result.tanh, 200.0 * few / tanh);
      const double copy = seconds_of([&] {
        for (int k = 0; k < 200; ++k) {
          std::memcpy(c.mutable_data(), a.data(), cached * sizeof(Scalar));
          benchmark::ClobberMemory();
        }
      });
      result.bytes = std::max(result.bytes, 400.0 * cached * sizeof(Scalar) / copy);
    }
    std::printf("%s: product %.0f Gflop/s, tanh %.2f ns, second-level cache %.0f GB/s\n",
                sizeof(Scalar) == 4 ? "float" : "double", result.flop * 1e-9, 1e9 / result.tanh,
                result.bytes * 1e-9);
    return result;
  }();
  return best;
}

template <class Scalar>
void step(benchmark::State& state, Index depth, Index width, Index count, int threads) {
  const Rates<Scalar>& rate = rates<Scalar>();
  std::vector<Index> widths(static_cast<std::size_t>(depth) + 2, width);
  widths.front() = 2, widths.back() = 1;
  Engine engine(1);
  const auto net = make_mlp<Tanh, Scalar>(widths, engine);
  std::uniform_real_distribution<double> even(0.0, 1.0);
  std::vector<std::array<double, 2>> places(static_cast<std::size_t>(count));
  for (auto& place : places) place = {2 * even(engine) - 1, even(engine)};
  const Points points(PointCloud<2>({{-1.0, 1.0}, {0.0, 1.0}}, places));
  const double nu = 0.01 / std::numbers::pi;
  const auto loss = [nu](const auto& model, const auto& d) {
    const auto u = derivatives<Dt, Dx, Dxx>(model, d);
    return integrate(square(u[Dt{}] + u.value() * u[Dx{}] - nu * u[Dxx{}]));
  };
  Workspace workspace(threads);
#if defined(__GLIBC__)
  malloc_trim(0);  // or the step would find memory of the last row
#endif
  const double before = support::held_mib();
  support::forget_peak();
  benchmark::DoNotOptimize(value_and_gradient(workspace, loss, net, points).value);
  const double memory = support::peak_mib() - before;
  double best = 1e9;
  for (auto _ : state) {
    best = std::min(
        best,
        seconds_of([&] { benchmark::DoNotOptimize(value_and_gradient(workspace, loss, net, points).value); },
                   threads));
  }
  double products = 0.0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l)
    products += 2.0 * static_cast<double>(widths[l] * widths[l + 1]);
  const double units = static_cast<double>(depth * width), n = static_cast<double>(count);
  const double floor =
      n * (10.0 * products / rate.flop + units / rate.tanh + units * 16.0 * sizeof(Scalar) / rate.bytes) /
      threads;
  state.counters["best_ms"] = 1e3 * best;
  state.counters["floor_ms"] = 1e3 * floor;
  state.counters["over_floor"] = best / floor;
  state.counters["MiB"] = memory;
}

template <class Scalar>
void add_rows(const std::string& scalar) {
  for (const Index width : {20, 64}) {
    for (const Index count : {10000, 500}) {
      for (const int threads : {1, 2}) {
        const Index depth = width == 20 ? 8 : 4;
        benchmark::RegisterBenchmark(
            (scalar + "/" + std::to_string(depth) + "x" + std::to_string(width) + "/" +
             std::to_string(count) + "/" + std::to_string(threads))
                .c_str(),
            [=](benchmark::State& state) { step<Scalar>(state, depth, width, count, threads); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
      }
    }
  }
}

const bool added = (add_rows<float>("float"), add_rows<double>("double"), true);

}  // namespace
