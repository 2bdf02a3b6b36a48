// Normalizers: statistics of functions, not of grids.
#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <vector>

using namespace fredholm;

namespace {

const std::vector<std::function<std::array<double, 2>(double)>> functions{
    [](double x) { return std::array{std::exp(x), 3.0}; },
    [](double x) { return std::array{2 - x * x, 3.0}; }};

}  // namespace

TEST_CASE("mean and deviation are integrals, the same on every grid") {
  // mean of e^x and 2 - x^2 over [0, 1], and of their squares
  const double e = std::exp(1.0);
  const double mean = ((e - 1) + (2 - 1.0 / 3)) / 2;
  const double square = ((e * e - 1) / 2 + (4 - 4.0 / 3 + 1.0 / 5)) / 2;
  const auto gauss = sample(functions, Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 20}));
  const auto normalizer = make_normalizer(gauss);
  CHECK(normalizer.mean.value()(0) == doctest::Approx(mean).epsilon(1e-14));
  CHECK(normalizer.deviation.value()(0) == doctest::Approx(std::sqrt(square - mean * mean)).epsilon(1e-13));
  CHECK(normalizer.mean.value()(1) == doctest::Approx(3.0).epsilon(1e-14));
  CHECK(normalizer.deviation.value()(1) == 1.0);  // not the round-off of a constant
  const auto fine =
      make_normalizer(sample(functions, Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 129})));
  CHECK(fine.mean.value()(0) == doctest::Approx(mean).epsilon(1e-9));
  // Negative control: counting points that are denser at the ends has another mean.
  const auto counted =
      make_normalizer(sample(functions, Discretization<ChebyshevGrid<>, Counting>({0.0, 1.0, 129})));
  CHECK(std::abs(counted.mean.value()(0) - mean) > 1e-3);
}

TEST_CASE("what follows the input is the model's: points as they are, a field normalized") {
  using Line = Discretization<UniformGrid<>, Simpson>;
  const Line d({0.0, 1.0, 17}), finer({0.0, 1.0, 33});
  const auto u = sample([](double x) { return 5.0 + std::cos(x); }, d);
  Engine engine(1);
  const auto model =
      normalized(make_transformer<1>({.channels = 8, .heads = 2, .depth = 1}, engine), u, 3.0 * u);
  const auto there = model(u, finer);
  const auto by_hand = model.output.inverse(model.model(model.input(u), finer));
  const auto known = model(u, resample(u, finer));
  const auto here = model(u);
  for (Index j = 0; j < 33; ++j) {
    CHECK(there.values()(0, j, 0) == by_hand.values()(0, j, 0));
    CHECK(known.values()(0, j, 0) == doctest::Approx(there.values()(0, j, 0)).epsilon(1e-9));
    if (j % 2 == 0)
      CHECK(there.values()(0, j, 0) == doctest::Approx(here.values()(0, j / 2, 0)).epsilon(1e-9));
  }
}

TEST_CASE("there and back, with a constant channel, in a model that is saved") {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 17});
  const auto u = sample(functions, d);
  const auto normalizer = make_normalizer(u);
  const auto back = normalizer.inverse(normalizer(u));
  for (Index i = 0; i < u.values().size(); ++i)
    CHECK(back.values().data()[i] == doctest::Approx(u.values().data()[i]).epsilon(1e-14));
  Engine engine(1);
  auto model =
      normalized(make_fno<1>({.in = 2, .out = 2, .channels = 4, .modes = 3, .depth = 1}, engine), u, u);
  const auto file = std::filesystem::temp_directory_path() / "fredholm_normalizer.safetensors";
  save(model, file);
  auto other =
      normalized(make_fno<1>({.in = 2, .out = 2, .channels = 4, .modes = 3, .depth = 1}, engine), 2.0 * u, u);
  load(other, file);
  CHECK(other(u).values()(1, 3, 0) == model(u).values()(1, 3, 0));
  std::filesystem::remove(file);
  CHECK(count_parameters(model) == count_parameters(model.model));  // statistics are not trained
  CHECK_THROWS_AS(normalizer(sample([](double x) { return x; }, d)), std::invalid_argument);
}
