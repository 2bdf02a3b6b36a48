// Residuals and exact solutions of the problems, each the test of the other: residual(exact, points) is 0 to round-off.
// Negative control: a solution of another equation (a wrong sign, another number) has a residual that is not.
#include <fredholm/physics/problems/allen_cahn.hpp>
#include <fredholm/physics/problems/burgers.hpp>
#include <fredholm/physics/problems/heat.hpp>
#include <fredholm/physics/problems/helmholtz.hpp>
#include <fredholm/physics/problems/korteweg_de_vries.hpp>
#include <fredholm/physics/problems/poisson.hpp>
#include <fredholm/physics/problems/schroedinger.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/points.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <complex>

using namespace fredholm;
using namespace fredholm::problems;

namespace {

MonteCarloPoints<2> some(const Box<2>& box) {
  Engine engine(3);
  return random_points(box, 60, engine);
}

template <class Residual>
double largest(const Residual& residual) {
  double worst = 0.0;
  for (Index i = 0; i < residual.values().size(); ++i)
    worst = std::max(worst, std::abs(residual.values().data()[i]));
  return worst;
}

/// u of another sign: no solution of an equation with a source or a square.
template <class Solution>
struct Minus {
  Solution solution;
  auto operator()(const auto& p) const { return -1.0 * solution(p); }
};
template <class Solution>
Minus(Solution) -> Minus<Solution>;

}  // namespace

TEST_CASE("Poisson and Helmholtz") {
  const Poisson poisson;
  const auto points = some(Poisson::domain());
  CHECK(largest(poisson(Poisson::Solution{}, points)) < 1e-13 * 20);
  CHECK(largest(poisson(Minus{Poisson::Solution{}}, points)) > 10.0);
  const Helmholtz helmholtz{2.0, 1, 3};
  const auto square = some(Helmholtz::domain());
  CHECK(largest(helmholtz(helmholtz.solution(), square)) < 1e-13 * 200);
  CHECK(largest(helmholtz(Helmholtz{2.0, 1, 2}.solution(), square)) > 10.0);
  CHECK(largest(Matching{Poisson::Solution{}}(Poisson::Solution{}, points)) == 0.0);
  const auto f = [](double x, double y) { return std::sin(3.0 * x) * y; };
  CHECK(largest(Prescribed{f}(Poisson::Solution{}, points)) > 0.1);
}

TEST_CASE("heat, with several alpha and lengths") {
  for (const Heat& heat : {Heat{}, Heat{.alpha = 0.05, .length = 2.0}, Heat{.alpha = 1.0, .mode = 3}}) {
    const auto points = some(heat.domain());
    CHECK(largest(heat(heat.solution(), points)) < 1e-11);
    CHECK(largest(Heat{.alpha = -heat.alpha}(heat.solution(), points)) > 0.1);
  }
  // Start and ends are built in.
  const HardHeat<Heat::Solution> hard{Heat{}.solution(), 1.0};
  for (double t : {0.0, 0.4}) {
    for (double x : {0.0, 0.3, 1.0}) {
      if (t > 0.0 && x == 0.3) continue;
      const MonteCarloPoints<2> at(PointCloud<2>(Box<2>{}, {{x, t}}));
      CHECK(std::abs(values(hard, at).values().data()[0] - std::sin(std::numbers::pi * x)) < 1e-15);
      const HardHeat<Heat::Solution> third{Heat{}.solution(), 1.0, 3};
      CHECK(std::abs(values(third, at).values().data()[0] - std::sin(3 * std::numbers::pi * x)) < 1e-15);
    }
  }
}

TEST_CASE("Burgers: a front, and hard constraints") {
  const BurgersFront front{.viscosity = 0.07, .amplitude = 0.8, .speed = 0.3};
  const auto points = some(Burgers::domain());
  CHECK(largest(Burgers{0.07}(front, points)) < 1e-12);
  CHECK(largest(Burgers{-0.07}(front, points)) > 0.1);
  const HardBurgers<BurgersFront> hard{front};
  for (const auto& place : {std::array{-1.0, 0.4}, std::array{1.0, 0.9}, std::array{0.3, 0.0}}) {
    const MonteCarloPoints<2> at(PointCloud<2>(Burgers::domain(), {place}));
    CHECK(std::abs(values(hard, at).values().data()[0] - ColeHopf{}(place[0], place[1])) < 1e-14);
  }
}

TEST_CASE("Allen and Cahn: the front") {
  const AllenCahn equation{.diffusion = 0.02};
  const auto points = some(AllenCahn::domain());
  CHECK(largest(equation(equation.front(), points)) < 1e-12);
  CHECK(largest(AllenCahn{-0.02}(equation.front(), points)) > 0.1);
}

TEST_CASE("Korteweg and de Vries: the soliton") {
  const KortewegDeVries equation{0.2};
  const auto points = some(KortewegDeVries::domain());
  CHECK(largest(equation(equation.soliton(0.7), points)) < 1e-11);
  CHECK(largest(KortewegDeVries{0.21}(equation.soliton(0.7), points)) > 0.1);
}

TEST_CASE("Schroedinger: the breather starts as 2 / cosh x and solves the equation") {
  const Schroedinger equation;
  const auto points = some(Schroedinger::domain());
  CHECK(largest(equation(Schroedinger::Breather{}, points)) < 1e-10);
  // h conjugated runs backwards in time.
  const auto conjugated = [](const auto& p) {
    const auto h = Schroedinger::Breather{}(p);
    return concatenate(channel(h, 0), -1.0 * channel(h, 1));
  };
  CHECK(largest(equation(conjugated, points)) > 0.1);
  const auto axis =
      sample([](double x, double) { return std::array<double, 2>{Schroedinger::start(x), 0.0}; },
             Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Trapezoid>>(
                 {{-5.0, 5.0, 21}, {0.0, 1.0, 2}}));
  const auto breather = values(Schroedinger::Breather{}, axis.discretization());
  for (Index j = 0; j < 21; ++j) {
    CHECK(std::abs(breather.array()(0, j, 0, 0) - axis.array()(0, j, 0, 0)) < 1e-14);
    CHECK(std::abs(breather.array()(0, j, 0, 1)) < 1e-14);
  }
}
