// Burgers' equation against the exact solution of Hopf (1950) and Cole (1951), u = -2 nu phi_x / phi with
// phi_t = nu phi_xx: order in time, decay of the error in space, what is conserved, and what dealiasing is for.
#include <fredholm/data/burgers.hpp>

#include <fredholm/core/random.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace fredholm;

namespace {

using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
constexpr double pi = std::numbers::pi;

/// The solution from u0 = drift + amplitude sin(2 pi (x - left) / L): phi(x, 0) = exp(amplitude cos(s) / (2 nu wave)),
/// whose Fourier coefficients are integrals that the trapezoid rule does to round-off, and decay by e^{-nu k² wave² t}.
struct ColeHopf {
  Interval interval{0.0, 2 * pi};
  double viscosity = 0.1, amplitude = 1.0, drift = 0.0;

  double operator()(double x, double t) const {
    const int n = 256, modes = 60;
    const double wave = 2 * pi / interval.length();
    const double s = wave * (x - drift * t - interval.left);
    double phi = 0, slope = 0;
    for (int k = 0; k <= modes; ++k) {
      double c = 0;
      for (int j = 0; j < n; ++j) {
        const double y = 2 * pi * j / n;
        c += std::exp(amplitude / (2 * viscosity * wave) * (std::cos(y) - 1)) * std::cos(k * y);
      }
      c *= (k == 0 ? 1.0 : 2.0) / n * std::exp(-viscosity * wave * wave * k * k * t);
      phi += c * std::cos(k * s);
      slope -= c * k * wave * std::sin(k * s);
    }
    return drift - 2 * viscosity * slope / phi;
  }
};

double error(const ColeHopf& exact, Index points, const BurgersOptions& options) {
  const Circle circle({exact.interval.left, exact.interval.right, points});
  const auto u0 = sample([&](double x) { return exact(x, 0.0); }, circle);
  const auto u = burgers(u0, options), v = sample([&](double x) { return exact(x, options.time); }, circle);
  double worst = 0;
  for (Index j = 0; j < points; ++j)
    worst = std::max(worst, std::abs(u.array()(0, j, 0) - v.array()(0, j, 0)));
  return worst;
}

}  // namespace

TEST_CASE("the exact solution") {
  CHECK(std::abs(ColeHopf{}(1.0, 0.0) - std::sin(1.0)) < 1e-12);  // the reference is what it says
  const double e = error({}, 128, {.viscosity = 0.1, .time = 1.0, .steps = 400});
  MESSAGE("u0 = sin x, viscosity 0.1, 128 points, 400 steps: largest error " << e);
  CHECK(e < 1e-9);
  // another interval, another unit, a mean that carries the wave along
  const ColeHopf moving{{-1.0, 3.0}, 0.05, 0.7, 0.4};
  const double shifted = error(moving, 192, {.viscosity = 0.05, .time = 2.0, .steps = 1000});
  MESSAGE("with a drift, viscosity 0.05: largest error " << shifted);
  CHECK(shifted < 1e-9);
}

TEST_CASE("order 4 in time") {
  const double coarse = error({}, 128, {.steps = 50}), fine = error({}, 128, {.steps = 100});
  const double order = std::log2(coarse / fine);
  MESSAGE("order in time " << order << ", errors " << coarse << " and " << fine);
  CHECK(order > 3.8);
  CHECK(order < 4.2);
}

TEST_CASE("spectral in space, and worse where products alias") {
  double last = 1.0;
  for (Index points : {16, 32, 64}) {
    const double e = error({}, points, {.steps = 800});
    MESSAGE(points << " points: largest error " << e);
    CHECK(e < 0.05 * last);  // faster than order 4
    last = e;
  }
  // The energy of an inviscid smooth flow is conserved by the modes that are kept; aliasing makes some.
  const Circle circle({0.0, 2 * pi, 32});
  const auto u0 = sample([](double x) { return std::sin(x) + std::cos(3 * x); }, circle);
  const auto energy = [](const auto& u) {
    double sum = 0;
    for (Index j = 0; j < u.points(); ++j) sum += u.array()(0, j, 0) * u.array()(0, j, 0);
    return sum;
  };
  const double kept = energy(burgers(u0, {.viscosity = 0.0, .time = 0.7, .steps = 700})) / energy(u0) - 1;
  const double aliased =
      energy(burgers(u0, {.viscosity = 0.0, .time = 0.7, .steps = 700, .dealias = false})) / energy(u0) - 1;
  MESSAGE("change of energy without viscosity: dealiased " << kept << ", aliased " << aliased);
  CHECK(std::abs(kept) < 1e-8);
  CHECK(std::abs(aliased) > 1e-3);
}

TEST_CASE("the mean is conserved, samples do not mix, threads do not matter") {
  const Circle circle({0.0, 1.0, 65});
  Engine engine(3);
  Array<double> values(Shape{5, 65, 1});
  double* v = values.mutable_data();
  for (Index b = 0; b < 5; ++b) {
    for (Index j = 0; j < 65; ++j)
      v[b * 65 + j] = std::sin(2 * pi * static_cast<double>((b + 1) * j) / 65) + normal(engine) * 0.1;
  }
  const Field u0(circle, values);
  const BurgersOptions options{.viscosity = 0.02, .time = 0.5, .steps = 200};
  Team one(1), three(3);
  const auto u = burgers(u0, options, one), again = burgers(u0, options, three);
  const auto alone = burgers(slice_batch(u0, 3, 1), options, one);
  for (Index b = 0; b < 5; ++b) {
    double before = 0, after = 0, change = 0;
    for (Index j = 0; j < 65; ++j) {
      before += u0.array()(b, j, 0) / 65, after += u.array()(b, j, 0) / 65;
      change = std::max(change, std::abs(u.array()(b, j, 0) - u0.array()(b, j, 0)));
      CHECK(u.array()(b, j, 0) == again.array()(b, j, 0));
    }
    CHECK(std::abs(after - before) < 1e-12);
    CHECK(change > 0.1);
  }
  for (Index j = 0; j < 65; ++j) CHECK(u.array()(3, j, 0) == alone.array()(0, j, 0));
  const auto single = burgers(cast<float>(u0), options, one);
  CHECK(std::abs(single.array()(1, 7, 0) - static_cast<float>(u.array()(1, 7, 0))) < 1e-6F);
}

TEST_CASE("too few steps are named, and so is a wrong option") {
  const Circle circle({0.0, 1.0, 128});
  const auto u0 = sample([](double x) { return 50 * std::sin(2 * pi * x); }, circle);
  CHECK_THROWS_WITH_AS(burgers(u0, {.viscosity = 1e-3, .steps = 20}), doctest::Contains("asks for about"),
                       std::invalid_argument);
  CHECK_THROWS_AS(burgers(u0, {.viscosity = -1}), std::invalid_argument);
  CHECK_THROWS_AS(burgers(u0, {.steps = 0}), std::invalid_argument);
}
