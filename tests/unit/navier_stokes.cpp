// Navier-Stokes on a torus: exact solutions, order in time, what is conserved, and what dealiasing is for.
#include <fredholm/data/navier_stokes.hpp>

#include <fredholm/data/random_field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace fredholm;

namespace {

using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;
constexpr double pi = std::numbers::pi;

template <class FieldA, class FieldB>
double gap(const FieldA& u, const FieldB& v) {
  double worst = 0;
  for (Index i = 0; i < u.values().size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(u.values().data()[i] - v.values().data()[i])));
  return worst;
}

Field<Torus, double> random_vorticity(const Torus& torus, Index batch, double sigma, unsigned seed) {
  Engine engine(seed);
  const RandomFieldOptions<2> options{.box = torus.box(),
                                      .ends = Ends::periodic,
                                      .sigma = sigma,
                                      .tau = 3,
                                      .gamma = 2.5,
                                      .modes = 6,
                                      .drop_mean = true};
  return sample(random_fields(batch, options, engine), torus);
}

}  // namespace

TEST_CASE("the vortices of Taylor and Green decay as they should") {
  const double viscosity = 0.05, time = 2.0;
  const Torus torus({{0.0, 2 * pi, 32}, {0.0, 2 * pi, 31}});
  const auto exact = [&](double t) {
    return sample(
        [&](double x, double y) { return 2 * std::cos(x) * std::cos(y) * std::exp(-2 * viscosity * t); },
        torus);
  };
  const auto w = navier_stokes(exact(0.0), {.viscosity = viscosity, .times = {0.0, 0.5, time}, .step = 0.05});
  CHECK(w.channels() == 3);
  double worst = 0;
  const std::array times{0.0, 0.5, time};
  for (Index t = 0; t < 3; ++t)
    worst = std::max(worst, gap(slice_channels(w, t, 1), exact(times[static_cast<std::size_t>(t)])));
  MESSAGE("Taylor and Green: largest error " << worst);
  CHECK(worst < 1e-10);
}

TEST_CASE("a steady flow held by its force, where advection is all that matters") {
  // psi = sin x + cos(3 y / 2) on [0, 2 pi] x [0, 4 pi]: u . grad w = 15/8 cos x sin(3 y / 2), and f balances it.
  const double viscosity = 0.2;
  const Torus torus({{0.0, 2 * pi, 24}, {0.0, 4 * pi, 30}});
  const auto w0 = sample([](double x, double y) { return std::sin(x) + 2.25 * std::cos(1.5 * y); }, torus);
  const auto f = sample(
      [&](double x, double y) {
        return 15.0 / 8 * std::cos(x) * std::sin(1.5 * y) +
               viscosity * (std::sin(x) + 2.25 * 2.25 * std::cos(1.5 * y));
      },
      torus);
  const auto w = navier_stokes(w0, f, {.viscosity = viscosity, .times = {1.0}, .step = 0.01});
  MESSAGE("steady flow: largest error " << gap(w, w0));
  CHECK(gap(w, w0) < 1e-10);
  CHECK(gap(navier_stokes(w0, f, {.viscosity = viscosity, .times = {1.0}, .step = 0.1}), w0) < 1e-4);
  CHECK(gap(navier_stokes(w0, {.viscosity = viscosity, .times = {1.0}, .step = 0.01}), w0) > 0.1);
}

TEST_CASE("order 4 in time for a forced flow") {
  const Torus torus({{0.0, 1.0, 32}, {0.0, 1.0, 32}});
  const auto w0 = random_vorticity(torus, 1, 300.0, 4);
  const auto f = sample(
      [](double x, double y) { return std::sin(2 * pi * (x + y)) + std::cos(2 * pi * (x + y)); }, torus);
  const auto at = [&](double step) {
    return navier_stokes(w0, f, {.viscosity = 1e-2, .times = {1.0}, .step = step});
  };
  const auto a = at(1.0 / 32), b = at(1.0 / 64), c = at(1.0 / 128);
  const double order = std::log2(gap(a, b) / gap(b, c));
  MESSAGE("order in time " << order << ", differences " << gap(a, b) << " and " << gap(b, c) << ", |w - w0| "
                           << gap(c, w0));
  CHECK(std::abs(order - 4) < 0.2);
  CHECK(gap(c, w0) > 0.1);
}

TEST_CASE("spectral in space") {
  const Torus fine({{0.0, 1.0, 96}, {0.0, 1.0, 96}});
  const NavierStokesOptions options{.viscosity = 1e-2, .times = {0.5}, .step = 1.0 / 64};
  const auto reference = navier_stokes(random_vorticity(fine, 1, 300.0, 4), options);
  std::array<double, 2> errors{};
  for (std::size_t i = 0; i < 2; ++i) {
    const Index n = i == 0 ? 24 : 48;
    const Torus torus({{0.0, 1.0, n}, {0.0, 1.0, n}});
    const auto w = navier_stokes(random_vorticity(torus, 1, 300.0, 4), options);
    for (Index x = 0; x < n; ++x) {
      for (Index y = 0; y < n; ++y)
        errors[i] = std::max(
            errors[i], std::abs(w.array()(0, x, y, 0) - reference.array()(0, 96 / n * x, 96 / n * y, 0)));
    }
  }
  MESSAGE("24 and 48 points an axis: errors " << errors[0] << " and " << errors[1]);
  CHECK(errors[1] < errors[0] / 64);  // beyond order 6
}

TEST_CASE("mean and enstrophy: kept without viscosity, and not where products alias") {
  const Torus torus({{0.0, 1.0, 24}, {0.0, 1.0, 24}});
  const auto w0 = random_vorticity(torus, 2, 500.0, 7) + 0.3;
  const auto run = [&](double viscosity, bool dealias, double step) {
    return navier_stokes(w0, {.viscosity = viscosity, .times = {1.0}, .step = step, .dealias = dealias});
  };
  const auto moment = [](const auto& w, Index sample, int power) {
    double sum = 0;
    for (Index i = 0; i < w.points(); ++i) sum += std::pow(w.values().data()[sample * w.points() + i], power);
    return sum / static_cast<double>(w.points());
  };
  const auto viscous = run(1e-3, true, 1.0 / 128), kept = run(0.0, true, 1.0 / 256),
             halved = run(0.0, true, 1.0 / 512), aliased = run(0.0, false, 1.0 / 256),
             aliased_halved = run(0.0, false, 1.0 / 512);
  for (Index b = 0; b < 2; ++b) {
    CHECK(std::abs(moment(viscous, b, 1) - 0.3) < 1e-12);
    CHECK(moment(viscous, b, 2) < 0.99 * moment(w0, b, 2));
    const auto change = [&](const auto& w) { return std::abs(moment(w, b, 2) / moment(w0, b, 2) - 1); };
    MESSAGE("change of enstrophy without viscosity, and at half the step: dealiased "
            << change(kept) << ", " << change(halved) << ", aliased " << change(aliased) << ", "
            << change(aliased_halved));
    // The modes that are kept conserve it; what is lost is the step's, and falls at the order of the step or
    // faster. What aliasing makes stays.
    CHECK(std::log2(change(kept) / change(halved)) > 3.8);
    CHECK(change(halved) < 1e-7);
    CHECK(change(aliased_halved) > 1e-3);
    CHECK(change(aliased_halved) > 0.9 * change(aliased));
  }
  CHECK(gap(kept, w0) > 0.1);
}

TEST_CASE("times, threads, precision, and what is wrong is named") {
  const Torus torus({{0.0, 1.0, 16}, {0.0, 2.0, 15}});
  const auto w0 = random_vorticity(torus, 3, 50.0, 1), f = random_vorticity(torus, 3, 20.0, 2);
  Team one(1), three(3);
  const NavierStokesOptions options{.viscosity = 1e-2, .times = {0.1, 0.2, 0.3, 0.5}, .step = 0.02};
  const auto w = navier_stokes(w0, f, options, one), again = navier_stokes(w0, f, options, three);
  CHECK(gap(w, again) == 0.0);
  CHECK(w.values().shape() == Shape{3, 16, 15, 4});
  const auto last = navier_stokes(slice_batch(w0, 1, 1), slice_batch(f, 1, 1),
                                  {.viscosity = 1e-2, .times = {0.5}, .step = 0.02}, one);
  CHECK(gap(navier_stokes(w0, options, one), navier_stokes(w0, f * 0.0, options)) == 0.0);
  CHECK(gap(slice_channels(slice_batch(w, 1, 1), 3, 1), last) < 1e-12);
  CHECK(gap(navier_stokes(cast<float>(w0), cast<float>(f), options, one), cast<float>(w)) < 1e-5);
  CHECK_THROWS_WITH_AS(navier_stokes(w0, {.times = {1.0, 0.5}}), doctest::Contains("ascending"),
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(navier_stokes(w0 * 1e4, {.viscosity = 0.0, .times = {10.0}, .step = 0.1}),
                       doctest::Contains("shorter step"), std::invalid_argument);
  CHECK_THROWS_AS(navier_stokes(w0, slice_batch(f, 0, 2), options), std::invalid_argument);
}
