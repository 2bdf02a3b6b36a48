// The three ways of a transform along an axis (transform/axis_transform.hpp): matrix, folded matrix, FFTW's sums. One sample
// of 64 channels, float, one thread, from n points to K modes of a real Fourier axis (2 K rows) and back.
//
//   transform/matrix/n/K    transform/folded/n/K    transform/sums/n/K
//
// Where the sums become quicker than the folded matrix is what `fast_sums_pay` says.
#include <fredholm/fredholm.hpp>

#include "support/floor.hpp"

using namespace fredholm;
using fredholm::detail::Way;

namespace {

template <Way way>
void transform(benchmark::State& state) {
  constexpr Index channels = 64;
  const Index n = state.range(0), modes = state.range(1);
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, n});
  const detail::Spectrum<1> kept{{modes}, {}};
  const auto there = detail::axis_transform<float, Fourier>(d, 0, kept, true, true, way);
  const auto back = detail::axis_transform<float, Fourier>(d, 0, kept, true, false, way);
  Engine engine(1);
  auto u = normal_array<float>({n, channels}, 1.0, engine);
  Array<float> c(Shape{2 * modes, channels});
  const auto work = [&] {
    there.apply(u.data(), c.mutable_data(), channels, false, false);
    back.apply(c.data(), u.mutable_data(), channels, true, false);
    benchmark::DoNotOptimize(u.data());
  };
  work();
  for (auto _ : state) work();
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Unit(benchmark::kMicrosecond);
  for (const Index n : {64, 256, 1024, 4096}) {
    for (Index k : {8, 12, 16, 24}) b->Args({n, k});
    for (Index k = 32; k <= n / 2; k *= 2) b->Args({n, k});
  }
}
BENCHMARK(transform<Way::matrix>)->Name("transform/matrix")->Apply(sizes);
BENCHMARK(transform<Way::folded>)->Name("transform/folded")->Apply(sizes);
BENCHMARK(transform<Way::sums>)->Name("transform/sums")->Apply(sizes);

}  // namespace
