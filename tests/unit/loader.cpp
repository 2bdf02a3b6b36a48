// The loader: every sample once an epoch, pairs kept together, the same order for the same seed.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/train/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Trapezoid>;

/// Sample b has the values 100 b, 100 b + 1, ...
template <class T>
Array<T> numbered(Shape shape) {
  Array<T> result(shape);
  const Index length = shape.count() / shape[0];
  for (Index i = 0; i < result.size(); ++i)
    result.mutable_data()[i] = static_cast<T>(100 * (i / length) + i % length);
  return result;
}

auto field_loader(LoaderOptions options, Index samples = 23) {
  const Line in({0.0, 1.0, 5});
  const Line out({0.0, 1.0, 3});
  return Loader(Field(in, numbered<double>({samples, 5, 2})), Field(out, numbered<double>({samples, 3, 1})),
                options);
}

template <class AnyLoader>
std::vector<Index> epoch_of(AnyLoader& loader) {
  std::vector<Index> seen;
  for (const auto& batch : loader) {
    const Array<double> input = batch.input.values();
    const Array<double> output = batch.output.values();
    CHECK(input.shape(0) == output.shape(0));
    for (Index b = 0; b < input.shape(0); ++b) {
      const double first = input(b, 0, 0);
      CHECK(input(b, 4, 1) == first + 9);
      CHECK(output(b, 0, 0) == first);
      CHECK(output(b, 2, 0) == first + 2);
      seen.push_back(static_cast<Index>(first / 100));
    }
  }
  return seen;
}

}  // namespace

TEST_CASE("every sample once an epoch, with its partner") {
  auto loader = field_loader({.batch = 5, .seed = 3});
  CHECK(loader.size() == 5);
  std::vector<Index> all(23);
  std::iota(all.begin(), all.end(), Index{0});
  auto first = epoch_of(loader);
  auto second = epoch_of(loader);
  CHECK(first != second);
  CHECK(first != all);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  CHECK(first == all);
  CHECK(second == all);
}

TEST_CASE("the order follows from the seed and the epoch") {
  auto a = field_loader({.batch = 4, .seed = 3});
  auto b = field_loader({.batch = 4, .seed = 3});
  auto c = field_loader({.batch = 4, .seed = 4});
  const auto first = epoch_of(a);
  CHECK(first == epoch_of(b));
  CHECK(first != epoch_of(c));
  const auto second = epoch_of(a);
  auto later = field_loader({.batch = 7, .seed = 3});
  later.set_epoch(1);
  CHECK(second == epoch_of(later));
  CHECK(later.epoch() == 2);
}

TEST_CASE("the shuffle is ours: the same on every machine") {
  Engine engine(5489);  // the default seed, of which the 10000th number is in the standard
  std::vector<Index> expected{0, 1, 2, 3, 4};
  Engine same(5489);
  for (std::uint64_t left = 5; left > 1; --left) std::swap(expected[left - 1], expected[same() % left]);
  CHECK(random_permutation(5, engine) == expected);
  CHECK(random_permutation(0, engine).empty());
  CHECK(random_permutation(1, engine) == std::vector<Index>{0});
}

TEST_CASE("the shuffle favours no place") {
  Engine engine(1);
  std::vector<int> counts(9, 0);
  for (int trial = 0; trial < 9000; ++trial) {
    const auto order = random_permutation(3, engine);
    for (std::size_t i = 0; i < 3; ++i) ++counts[3 * i + static_cast<std::size_t>(order[i])];
  }
  for (int count : counts) CHECK(std::abs(count - 3000) < 250);  // 5 standard deviations
}

TEST_CASE("without a shuffle, in order; the last batch is smaller") {
  auto loader = field_loader({.batch = 10, .shuffle = false});
  std::vector<Index> sizes;
  for (const auto& batch : loader) sizes.push_back(batch.input.batch());
  CHECK(sizes == std::vector<Index>{10, 10, 3});
  std::vector<Index> all(23);
  std::iota(all.begin(), all.end(), Index{0});
  CHECK(epoch_of(loader) == all);
  auto whole = field_loader({.batch = 100});
  CHECK(whole.size() == 1);
  CHECK(epoch_of(whole).size() == 23);
}

TEST_CASE("arrays, float, and batches that are kept") {
  Loader loader(numbered<float>({6, 2}), numbered<double>({6}), {.batch = 2, .shuffle = false});
  std::vector<Array<float>> kept;
  for (const auto& batch : loader) kept.push_back(batch.input);
  CHECK(kept[0](1, 1) == 101.0F);  // not overwritten by the batches after it
  CHECK(kept[2](0, 0) == 400.0F);
}

TEST_CASE("two loops over one loader at a time") {
  auto loader = field_loader({.batch = 23, .seed = 1});
  auto one = loader.begin();
  const double before = one->input.values()(0, 0, 0);
  auto two = loader.begin();
  CHECK(one->input.values()(0, 0, 0) == before);
  CHECK(two->input.batch() == 23);
}

TEST_CASE("what makes no sense is refused") {
  using Options = LoaderOptions;
  CHECK_THROWS_AS(Loader(numbered<double>({6, 2}), numbered<double>({5})), std::invalid_argument);
  CHECK_THROWS_AS(Loader(numbered<double>({6, 2}), numbered<double>({6}), Options{.batch = 0}),
                  std::invalid_argument);
}
