// The layers that act at each point, by hand.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

using namespace fredholm;
using Line = Discretization<UniformGrid<>, Trapezoid>;

namespace {

Parameter<double> parameter(Shape shape, std::vector<double> values) {
  return Parameter<double>(Array<double>(shape, std::move(values)));
}

}  // namespace

TEST_CASE("Linear: v = u W + b") {
  const Linear<> layer{parameter({2, 3}, {1, 2, 3, 4, 5, 6}), parameter({3}, {10, 20, 30})};
  const auto v = layer(sample([](double x) { return std::array{x, 1.0}; }, Line({0.0, 1.0, 3})));
  CHECK(v.channels() == 3);
  CHECK(v.array()(0, 2, 0) == 15.0);
  CHECK(v.array()(0, 1, 1) == 26.0);
  CHECK(v.array()(0, 0, 2) == 36.0);
  const Array<double> row = layer(Array<double>({2}, {1.0, -1.0}));
  CHECK(row(0) == 7.0);
  CHECK_THROWS_AS(layer(sample([](double x) { return x; }, Line({0.0, 1.0, 3}))), std::invalid_argument);
  Engine engine(1);
  CHECK_THROWS_AS(make_linear(0, 3, engine), std::invalid_argument);
  const auto made = make_linear(100, 3, engine);
  for (Index i = 0; i < 300; ++i) CHECK(std::abs(made.weight.value().data()[i]) <= 0.1);
  CHECK(made.bias.value()(0) != 0.0);  // so that a normalization never meets the zero vector
}

TEST_CASE("Mlp: linear maps with an activation between, none at the end") {
  const Linear<> first{parameter({1, 2}, {1, -1}), parameter({2}, {0, 0.5})},
      last{parameter({2, 1}, {2, 3}), parameter({1}, {-7})};
  const Mlp<Tanh> mlp{{first, last}};
  const auto v = mlp(sample([](double x) { return x; }, Line({0.0, 1.0, 2})));
  CHECK(v.array()(0, 1, 0) == doctest::Approx(2 * std::tanh(1.0) + 3 * std::tanh(-0.5) - 7).epsilon(1e-15));
  CHECK_THROWS_AS(Mlp<Tanh>{}(v), std::invalid_argument);
  Engine engine(1);
  CHECK(make_mlp<Gelu>({3, 5, 7, 2}, engine).layers.size() == 3);
  CHECK_THROWS_AS(make_mlp<Gelu>({3}, engine), std::invalid_argument);
}

TEST_CASE("activations") {
  const Array<double> x({3}, {-1.0, 0.0, 2.0});
  CHECK(Gelu{}(x)(2) == doctest::Approx(2 * 0.5 * std::erfc(-2 / std::sqrt(2.0))).epsilon(1e-14));
  CHECK(Relu{}(x)(0) == 0.0);
  CHECK(Relu{}(x)(2) == 2.0);
  CHECK(Silu{}(x)(0) == doctest::Approx(-1 / (1 + std::exp(1.0))).epsilon(1e-14));
  CHECK(Sin{}(x)(2) == doctest::Approx(std::sin(2.0)).epsilon(1e-15));
  CHECK(Tanh{}(x)(1) == 0.0);
}

namespace {

/// More values than are computed at a time, up to where all is 0 or 1.
template <class T>
void check_gelu() {
  std::vector<T> x{T{-1e4}, T{1e4}};
  for (int i = 0; i < 515; ++i) x.push_back(static_cast<T>(40 * (i - 257) / 515.0));
  const auto n = static_cast<Index>(x.size());
  std::vector<T> y(x.size()), slope(x.size());
  detail::GeluOf::apply(x.data(), n, y.data(), slope.data());
  const double tolerance = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = static_cast<double>(x[i]), cdf = std::erfc(-at / std::numbers::sqrt2) / 2;
    const double density = std::exp(-at * at / 2) / std::sqrt(2 * std::numbers::pi);
    CAPTURE(at);
    CHECK(std::abs(static_cast<double>(y[i]) - at * cdf) <= tolerance * std::max(1.0, std::abs(at)));
    CHECK(std::abs(static_cast<double>(slope[i]) - (cdf + at * density)) <= tolerance);
  }
  detail::GeluOf::apply<T>(x.data(), n, x.data(), nullptr);  // in its place, without the slope
  CHECK(x == y);
}

}  // namespace

TEST_CASE("gelu and its slope") {
  check_gelu<float>();
  check_gelu<double>();
}

TEST_CASE("LayerNorm and MeasureNorm") {
  const auto u = sample([](double x) { return std::array{x, 2 * x + 1, -x, 4.0}; }, Line({0.0, 1.0, 5}));
  const auto v = make_layer_norm(4)(u);
  for (std::size_t j = 0; j < 5; ++j) {
    double mean = 0, square = 0;
    for (std::size_t c = 0; c < 4; ++c)
      mean += v.array()(0, j, c) / 4, square += v.array()(0, j, c) * v.array()(0, j, c) / 4;
    CHECK(std::abs(mean) < 1e-14);
    CHECK(square == doctest::Approx(1).epsilon(1e-4));
  }
  // x on (0, 1) has mean 1/2 and variance 1/12.
  const Discretization<LegendreGrid<>, GaussLegendre> d({0.0, 1.0, 6});
  auto norm = make_measure_norm(1);
  norm.epsilon = 0;
  norm.shift.set(Array<double>::full({1}, 3.0));
  const auto w = norm(sample([](double x) { return x; }, d));
  for (std::size_t j = 0; j < 6; ++j)
    CHECK(w.array()(0, j, 0) == doctest::Approx(3 + (d.points()[j] - 0.5) * std::sqrt(12.0)).epsilon(1e-13));
}

TEST_CASE("embeddings are told where points are, in physical coordinates") {
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> d(
      {{0.0, 2.0, 3}, {-1.0, 1.0, 5}});
  const auto u = sample([](double x, double y) { return x * y; }, d);
  const auto v = CoordinateEmbedding{}(u);
  CHECK(v.channels() == 3);
  CHECK(v.array()(0, 1, 3, 1) == 1.0);
  CHECK(v.array()(0, 1, 3, 2) == 0.5);
  const auto features = make_fourier_features<2>(2, 2.0);
  const auto w = features(u);
  CHECK(w.channels() == 1 + 8);
  CHECK(w.array()(0, 1, 3, 1) == doctest::Approx(std::cos(2 * std::numbers::pi * 0.25 * 1.0)));
  CHECK(w.array()(0, 1, 3, 3) == doctest::Approx(std::cos(2 * std::numbers::pi * 0.25 * 0.5)));
  CHECK(w.array()(0, 1, 3, 7) == doctest::Approx(std::sin(2 * std::numbers::pi * 0.25 * 0.5)));
}
