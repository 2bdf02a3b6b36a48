// The three ways of a transform along an axis (transform/axis_transform.hpp): matrix, folded matrix, FFTW's sums. One sample
// of 64 channels, float, one thread, from n points to K modes of a real Fourier axis (2 K rows) and back.
//
//   transform/matrix/n/K    transform/folded/n/K    transform/sums/n/K
//   cosine/folded/n/K       cosine/sums/n/K          K cosines on n + 1 points with both ends
//
// Where the sums become quicker than the folded matrix is what `fast_sums_pay` says: an even n is folded twice, an odd
// one and the cosines once.
#include <fredholm/fredholm.hpp>

#include "support/floor.hpp"

using namespace fredholm;
using fredholm::detail::Way;

namespace {

template <Way way, class Basis, class D>
void there_and_back(benchmark::State& state, const D& d) {
  constexpr Index channels = 64;
  const detail::Spectrum<1> kept{{state.range(1)}, {}};
  const auto there = detail::axis_transform<float, Basis>(d, 0, kept, true, true, way);
  const auto back = detail::axis_transform<float, Basis>(d, 0, kept, true, false, way);
  Engine engine(1);
  auto u = normal_array<float>({d.size(), channels}, 1.0, engine);
  Array<float> c(Shape{there.rows(), channels});
  const auto work = [&] {
    there.apply(u.data(), c.mutable_data(), channels, false, false);
    back.apply(c.data(), u.mutable_data(), channels, true, false);
    benchmark::DoNotOptimize(u.data());
  };
  work();
  for (auto _ : state) work();
}
template <Way way>
void transform(benchmark::State& state) {
  there_and_back<way, Fourier>(state, Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, state.range(0)}));
}
template <Way way>
void cosine(benchmark::State& state) {
  there_and_back<way, Cosine>(state,
                              Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, state.range(0) + 1}));
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Unit(benchmark::kMicrosecond);
  for (const Index n : {64, 256, 1024, 4096}) {
    for (Index k : {8, 12, 16, 24}) b->Args({n, k});
    for (Index k = 32; k <= n / 2; k *= 2) b->Args({n, k});
  }
  for (const Index k : {64, 128, 192, 256, 384}) b->Args({1125, k});  // an odd number that FFTW is quick at
}
void cosine_sizes(benchmark::internal::Benchmark* b) {
  b->Unit(benchmark::kMicrosecond);
  for (const Index k : {128, 256, 512, 768, 1024}) b->Args({1024, k});
}
BENCHMARK(transform<Way::matrix>)->Name("transform/matrix")->Apply(sizes);
BENCHMARK(transform<Way::folded>)->Name("transform/folded")->Apply(sizes);
BENCHMARK(transform<Way::sums>)->Name("transform/sums")->Apply(sizes);
BENCHMARK(cosine<Way::folded>)->Name("cosine/folded")->Apply(cosine_sizes);
BENCHMARK(cosine<Way::sums>)->Name("cosine/sums")->Apply(cosine_sizes);

}  // namespace
