// Fields on any points by Cholesky's factor: covariance, the kernels, and what is no covariance.
#include <fredholm/data/gaussian_process.hpp>

#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace fredholm;

TEST_CASE("the covariance of the draws is the kernel, within four standard errors") {
  const Discretization<PointCloud<2>, MonteCarlo> cloud(
      PointCloud<2>(Box<2>{}, {{0.1, 0.2}, {0.3, 0.2}, {0.9, 0.4}, {0.2, 0.8}}));
  const double length = 0.4, sigma = 1.5;
  const Index count = 20000;
  for (double smoothness : {0.5, 1.5, 2.5}) {
    Engine engine(2);
    const auto u =
        random_field_on_points(count, cloud, Matern{smoothness, length, sigma}, engine, {.jitter = 0.0});
    const double r = 0.2 / length;  // between points 0 and 1
    const double exact =
        sigma * sigma *
        (smoothness == 0.5   ? std::exp(-r)
         : smoothness == 1.5 ? (1 + std::sqrt(3.0) * r) * std::exp(-std::sqrt(3.0) * r)
                             : (1 + std::sqrt(5.0) * r + 5 * r * r / 3) * std::exp(-std::sqrt(5.0) * r));
    double xx = 0, xy = 0;
    for (Index s = 0; s < count; ++s) {
      xx += u.array()(s, 3, 0) * u.array()(s, 3, 0);
      xy += u.array()(s, 0, 0) * u.array()(s, 1, 0);
    }
    const double n = static_cast<double>(count), variance = sigma * sigma;
    CHECK(std::abs(xx / n - variance) < 4 * variance * std::sqrt(2 / n));
    CHECK(std::abs(xy / n - exact) < 4 * std::sqrt((variance * variance + exact * exact) / n));
  }
}

TEST_CASE("the factor: L Lᵀ is K with its jitter") {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 30});
  const SquaredExponential kernel{.length = 0.3, .sigma = 2.0};
  const auto factor = detail::covariance_factor(d, kernel, 1e-8);
  for (Index i = 0; i < 30; ++i) {
    for (Index j = 0; j <= i; ++j) {
      double product = 0;
      for (Index k = 0; k <= j; ++k) product += factor(i, k) * factor(j, k);
      const double distance = static_cast<double>(i - j) / 29;
      CHECK(std::abs(product - kernel(distance) - (i == j ? 4e-8 : 0.0)) < 1e-13);
    }
  }
}

TEST_CASE("shapes, seeds, precision") {
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 4}, {0.0, 1.0, 3}});
  Engine a(4), b(4), c(4);
  const auto u = random_field_on_points(2, d, Matern{}, a), v = random_field_on_points(3, d, Matern{}, b);
  CHECK(u.values().shape() == Shape{2, 4, 3, 1});
  for (Index j = 0; j < 24; ++j) CHECK(u.values().data()[j] == v.values().data()[j]);
  const auto rounded = random_field_on_points<float>(2, d, Matern{}, c);
  CHECK(rounded.values().data()[20] == static_cast<float>(u.values().data()[20]));
}

TEST_CASE("what is not positive definite is refused, with the remedy") {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 60});
  Engine engine(0);
  CHECK_THROWS_WITH_AS(random_field_on_points(1, d, SquaredExponential{0.5, 1.0}, engine, {.jitter = 0.0}),
                       doctest::Contains("larger jitter"), std::invalid_argument);
  CHECK_NOTHROW(random_field_on_points(1, d, SquaredExponential{0.5, 1.0}, engine));
  const auto none = [](const std::array<double, 1>& x, const std::array<double, 1>& y) {
    return x[0] - y[0];
  };
  CHECK_THROWS_AS(random_field_on_points(1, d, none, engine), std::invalid_argument);
  CHECK_THROWS_WITH_AS(random_field_on_points(1, d, Matern{.smoothness = 2}, engine),
                       doctest::Contains("2.5"), std::invalid_argument);
}
