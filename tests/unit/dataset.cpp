// Data sets: the same for any number of threads, and sample by sample.
#include <fredholm/data/dataset.hpp>

#include <fredholm/data/darcy.hpp>
#include <fredholm/data/random_field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

using namespace fredholm;

namespace {

using Square = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid>;

auto make(Index count, GenerateOptions options, int threads) {
  const Square d({{0.0, 1.0, 9}, {0.0, 1.0, 9}}), fine({{0.0, 1.0, 17}, {0.0, 1.0, 17}});
  Team team(threads);
  return generate(
      count,
      [&](Index, Engine& engine) {
        const auto f = random_fields<2>(1, {.modes = 8, .drop_mean = true}, engine);
        Team alone(1);
        const auto u = darcy(two_valued(sample(f, fine)), 1.0, alone);
        return std::pair(two_valued(sample(f, d)), resample(u, d));
      },
      options, team);
}

template <class T>
bool equal(const Array<T>& a, const Array<T>& b) {
  return a.shape() == b.shape() && std::equal(a.data(), a.data() + a.size(), b.data());
}

}  // namespace

TEST_CASE("threads do not matter, and a sample is its number and the seed") {
  const GenerateOptions options{.seed = 5, .progress = {.quiet = true}};
  const auto all = make(12, options, 1), again = make(12, options, 3);
  CHECK(all.input.values().shape() == Shape{12, 9, 9, 1});
  CHECK(equal(all.input.values(), again.input.values()));
  CHECK(equal(all.output.values(), again.output.values()));
  const auto tail = make(4, {.seed = 5, .first = 8, .progress = {.quiet = true}}, 2);
  CHECK(equal(slice_batch(all.input, 8, 4).values(), tail.input.values()));
  const auto other = make(12, {.seed = 6, .progress = {.quiet = true}}, 1);
  CHECK_FALSE(equal(all.output.values(), other.output.values()));
  CHECK_FALSE(equal(slice_batch(all.output, 0, 1).values(), slice_batch(all.output, 1, 1).values()));
}

TEST_CASE("arrays, progress, and an error of a sample") {
  std::ostringstream out;
  Team team(2);
  const auto data = generate(
      3,
      [](Index i, Engine&) {
        return Batch<Array<float>, Array<double>>{Array<float>::full({1, 2}, static_cast<float>(i)),
                                                  Array<double>::full({1}, 1.0)};
      },
      {.first = 4, .progress = {.label = "made", .out = out}}, team);
  CHECK(data.input.shape() == Shape{3, 2});
  CHECK(data.input(2, 1) == 6.0F);
  CHECK(out.str().find("made 100% 3/3") != std::string::npos);
  const auto fails = [](Index i, Engine&) -> std::pair<Array<float>, Array<float>> {
    throw std::runtime_error("sample " + std::to_string(i));
  };
  CHECK_THROWS_WITH_AS(generate(5, fails, {.progress = {.quiet = true}}, team), "sample 0",
                       std::runtime_error);
  CHECK_THROWS_AS(generate(0, fails), std::invalid_argument);
}

TEST_CASE("the engine of a sample is the same everywhere") {
  Engine a = sample_engine(1, 2), b = sample_engine(1, 2), c = sample_engine(2, 1),
         d = sample_engine(1, Index{2} << 32);
  const auto first = a();
  CHECK(first == b());
  CHECK(first != c());
  CHECK(first != d());
}
