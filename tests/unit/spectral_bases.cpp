// Mixed bases, Chebyshev, padding, other discretizations for the output, Parseval; and two ways to get it wrong.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws.hpp>

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
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;

template <class A, class B>
double gap(const A& a, const B& b) {
  REQUIRE(a.values().size() == b.values().size());
  double largest = 0;
  for (Index i = 0; i < a.values().size(); ++i)
    largest = std::max(largest, std::abs(a.values().data()[i] - b.values().data()[i]));
  return largest;
}

/// The layer that multiplies mode (k of axis 0, l of axis 1) by m(k, l), on one channel.
template <class Layer, class F>
Layer two_dimensional(Index rows, Index columns, F m) {
  Array<double> weight(Layer::complex ? Shape{2, rows, columns, 1, 1} : Shape{rows, columns, 1, 1});
  for (Index k = 0; k < rows; ++k) {
    for (Index l = 0; l < columns; ++l) {
      const std::complex<double> value = m(k, l);
      weight.mutable_data()[k * columns + l] = value.real();
      if (Layer::complex) weight.mutable_data()[(rows + k) * columns + l] = value.imag();
    }
  }
  return {decltype(Layer::weight)(weight), {}};
}

struct Identity {
  template <class Values>
  Values operator()(const Values& u) const {
    return u;
  }
};
struct Squared {
  template <class Values>
  Values operator()(const Values& u) const {
    return square(u);
  }
};

}  // namespace

TEST_CASE("the template arguments are told apart by their kind") {
  static_assert(std::is_same_v<SpectralConvolution<1>, SpectralConvolution<1, Fourier, double>>);
  static_assert(std::is_same_v<SpectralConvolution<2, float>, SpectralConvolution<2, Fourier, float>>);
  static_assert(std::is_same_v<SpectralConvolution<2, Fourier, Sine, float>,
                               SpectralConvolution<2, ProductBasis<Fourier, Sine>, float>>);
  static_assert(std::is_same_v<Fno<2, Fourier, Sine, float>, Fno<2, ProductBasis<Fourier, Sine>, float>>);
  static_assert(std::is_same_v<Fno<1, Dealiased<Gelu, 2>>, Fno<1, Fourier, Dealiased<Gelu, 2>, double>>);
  static_assert(!std::is_same_v<Fno<1, Dealiased<Gelu, 2>>, Fno<1>>);
  CHECK(SpectralConvolution<3, Fourier, Fourier, Sine>::half == 1);
  CHECK(SpectralConvolution<2, Sine>::half == -1);
}

TEST_CASE("a channel: periodic along x, zero at the walls y") {
  // The heat equation for e^{2 pi i k x} sin(l pi y): each mode decays by exp(-t ((2 pi k)^2 + (l pi)^2)).
  using Grid = ProductGrid<PeriodicGrid<>, LegendreGrid<>>;
  const Discretization<Grid, ProductRule<Trapezoid, GaussLegendre>> d(Grid({0.0, 1.0, 13}, {0.0, 1.0, 24}));
  const double t = 0.003;
  const auto decay = [t](double k, double l) { return std::exp(-t * pi * pi * (4 * k * k + l * l)); };
  const auto layer = two_dimensional<SpectralConvolution<2, Fourier, Sine>>(
      4, 5, [&](Index k, Index l) { return decay(static_cast<double>(k), static_cast<double>(l + 1)); });
  const auto f = [](double x, double y) {
    return std::cos(2 * pi * 3 * x + 0.4) * std::sin(2 * pi * y) +
           std::sin(2 * pi * x) * std::sin(5 * pi * y);
  };
  const auto after = [&](double x, double y) {
    return decay(3, 2) * std::cos(2 * pi * 3 * x + 0.4) * std::sin(2 * pi * y) +
           decay(1, 5) * std::sin(2 * pi * x) * std::sin(5 * pi * y);
  };
  CHECK(gap(layer(sample(f, d)), sample(after, d)) < 1e-13);

  // The other way round, the half axis comes last and the real one first.
  using Turned = ProductGrid<LegendreGrid<>, PeriodicGrid<>>;
  const Discretization<Turned, ProductRule<GaussLegendre, Trapezoid>> e(
      Turned({0.0, 1.0, 24}, {0.0, 1.0, 13}));
  const auto turned = two_dimensional<SpectralConvolution<2, Sine, Fourier>>(
      5, 4, [&](Index l, Index k) { return decay(static_cast<double>(k), static_cast<double>(l + 1)); });
  CHECK(gap(turned(sample([&](double y, double x) { return f(x, y); }, e)),
            sample([&](double y, double x) { return after(x, y); }, e)) < 1e-13);
}

TEST_CASE("three axes, two of them periodic, agree with one matrix over all points") {
  using Grid = ProductGrid<PeriodicGrid<>, PeriodicGrid<>, LegendreGrid<>>;
  const Grid grid({0.0, 1.0, 7}, {0.0, 2.0, 8}, {-1.0, 1.0, 6});
  const Discretization<Grid, ProductRule<Trapezoid, Trapezoid, GaussLegendre>> d(grid);
  const Discretization<Grid, Given> given(grid, Given{d.weights()});
  const auto f = [](double x, double y, double z) {
    return std::sin(2 * pi * (x - y) + z) + std::exp(std::cos(2 * pi * x + pi * y) * z);
  };
  Engine engine(5);
  const auto mixed = make_spectral<3, Fourier, Fourier, Chebyshev>(1, 2, {2, 3, 4}, engine);
  CHECK(mixed.weight.shape() == Shape{4, 3, 4, 1, 2});
  CHECK(gap(mixed(sample(f, d)), mixed(sample(f, given))) < 1e-13);
}

TEST_CASE("three axes of three bases, too, the periodic one first") {
  using Grid = ProductGrid<PeriodicGrid<>, LegendreGrid<>, UniformGrid<>>;
  const Grid grid({0.0, 1.0, 7}, {0.0, 2.0, 6}, {-1.0, 1.0, 8});
  const Discretization<Grid, ProductRule<Trapezoid, GaussLegendre, Trapezoid>> d(grid);
  const Discretization<Grid, Given> given(grid, Given{d.weights()});
  const auto f = [](double x, double y, double z) { return std::sin(2 * pi * x + y * z) + std::exp(z) * y; };
  Engine engine(5);
  const auto layer = make_spectral<3, Fourier, Chebyshev, Sine>(1, 2, {2, 3, 4}, engine);
  CHECK(gap(layer(sample(f, d)), layer(sample(f, given))) < 1e-13);
}

TEST_CASE("Chebyshev keeps polynomials, and is the projection that Legendre is") {
  const Gauss d({-1.0, 2.0, 20});
  Array<double> ones = Array<double>::full({8, 1, 1}, 1.0);
  const SpectralConvolution<1, Chebyshev> chebyshev{Parameter<double>(ones), {}};
  const SpectralConvolution<1, Legendre> legendre{Parameter<double>(ones), {}};
  const auto cubic = sample([](double x) { return 1 + x * x * (3 - x); }, d);
  CHECK(gap(chebyshev(cubic), cubic) < 1e-12);
  const auto u = sample([](double x) { return std::exp(std::sin(2 * x)); }, d);
  CHECK(gap(chebyshev(u), legendre(u)) < 1e-12);
  // its coefficients are those of T_k: x^2 = (T_0 + T_2) / 2 on [-1, 1]
  const Gauss unit({-1.0, 1.0, 12});
  const auto c = chebyshev.coefficients(sample([](double x) { return x * x; }, unit));
  for (Index k = 0; k < 8; ++k)
    CHECK(c(0, k, 0) == doctest::Approx(k == 0 || k == 2 ? 0.5 : 0.0).epsilon(1e-13));
  // on fewer points than modes the polynomials that they cannot tell apart are left out
  const auto coarse = sample([](double x) { return 1 + x; }, Gauss({-1.0, 2.0, 4}));
  CHECK(gap(chebyshev(coarse), coarse) < 1e-13);
}

TEST_CASE("Parseval: the mean of u^2 is the sum of |c_k|^2") {
  Engine engine(2);
  const auto layer = make_spectral<2, Fourier>(1, 1, {4, 5}, engine);
  const Torus d({{0.0, 1.0, 11}, {0.0, 3.0, 12}});
  const auto u = sample(
      [](double x, double y) {
        return 0.7 + std::cos(2 * pi * (2 * x - y / 3) + 0.2) + std::sin(2 * pi * (x + 4 * y / 3));
      },
      d);
  const auto c = layer.coefficients(u);  // (1, 8, 2 * 5, 1)
  double energy = 0;
  for (Index k = 0; k < 8; ++k) {
    for (Index l = 0; l < 5; ++l)
      energy += (l == 0 ? 1.0 : 2.0) * (std::pow(c(0, k, l, 0), 2) + std::pow(c(0, k, 5 + l, 0), 2));
  }
  CHECK(energy == doctest::Approx(integrate(u * u) / 3.0).epsilon(1e-13));
  const Gauss g({0.0, 2.0, 20});
  const auto v = sample([](double x) { return std::sin(pi * x) - 2 * std::sin(2 * pi * x); }, g);
  const auto s = make_spectral<1, Sine>(1, 1, 6, engine).coefficients(v);
  double sum = 0;
  for (Index k = 0; k < 6; ++k) sum += s(0, k, 0) * s(0, k, 0);
  CHECK(sum == doctest::Approx(integrate(v * v) / 2.0).epsilon(1e-13));
}

TEST_CASE("the output on another discretization is the same function") {
  Engine engine(2);
  const auto layer = make_spectral<2, Fourier>(1, 2, {3, 4}, engine);
  const auto f = [](double x, double y) { return std::exp(std::sin(2 * pi * x) + std::cos(2 * pi * y)); };
  const Torus coarse({{0.0, 1.0, 32}, {0.0, 1.0, 33}}), fine({{0.0, 1.0, 48}, {0.0, 1.0, 51}});
  CHECK(gap(layer(sample(f, coarse), fine), layer(sample(f, fine))) < 1e-13);
  CHECK(gap(layer(sample(f, coarse), fine), resample(layer(sample(f, coarse)), fine)) < 1e-13);
  const Torus elsewhere({{0.0, 2.0, 8}, {0.0, 1.0, 8}});
  CHECK_THROWS_AS(layer(sample(f, coarse), elsewhere), std::invalid_argument);
}

TEST_CASE("padding is a length: the same operator at every resolution, and the ends do not touch") {
  Engine engine(2);
  auto layer = make_spectral<1, Fourier>(1, 1, 6, engine);
  layer.padding = {0.25};
  const auto f = [](double x) { return std::exp(x); };  // not periodic
  using Line = Discretization<UniformGrid<>, Simpson>;
  const Gauss finest({0.0, 1.0, 64});
  const auto limit = layer(sample(f, finest));
  const auto error = [&](Index n) {
    const Line line({0.0, 1.0, n});
    return gap(layer(sample(f, line), finest), limit);
  };
  CHECK(std::log2(error(33) / error(65)) == doctest::Approx(4).epsilon(0.03));
  // It is the convolution of u, extended by zero, on the longer period.
  const Circle longer({0.0, 1.25, 20000});
  auto plain = layer;
  plain.padding = {};
  const auto extended = sample(
      [&](double x) {
        const bool at_jump =
            x < 1e-9 || std::abs(x - 1.0) < 1e-9;  // half of it, as the trapezoid rule has it
        return at_jump ? f(x) / 2 : x < 1.0 ? f(x) : 0.0;
      },
      longer);
  const auto direct = resample(plain(extended), std::vector<double>{0.1, 0.6, 0.9});
  const auto here = resample(layer(sample(f, Line({0.0, 1.0, 257}))), std::vector<double>{0.1, 0.6, 0.9});
  for (Index i = 0; i < 3; ++i) CHECK(std::abs(here(0, i, 0) - direct(0, i, 0)) < 1e-6);
  layer.padding = {0.1, 0.2};
  CHECK_THROWS_AS(layer(sample(f, finest)), std::invalid_argument);
}

TEST_CASE("negative controls: two ways in which spectra are resized wrongly") {
  // A wave of a negative frequency along x, sampled on 8 points and asked for on 16.
  const Torus coarse({{0.0, 1.0, 8}, {0.0, 1.0, 8}}), fine({{0.0, 1.0, 16}, {0.0, 1.0, 16}});
  const auto f = [](double x, double y) { return std::cos(2 * pi * (-2 * x + y)); };
  const auto all = two_dimensional<SpectralConvolution<2>>(6, 3, [](Index, Index) { return 1.0; });
  CHECK(gap(all(sample(f, coarse), fine), sample(f, fine)) < 1e-13);
  // 1. Zeros at the tail of the spectrum in the order 0 ... n/2, -n/2 ... -1: frequency -2 stays in row 6 of 16.
  const auto tail = [](Index n, Index row) { return row < n / 2 ? row : row - n; };
  CHECK(tail(8, 6) == -2);
  CHECK(tail(16, 6) == 6);
  const auto wrong = sample([&](double x, double y) { return std::cos(2 * pi * (6 * x + y)); }, fine);
  CHECK(gap(wrong, sample(f, fine)) > 1.0);
  // 2. Shifting back with the forward shift, by n / 2 places, is the identity for even n only.
  const auto there_and_back = [](Index n, Index row) { return (row + n / 2 + n / 2) % n; };
  CHECK(there_and_back(8, 6) == 6);
  CHECK(there_and_back(9, 7) != 7);
  for (Index n : {8, 9}) {  // ours, for both
    const Torus d({{0.0, 1.0, n}, {0.0, 1.0, n}});
    CHECK(gap(all(sample(f, d)), sample(f, d)) < 1e-13);
  }
}

TEST_CASE_TEMPLATE("a dealiased activation is the identity's neighbour and aliases less", Grid,
                   PeriodicGrid<>, LegendreGrid<>, ChebyshevGrid<>) {
  using Rule = std::conditional_t<
      family_of<Grid> == Family::periodic, Trapezoid,
      std::conditional_t<family_of<Grid> == Family::legendre, GaussLegendre, ClenshawCurtis>>;
  const Discretization<Grid, Rule> d({0.0, 1.0, 40});
  const auto u = sample([](double x) { return std::cos(2 * pi * x) + 0.5 * std::sin(4 * pi * x); }, d);
  CHECK(gap(Dealiased<Identity, 2>{}(u), u) < 1e-8);
  CHECK(gap(Dealiased<Squared, 2>{}(u), square(u)) < 1e-7);
}

namespace {

/// What an operator makes on n points against what it makes on 4n of the same function, in the band of n points: the
/// frequencies that came back as lower ones.
template <class Operator>
double aliasing(const Operator& op, Index n) {
  const auto wave = [](double x) { return 2 * std::cos(2 * pi * 2 * x) + std::sin(2 * pi * 3 * x + 0.3); };
  const Circle coarse({0.0, 1.0, n}), fine({0.0, 1.0, 4 * n});
  const SpectralConvolution<1> band{Parameter<std::complex<double>>([n] {
                                      Array<double> ones = Array<double>::zeros({2, (n + 1) / 2, 1, 1});
                                      for (Index k = 0; k < (n + 1) / 2; ++k) ones.mutable_data()[k] = 1.0;
                                      return ones;
                                    }()),
                                    {}};
  return distance<L2>(band(op(sample(wave, coarse))), band(op(sample(wave, fine)), coarse));
}

}  // namespace

TEST_CASE("what comes back as a lower frequency: ten times less through a dealiased activation") {
  CHECK(aliasing([](const auto& u) { return gelu(u); }, 24) >
        10 * aliasing([](const auto& u) { return Dealiased<Gelu, 4>{}(u); }, 24));
  // Untrained FNOs of the same weights: with one band for all grids the coarse one is the operator of the fine one.
  const FnoOptions options{.channels = 12, .modes = 6, .depth = 3, .position = Position::none};
  const auto weights = [] { return Engine(7); };
  Engine one = weights(), two = weights(), three = weights();
  const double plain = aliasing(make_fno<1>(options, one), 24);
  const double banded = aliasing(make_fno<1, Dealiased<Gelu, 2, 10>>(options, two), 24);
  INFO(plain, " ", banded);
  CHECK(plain > 10 * banded);
  // With the band of each grid, what the coarse grid cannot hold is left out where the fine one works on with it.
  const double own_band = aliasing(make_fno<1, Dealiased<Gelu, 4>>(options, three), 24);
  CHECK(own_band < plain);
  CHECK(own_band > banded);
}

TEST_CASE("an FNO with all its options") {
  Engine engine(3);
  const auto model = make_fno<2, Fourier, Chebyshev>({.in = 2,
                                                      .out = 3,
                                                      .channels = 6,
                                                      .modes = {3, 4},
                                                      .depth = 2,
                                                      .lift_ratio = 2,
                                                      .mlp_ratio = 0.5,
                                                      .position = Position::periodic,
                                                      .length = {1.0, 2.0},
                                                      .padding = {0.0, 0.0}},
                                                     engine);
  using Grid = ProductGrid<PeriodicGrid<>, LegendreGrid<>>;
  const Discretization<Grid, ProductRule<Trapezoid, GaussLegendre>> d(Grid({0.0, 1.0, 9}, {0.0, 2.0, 8}));
  const auto u = sample([](double x, double y) { return std::array{std::sin(2 * pi * x), y}; }, d);
  CHECK(model(u).channels() == 3);
  const auto rounded = cast<double>(cast<float>(model)(cast<float>(u)));
  CHECK(gap(rounded, model(u)) < 1e-5);
  Engine other(3);
  CHECK_THROWS_AS((make_fno<2>({.modes = {1, 2, 3}}, other)), std::invalid_argument);
  // Without positions an FNO on a period commutes with translations.
  const auto free = make_fno<1>({.channels = 4, .modes = 4, .depth = 2, .position = Position::none}, other);
  const Circle circle({0.0, 1.0, 16});
  const auto f = [](double x) { return std::exp(std::sin(2 * pi * x)); };
  const auto shifted = free(sample([&](double x) { return f(x + 0.25); }, circle));
  const auto straight = free(sample(f, circle));
  for (Index i = 0; i < 16; ++i)
    CHECK(std::abs(shifted.values()(0, i, 0) - straight.values()(0, (i + 4) % 16, 0)) < 1e-13);
}
