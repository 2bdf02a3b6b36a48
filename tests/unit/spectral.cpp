// Spectral convolutions against multipliers that are known.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;

template <class A, class B>
double gap(const A& a, const B& b) {
  REQUIRE(a.values().size() == b.values().size());
  double largest = 0;
  for (Index i = 0; i < a.values().size(); ++i)
    largest = std::max(largest, std::abs(a.values().data()[i] - b.values().data()[i]));
  return largest;
}

/// The layer with the multiplier m(k) on one channel.
template <class F>
SpectralConvolution<1> multiplier(Index modes, F m) {
  Array<double> weight({2, modes, 1, 1});
  for (Index k = 0; k < modes; ++k) {
    const std::complex<double> value = m(static_cast<double>(k));
    weight.mutable_data()[k] = value.real();
    weight.mutable_data()[modes + k] = value.imag();
  }
  return {Parameter<std::complex<double>>(weight)};
}
template <class F>
SpectralConvolution<2> multiplier_2d(Index modes, F m) {
  Array<double> weight({2, 2 * modes, modes, 1, 1});
  for (Index k = 0; k < 2 * modes; ++k) {
    for (Index l = 0; l < modes; ++l) {
      const std::complex<double> value = m(static_cast<double>(k - modes), static_cast<double>(l));
      weight.mutable_data()[k * modes + l] = value.real();
      weight.mutable_data()[2 * modes * modes + k * modes + l] = value.imag();
    }
  }
  return {Parameter<std::complex<double>>(weight)};
}

double wave(double x) { return 1.5 + std::cos(2 * pi * x) - 2 * std::sin(6 * pi * x); }

}  // namespace

TEST_CASE("one dimension: the derivative, a shift and the heat equation") {
  for (Index n : {16, 17, 64}) {
    const Circle d({0.0, 1.0, n});
    const auto u = sample(wave, d);
    const auto derived = multiplier(5, [](double k) { return std::complex<double>(0, 2 * pi * k); })(u);
    CHECK(gap(derived,
              sample([](double x) { return -2 * pi * std::sin(2 * pi * x) - 12 * pi * std::cos(6 * pi * x); },
                     d)) < 1e-12);
    const auto shifted = multiplier(5, [](double k) { return std::polar(1.0, 2 * pi * k * 0.3); })(u);
    CHECK(gap(shifted, sample([](double x) { return wave(x + 0.3); }, d)) < 1e-13);
    const auto heated = multiplier(5, [](double k) { return std::exp(-0.01 * k * k); })(u);
    CHECK(gap(heated, sample(
                          [](double x) {
                            return 1.5 + std::exp(-0.01) * std::cos(2 * pi * x) -
                                   2 * std::exp(-0.09) * std::sin(6 * pi * x);
                          },
                          d)) < 1e-13);
  }
}

TEST_CASE("two dimensions: frequencies of both signs") {
  const auto f = [](double x, double y) {
    return 0.5 + std::sin(2 * pi * (2 * x - y)) + std::cos(2 * pi * (x / 1 + 3 * y)) +
           std::cos(2 * pi * 2 * x);
  };
  for (Index n : {12, 13}) {
    const Torus d({{0.0, 1.0, n}, {0.0, 1.0, n + 3}});
    const auto u = sample(f, d);
    const auto same = multiplier_2d(4, [](double, double) { return 1.0; })(u);
    CHECK(gap(same, u) < 1e-13);
    const auto derived =
        multiplier_2d(4, [](double k, double l) { return std::complex<double>(0, 2 * pi * (k + 2 * l)); })(u);
    CHECK(gap(derived, derivative<0>(u) + 2 * derivative<1>(u)) < 1e-11);
    const auto shifted =
        multiplier_2d(4, [](double k, double l) { return std::polar(1.0, 2 * pi * (k * 0.2 + l * 0.1)); })(u);
    CHECK(gap(shifted, sample([&](double x, double y) { return f(x + 0.2, y + 0.1); }, d)) < 1e-13);
    const auto heated =
        multiplier_2d(4, [](double k, double l) { return std::exp(-0.05 * (k * k + l * l)); })(u);
    CHECK(gap(heated, sample(
                          [](double x, double y) {
                            return 0.5 + std::exp(-0.25) * std::sin(2 * pi * (2 * x - y)) +
                                   std::exp(-0.5) * std::cos(2 * pi * (x + 3 * y)) +
                                   std::exp(-0.2) * std::cos(4 * pi * x);
                          },
                          d)) < 1e-13);
  }
}

TEST_CASE("a domain of another length and place") {
  const Circle d({-2.0, 1.0, 20});
  const auto f = [](double x) { return std::cos(2 * pi * (x + 2) / 3); };
  const auto u = sample(f, d);
  CHECK(gap(multiplier(3, [](double) { return 1.0; })(u), u) < 1e-14);
  CHECK(gap(multiplier(3, [](double k) { return std::complex<double>(0, 2 * pi * k / 3); })(u),
            derivative<0>(u)) < 1e-13);
}

TEST_CASE("modes that a grid cannot tell apart are left out") {
  // On 8 points frequencies up to 3 are told apart; a wave of frequency 4 is left out and nothing is doubled.
  const Circle coarse({0.0, 1.0, 8});
  const auto identity = multiplier(16, [](double) { return 1.0; });
  const auto u = sample(wave, coarse);
  CHECK(gap(identity(u), u) < 1e-14);
  const auto nyquist = sample([](double x) { return std::cos(8 * pi * x); }, coarse);
  CHECK(gap(identity(nyquist), 0.0 * nyquist) < 1e-14);
  CHECK(gap(identity(sample(wave, Circle({0.0, 1.0, 9}))), sample(wave, Circle({0.0, 1.0, 9}))) < 1e-14);
  const Torus torus({{0.0, 1.0, 8}, {0.0, 1.0, 9}});
  const auto f = [](double x, double y) {
    return 1 + std::sin(2 * pi * (3 * x - 4 * y)) + std::cos(2 * pi * x);
  };
  const auto v = sample(f, torus);
  CHECK(gap(multiplier_2d(10, [](double, double) { return 1.0; })(v), v) < 1e-13);
}

TEST_CASE("grids with both ends have a point less on the circle") {
  // cos of the highest frequency that is told apart passes, that of the next one is left out and not doubled.
  for (Index n : {5, 8, 9, 65}) {
    const Discretization<UniformGrid<>, Trapezoid> closed({0.0, 1.0, n});
    const auto identity = multiplier(n, [](double) { return 1.0; });
    const auto cosine = [&](Index k) {
      return sample([k](double x) { return std::cos(2 * pi * static_cast<double>(k) * x); }, closed);
    };
    const Index nyquist = (n - 1) / 2;
    CHECK(gap(identity(cosine(nyquist - 1)), cosine(nyquist - 1)) < 1e-12);
    if (n % 2 == 1) CHECK(gap(identity(cosine(nyquist)), 0.0 * cosine(nyquist)) < 1e-12);
    const SpectralConvolution<1, Cosine> half{Parameter<double>(Array<double>::full({n, 1, 1}, 1.0)), {}};
    const auto wave_of = [&](Index k) {
      return sample([k](double x) { return std::cos(pi * static_cast<double>(k) * x); }, closed);
    };
    CHECK(gap(half(wave_of(n - 2)), wave_of(n - 2)) < 1e-12);
    CHECK(gap(half(wave_of(n - 1)), 0.0 * wave_of(n - 1)) < 1e-12);
  }
}

TEST_CASE("and so they are where the weights are given") {
  const Circle circle({0.0, 1.0, 8});
  const Discretization<PeriodicGrid<>, Given> given({0.0, 1.0, 8}, Given{circle.weights()});
  const auto identity = multiplier(16, [](double) { return 1.0; });
  CHECK(gap(identity(sample(wave, given)), sample(wave, circle)) < 1e-14);
  using Grid = ProductGrid<PeriodicGrid<>, PeriodicGrid<>>;
  const Torus torus({{0.0, 1.0, 8}, {0.0, 1.0, 9}});
  const Discretization<Grid, Given> given_torus(torus.grid(), Given{torus.weights()});
  const auto f = [](double x, double y) { return std::exp(std::sin(2 * pi * x) + y); };
  const auto all = multiplier_2d(10, [](double, double) { return 1.0; });
  CHECK(gap(all(sample(f, given_torus)), all(sample(f, torus))) < 1e-13);
}

TEST_CASE("modes beyond those kept are dropped") {
  const Circle d({0.0, 1.0, 32});
  const auto u = sample(wave, d);
  const auto low = multiplier(2, [](double) { return 1.0; })(u);
  CHECK(gap(low, sample([](double x) { return 1.5 + std::cos(2 * pi * x); }, d)) < 1e-14);
}

TEST_CASE_TEMPLATE("a cloud, and weights that are given, agree with the axes", Basis, Fourier, Sine, Cosine,
                   Legendre) {
  Engine engine(3);
  const auto one = make_spectral<1, Basis, double>(2, 3, 4, engine);
  const Discretization<LegendreGrid<>, GaussLegendre> line({-1.0, 2.0, 20});
  const auto f = [](double x) { return std::array{std::exp(x), std::sin(3 * x)}; };
  const Discretization<LegendreGrid<>, Given> given({-1.0, 2.0, 20}, Given{line.weights()});
  std::vector<std::array<double, 1>> points;
  for (double x : line.points()) points.push_back({x});
  const Discretization<PointCloud<1>, Given> cloud(PointCloud<1>(line.box(), points), Given{line.weights()});
  const auto u = one(sample(f, line));
  CHECK(gap(one(sample(f, given)), u) < 1e-13);
  CHECK(gap(one(sample(f, cloud)), u) < 1e-13);

  const auto two = make_spectral<2, Basis, double>(2, 3, 3, engine);
  using Grid = ProductGrid<UniformGrid<>, LegendreGrid<>>;
  const Grid grid({0.0, 1.0, 9}, {0.0, 2.0, 8});
  const Discretization<Grid, ProductRule<Simpson, GaussLegendre>> plane(grid);
  const auto g = [](double x, double y) { return std::array{std::exp(x - y), std::sin(3 * x + y)}; };
  const Discretization<Grid, Given> plane_given(grid, Given{plane.weights()});
  const auto v = two(sample(g, plane));
  CHECK(gap(two(sample(g, plane_given)), v) < 1e-13);
  std::vector<std::array<double, 2>> pairs;
  for (std::size_t i = 0; i < plane.points().size(); i += 2)
    pairs.push_back({plane.points()[i], plane.points()[i + 1]});
  const Discretization<PointCloud<2>, Given> cloud_2d(PointCloud<2>(plane.box(), pairs),
                                                      Given{plane.weights()});
  CHECK(gap(two(sample(g, cloud_2d)), v) < 1e-13);
}

TEST_CASE("three dimensions agree with a cloud, and frequencies of all signs are kept") {
  Engine engine(3);
  using Grid = ProductGrid<PeriodicGrid<>, PeriodicGrid<>, PeriodicGrid<>>;
  const Grid grid({0.0, 1.0, 7}, {0.0, 1.0, 8}, {0.0, 1.0, 9});
  const Discretization<Grid, Trapezoid> d(grid);
  const Discretization<Grid, Given> given(grid, Given{d.weights()});
  const auto f = [](double x, double y, double z) {
    return std::sin(2 * pi * (x - 2 * y + z)) + std::exp(std::cos(2 * pi * (x + y - z)));
  };
  const auto layer = make_spectral<3, Fourier, double>(1, 2, 3, engine);
  CHECK(gap(layer(sample(f, d)), layer(sample(f, given))) < 1e-13);
}

TEST_CASE("a field of the wrong width is refused with the numbers") {
  Engine engine(3);
  const auto layer = make_spectral<1, Fourier, double>(2, 3, 4, engine);
  CHECK_THROWS_AS(layer(sample(wave, Circle({0.0, 1.0, 16}))), std::invalid_argument);
}
