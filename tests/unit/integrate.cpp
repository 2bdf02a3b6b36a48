// Integrals and inner products: exact values, orders, tables, adjoints.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <cmath>
#include <numbers>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

// ∫_0^1 exp(x) sin(5x) dx
const double exact = (std::exp(1.0) * (std::sin(5.0) - 5 * std::cos(5.0)) + 5) / 26;
const auto f = [](double x) { return std::exp(x) * std::sin(5 * x); };

template <class Grid, class Rule>
double error(Index n) {
  const Discretization<Grid, Rule> d(Grid(0.0, 1.0, n));
  return std::abs(integrate(sample(f, d)) - exact);
}

}  // namespace

TEST_CASE("the order is that of the rule") {
  CHECK(std::log2(error<UniformGrid<>, Trapezoid>(65) / error<UniformGrid<>, Trapezoid>(129)) ==
        doctest::Approx(2).epsilon(0.02));
  CHECK(std::log2(error<UniformGrid<>, Simpson>(65) / error<UniformGrid<>, Simpson>(129)) ==
        doctest::Approx(4).epsilon(0.02));
  CHECK(std::log2(error<MidpointGrid<>, Midpoint>(64) / error<MidpointGrid<>, Midpoint>(128)) ==
        doctest::Approx(2).epsilon(0.02));
  CHECK(error<LegendreGrid<>, GaussLegendre>(16) < 1e-14);
  CHECK(error<ChebyshevGrid<>, ClenshawCurtis>(25) < 1e-14);
}

TEST_CASE("on a product") {
  const Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>> d(
      {{0.0, 2.0, 9}, {0.0, 1.0, 8}});
  const auto g = [](double x, double y) { return x * x * x * (2 + std::cos(2 * std::numbers::pi * y)); };
  const double integral = integrate(sample(g, d));
  CHECK(integral == doctest::Approx(8).epsilon(1e-14));
  const float single = integrate(sample<float>(g, d));
  CHECK(single == doctest::Approx(8).epsilon(1e-6));
}

TEST_CASE("tables, and the number that is none") {
  const Discretization<LegendreGrid<>, GaussLegendre> d({0.0, 1.0, 6});
  const auto powers = [](int k) { return [k](double x) { return std::array{std::pow(x, k), 1.0}; }; };
  const auto u = sample(std::vector{powers(1), powers(2), powers(3)}, d);
  const Array<double> table = integrals(u);
  CHECK(table.shape() == Shape{3, 2});
  for (Index k = 0; k < 3; ++k) {
    CHECK(table(k, 0) == doctest::Approx(1.0 / static_cast<double>(k + 2)).epsilon(1e-14));
    CHECK(table(k, 1) == doctest::Approx(1).epsilon(1e-14));
  }
  CHECK_THROWS_WITH_AS(integrate(u), doctest::Contains("integrals(u)"), std::invalid_argument);
  CHECK_THROWS_AS(integrate(slice_batch(u, 0, 1)), std::invalid_argument);
  CHECK_THROWS_WITH_AS(inner_product(u, u), doctest::Contains("inner_products(u, v)"), std::invalid_argument);

  const Array<double> products = inner_products(u, slice_batch(u, 0, 1));
  CHECK(products.shape() == Shape{3});
  CHECK(products(2) == doctest::Approx(1.0 / 5 + 1).epsilon(1e-14));
  const double one = inner_product(slice_batch(u, 1, 1), slice_batch(u, 2, 1));
  CHECK(one == doctest::Approx(1.0 / 6 + 1).epsilon(1e-14));
  CHECK_THROWS_AS(inner_products(u, slice_channels(u, 0, 1)), std::invalid_argument);
}

TEST_CASE("adjoints") {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 5});
  const auto u = sample(std::vector{f, f}, d) + 0.3;
  const auto v = sample([](double x) { return x; }, d);
  testing::check_gradient([&](const Array<double>& x) { return sum(integrals(exp(u.with(x)))); }, u.values());
  testing::check_gradient([&](const Array<double>& x) { return sum(square(inner_products(u.with(x), v))); },
                          u.values());
  testing::check_gradient([&](const Array<double>& x) { return sum(square(inner_products(u, v.with(x)))); },
                          v.values());
  testing::check_gradient([&](const Array<double>& x) { return sum(inner_products(u.with(x), u.with(x))); },
                          u.values());
}
