// Every rule on every grid that it belongs to integrates, to its order; what is no rule does not.
#include <fredholm/laws/quadrature.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace fredholm;

namespace {

template <class Rule_, class Grid_>
struct Pair {
  using Rule = Rule_;
  using Grid = Grid_;
};

/// The points u_i + 0.1 sin(3 u_i) u_i (1 - u_i): smooth, sorted, in no family.
ScatteredGrid graded(Index n) {
  std::vector<double> points;
  for (Index i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n - 1);
    points.push_back(u + 0.1 * std::sin(3 * u) * u * (1 - u));
  }
  return ScatteredGrid(points);
}

void check(const laws::QuadratureReport& report) {
  INFO(report.message());
  CHECK(report.passed());
}

void check_broken(const laws::QuadratureReport& report, const char* words) {
  INFO(report.message());
  CHECK_FALSE(report.passed());
  CHECK(report.message().find(words) != std::string::npos);
}

template <class D>
double integral(const D& d) {
  double sum = 0;
  for (std::size_t i = 0; i < d.weights().size(); ++i) {
    sum += d.weights()[i] * std::exp(d.points()[i]) * std::sin(5 * d.points()[i]);
  }
  return sum;
}

const double exact = (std::exp(1.0) * (std::sin(5.0) - 5 * std::cos(5.0)) + 5) / 26;

}  // namespace

TEST_CASE_TEMPLATE("a rule on a grid is an integral", P, Pair<Trapezoid, UniformGrid<>>,
                   Pair<Trapezoid, MidpointGrid<>>, Pair<Trapezoid, PeriodicGrid<>>,
                   Pair<Simpson, UniformGrid<>>, Pair<Simpson, PeriodicGrid<>>, Pair<Boole, UniformGrid<>>,
                   Pair<Boole, PeriodicGrid<>>, Pair<Midpoint, MidpointGrid<>>,
                   Pair<Gregory<2>, UniformGrid<>>, Pair<Gregory<3>, UniformGrid<>>,
                   Pair<Gregory<4>, UniformGrid<>>, Pair<Gregory<5>, UniformGrid<>>,
                   Pair<Gregory<6>, UniformGrid<>>, Pair<Gregory<7>, UniformGrid<>>,
                   Pair<Gregory<8>, UniformGrid<>>, Pair<ClenshawCurtis, ChebyshevGrid<>>,
                   Pair<GaussLegendre, LegendreGrid<>>) {
  check(laws::quadrature<typename P::Rule, typename P::Grid>());
  check(laws::quadrature<typename P::Rule, typename P::Grid>({.domain = {-2.0, 5.0}}));
}

TEST_CASE("the orders are those of the books") {
  CHECK(laws::quadrature<Trapezoid, UniformGrid<>>().observed_order.value() ==
        doctest::Approx(2).epsilon(0.01));
  CHECK(laws::quadrature<Midpoint, MidpointGrid<>>().observed_order.value() ==
        doctest::Approx(2).epsilon(0.01));
  CHECK(laws::quadrature<Simpson, UniformGrid<>>().observed_order.value() ==
        doctest::Approx(4).epsilon(0.01));
  CHECK(laws::quadrature<Boole, UniformGrid<>>().observed_order.value() == doctest::Approx(6).epsilon(0.01));
}

TEST_CASE("the trapezoid rule has order 2 wherever the points are") {
  check(laws::quadrature<Trapezoid>(graded));
  check(laws::quadrature<Trapezoid, ChebyshevGrid<>>());
  check(laws::quadrature<Trapezoid, LegendreGrid<>>());
}

TEST_CASE("a number of points that is not a power of two is as good") {
  check(laws::quadrature<Gregory<4>, UniformGrid<>>({.sizes = {50, 100, 200, 400}}));
  check(laws::quadrature<Simpson, UniformGrid<>>({.sizes = {51, 101, 201, 401}}));
}

TEST_CASE("Monte Carlo promises the measure") {
  check(laws::quadrature<MonteCarlo>([](Index n) {
    std::mt19937_64 rng(7);
    std::vector<double> points;
    for (Index i = 0; i < n; ++i) points.push_back(std::generate_canonical<double, 53>(rng));
    std::sort(points.begin(), points.end());
    return ScatteredGrid(points, {0.0, 1.0});
  }));
}

TEST_CASE("Gauss-Legendre with 16 points and Clenshaw-Curtis with 32 are right to 1e-13") {
  CHECK(std::abs(integral(Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 16})) - exact) < 1e-13);
  CHECK(std::abs(integral(Discretization<ChebyshevGrid<>, ClenshawCurtis>({0.0, 1.0, 32})) - exact) < 1e-13);
}

TEST_CASE("weights of one's own are held to what the options say") {
  const auto grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
  const auto simpson = [](const UniformGrid<>& points) { return Given{Simpson{}.weights(points)}; };
  check(laws::quadrature(grid, simpson));
  check(laws::quadrature(grid, simpson, {.order = 4, .degree = 3}));
}

// --- negative controls: the law must be broken
// ------------------------------------------------------------------

TEST_CASE("Counting is no rule") {
  check_broken(laws::quadrature<Counting, UniformGrid<>>(), "add up to");
  check_broken(laws::quadrature<Counting, PeriodicGrid<>>(), "add up to");
}

TEST_CASE("a wrong weight shows, wherever it is and even if the sum is right") {
  const auto grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
  const auto one_wrong = [](const UniformGrid<>& points) {
    auto weights = Simpson{}.weights(points);
    weights[3] *= 1 + 1e-9;
    return Given{weights};
  };
  check_broken(laws::quadrature(grid, one_wrong), "add up to");
  const auto two_wrong = [](const UniformGrid<>& points) {
    auto weights = Simpson{}.weights(points);
    weights[3] += 1e-9;
    weights[8] -= 1e-9;
    return Given{weights};
  };
  check(laws::quadrature(grid, two_wrong));  // Given promises nothing else
  check_broken(laws::quadrature(grid, two_wrong, {.degree = 3}), "the degree is stated");
  const auto equal = [](const UniformGrid<>& points) {
    return Given{
        std::vector<double>(static_cast<std::size_t>(points.size()), 1 / static_cast<double>(points.size()))};
  };
  check_broken(laws::quadrature(grid, equal, {.order = 2}), "the order is stated");
}

TEST_CASE("a promise of too high an order or degree shows") {
  check_broken(laws::quadrature<Trapezoid, UniformGrid<>>({.order = 4}), "observed to be");
  check_broken(laws::quadrature<Gregory<4>, UniformGrid<>>({.order = 5}), "observed to be");
  check_broken(laws::quadrature<Boole, UniformGrid<>>({.order = spectral}), "spectral");
  check_broken(laws::quadrature<Gregory<8>, UniformGrid<>>({.sizes = {17, 33, 65}, .order = spectral}),
               "spectral");
  check_broken(laws::quadrature<Simpson, UniformGrid<>>({.degree = 4}), "degree 4");
  check_broken(laws::quadrature<GaussLegendre, LegendreGrid<>>({.sizes = {9, 17}, .degree = 18}),
               "degree 18");
  check_broken(laws::quadrature<ClenshawCurtis, ChebyshevGrid<>>({.sizes = {9, 17}, .degree = 10}),
               "degree 10");
}

TEST_CASE("a rule that forgets the size of the domain shows") {
  const auto grid = [](Index n) { return UniformGrid<>(0.0, 2.0, n); };
  const auto unit = [](const UniformGrid<>& points) {
    return Given{Simpson{}.weights(UniformGrid<>(0.0, 1.0, points.size()))};
  };
  check_broken(laws::quadrature(grid, unit), "add up to");
}
