// The floor of the machine, measured in the same run: the rate of a large matrix product on one core and the
// bandwidth beyond the cache. A benchmark says how many operations and bytes it cannot do without, and its
// row shows how many times longer than that it took.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fredholm/core/linalg.hpp>
#include <fredholm/core/random.hpp>

namespace support {

inline double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Floor {
  double flops = 0.0;  // a second, one core, float
  double bytes = 0.0;  // a second, read and written
};

/// The best of five, so that a noisy neighbour does not lower the floor.
inline const Floor& machine() {
  static const Floor floor = [] {
    using namespace fredholm;
    constexpr Index n = 1024;
    Engine engine(1);
    const Array<float> a = normal_array<float>({n, n}, 1.0, engine);
    Array<float> c(Shape{n, n});
    std::vector<char> from(std::size_t{256} << 20, 1);
    std::vector<char> to(from.size());
    Floor best;
    for (int i = 0; i < 5; ++i) {
      const double product = seconds(
          [&] { linalg::multiply<float>({a.data(), n, n}, {a.data(), n, n}, {c.mutable_data(), n, n}); });
      best.flops = std::max(best.flops, 2.0 * n * n * n / product);
      const double copy = seconds([&] { std::memcpy(to.data(), from.data(), from.size()); });
      best.bytes = std::max(best.bytes, 2.0 * static_cast<double>(from.size()) / copy);
    }
    std::printf(
        "machine: product of 1024 x 1024 matrices, float, one core: %.0f Gflop/s; bandwidth: %.1f GB/s\n",
        best.flops * 1e-9, best.bytes * 1e-9);
    return best;
  }();
  return floor;
}

/// Counters of a row: the floor in milliseconds for this much work on `threads` cores, and the time over the
/// floor.
inline void compare(benchmark::State& state, double flop, double byte, double elapsed, int threads = 1) {
  const double floor = std::max(flop / (machine().flops * threads), byte / machine().bytes);
  state.counters["floor_ms"] = 1e3 * floor;
  state.counters["Gflop/s"] = flop * static_cast<double>(state.iterations()) / elapsed * 1e-9;
  state.counters["over_floor"] = elapsed / static_cast<double>(state.iterations()) / floor;
}

}  // namespace support
