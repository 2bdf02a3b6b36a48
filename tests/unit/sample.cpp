// Sampling functions on discretizations.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace fredholm;

TEST_CASE("one function of x") {
  const Discretization<ChebyshevGrid<>, ClenshawCurtis> d({-1.0, 2.0, 9});
  const auto u = sample([](double x) { return std::exp(x); }, d);
  CHECK(u.values().shape() == Shape{1, 9, 1});
  for (Index j = 0; j < 9; ++j)
    CHECK(u.array()(0, j, 0) == std::exp(d.points()[static_cast<std::size_t>(j)]));
}

TEST_CASE("coordinates, or a point; numbers, or channels") {
  const Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, Trapezoid> d(
      {{0.0, 1.0, 3}, {0.0, 1.0, 4}});
  const auto by_coordinates = sample([](double x, double y) { return std::array{x, y, x * y}; }, d);
  const auto by_point = sample([](std::array<double, 2> p) { return p[0] + 10 * p[1]; }, d);
  CHECK(by_coordinates.values().shape() == Shape{1, 3, 4, 3});
  CHECK(by_point.values().shape() == Shape{1, 3, 4, 1});
  CHECK(by_coordinates.array()(0, 1, 3, 2) == 0.5 * 0.75);
  CHECK(by_point.array()(0, 1, 3, 0) == 0.5 + 7.5);
}

TEST_CASE("a batch of functions, in float") {
  const Discretization<UniformGrid<5>, Simpson> d({0.0, 1.0});
  const auto powers = [](int degree) { return [degree](double x) { return std::pow(x, degree); }; };
  const auto u = sample<float>(std::vector{powers(1), powers(2), powers(3)}, d);
  static_assert(std::same_as<decltype(u)::scalar_type, float>);
  CHECK(u.batch() == 3);
  CHECK(u.array()(2, 3, 0) == static_cast<float>(0.75 * 0.75 * 0.75));
  const auto v = sample(std::vector<std::function<double(double)>>{powers(1), [](double) { return 4.0; }}, d);
  CHECK(v.array()(1, 3, 0) == 4.0);
  CHECK(sample([](double) { return 1; }, d).array()(0, 0, 0) == 1.0);
}

TEST_CASE("a cloud of points") {
  const Discretization<PointCloud<3>, MonteCarlo> d(
      PointCloud<3>(Box<3>(), {{0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}}));
  const auto u = sample([](double x, double y, double z) { return x + y + z; }, d);
  CHECK(u.values().shape() == Shape{1, 2, 1});
  CHECK(u.array()(0, 1, 0) == doctest::Approx(1.5));
}
