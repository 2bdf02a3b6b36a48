// Fields at other points: exactness, orders, lists of points, adjoints.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>
#include <fredholm/space/with_rule.hpp>

#include <cmath>
#include <functional>
#include <numbers>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
using Uniform = Discretization<UniformGrid<>, Trapezoid>;
using Midpoints = Discretization<MidpointGrid<>, Midpoint>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Extrema = Discretization<ChebyshevGrid<>, ClenshawCurtis>;
const auto wave = [](double x) { return std::exp(std::sin(2 * pi * x)); };

template <class Source, class Target, class F>
double error(const Source& source, const Target& target, F f) {
  return distance<Linf>(resample(sample(f, source), target), sample(f, target));
}

}  // namespace

TEST_CASE("spectral from a period") {
  CHECK(error(Circle({0.0, 1.0, 40}), Uniform({0.0, 1.0, 37}), wave) < 1e-12);
  CHECK(error(Circle({0.0, 1.0, 41}), Gauss({0.2, 0.9, 20}), wave) < 1e-12);
  CHECK(error(Circle({0.0, 1.0, 64}), Circle({0.0, 1.0, 40}), wave) < 1e-12);
}

TEST_CASE("polynomials from Chebyshev and Legendre") {
  const auto p = [](double x) { return 1 + x * (2 - x * (3 + x * (1 - 4 * x * x))); };
  CHECK(error(Extrema({-1.0, 2.0, 8}), Uniform({-1.0, 2.0, 33}), p) < 1e-12 * 300);
  CHECK(error(Gauss({0.0, 1.0, 8}), Uniform({0.0, 1.0, 33}), p) < 1e-12);
  CHECK(error(Extrema({0.0, 1.0, 8}), Gauss({0.0, 1.0, 12}), p) < 1e-12);
}

TEST_CASE("orders from uniform points") {
  const auto order = [](auto coarse, auto fine) {
    const Gauss target({0.0, 1.0, 50});
    return std::log2(error(coarse, target, wave) / error(fine, target, wave));
  };
  CHECK(order(Uniform({0.0, 1.0, 65}), Uniform({0.0, 1.0, 129})) >= 4);
  CHECK(order(Midpoints({0.0, 1.0, 64}), Midpoints({0.0, 1.0, 128})) >= 4);
}

TEST_CASE("its own points") {
  const Uniform d({0.0, 1.0, 9});
  const auto u = sample(wave, d);
  CHECK(resample(u, Uniform({0.0, 1.0, 9})).values().data() == u.values().data());
  const Discretization<UniformGrid<>, Simpson> other({0.0, 1.0, 9});
  CHECK(resample(u, other).values().data() == u.values().data());
  CHECK(resample(u, other).discretization() == other);
  const Discretization<PointCloud<1>, MonteCarlo> cloud(PointCloud<1>(Box<1>(), {{0.3}, {0.1}}));
  const auto v = sample(wave, cloud);
  CHECK(resample(v, cloud).values().data() == v.values().data());
  CHECK_THROWS_AS(
      resample(v, Discretization<PointCloud<1>, MonteCarlo>(PointCloud<1>(Box<1>(), {{0.2}, {0.1}}))),
      std::invalid_argument);
}

TEST_CASE("batch, channels and products") {
  const Discretization<ProductGrid<ChebyshevGrid<>, PeriodicGrid<>>, ProductRule<ClenshawCurtis, Trapezoid>>
      d({{0.0, 1.0, 9}, {0.0, 1.0, 16}});
  const auto f = [](double x, double y) {
    return std::array{x * x * std::cos(2 * pi * y), x + std::sin(4 * pi * y)};
  };
  const auto g = [](double x, double y) { return std::array{1.0 + x, x * std::cos(6 * pi * y)}; };
  using F = std::function<std::array<double, 2>(double, double)>;
  const std::vector<F> both{f, g};
  const auto u = sample(both, d);
  SUBCASE("to a product") {
    const Discretization<ProductGrid<UniformGrid<>, MidpointGrid<>>, ProductRule<Simpson, Midpoint>> e(
        {{0.0, 1.0, 5}, {0.0, 1.0, 7}});
    CHECK(distance<Linf>(resample(u, e), sample(both, e)) < 1e-13);
    const Discretization<ProductGrid<UniformGrid<5>, PeriodicGrid<16>>, ProductRule<Simpson, Trapezoid>>
        fixed({{0.0, 1.0}, {0.0, 1.0}});
    CHECK(distance<Linf>(resample(u, fixed), sample(both, fixed)) < 1e-13);
  }
  SUBCASE("to a cloud") {
    const Discretization<PointCloud<2>, MonteCarlo> cloud(
        PointCloud<2>(Box<2>(), {{0.3, 0.9}, {1.0, 0.0}, {0.123, 0.456}}));
    CHECK(distance<Linf>(resample(u, cloud), sample(both, cloud)) < 1e-13);
  }
  SUBCASE("to a list of points") {
    const Array<double> values = resample(u, std::vector<std::array<double, 2>>{{0.3, 0.9}, {0.5, 1.25}});
    CHECK(values.shape() == Shape{2, 2, 2});
    CHECK(values(1, 0, 0) == doctest::Approx(1.3));
    CHECK(values(0, 1, 0) == doctest::Approx(0.0));  // the period wraps: cos(π/2)
    CHECK(values(1, 1, 1) == doctest::Approx(0.0));
  }
  SUBCASE("in float") {
    const Discretization<PointCloud<2>, MonteCarlo> cloud(PointCloud<2>(Box<2>(), {{0.3, 0.9}}));
    CHECK(distance<Linf>(resample(cast<float>(u), cloud), sample<float>(both, cloud)) < 1e-5F);
  }
}

TEST_CASE("a cloud in space, lines in time") {
  const PointCloud<2> cloud(Box<2>(), {{0.3, 0.9}, {0.1, 0.2}, {0.5, 0.5}});
  using CloudInTime =
      Discretization<ProductGrid<PointCloud<2>, LegendreGrid<>>, ProductRule<MonteCarlo, GaussLegendre>>;
  const auto f = [](double x, double y, double t) { return x + 2 * y + t * t; };
  const CloudInTime source({cloud, {0.0, 1.0, 5}}), target({cloud, {0.0, 1.0, 8}});
  CHECK(distance<Linf>(resample(sample(f, source), target), sample(f, target)) < 1e-14);
  const CloudInTime elsewhere({PointCloud<2>(Box<2>(), {{0.3, 0.8}, {0.1, 0.2}, {0.5, 0.5}}), {0.0, 1.0, 8}});
  CHECK_THROWS_AS(resample(sample(f, source), elsewhere), std::invalid_argument);
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>, UniformGrid<>>, Trapezoid> cube(
      {{0.0, 1.0, 4}, {0.0, 1.0, 4}, {0.0, 1.0, 4}});
  CHECK(distance<Linf>(resample(sample(f, cube), target), sample(f, target)) < 1e-13);
}

TEST_CASE("a list of points on a line, and one outside") {
  const auto u = sample(wave, Gauss({0.0, 1.0, 40}));
  const Array<double> values = resample(u, std::vector{0.9, 0.1, 0.5});
  CHECK(values.shape() == Shape{1, 3, 1});
  CHECK(values(0, 1, 0) == doctest::Approx(wave(0.1)).epsilon(1e-10));
  CHECK_THROWS_AS(resample(u, std::vector{1.5}), std::invalid_argument);
}

TEST_CASE("adjoints") {
  const Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 4}, {0.0, 1.0, 5}});
  const auto u = sample(std::vector{[](double x, double y) { return std::array{x + y, x * y + 1}; }}, d);
  const Discretization<PointCloud<2>, MonteCarlo> cloud(PointCloud<2>(Box<2>(), {{0.3, 0.9}, {0.6, 0.1}}));
  const Discretization<ProductGrid<MidpointGrid<>, PeriodicGrid<>>, Trapezoid> e(
      {{0.0, 1.0, 3}, {0.0, 1.0, 4}});
  testing::check_gradient([&](const Array<double>& x) { return norm<L2>(resample(u.with(x), cloud)); },
                          u.values());
  testing::check_gradient([&](const Array<double>& x) { return norm<L2>(resample(u.with(x), e)); },
                          u.values());
  testing::check_gradient(
      [&](const Array<double>& x) {
        return sum(square(resample(u.with(x), std::vector<std::array<double, 2>>{{0.2, 0.4}})));
      },
      u.values());
}
