// Darcy flow: order 2 where the coefficient is smooth, exact across layers, the maximum principle.
#include <fredholm/data/darcy.hpp>

#include <fredholm/data/random_field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace fredholm;

namespace {

using Square = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid>;

/// Largest error for u = sin(pi x) sin(pi y / 2) on [0, 1] x [0, 2] with a = e^{x y} + 1, nothing of it symmetric.
double manufactured_error(Index n) {
  const Square d({{0.0, 1.0, n}, {0.0, 2.0, 2 * n - 1}});
  constexpr double p = std::numbers::pi, q = std::numbers::pi / 2;
  const auto exact = [](double x, double y) { return std::sin(p * x) * std::sin(q * y); };
  const auto a = sample([](double x, double y) { return std::exp(x * y) + 1; }, d);
  const auto f = sample(
      [](double x, double y) {
        const double e = std::exp(x * y);
        return (e + 1) * (p * p + q * q) * std::sin(p * x) * std::sin(q * y) -
               y * e * p * std::cos(p * x) * std::sin(q * y) - x * e * q * std::sin(p * x) * std::cos(q * y);
      },
      d);
  const auto u = darcy(a, f), v = sample(exact, d);
  double worst = 0;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < 2 * n - 1; ++j)
      worst = std::max(worst, std::abs(u.array()(0, i, j, 0) - v.array()(0, i, j, 0)));
  }
  return worst;
}

}  // namespace

TEST_CASE("order 2 for a smooth coefficient") {
  const double coarse = manufactured_error(17), fine = manufactured_error(33),
               finest = manufactured_error(65);
  MESSAGE("orders " << std::log2(coarse / fine) << " and " << std::log2(fine / finest) << ", errors "
                    << coarse << ", " << fine << ", " << finest);
  CHECK(std::abs(std::log2(coarse / fine) - 2) < 0.15);
  CHECK(std::abs(std::log2(fine / finest) - 2) < 0.15);
}

TEST_CASE("harmonic means are exact across layers") {
  // A strip so long that its middle knows nothing of its ends, with layers of a that change half way between nodes,
  // and a source on the line x = x_m. There u is the Green's function of (a u')' in the resistance R(x) = int dx / a.
  const Index n = 11, m = 4;
  const Square d({{0.0, 1.0, n}, {-1e9, 1e9, 5}});
  const double h = 0.1;
  std::vector<double> a(11), resistance(11);
  for (Index i = 0; i < n; ++i)
    a[static_cast<std::size_t>(i)] = i % 3 == 0 ? 100.0 : 1.0 + 0.5 * static_cast<double>(i);
  for (std::size_t i = 1; i < 11; ++i)
    resistance[i] = resistance[i - 1] + 0.5 * h * (1 / a[i - 1] + 1 / a[i]);
  const auto index = [&](double x) { return static_cast<std::size_t>(std::lround(x / h)); };
  for (const bool along_x : {true, false}) {
    const Square strip = along_x ? d : Square({{-1e9, 1e9, 5}, {0.0, 1.0, n}});
    const auto across = [&](double x, double y) { return index(along_x ? x : y); };
    const auto field = sample([&](double x, double y) { return a[across(x, y)]; }, strip);
    const auto source = sample(
        [&](double x, double y) { return across(x, y) == static_cast<std::size_t>(m) ? 1 / h : 0.0; }, strip);
    const auto u = darcy(field, source);
    for (Index i = 0; i < n; ++i) {
      const double r = resistance[static_cast<std::size_t>(i)], at = resistance[static_cast<std::size_t>(m)],
                   all = resistance.back();
      const double exact = std::min(r, at) * (all - std::max(r, at)) / all;
      CHECK(std::abs((along_x ? u.array()(0, i, 2, 0) : u.array()(0, 2, i, 0)) - exact) < 1e-12);
    }
  }
}

TEST_CASE(
    "two values of a random field: one function at two resolutions, a positive solution of a smaller height") {
  Engine engine(8);
  const auto fields = random_fields<2>(3, {.tau = 3, .gamma = 2, .modes = 16, .drop_mean = true}, engine);
  const Square fine({{0.0, 1.0, 65}, {0.0, 1.0, 65}}), coarse({{0.0, 1.0, 33}, {0.0, 1.0, 33}});
  const auto a = two_valued(sample(fields, fine)), coarse_a = two_valued(sample(fields, coarse));
  const auto u = darcy(a);
  const auto low = darcy(two_valued(sample(fields, fine), 3.0, 3.0)),
             high = darcy(a.with(a.values() * 0.0 + 12.0));
  Index both = 0;
  for (Index b = 0; b < 3; ++b) {
    for (Index i = 0; i < 65; ++i) {
      for (Index j = 0; j < 65; ++j) {
        const double value = a.array()(b, i, j, 0);
        CHECK_MESSAGE((value == 12.0 || value == 3.0), value);
        both |= value == 12.0 ? 1 : 2;
        if (i % 2 == 0 && j % 2 == 0) CHECK(value == coarse_a.array()(b, i / 2, j / 2, 0));
        const bool boundary = i == 0 || j == 0 || i == 64 || j == 64;
        if (boundary) CHECK(u.array()(b, i, j, 0) == 0.0);
        if (!boundary) CHECK(u.array()(b, i, j, 0) > 0.0);
      }
    }
    // The energy int f u falls where the coefficient grows.
    double between = 0, most = 0, least = 0;
    for (Index p = 0; p < 65 * 65; ++p) {
      between += u.values().data()[b * 65 * 65 + p];
      most += low.values().data()[b * 65 * 65 + p], least += high.values().data()[b * 65 * 65 + p];
    }
    CHECK(between < most);
    CHECK(between > least);
  }
  CHECK(both == 3);
  CHECK(std::abs(low.array()(0, 32, 32, 0) * 3 - 0.0736713) <
        1e-4);  // max of -Delta u = 1 on the unit square
  CHECK(std::abs(darcy(a, 2.0).array()(1, 20, 30, 0) - 2 * u.array()(1, 20, 30, 0)) < 1e-15);
}

TEST_CASE("threads do not matter; what is wrong is named") {
  const Square d({{0.0, 1.0, 9}, {0.0, 1.0, 7}});
  Engine engine(2);
  const auto a = exp(sample(random_fields<2>(4, {}, engine), d));
  const auto f = sample([](double x, double y) { return x + y; }, d);
  Team one(1), three(3);
  const auto u = darcy(a, f, one), v = darcy(a, f, three);
  for (Index i = 0; i < u.values().size(); ++i) CHECK(u.values().data()[i] == v.values().data()[i]);
  CHECK_THROWS_WITH_AS(darcy(a - 100.0), doctest::Contains("positive everywhere"), std::invalid_argument);
  CHECK_THROWS_AS(darcy(a, slice_batch(a, 0, 2)), std::invalid_argument);
}
