// Softmax attention on tiles beside the same without, both ways, and beside double.
#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace fredholm;

#if FREDHOLM_AMX

namespace {

struct Size {
  Index samples_q, samples_k, queries, keys, heads, width;
};

/// Output and adjoints of q, k and v, with everything under them filled.
struct Result {
  std::array<std::vector<double>, 4> values;
};

template <class T>
struct Problem {
  Array<T> q, k, v, weights, seed;
  Index heads;
};

Problem<float> example(const Size& size, bool negative, bool zero) {
  Engine engine(5);
  const Index channels = size.heads * size.width, batch = std::max(size.samples_q, size.samples_k);
  Problem<float> result{normal_array<float>({size.samples_q, size.queries, channels}, 1.0, engine),
                        normal_array<float>({size.samples_k, size.keys, channels}, 1.0, engine),
                        normal_array<float>({size.samples_k, size.keys, channels}, 1.0, engine),
                        Array<float>(Shape{size.keys}),
                        normal_array<float>({batch, size.queries, channels}, 1.0, engine),
                        size.heads};
  for (Index j = 0; j < size.keys; ++j) {
    const double sign = zero && j % 5 == 2 ? 0.0 : (negative && j % 40 == 7 ? -0.1 : 1.0);
    result.weights.mutable_data()[j] = static_cast<float>(sign * (0.2 + uniform(engine)));
  }
  return result;
}

template <class T>
Result run(const Problem<T>& problem) {
  std::array<Array<T>, 3> x{problem.q, problem.k, problem.v}, adjoint;
  std::vector<void*> leaves;
  for (std::size_t i = 0; i < 3; ++i) {
    adjoint[i] = Array<T>::zeros(x[i].shape());
    leaves.push_back(adjoint[i].mutable_data());
  }
  Tape tape;
  tape.begin(leaves);
  for (std::size_t i = 0; i < 3; ++i) x[i] = x[i].on_tape({tape.run, static_cast<Index>(i)});
  const detail::Activation active(tape);
  const auto out = attention(x[0], x[1], x[2], problem.weights, problem.heads);
  tape.backward(out, problem.seed.data());
  Result result;
  const auto list = [](const Array<T>& a) { return std::vector<double>(a.data(), a.data() + a.size()); };
  result.values = {list(out), list(adjoint[0]), list(adjoint[1]), list(adjoint[2])};
  return result;
}

Result run_without_tiles(const Problem<float>& problem) {
  struct Without {
    Without() { simd::detail::tiles_wanted = false; }
    ~Without() { simd::detail::tiles_wanted = true; }
  } const without;
  return run(problem);
}

Result run_in_double(const Problem<float>& x) {
  const auto in_double = [](const Array<float>& a) {
    Array<double> result(a.shape());
    std::copy_n(a.data(), a.size(), result.mutable_data());
    return result;
  };
  return run(Problem<double>{in_double(x.q), in_double(x.k), in_double(x.v), in_double(x.weights),
                             in_double(x.seed), x.heads});
}

/// The root of the mean square of the difference.
double error(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

constexpr Index least = detail::AttentionSizes<float>::least_on_tiles;
const std::vector<Size> sizes{{1, 1, least, least, 1, 32},
                              {2, 2, least + 1, least + 5, 2, 16},
                              {1, 3, least + 17, least + 31, 1, 24},
                              {3, 1, least + 33, least + 1, 1, 40},
                              {1, 1, least, 1100, 1, 32},
                              {1, 1, least + 7, 560, 1, 70},
                              {1, 1, 1056, least, 3, 17}};

}  // namespace

TEST_CASE("attention on tiles is as accurate as without, both ways") {
  if (!simd::tiles_allowed()) return;
  for (const Size& size : sizes) {
    for (const bool negative : {false, true}) {
      CAPTURE(size.queries);
      CAPTURE(size.keys);
      CAPTURE(size.width);
      CAPTURE(negative);
      const auto problem = example(size, negative, negative);
      REQUIRE(detail::AttentionSizes<float>(problem.q, problem.k, problem.weights, problem.heads).on_tiles);
      const Result with = run(problem), without = run_without_tiles(problem), exact = run_in_double(problem);
      for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        CHECK(error(with.values[i], exact.values[i]) <= 1.2 * error(without.values[i], exact.values[i]));
      }
    }
  }
}

TEST_CASE("scores of any size on tiles: the largest takes all, and nothing is lost on the way back") {
  if (!simd::tiles_allowed()) return;
  for (const float size : {1e3F, 1e5F, 1e9F, 1e12F}) {
    auto problem = example({1, 1, least, least + 9, 1, 32}, false, true);
    for (Index i = 0; i < problem.q.size(); ++i) problem.q.mutable_data()[i] *= size;
    const Result result = run(problem);
    for (const double value : result.values[0]) CHECK(std::abs(value) < 10);
    for (const double value : result.values[3]) CHECK(std::abs(value) < 1e4);
    for (std::size_t i = 1; i < 3; ++i) {
      for (const double value : result.values[i]) CHECK(std::isfinite(value));
    }
  }
}

TEST_CASE("a point of weight zero is not there on tiles, however large its score") {
  if (!simd::tiles_allowed()) return;
  auto problem = example({1, 1, least, least, 1, 32}, false, true);
  const Result expected = run(problem);
  for (Index j = 0; j < least; ++j) {
    if (problem.weights(j) != 0.0F) continue;
    for (Index c = 0; c < 32; ++c) {
      problem.k.mutable_data()[32 * j + c] = 1e4F;
      problem.v.mutable_data()[32 * j + c] = 1e6F;
    }
  }
  const Result result = run(problem);
  CHECK(result.values[0] == expected.values[0]);
  CHECK(result.values[1] == expected.values[1]);
}

TEST_CASE("weights that cancel are an error on tiles, too") {
  if (!simd::tiles_allowed()) return;
  auto problem = example({1, 1, least, 2 * least, 1, 32}, false, false);
  std::fill_n(problem.k.mutable_data(), problem.k.size(), 1.0F);
  for (Index j = 0; j < 2 * least; ++j) problem.weights.mutable_data()[j] = j % 2 == 0 ? 1.0F : -1.0F;
  CHECK_THROWS_AS(run(problem), std::invalid_argument);
  std::fill_n(problem.weights.mutable_data(), 2 * least, 0.0F);
  CHECK_THROWS_AS(run(problem), std::invalid_argument);
}

TEST_CASE("what is not finite stays so on tiles, where it is so without") {
  if (!simd::tiles_allowed()) return;
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    for (const int which : {0, 1, 2}) {
      auto problem = example({1, 1, least, least, 1, 32}, false, false);
      auto& array = which == 0 ? problem.q : which == 1 ? problem.k : problem.v;
      array.mutable_data()[32 * 5 + 3] = bad;
      const Result with = run(problem), without = run_without_tiles(problem);
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t at = 0; at < with.values[i].size(); ++at) {
          if (!std::isfinite(without.values[i][at])) REQUIRE(!std::isfinite(with.values[i][at]));
        }
      }
    }
  }
}

TEST_CASE("scores of one query that overflow give no numbers there, and numbers elsewhere") {
  if (!simd::tiles_allowed()) return;
  auto problem = example({1, 1, least, least, 1, 32}, false, false);
  std::fill_n(problem.k.mutable_data(), problem.k.size(), -1e20F);
  std::fill_n(problem.q.mutable_data() + 32 * 5, 32, 1e20F);
  const Result with = run(problem), without = run_without_tiles(problem);
  for (std::size_t at = 0; at < with.values[0].size(); ++at) {
    REQUIRE(std::isnan(without.values[0][at]) == (at / 32 == 5));
    REQUIRE(std::isnan(with.values[0][at]) == (at / 32 == 5));
  }
}

TEST_CASE("weights far from 1 change nothing") {
  if (!simd::tiles_allowed()) return;
  auto problem = example({1, 1, least, least + 33, 2, 16}, true, true);
  const Result one = run(problem);
  for (const float factor : {0x1p-110F, 0x1p100F}) {
    auto scaled = problem;
    scaled.weights = Array<float>(Shape{problem.weights.size()});
    for (Index j = 0; j < problem.weights.size(); ++j)
      scaled.weights.mutable_data()[j] = factor * problem.weights.data()[j];
    CHECK(run(scaled).values == one.values);
  }
}

TEST_CASE("on tiles queries, keys and values may be one array, and one alone may be on the tape") {
  if (!simd::tiles_allowed()) return;
  const auto problem = example({2, 2, least + 33, least + 33, 2, 17}, false, false);
  const auto gradient = [&](bool q, bool k, bool v) {
    Array<float> x = problem.q, adjoint = Array<float>::zeros(x.shape());
    std::vector<void*> leaves{adjoint.mutable_data()};
    Tape tape;
    tape.begin(leaves);
    const Array<float> fixed = problem.q;
    x = x.on_tape({tape.run, 0});
    const detail::Activation active(tape);
    const auto out = attention(q ? x : fixed, k ? x : fixed, v ? x : fixed, problem.weights, problem.heads);
    tape.backward(out, problem.seed.data());
    return adjoint;
  };
  const auto all = gradient(true, true, true), q = gradient(true, false, false),
             k = gradient(false, true, false), v = gradient(false, false, true);
  for (Index i = 0; i < all.size(); ++i)
    REQUIRE(all.data()[i] == doctest::Approx(q.data()[i] + k.data()[i] + v.data()[i]).epsilon(1e-4));
}

#endif
