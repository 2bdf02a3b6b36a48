// Softmax attention and attention pooling: the forward against a double loop, the adjoint against
// differences.
#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/autodiff/ops/attention_pool.hpp>
#include <fredholm/core/random.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace fredholm;

namespace {

struct Size {
  Index batch, queries, keys, heads, width;
};

/// Queries, keys, values; every third weight is zero and some are negative.
template <class T>
struct Example {
  std::array<Array<T>, 3> inputs;
  Array<T> weights;
  Array<T> seed;
  Index heads;

  explicit Example(Size size) : heads(size.heads) {
    Engine engine(7);
    const Index channels = size.heads * size.width;
    inputs[0] = normal_array<T>({size.batch, size.queries, channels}, 1.0, engine);
    inputs[1] = normal_array<T>({size.batch, size.keys, channels}, 1.0, engine);
    inputs[2] = normal_array<T>({size.batch, size.keys, channels}, 1.0, engine);
    seed = normal_array<T>({size.batch, size.queries, channels}, 1.0, engine);
    weights = Array<T>(Shape{size.keys});
    for (Index j = 0; j < size.keys; ++j) {
      const double sign = j % 3 == 2 ? 0.0 : (j % 40 == 7 ? -0.1 : 1.0);
      weights.mutable_data()[j] = static_cast<T>(sign * (0.2 + uniform(engine)));
    }
  }
  Array<T> operator()(const Array<T>& q, const Array<T>& k, const Array<T>& v) const {
    return attention(q, k, v, weights, heads);
  }
};

/// The formula, in double.
template <class T>
std::vector<double> naive(const Example<T>& problem) {
  const auto& [q, k, v] = problem.inputs;
  const Index width = q.shape(2) / problem.heads;
  std::vector<double> out;
  for (Index b = 0; b < q.shape(0); ++b) {
    for (Index i = 0; i < q.shape(1); ++i) {
      for (Index c = 0; c < q.shape(2); ++c) {
        const Index first = c / width * width;
        double sum = 0, denominator = 0;
        for (Index j = 0; j < k.shape(1); ++j) {
          double score = 0;
          for (Index d = first; d < first + width; ++d)
            score += static_cast<double>(q(b, i, d)) * static_cast<double>(k(b, j, d));
          const double p = static_cast<double>(problem.weights(j)) *
                           std::exp(score / std::sqrt(static_cast<double>(width)));
          denominator += p;
          sum += p * static_cast<double>(v(b, j, c));
        }
        out.push_back(sum / denominator);
      }
    }
  }
  return out;
}

double dot(const Array<double>& a, const Array<double>& b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) sum += a.data()[i] * b.data()[i];
  return sum;
}

/// The adjoints of `inputs` under out' = seed.
template <std::size_t N, class Function>
std::array<Array<double>, N> adjoints(const std::array<Array<double>, N>& inputs, const Array<double>& seed,
                                      Function function) {
  std::array<Array<double>, N> result;
  std::vector<void*> leaves;
  for (std::size_t i = 0; i < N; ++i) {
    result[i] = Array<double>::zeros(inputs[i].shape());
    leaves.push_back(result[i].mutable_data());
  }
  Tape tape;
  tape.begin(leaves);
  std::array<Array<double>, N> x;
  for (std::size_t i = 0; i < N; ++i) x[i] = inputs[i].on_tape({tape.run, static_cast<Index>(i)});
  const detail::Activation active(tape);
  tape.backward(std::apply(function, x), seed.data());
  return result;
}

/// Compares each adjoint with the central difference along a direction.
template <std::size_t N, class Function>
void check_adjoints(const std::array<Array<double>, N>& inputs, const Array<double>& seed,
                    Function function) {
  const auto gradient = adjoints(inputs, seed, function);
  Engine engine(11);
  for (std::size_t i = 0; i < N; ++i) {
    CAPTURE(i);
    const auto direction = normal_array<double>(inputs[i].shape(), 1.0, engine);
    const auto value = [&](double step) {
      auto x = inputs;
      double* moved = x[i].mutable_data();
      for (Index j = 0; j < direction.size(); ++j) moved[j] += step * direction.data()[j];
      return dot(std::apply(function, x), seed);
    };
    const double h = 1e-4;
    const double difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
    const double size = std::sqrt(dot(direction, direction) * dot(gradient[i], gradient[i]));
    CHECK(std::abs(dot(gradient[i], direction) - difference) <= 1e-9 * (1 + size));
  }
}

// Around the sizes of the tiles: four registers of queries or keys, blocks of 96 keys and of 72 queries, one of either alone.
const std::vector<Size> sizes{{2, 5, 7, 3, 1},     {1, 33, 70, 2, 3},  {2, 17, 96, 1, 8},  {1, 8, 97, 2, 16},
                              {1, 1, 1, 1, 40},    {2, 20, 65, 4, 8},  {1, 3, 200, 1, 40}, {1, 65, 13, 1, 1},
                              {1, 16, 193, 2, 5},  {3, 31, 2, 1, 16},  {1, 73, 33, 2, 4},  {2, 145, 65, 1, 3},
                              {1, 2305, 65, 1, 1}, {1, 129, 129, 1, 2}};

template <class T>
void check_forward(double tolerance) {
  for (const Size& size : sizes) {
    CAPTURE(size.queries);
    CAPTURE(size.keys);
    CAPTURE(size.width);
    const Example<T> problem(size);
    const auto out = std::apply(problem, problem.inputs);
    const auto expected = naive(problem);
    CHECK(out.shape() == problem.inputs[0].shape());
    double error = 0;
    for (Index i = 0; i < out.size(); ++i) {
      const double reference = expected[static_cast<std::size_t>(i)];
      error = std::max(error,
                       std::abs(static_cast<double>(out.data()[i]) - reference) / (1 + std::abs(reference)));
    }
    CHECK(error < tolerance);
  }
}

}  // namespace

TEST_CASE("attention is the ratio of two sums") {
  check_forward<double>(1e-13);
  check_forward<float>(5e-5);
}

TEST_CASE("the adjoint of attention") {
  for (const Size& size : sizes) {
    CAPTURE(size.queries);
    CAPTURE(size.keys);
    CAPTURE(size.width);
    const Example<double> problem(size);
    check_adjoints(problem.inputs, problem.seed, problem);
  }
}

TEST_CASE("one array as query, key and value") {
  for (const Index n : {19, 65}) {
    const Example<double> problem({2, n, n, 2, 4});
    check_adjoints(std::array{problem.inputs[0]}, problem.seed,
                   [&](const Array<double>& x) { return problem(x, x, x); });
    check_adjoints(std::array{problem.inputs[0], problem.inputs[1]}, problem.seed,
                   [&](const Array<double>& x, const Array<double>& y) { return problem(x, y, y); });
  }
}

TEST_CASE("no queries: nothing comes back to the keys") {
  const Example<double> problem({1, 0, 5, 1, 2});
  for (const auto& adjoint : adjoints(problem.inputs, problem.seed, problem))
    CHECK(dot(adjoint, adjoint) == 0);
  CHECK(attention(Array<double>(Shape{0, 3, 2}), problem.inputs[1], problem.inputs[2], problem.weights, 1)
            .shape() == Shape{0, 3, 2});
}

TEST_CASE("scores of any size: the largest takes all, in float as well") {
  Engine engine(3);
  for (const float size : {1e3F, 1e5F, 1e9F}) {
    for (const Index m : {1, 5, 65}) {
      auto q = normal_array<float>({1, m, 3}, 1.0, engine), k = normal_array<float>({1, 65, 3}, 1.0, engine);
      for (Index i = 0; i < q.size(); ++i) q.mutable_data()[i] *= size;
      const auto v = normal_array<float>({1, 65, 3}, 1.0, engine);
      const auto out = attention(q, k, v, Array<float>({65}, std::vector<float>(65, 0.1F)), 1);
      for (Index i = 0; i < out.size(); ++i)
        CHECK(std::abs(out.data()[i]) < 10);  // a mean of values; NaN fails
    }
  }
}

TEST_CASE("large scores neither overflow nor lose the weights") {
  // Scores of +-900: the key that agrees with the query takes all.
  const Array<double> q({1, 2, 1}, {30.0, -30.0}), k({1, 3, 1}, {30.0, -30.0, 0.0}),
      v({1, 3, 1}, {1.0, 2.0, 4.0});
  const auto out = attention(q, k, v, Array<double>({3}, {0.5, 2.0, 1.0}), 1);
  CHECK(out(0, 0, 0) == 1.0);
  CHECK(out(0, 1, 0) == 2.0);
  // All scores alike, however large: the mean under the weights. The last block alone has the largest score.
  Example<double> problem({1, 1, 200, 1, 1});
  problem.weights = Array<double>::full({200}, 1.0);
  problem.inputs[0] = Array<double>::full({1, 1, 1}, 1.0);
  for (Index j = 0; j < 200; ++j) problem.inputs[1].mutable_data()[j] = j < 198 ? -1e6 : 1e3;
  const auto& v2 = problem.inputs[2];
  CHECK(std::apply(problem, problem.inputs)(0, 0, 0) ==
        doctest::Approx((v2(0, 198, 0) + v2(0, 199, 0)) / 2).epsilon(1e-15));
}

TEST_CASE("a point of weight zero is not there, however large its value and its score") {
  Example<double> problem({1, 9, 5, 1, 3});
  problem.weights = Array<double>({5}, {1.0, 0.5, 0.0, 2.0, 0.0});
  const auto expected = std::apply(problem, problem.inputs);
  const auto gradient = adjoints(problem.inputs, problem.seed, problem);
  for (Index c = 0; c < 3; ++c) {
    problem.inputs[1].mutable_data()[2 * 3 + c] = 1e4;
    problem.inputs[2].mutable_data()[2 * 3 + c] = 1e6;
  }
  const auto out = std::apply(problem, problem.inputs);
  for (Index i = 0; i < out.size(); ++i) CHECK(out.data()[i] == expected.data()[i]);
  const auto same = adjoints(problem.inputs, problem.seed, problem);
  for (std::size_t k = 0; k < 3; ++k)
    for (Index i = 0; i < same[k].size(); ++i) CHECK(same[k].data()[i] == gradient[k].data()[i]);
}

TEST_CASE("weights in any unit") {
  Example<double> problem({1, 9, 33, 1, 3});
  const auto expected = std::apply(problem, problem.inputs);
  for (Index j = 0; j < 33; ++j) problem.weights.mutable_data()[j] *= 1e-6;
  const auto out = std::apply(problem, problem.inputs);
  for (Index i = 0; i < out.size(); ++i)
    CHECK(out.data()[i] == doctest::Approx(expected.data()[i]).epsilon(1e-12));
}

TEST_CASE("what cannot be is an error") {
  const auto x = Array<double>::full({1, 4, 2}, 1.0);
  CHECK_THROWS_AS(attention(x, x, x, Array<double>({4}, {1.0, -1.0, 2.0, -2.0}), 1), std::invalid_argument);
  CHECK_THROWS_AS(attention(x, x, x, Array<double>::zeros({4}), 1), std::invalid_argument);
  CHECK_THROWS_AS(attention(x, x, x, Array<double>::full({3}, 1.0), 1), std::invalid_argument);
  CHECK_THROWS_AS(attention(x, x, x, Array<double>::full({4}, 1.0), 3), std::invalid_argument);
  CHECK_THROWS_AS(attention(x, x, Array<double>::zeros({1, 5, 2}), Array<double>::full({4}, 1.0), 1),
                  std::invalid_argument);
  CHECK_THROWS_AS(attention_pool(x, x, Array<double>({4}, {1.0, -1.0, 2.0, -2.0})), std::invalid_argument);
}

TEST_CASE("attention pooling") {
  Engine engine(3);
  const std::array inputs{normal_array<double>({2, 7, 2}, 1.0, engine),
                          normal_array<double>({2, 7, 6}, 1.0, engine)};
  const Array<double> weights({7}, {1.0, 0.5, 0.0, 2.0, -0.1, 1.0, 1.0});
  const auto pool = [&](const Array<double>& score, const Array<double>& value) {
    return attention_pool(score, value, weights);
  };
  const auto out = std::apply(pool, inputs);
  for (Index b = 0; b < 2; ++b) {
    for (Index c = 0; c < 6; ++c) {
      double sum = 0, denominator = 0;
      for (Index j = 0; j < 7; ++j) {
        const double p = weights(j) * std::exp(inputs[0](b, j, c / 3));
        denominator += p, sum += p * inputs[1](b, j, c);
      }
      CHECK(out(b, c) == doctest::Approx(sum / denominator).epsilon(1e-13));
    }
  }
  check_adjoints(inputs, normal_array<double>({2, 6}, 1.0, engine), pool);
}

TEST_CASE("a point of weight zero is not there, however large its score") {
  const Array<float> q({1, 1, 1}, std::vector<float>{1.0F}), k({1, 2, 1}, std::vector<float>{100.0F, 0.0F});
  const Array<float> v({1, 2, 1}, std::vector<float>{7.0F, 3.0F}), w({2}, std::vector<float>{0.0F, 1.0F});
  CHECK(attention(q, k, v, w, 1)(0, 0, 0) == 3.0F);
  CHECK(attention_pool(k, v, w)(0, 0) == 3.0F);
}

TEST_CASE("scores that are not numbers give outputs that are not, and no word about the rule") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array<double> x({1, 2, 1}, std::vector<double>{nan, 1.0}), w = Array<double>::full({2}, 1.0);
  CHECK(std::isnan(attention(x, x, x, w, 1)(0, 1, 0)));
  CHECK(std::isnan(attention_pool(x, x, w)(0, 0)));
}
