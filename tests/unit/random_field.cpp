// Gaussian random fields: one function at all resolutions, what holds at the ends, and the covariance.
#include <fredholm/data/random_field.hpp>

#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Trapezoid>;
using Square =
    Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>>, ProductRule<Trapezoid, GaussLegendre>>;
constexpr std::array all_ends{Ends::periodic, Ends::neumann, Ends::dirichlet};

/// The exact covariance of the cut series, term by term, straight from the formula.
template <Index D>
double exact_covariance(const RandomFieldOptions<D>& options, const std::array<double, D>& x,
                        const std::array<double, D>& y) {
  const auto covariance_1d = [&](double eigenvalue_of_others, auto&& self, Index axis) -> double {
    if (axis == D) {
      return options.sigma * options.sigma *
             std::pow(eigenvalue_of_others + options.tau * options.tau, -options.gamma);
    }
    const auto a = static_cast<std::size_t>(axis);
    const double length = options.box[axis].length(), left = options.box[axis].left;
    const double s = std::numbers::pi * (x[a] - left) / length, t = std::numbers::pi * (y[a] - left) / length;
    double sum = 0;
    for (Index k = options.ends == Ends::dirichlet ? 1 : 0; k <= options.modes; ++k) {
      const double n = static_cast<double>(k);
      const double wave = (options.ends == Ends::periodic ? 2 : 1) * n * std::numbers::pi / length;
      double product = k == 0 ? 1.0 : 2.0;
      if (options.ends == Ends::periodic) product *= std::cos(2 * n * (s - t));
      if (options.ends == Ends::neumann) product *= std::cos(n * s) * std::cos(n * t);
      if (options.ends == Ends::dirichlet) product *= std::sin(n * s) * std::sin(n * t);
      sum += product / length * self(eigenvalue_of_others + wave * wave, self, axis + 1);
    }
    return sum;
  };
  return covariance_1d(0.0, covariance_1d, 0);
}

/// |mean of v² ... - exact| in standard errors of a mean of `count` products of two normal numbers.
template <Index D>
void check_covariance(const RandomFieldOptions<D>& options, const std::array<double, D>& x,
                      const std::array<double, D>& y, int count) {
  Engine engine(11);
  double sum_xy = 0, sum_xx = 0, sum_x = 0;
  for (const auto& u : random_fields(count, options, engine)) {
    sum_xy += u(x) * u(y), sum_xx += u(x) * u(x), sum_x += u(x);
  }
  const double xx = exact_covariance<D>(options, x, x), yy = exact_covariance<D>(options, y, y),
               xy = exact_covariance<D>(options, x, y);
  const double root = std::sqrt(static_cast<double>(count));
  CHECK(xx > 0);
  CHECK(std::abs(sum_x / count) < 4 * std::sqrt(xx) / root);
  CHECK(std::abs(sum_xx / count - xx) < 4 * std::sqrt(2.0) * xx / root);  // Var u² = 2 xx²
  CHECK(std::abs(sum_xy / count - xy) < 4 * std::sqrt(xx * yy + xy * xy) / root);
}

}  // namespace

TEST_CASE("variance and covariance are those of the series, within four standard errors") {
  for (Ends ends : all_ends) {
    CAPTURE(static_cast<int>(ends));
    check_covariance<1>({.box = Interval{-1.0, 2.0}, .ends = ends, .sigma = 7, .tau = 2, .modes = 20}, {-0.3},
                        {0.4}, 20000);
    check_covariance<2>(
        {.box = {{0, 1}, {0, 2}}, .ends = ends, .sigma = 3, .tau = 4, .gamma = 2.5, .modes = 6}, {0.3, 0.7},
        {0.4, 0.9}, 4000);
  }
  check_covariance<3>({.ends = Ends::neumann, .modes = 3, .drop_mean = false}, {0.1, 0.2, 0.3},
                      {0.2, 0.2, 0.4}, 4000);
}

TEST_CASE("one seed is one function at every resolution, by points and by products") {
  for (Ends ends : all_ends) {
    Engine engine(3);
    const auto u = random_fields<2>(3, {.box = {{-1, 1}, {0, 3}}, .ends = ends, .modes = 12}, engine);
    const Square coarse({{-1.0, 1.0, 5}, {0.0, 3.0, 7}}), fine({{-1.0, 1.0, 33}, {0.0, 3.0, 7}});
    const auto a = sample(u, coarse), b = sample(u, fine);
    double gap = 0, apart = 0;
    for (Index s = 0; s < 3; ++s) {
      for (Index i = 0; i < 5; ++i) {
        for (Index j = 0; j < 7; ++j) {
          gap = std::max(gap, std::abs(a.array()(s, i, j, 0) - b.array()(s, 8 * i, j, 0)));
          const auto at = static_cast<std::size_t>(2 * (i * 7 + j));
          apart = std::max(
              apart, std::abs(a.array()(s, i, j, 0) -
                              u[static_cast<std::size_t>(s)](coarse.points()[at], coarse.points()[at + 1])));
        }
      }
    }
    CHECK(gap < 1e-12);
    CHECK(apart < 1e-12);
    CHECK(std::abs(sample<float>(u, fine).array()(2, 11, 3, 0) -
                   static_cast<float>(b.array()(2, 11, 3, 0))) == 0);
  }
}

TEST_CASE("series that are not alike go into one batch") {
  const Line d({0.0, 2.0, 9});
  const EigenSeries<1> line{d.box(), Ends::neumann, 1, {std::sqrt(2.0), 1.0}};  // 1 + cos(pi x / 2)
  const EigenSeries<1> wave{d.box(), Ends::dirichlet, 1, {1.0}};                // sin(pi x / 2)
  const auto u = sample(std::vector{line, wave, wave, line}, d);
  for (Index j = 0; j < 9; ++j) {
    const double angle = std::numbers::pi * static_cast<double>(j) / 8;
    CHECK(std::abs(u.array()(0, j, 0) - 1 - std::cos(angle)) < 4e-15);
    CHECK(std::abs(u.array()(2, j, 0) - std::sin(angle)) < 4e-15);
    CHECK(u.array()(3, j, 0) == u.array()(0, j, 0));
  }
}

TEST_CASE("three dimensions, and points in no order") {
  Engine engine(5);
  const auto u = random_fields<3>(2, {.ends = Ends::periodic, .modes = 4}, engine);
  using Cube = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>, UniformGrid<>>, Trapezoid>;
  const Cube cube({{0.0, 1.0, 5}, {0.0, 1.0, 4}, {0.0, 1.0, 3}});
  const PointCloud<3> points(Box<3>{}, {{0.25, 0.5, 0.5}, {1.0, 0.75, 0.0}});
  const Discretization<PointCloud<3>, MonteCarlo> cloud(points);
  const auto a = sample(u, cube);
  const auto b = sample(u, cloud);
  for (Index s = 0; s < 2; ++s) {
    CHECK(std::abs(a.array()(s, 1, 2, 1, 0) - b.array()(s, 0, 0)) < 1e-13);
    CHECK(std::abs(a.array()(s, 4, 3, 0, 0) - b.array()(s, 1, 0)) < 1e-13);
    CHECK(std::abs(a.array()(s, 4, 3, 0, 0) - a.array()(s, 0, 3, 2, 0)) < 1e-13);  // periodic
  }
}

TEST_CASE("the ends: zero, without slope, or one and the same") {
  Engine engine(1);
  const Box<1> box(Interval{1.0, 4.0});
  const auto zero = random_fields<1>(1, {.box = box, .ends = Ends::dirichlet, .modes = 50}, engine).front();
  CHECK(zero(1.0) == 0.0);
  CHECK(zero(4.0) == 0.0);
  CHECK(std::abs(zero(2.2)) > 1e-3);
  const auto flat = random_fields<1>(1, {.box = box, .ends = Ends::neumann, .modes = 50}, engine).front();
  const double h = 1e-4;  // u(end + h) - u(end - h) is 0 for the even continuation, u' h for any other
  CHECK(std::abs(flat(1.0 + h) - flat(1.0 - h)) < 1e-13);
  CHECK(std::abs(flat(4.0 + h) - flat(4.0 - h)) < 1e-13);
  CHECK(std::abs(flat(2.2 + h) - flat(2.2 - h)) > 1e-8);
  const auto round = random_fields<1>(1, {.box = box, .ends = Ends::periodic, .modes = 50}, engine).front();
  CHECK(std::abs(round(1.3) - round(4.3)) < 1e-13);
  CHECK(std::abs(round(1.0 + h) - round(4.0 + h)) < 1e-13);
}

TEST_CASE("the seed decides; more modes and more functions add to the same ones") {
  const auto draw = [](Index count, Index modes, unsigned seed) {
    Engine engine(seed);
    return random_fields<2>(count, {.ends = Ends::periodic, .modes = modes, .drop_mean = true}, engine);
  };
  const auto u = draw(2, 4, 9), again = draw(3, 4, 9), finer = draw(2, 6, 9), other = draw(2, 4, 10);
  CHECK(u[1].coefficients == again[1].coefficients);
  CHECK(u[1].coefficients != other[1].coefficients);
  CHECK(u[0].coefficients != u[1].coefficients);
  const Index m = u[0].functions(), fine_m = finer[0].functions();
  CHECK(m == 9);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < m; ++j)
      CHECK(u[1].coefficients[static_cast<std::size_t>(i * m + j)] ==
            finer[1].coefficients[static_cast<std::size_t>(i * fine_m + j)]);
  }
  CHECK(u[0].coefficients[0] == 0.0);
  Engine engine(0);
  CHECK_THROWS_WITH_AS(random_fields<1>(1, {.tau = 0}, engine), doctest::Contains("drop_mean"),
                       std::invalid_argument);
  CHECK_NOTHROW(random_fields<1>(1, {.tau = 0, .drop_mean = true}, engine));
  CHECK_THROWS_AS(random_fields<1>(1, {.modes = 0}, engine), std::invalid_argument);
  CHECK_THROWS_WITH_AS(sample(EigenSeries<1>{Box<1>{}, Ends::neumann, 3, {1.0}}, Line({0.0, 1.0, 3})),
                       doctest::Contains("4 coefficients"), std::invalid_argument);
}
