// Derivatives of fields: exact values, the transform against the matrix, adjoints.
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <cmath>
#include <numbers>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
const auto f = [](double x) { return std::exp(std::sin(2 * pi * x)); };
const auto slope = [](double x) { return 2 * pi * std::cos(2 * pi * x) * std::exp(std::sin(2 * pi * x)); };

template <class Discretization>
double error(const Discretization& d) {
  return distance<Linf>(derivative<0>(sample(f, d)), sample(slope, d));
}

}  // namespace

TEST_CASE("on a line") {
  CHECK(error(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, 48})) < 1e-11);
  CHECK(error(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, 512})) < 1e-10);
  CHECK(error(Discretization<ChebyshevGrid<>, ClenshawCurtis>({0.0, 1.0, 65})) < 1e-9);
  CHECK(error(Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 65})) < 1e-9);
  using Uniform = Discretization<UniformGrid<>, Trapezoid>;
  CHECK(std::log2(error(Uniform({0.0, 1.0, 65})) / error(Uniform({0.0, 1.0, 129}))) > 6.5);
}

TEST_CASE("along each axis of a product") {
  const Discretization<ProductGrid<ChebyshevGrid<>, PeriodicGrid<>>, ProductRule<ClenshawCurtis, Trapezoid>>
      d({{0.0, 1.0, 9}, {0.0, 2.0, 300}});
  const auto u = sample([](double x, double y) { return std::array{x * x * std::sin(pi * y), x}; }, d);
  const auto ux = sample([](double x, double y) { return std::array{2 * x * std::sin(pi * y), 1.0}; }, d);
  const auto uy =
      sample([](double x, double y) { return std::array{x * x * pi * std::cos(pi * y), 0.0}; }, d);
  CHECK(distance<Linf>(derivative<0>(u), ux) < 1e-12);
  CHECK(distance<Linf>(derivative<1>(u), uy) < 1e-11);
}

TEST_CASE_TEMPLATE("the transform is the matrix", Scalar, double, float) {
  for (Index n : {257, 300, 1024}) {
    const Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, Trapezoid> d(
        {{0.0, 3.0, n}, {0.0, 1.0, 130}});
    const auto g = [](double x, double y) { return f(x / 3 + y) + y; };
    const auto u = sample<Scalar>(std::vector{g, g}, d);
    // The reference in double: the transform of float values is better than the matrix product of them.
    const auto in_double = cast<double>(u);
    const AxisMap matrix = differentiation(d.grid().template axis<0>());
    const auto by_matrix = cast<Scalar>(in_double.with(apply_along(in_double.values(), 1, matrix)));
    // A product with the matrix is off by the rounding of its entries and of its sums: each of them by up to an epsilon times
    // sum_j |D_j| |u_j|, whatever the order of summation. (All rows are alike, up to their order.)
    double row = 0.0;
    for (Index j = 0; j < n; ++j) row += std::abs(matrix(0, j));
    const double largest = norm<Linf>(slice_batch(in_double, 0, 1));
    const double epsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    CHECK(distance<Linf>(derivative<0>(u), by_matrix) < 2 * epsilon * row * largest);
  }
}

TEST_CASE("adjoints") {
  const auto check = [](const auto& d) {
    const auto u = sample(std::vector{f, f}, d);
    const auto v = sample([](double x) { return x * x; }, d);
    testing::check_gradient(
        [&](const Array<double>& x) { return sum((square(derivative<0>(u.with(x))) * v).values()); },
        u.values(), 1e-5);
  };
  check(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, 12}));
  check(Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 14}));
  check(Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 7}));
}

TEST_CASE("the transform and its adjoint: <Du, v> = <u, D'v>") {
  for (Index n : {300, 301}) {
    const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, n});
    const auto u = sample(f, d), v = sample([](double x) { return x * std::cos(9 * x); }, d);
    const auto adjoint = testing::gradient_of(
        [&](const Array<double>& x) { return sum((derivative<0>(u.with(x)) * v).values()); }, u.values());
    double right = 0;
    for (Index j = 0; j < n; ++j) right += adjoint[static_cast<std::size_t>(j)] * u.values().data()[j];
    const double left = sum((derivative<0>(u) * v).values());
    CHECK(left == doctest::Approx(right).epsilon(1e-11));
  }
}
