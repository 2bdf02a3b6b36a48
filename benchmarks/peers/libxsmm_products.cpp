// The products of layers by our panels and by libxsmm, float, one thread, Gflop/s of processor time (best of five).
//
//   apt-get install libxsmm-dev
//   g++ -std=c++20 -O3 -march=native -I ../../include -I /usr/include/eigen3 libxsmm_products.cpp -lxsmm -lxsmmnoblas -lpthread -ldl -lm
//
// (rows, columns, depth): channels at the points of a sample, modes from points, folded modes of a second axis.
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/random.hpp>

#include <libxsmm.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

using namespace fredholm;

namespace {

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double rate(double flop, const auto& work) {
  const int repetitions = static_cast<int>(2e9 / flop) + 1;
  double best = 0.0;
  for (int turn = 0; turn < 5; ++turn) {
    const double begin = processor_seconds();
    for (int i = 0; i < repetitions; ++i) work();
    best = std::max(best, flop * repetitions / (processor_seconds() - begin) * 1e-9);
  }
  return best;
}

void compare(Index rows, Index columns, Index depth) {
  Engine engine(1);
  const auto a = normal_array<float>({rows, depth}, 1.0, engine),
             b = normal_array<float>({depth, columns}, 1.0, engine);
  Array<float> ours(Shape{rows, columns}), theirs(Shape{rows, columns});
  // Its matrices are column-major: C^T = B^T A^T.
  const float zero = 0.0F;
  const int overwrite = LIBXSMM_GEMM_FLAG_BETA_0;
  const auto kernel =
      libxsmm_smmdispatch(static_cast<int>(columns), static_cast<int>(rows), static_cast<int>(depth), nullptr,
                          nullptr, nullptr, nullptr, &zero, &overwrite, nullptr);
  const double flop = 2.0 * static_cast<double>(rows * columns * depth);
  const double our_rate = rate(flop, [&] {
    linalg::multiply<float>({a.data(), rows, depth}, {b.data(), depth, columns},
                            {ours.mutable_data(), rows, columns});
  });
  const double their_rate =
      kernel == nullptr ? 0.0 : rate(flop, [&] { kernel(b.data(), a.data(), theirs.mutable_data()); });
  float gap = 0.0F;
  for (Index i = 0; i < ours.size(); ++i) gap = std::max(gap, std::abs(ours.data()[i] - theirs.data()[i]));
  std::printf("%5ld x %3ld x %4ld   ours %3.0f   libxsmm %3.0f   largest difference %.1e\n",
              static_cast<long>(rows), static_cast<long>(columns), static_cast<long>(depth), our_rate,
              their_rate, static_cast<double>(gap));
}

}  // namespace

int main() {
  libxsmm_init();
  compare(4096, 32, 32);
  compare(1300, 32, 64);
  compare(1024, 64, 64);
  compare(32, 64, 1024);
  compare(12, 768, 33);
  compare(13, 32, 33);
}
