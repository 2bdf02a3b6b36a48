// Physics losses for operators on grids: residuals of exact solutions at the order of the grid, slices of time, gradients.
#include <fredholm/laws/gradient.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pino.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

using Periodic = Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Simpson>>;
using Bounded = Discretization<ProductGrid<ChebyshevGrid<>, ChebyshevGrid<>>, ClenshawCurtis>;

constexpr double pi = std::numbers::pi;
constexpr double nu = 0.1;

/// A front that moves, an exact solution of Burgers' equation on the line.
double front(double x, double t) { return 0.5 - std::tanh(5.0 * (x - 0.5 * t)); }

auto burgers(const auto& u) {
  const auto slope = derivative<0>(u);
  return derivative<1>(u) + u * slope - nu * derivative<0>(slope);
}
const auto burgers_residual = [](const auto& u) { return burgers(u); };

}  // namespace

TEST_CASE("the residual of an exact solution vanishes as the grid's derivatives converge") {
  const auto loss = [](Index n) {
    return mean_square(burgers(sample(front, Bounded({{-1.0, 1.0, 2 * n}, {0.0, 1.0, n}})))).value();
  };
  CHECK(loss(16) < 1e-2);
  CHECK(loss(32) < 1e-8);  // spectral in both axes
  // heat with a period in space and without one in time: order 8 in time, and none the worse at the ends
  const auto heat = [](double x, double t) { return std::exp(-nu * 4 * pi * pi * t) * std::sin(2 * pi * x); };
  const auto error = [&](Index times) {
    const auto u = sample(heat, Periodic({{0.0, 1.0, 16}, {0.0, 1.0, times}}));
    return std::sqrt(mean_square(derivative<1>(u) - nu * derivative<0>(derivative<0>(u))).value());
  };
  CHECK(std::log2(error(17) / error(33)) > 7.5);
}

TEST_CASE("a slice of time is a field on space, and a start goes through all times") {
  const auto u = sample(front, Bounded({{-1.0, 1.0, 33}, {0.0, 1.0, 25}}));
  const auto start = at_start(u);
  const auto space = space_of(u.discretization());
  static_assert(std::is_same_v<decltype(space), const Discretization<ChebyshevGrid<>, ClenshawCurtis>>);
  CHECK(start.discretization() == space);
  CHECK(distance<Linf>(start, sample([](double x) { return front(x, 0.0); }, space)) == 0.0);
  CHECK(distance<Linf>(at_time(u, 0.37), sample([](double x) { return front(x, 0.37); }, space)) < 1e-8);
  const auto through = through_time(start, u.discretization());
  CHECK(distance<Linf>(through, sample([](double x, double) { return front(x, 0.0); }, u.discretization())) ==
        0.0);
  CHECK(contains(message_of([&] { through_time(start, Bounded({{-1.0, 1.0, 31}, {0.0, 1.0, 25}})); }),
                 "u0 is on 33 points that are not those of the space of d"));

  using Cube = Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>, UniformGrid<>>, Trapezoid>;
  const Cube cube({{0.0, 1.0, 6}, {0.0, 1.0, 5}, {0.0, 2.0, 4}});
  const auto f = [](double x, double y, double t) { return x + 10 * y + 100 * t; };
  const auto end = at_time(sample(f, cube), 2.0);
  CHECK(distance<Linf>(end, sample([&](double x, double y) { return f(x, y, 2.0); }, space_of(cube))) <
        1e-12);
}

TEST_CASE("slices and residuals have the adjoints of their derivatives") {
  Engine engine(3);
  const Periodic d({{0.0, 1.0, 8}, {0.0, 1.0, 9}});
  const Field<Periodic, double> u(d, normal_array<double>({2, 8, 9, 1}, 1.0, engine));
  CHECK(laws::gradient({.linear = true}, [](const auto& v) { return at_start(v); }, u));
  CHECK(laws::gradient({.linear = true}, [&](const auto& v) { return through_time(v, d); }, at_start(u)));
  CHECK(laws::gradient([](const auto& v) { return mean_square(burgers(v)); }, u));
}

TEST_CASE("the loss of an operator is residual and start, by the rule and not by the number of points") {
  Engine engine(8);
  const auto model = make_mlp<Tanh>({1, 6, 1}, engine);
  const PinoLoss loss{burgers_residual, {.residual = 2.0, .start = 5.0}};
  const auto at = [&](Index n) {
    const Bounded d({{-1.0, 1.0, n}, {0.0, 1.0, n}});
    const auto start = sample([](double x) { return std::sin(pi * x); }, space_of(d));
    return loss(model, through_time(start, d), start).value();
  };
  CHECK(at(56) == doctest::Approx(at(72)).epsilon(1e-9));
  const Periodic d({{0.0, 1.0, 8}, {0.0, 1.0, 9}});
  const Field<Discretization<PeriodicGrid<>, Trapezoid>, double> starts(
      space_of(d), normal_array<double>({3, 8, 1}, 1.0, engine));
  const auto [value, gradient] = value_and_gradient(loss, model, through_time(starts, d), starts);
  const auto u = model(through_time(starts, d));
  CHECK(value == doctest::Approx(2 * mean_square(burgers(u)).value() +
                                 5 * mean_squared_error(at_start(u), starts).value()));
}
