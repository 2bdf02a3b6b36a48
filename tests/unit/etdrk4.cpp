// ETDRK4: exact on the linear part, Runge-Kutta without one, order 4 between.
#include <fredholm/data/etdrk4.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace fredholm;
using Complex = std::complex<double>;

namespace {

/// v' = c v + v² from v(0) = v0 at t = 1, in `steps` steps.
double bernoulli(double c, double v0, int steps) {
  const Etdrk4 step({c}, 1.0 / steps);
  Etdrk4::Workspace work;
  std::vector<Complex> v{v0};
  for (int i = 0; i < steps; ++i)
    step(v, [](const Complex* in, Complex* out) { out[0] = in[0] * in[0]; }, work);
  return v[0].real();
}

double exact_bernoulli(double c, double v0) { return std::exp(c) / (1.0 / v0 - std::expm1(c) / c); }

}  // namespace

TEST_CASE("a linear equation is exact, however stiff") {
  for (double c : {-1e6, -30.0, -1e-9, 0.0, 0.5}) {
    const Etdrk4 step({c}, 1.0);
    Etdrk4::Workspace work;
    std::vector<Complex> v{Complex{2.0, 1.0}};
    step(v, [](const Complex*, Complex* out) { out[0] = 0.0; }, work);
    CHECK(std::abs(v[0] - std::exp(c) * Complex{2.0, 1.0}) < 1e-15);
    // v' = c v + 1 from 0: (e^c - 1) / c
    v[0] = 0.0;
    step(v, [](const Complex*, Complex* out) { out[0] = 1.0; }, work);
    CHECK(std::abs(v[0] - (c == 0.0 ? 1.0 : std::expm1(c) / c)) < 1e-14);
  }
}

TEST_CASE("order 4") {
  for (double c : {-3.0, -1e-3, 0.2}) {
    const double exact = exact_bernoulli(c, 0.6);
    const double coarse = std::abs(bernoulli(c, 0.6, 40) - exact),
                 fine = std::abs(bernoulli(c, 0.6, 80) - exact);
    const double order = std::log2(coarse / fine);
    CAPTURE(c);
    CAPTURE(fine);
    CHECK(order > 3.8);
    CHECK(order < 4.2);
  }
}

TEST_CASE("without a linear part: classical Runge-Kutta") {
  const double h = 0.3;
  const auto f = [](double v) { return v * v; };
  const double v = 0.7, k1 = f(v), k2 = f(v + h / 2 * k1), k3 = f(v + h / 2 * k2), k4 = f(v + h * k3);
  const Etdrk4 step({0.0}, h);
  Etdrk4::Workspace work;
  std::vector<Complex> state{v};
  step(state, [&](const Complex* in, Complex* out) { out[0] = f(in[0].real()); }, work);
  CHECK(std::abs(state[0] - (v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))) < 1e-14);
  CHECK_THROWS_AS(Etdrk4({0.0}, 0.0), std::invalid_argument);
}

TEST_CASE("a complex linear part: rotation is exact, and order 4") {
  for (const Complex c : {Complex{0.0, -1e5}, Complex{0.0, 2.0}, Complex{-1.0, 3.0}, Complex{}}) {
    const DispersiveEtdrk4 step({c}, 1.0);
    DispersiveEtdrk4::Workspace work;
    std::vector<Complex> v{Complex{2.0, 1.0}};
    step(v, [](const Complex*, Complex* out) { out[0] = 0.0; }, work);
    CHECK(std::abs(v[0] - std::exp(c) * Complex{2.0, 1.0}) < 1e-14);
  }
  // v' = c v + v², Bernoulli's equation again.
  const Complex c{0.0, 3.0};
  const auto solve = [c](int steps) {
    const DispersiveEtdrk4 step({c}, 1.0 / steps);
    DispersiveEtdrk4::Workspace work;
    std::vector<Complex> v{0.6};
    for (int i = 0; i < steps; ++i)
      step(v, [](const Complex* in, Complex* out) { out[0] = in[0] * in[0]; }, work);
    return std::abs(v[0] - std::exp(c) / (1.0 / 0.6 - (std::exp(c) - 1.0) / c));
  };
  const double order = std::log2(solve(40) / solve(80));
  CHECK(order > 3.8);
  CHECK(order < 4.2);
}
