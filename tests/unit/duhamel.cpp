// Heat flow and Duhamel's integral: exact on the grid, right for all rates of decay, and a map whose fixed point
// is a solution.
#include <fredholm/data/burgers.hpp>
#include <fredholm/laws/gradient.hpp>
#include <fredholm/physics/duhamel.hpp>
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

using Chebyshevs =
    Discretization<ProductGrid<PeriodicGrid<>, ChebyshevGrid<>>, ProductRule<Trapezoid, ClenshawCurtis>>;
using Legendres =
    Discretization<ProductGrid<PeriodicGrid<>, LegendreGrid<>>, ProductRule<Trapezoid, GaussLegendre>>;

constexpr double pi = std::numbers::pi;

/// f = cos(2 pi k x) (s^3 - 2 s), s the time since the start, and e with e_t - nu e_xx = f: e = cos(2 pi k x) y(s).
double forced(double lambda, double s) {
  if (lambda == 0) return std::pow(s, 4) / 4 - s * s;
  const auto particular = [lambda](double r) {  // f/l - f'/l^2 + f''/l^3 - f'''/l^4
    return (r * r * r - 2 * r) / lambda - (3 * r * r - 2) / std::pow(lambda, 2) +
           6 * r / std::pow(lambda, 3) - 6 / std::pow(lambda, 4);
  };
  return particular(s) - std::exp(-lambda * s) * particular(0);
}

template <class Domain>
void check_forced_heat(const Domain& d, double nu) {
  const double left = d.box()[1].left, length = d.box()[0].length();
  for (const double k : {0.0, 1.0, 5.0, 15.0}) {
    const double wave = 2 * pi * k / length, lambda = nu * wave * wave;
    // For small lambda the closed form cancels.
    if (lambda != 0 && lambda < 1) continue;
    const auto f = sample(
        [&](double x, double t) {
          const double s = t - left;
          return std::cos(wave * x + 0.3) * (s * s * s - 2 * s);
        },
        d);
    const auto exact =
        sample([&](double x, double t) { return std::cos(wave * x + 0.3) * forced(lambda, t - left); }, d);
    CHECK(distance<Linf>(duhamel(f, nu), exact) < 1e-13);
    const auto start = sample([&](double x) { return std::sin(wave * x + 0.3); }, space_of(d));
    const auto flow = sample(
        [&](double x, double t) { return std::exp(-lambda * (t - left)) * std::sin(wave * x + 0.3); }, d);
    CHECK(distance<Linf>(heat_flow(start, d, nu), flow) < 1e-13);
  }
}

auto picard(const auto& start, const auto& u, double nu) {
  return heat_flow(start, u.discretization(), nu) - 0.5 * duhamel(derivative<0>(u * u), nu);
}

}  // namespace

TEST_CASE("the heat equation with a source is solved exactly, whatever the rate of decay") {
  for (const double nu : {0.05, 1.0, 100.0}) {  // exp(-lambda t) to exp(-10^6)
    check_forced_heat(Chebyshevs({{0.0, 1.0, 32}, {0.0, 1.0, 6}}), nu);
    check_forced_heat(Chebyshevs({{-1.0, 1.0, 31}, {2.0, 2.5, 9}}), nu);
    check_forced_heat(Legendres({{0.0, 1.0, 32}, {-1.0, 0.0, 5}}), nu);
  }
}

TEST_CASE("duhamel inverts the heat operator on what it returns") {
  const Chebyshevs d({{0.0, 1.0, 15}, {0.0, 0.1, 12}});
  const auto f =
      sample([](double x, double t) { return std::exp(std::sin(2 * pi * x)) * std::cos(3 * t); }, d);
  const auto e = duhamel(f, 0.01);
  CHECK(distance<Linf>(derivative<1>(e) - 0.01 * derivative<0>(derivative<0>(e)), f) < 1e-8);
  CHECK(distance<Linf>(at_start(e), 0.0 * at_start(e)) == 0.0);
}

TEST_CASE(
    "a solution of Burgers' equation is the fixed point of its Picard map, and another function is not") {
  constexpr double nu = 0.05;
  const auto defect = [&](Index times, bool solves, bool other_start = false) {
    const Chebyshevs d({{0.0, 1.0, 64}, {0.0, 0.25, times}});
    const auto space = space_of(d);
    auto u = sample([](double x) { return std::sin(2 * pi * x) + 0.5 * std::cos(4 * pi * x); }, space);
    Array<double> values(Shape{1, 64, times, 1});
    double now = 0;
    for (Index j = 0; j < times; ++j) {
      const double step = d.nodes(1)[static_cast<std::size_t>(j)] - now;
      if (step > 0) u = burgers(u, {.viscosity = solves ? nu : 1.1 * nu, .time = step, .steps = 200});
      now += step;
      for (Index i = 0; i < 64; ++i) values.mutable_data()[i * times + j] = u.values().data()[i];
    }
    const Field<Chebyshevs, double> solution(d, values);
    if (other_start) {  // a solution, but not from this start
      const auto from = 1.5 * at_start(solution);
      return relative_error<L2>(picard(from, solution, nu), solution).value();
    }
    return relative_error<L2>(picard(at_start(solution), solution, nu), solution).value();
  };
  CHECK(defect(8, true) < 1e-3);
  CHECK(defect(16, true) < 1e-6);
  CHECK(defect(32, true) < 1e-9);  // spectral in time
  CHECK(defect(32, false) > 1e-3);
  CHECK(defect(32, true, true) > 0.1);
}

TEST_CASE("heat flow and Duhamel's integral have the adjoints of their derivatives") {
  Engine engine(3);
  const Chebyshevs d({{0.0, 1.0, 8}, {0.0, 1.0, 5}});
  const Field<Chebyshevs, double> u(d, normal_array<double>({2, 8, 5, 1}, 1.0, engine));
  CHECK(laws::gradient({.linear = true}, [](const auto& v) { return duhamel(v, 0.02); }, u));
  CHECK(laws::gradient({.linear = true}, [&](const auto& v) { return heat_flow(v, d, 0.02); }, at_start(u)));
  CHECK(laws::gradient([](const auto& v) { return mean_square(v - picard(at_start(v), v, 0.02)); }, u));
}

TEST_CASE(
    "the rule of the grid plays no part, one grid serves two diffusions, samples do not meet, and float does") {
  using Simpsons =
      Discretization<ProductGrid<PeriodicGrid<>, ChebyshevGrid<>>, ProductRule<Simpson, ClenshawCurtis>>;
  const Chebyshevs d({{0.0, 1.0, 16}, {0.0, 1.0, 7}});
  const Simpsons s({{0.0, 1.0, 16}, {0.0, 1.0, 7}});
  const auto wave = [](double x, double t) {
    return std::sin(2 * pi * x) * std::exp(t) + std::cos(10 * pi * x);
  };
  const auto f = sample(wave, d);
  const auto first = duhamel(f, 0.02), second = duhamel(f, 0.2);
  const auto flow = heat_flow(at_start(f), d, 0.02);
  CHECK(distance<Linf>(f.with(duhamel(sample(wave, s), 0.02).values()), first) < 1e-13);
  CHECK(distance<Linf>(f.with(heat_flow(at_start(sample(wave, s)), s, 0.02).values()), flow) < 1e-13);
  CHECK(distance<Linf>(duhamel(f, 0.02), first) == 0.0);
  CHECK(distance<Linf>(first, second) > 0.1 * norm<Linf>(first));
  CHECK(distance<Linf>(flow, heat_flow(at_start(f), d, 0.2)) > 0.1);
  const auto both = duhamel(stack(std::vector{f, 2.0 * f}), 0.02);
  CHECK(distance<Linf>(slice_batch(both, 0, 1), first) < 1e-14);
  CHECK(distance<Linf>(slice_batch(both, 1, 1), 2.0 * first) < 1e-14);
  CHECK(distance<Linf>(cast<double>(duhamel(cast<float>(f), 0.02)), first) < 1e-6);
}

TEST_CASE("what is no diffusion or no single channel is refused") {
  const Chebyshevs d({{0.0, 1.0, 8}, {0.0, 1.0, 5}});
  const auto u = sample([](double, double t) { return t; }, d);
  CHECK(contains(message_of([&] { duhamel(u, 0.0); }), "the diffusion is 0"));
  CHECK(contains(message_of([&] { duhamel(concatenate(u, u), 0.1); }), "f has 2 channels"));
  const Chebyshevs other({{0.0, 1.0, 10}, {0.0, 1.0, 5}});
  CHECK(contains(message_of([&] { heat_flow(at_start(u), other, 0.1); }), "on the space of d"));
}
