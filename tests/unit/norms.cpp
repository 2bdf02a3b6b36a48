// Norms, distances and relative errors: exact values, batches, adjoints.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <cmath>
#include <functional>
#include <numbers>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;

}  // namespace

TEST_CASE("norms of a sine") {
  const Circle d({0.0, 1.0, 32});
  const auto u = sample([](double x) { return 3 * std::sin(2 * pi * x); }, d);
  CHECK(norm<L2>(u) == doctest::Approx(3 / std::sqrt(2.0)).epsilon(1e-13));
  CHECK(norm<Linf>(u) == doctest::Approx(3).epsilon(1e-13));
  CHECK(norm<H1>(u) == doctest::Approx(3 * std::sqrt(0.5 + 2 * pi * pi)).epsilon(1e-13));
  CHECK(norm<L1>(u) == doctest::Approx(6 / pi).epsilon(1e-2));  // the modulus has a kink
  const float single = norm<H1>(sample<float>([](double x) { return 3 * std::sin(2 * pi * x); }, d));
  CHECK(single == doctest::Approx(3 * std::sqrt(0.5 + 2 * pi * pi)).epsilon(1e-5));
}

TEST_CASE("channels and axes") {
  const Torus d({{0.0, 1.0, 16}, {0.0, 2.0, 12}});
  const auto u =
      sample([](double x, double y) { return std::array{std::sin(2 * pi * x), std::cos(pi * y)}; }, d);
  CHECK(norm<L2>(u) == doctest::Approx(std::sqrt(2.0)).epsilon(1e-13));  // measure 2, two halves
  CHECK(norm<H1>(u) == doctest::Approx(std::sqrt(2 + 4 * pi * pi + pi * pi)).epsilon(1e-13));
  CHECK(norm<L1>(sample([](double, double) { return std::array{-1.0, 2.0}; }, d)) ==
        doctest::Approx(6).epsilon(1e-13));
}

TEST_CASE("a batch: norms of each, and the mean of ratios") {
  const Circle d({0.0, 1.0, 8});
  const auto constants = [](double a, double b) {
    return std::vector<std::function<double(double)>>{[a](double) { return a; }, [b](double) { return b; }};
  };
  const auto u = sample(constants(1.1, 30.0), d), v = sample(constants(1.0, 20.0), d);
  CHECK(norms<L2>(u).shape() == Shape{2});
  CHECK(norms<L2>(u)(1) == doctest::Approx(30));
  CHECK(norm<L2>(u) == doctest::Approx(15.55));
  CHECK(distance<L2>(u, v) == doctest::Approx(5.05));
  CHECK(relative_error<L2>(u, v) == doctest::Approx(0.3));  // (0.1 + 0.5) / 2; the ratio of means is 0.48
  CHECK(relative_error<Linf>(u, v) == doctest::Approx(0.3));
  CHECK(relative_error<L1>(slice_batch(u, 0, 1), v) == doctest::Approx((0.1 + 18.9 / 20) / 2));
  CHECK_THROWS_AS(distance<L2>(u, concatenate(v, v)), std::invalid_argument);
}

TEST_CASE("an error relative to zero") {
  const Circle d({0.0, 1.0, 8});
  const auto u = sample([](double) { return 1.0; }, d);
  CHECK_THROWS_WITH_AS(relative_error<L2>(u, 0 * u), doctest::Contains("sample 0"), std::invalid_argument);
  CHECK(relative_error<L2>(u, u) == 0.0);
}

TEST_CASE("negative weights are no norm") {
  const Discretization<UniformGrid<>, Given> d({0.0, 1.0, 2}, Given{{-1.0, 0.5}});
  CHECK_THROWS_WITH_AS(norm<L2>(sample([](double) { return 1.0; }, d)), doctest::Contains("negative weights"),
                       std::invalid_argument);
}

TEST_CASE("adjoints") {
  const Torus d({{0.0, 1.0, 4}, {0.0, 1.0, 5}});
  const auto f = [](double x, double y) {
    return std::array{0.3 + std::sin(2 * pi * x) + 0.11 * y, 0.7 * x - 0.4 + y * y * 0.9};
  };
  const auto g = [](double x, double y) { return std::array{x + 1.0, 2.0 - y}; };
  const auto u = sample(std::vector{f, f}, d), v = sample(std::vector{g, g}, d);
  const auto check = [&]<class Norm>(Norm) {
    testing::check_gradient([&](const Array<double>& x) { return norm<Norm>(u.with(x)); }, u.values());
    testing::check_gradient([&](const Array<double>& x) { return relative_error<Norm>(u.with(x), v); },
                            u.values());
    testing::check_gradient([&](const Array<double>& x) { return relative_error<Norm>(u, v.with(x)); },
                            v.values());
  };
  check(L1{}), check(L2{}), check(H1{});
  const auto single = slice_batch(u, 0, 1);
  testing::check_gradient([&](const Array<double>& x) { return norm<Linf>(single.with(x)); },
                          single.values());
  for (double slope :
       testing::gradient_of([&](const Array<double>& x) { return distance<L2>(u.with(x), u); }, u.values()))
    CHECK(slope == 0);
}

TEST_CASE("a NaN is no norm that is finite") {
  Array<double> values({1, 5, 1}, std::vector<double>{1.0, 0.5, std::nan(""), 0.2, 0.1});
  const Field<Circle, double> u{Circle({0.0, 1.0, 5}), values};
  CHECK(std::isnan(static_cast<double>(norm<Linf>(u))));
  CHECK(std::isnan(static_cast<double>(norm<L2>(u))));
}
