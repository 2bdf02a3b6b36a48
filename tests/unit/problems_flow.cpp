// Exact flows have no residual: Kovasznay's, Taylor and Green's, and one that a force drives. With another viscosity, density or
// force they have one.
#include <fredholm/physics/problems/cavity.hpp>
#include <fredholm/physics/problems/kovasznay.hpp>
#include <fredholm/physics/problems/taylor_green.hpp>
#include <fredholm/space/points.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace fredholm;
using namespace fredholm::problems;

namespace {

template <class Residual>
double largest(const Residual& residual, Index channel = -1) {
  double worst = 0.0;
  for (Index i = 0; i < residual.values().size(); ++i) {
    if (channel < 0 || i % residual.channels() == channel)
      worst = std::max(worst, std::abs(residual.values().data()[i]));
  }
  return worst;
}

template <Index D>
MonteCarloPoints<D> some(const Box<D>& box) {
  Engine engine(3);
  return random_points(box, 60, engine);
}

}  // namespace

TEST_CASE("Kovasznay") {
  const Kovasznay flow;
  CHECK(flow.rate() == doctest::Approx(-0.963740544195769).epsilon(1e-12));
  const auto points = some(Kovasznay::domain());
  const auto residual = flow.equation()(flow.solution(), points);
  CHECK(residual.channels() == 3);
  CHECK(largest(residual) < 1e-12);
  const auto wrong = Kovasznay{41.0}.equation()(flow.solution(), points);
  CHECK(largest(wrong, 0) > 1e-3);
  CHECK(largest(wrong, 2) < 1e-12);  // the divergence knows no viscosity
}

TEST_CASE("Taylor and Green, in time, with a density") {
  const TaylorGreen flow{.density = 1.7, .viscosity = 0.3, .wave = 2.0};
  const auto points = some(flow.domain());
  CHECK(largest(flow.equation()(flow.solution(), points)) < 1e-12);
  CHECK(largest(NavierStokes<>{1.0, 0.3, {}}(flow.solution(), points), 0) > 0.1);
  CHECK(largest(NavierStokes<>{1.7, -0.3, {}}(flow.solution(), points), 1) > 0.1);
}

TEST_CASE("a body force: Poiseuille's flow between walls, and gravity") {
  // u = g / (2 viscosity) y (1 - y) under a force g along x; across, a force that the pressure balances.
  const double g = 0.8, viscosity = 0.2, density = 3.0;
  const auto flow = [=](const auto& p) {
    const auto x = channel(p, 0), y = channel(p, 1);
    return concatenate(concatenate(0.5 * g / viscosity * (y * (1.0 - y)), 0.0 * x), -9.81 * density * y);
  };
  const auto force = [=](double, double) { return std::array<double, 2>{g, -9.81 * density}; };
  const auto points = some(Box<2>{});
  CHECK(largest(SteadyNavierStokes{density, viscosity, force}(flow, points)) < 1e-12);
  CHECK(largest(SteadyNavierStokes{density, viscosity}(flow, points)) > 1.0);
}

TEST_CASE("the lid of the cavity moves, and the walls stand") {
  CHECK(Cavity::lid(0.3, 1.0) == std::array<double, 2>{1.0, 0.0});
  CHECK(Cavity::lid(0.3, 0.0) == std::array<double, 2>{0.0, 0.0});
  CHECK(Cavity{400.0}.equation().viscosity == 1.0 / 400.0);
}
