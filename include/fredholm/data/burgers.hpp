// Burgers' equation on a period.
//
//   u_t + (u² / 2)_x = viscosity u_xx,    u(left, t) = u(right, t),    u(x, 0) = u0(x)
//
// Solved for the Fourier modes |k| < n / 2 of the n points: u² is formed on 3 n / 2 points, so that no
// product of two modes is mistaken for a third (the 2/3 rule of Orszag, 1971), and time goes by ETDRK4
// (data/etdrk4.hpp). Spectral in space, order 4 in time; the mean over the period is conserved. The mode
// k = n/2 of an even n has no phase and is dropped.
//
// n points must hold the steepest front, whose width is about viscosity / |u|: of too few, the solution
// rings. The step is stable for about max |u| pi n / L time / steps < 2.8; beyond it the solver throws. The
// data sets of the literature differ by the period: of fields of mean 0 from N(0, 625 (-Delta + 25)^{-2})
// with viscosity 0.1, almost nothing is left at time 1 on (0, 1), and half on (0, 2 pi), with fronts (Li et
// al., 2021, and Kovachki et al., 2023).
//
// Each sample is solved by itself, on any thread, in double. Units: x in those of the grid's interval,
// viscosity in length² / time.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/fft.hpp>
#include <fredholm/data/etdrk4.hpp>
#include <fredholm/data/solve_samples.hpp>

namespace fredholm {

struct BurgersOptions {
  double viscosity = 0.1;
  double time = 1.0;
  Index steps = 400;
  bool dealias =
      true;  ///< false forms u² on the n points themselves, and aliases: for showing what that does
};

namespace detail {

/// The modes k = 0 ... (n - 1) / 2 of u, û_k = 1/n sum_j u_j exp(-2 pi i jk/n), and their equation.
class BurgersSolver {
 public:
  using Complex = std::complex<double>;

  BurgersSolver(Index points, double period, const BurgersOptions& options)
      : points_(points),
        modes_((points - 1) / 2 + 1),
        fine_(options.dealias ? fast_fft_size(3 * modes_ - 2) : points),
        wave_(2.0 * std::numbers::pi / period),
        steps_(options.steps),
        step_(linear_part(modes_, wave_, options.viscosity),
              options.time / static_cast<double>(options.steps)) {}

  std::vector<double> operator()(const std::vector<double>& u0, Index sample) const {
    std::vector<Complex> v(static_cast<std::size_t>(points_ / 2 + 1));
    const RealFft<double> fft(points_);
    fft.forward(u0.data(), v.data());
    v.resize(static_cast<std::size_t>(modes_));
    for (Complex& mode : v) mode /= static_cast<double>(points_);

    std::vector<double> u(static_cast<std::size_t>(fine_));
    std::vector<Complex> padded(static_cast<std::size_t>(fine_ / 2 + 1));
    Etdrk4::Workspace work;
    const auto nonlinear = [&](const Complex* in, Complex* out) { advection(in, out, u, padded); };
    for (Index i = 0; i < steps_; ++i) step_(v, nonlinear, work);

    v.resize(static_cast<std::size_t>(points_ / 2 + 1));
    std::vector<double> solution(static_cast<std::size_t>(points_));
    fft.backward(v.data(), solution.data());
    for (double x : solution) require_finite(x, u0, sample);
    return solution;
  }

 private:
  static std::vector<double> linear_part(Index modes, double wave, double viscosity) {
    std::vector<double> linear;
    for (Index k = 0; k < modes; ++k) {
      const double root = wave * static_cast<double>(k);
      linear.push_back(-viscosity * root * root);
    }
    return linear;
  }

  /// out = the modes of -(u² / 2)_x.
  void advection(const Complex* in, Complex* out, std::vector<double>& u,
                 std::vector<Complex>& padded) const {
    const RealFft<double> fft(fine_);
    std::copy_n(in, modes_, padded.begin());
    std::fill(padded.begin() + modes_, padded.end(), Complex{});
    fft.backward(padded.data(), u.data());
    for (double& x : u) x *= x;
    fft.forward(u.data(), padded.data());
    for (Index k = 0; k < modes_; ++k) {
      const double slope = -0.5 * wave_ * static_cast<double>(k) / static_cast<double>(fine_);
      const Complex square = padded[static_cast<std::size_t>(k)];
      out[k] = {-slope * square.imag(), slope * square.real()};
    }
  }

  void require_finite(double x, const std::vector<double>& u0, Index sample) const {
    if (std::isfinite(x)) return;
    double speed = 0.0;
    for (double value : u0) speed = std::max(speed, std::abs(value));
    const double time = step_.step() * static_cast<double>(steps_);
    fail("burgers: sample ", sample, " grew without bound in ", steps_, " steps. Its speed of ", speed,
         " on ", points_, " points asks for about ",
         std::ceil(0.5 * time * speed * wave_ * static_cast<double>(modes_)), " steps.");
  }

  Index points_, modes_, fine_;
  double wave_;
  Index steps_;
  Etdrk4 step_;
};

}  // namespace detail

/// u at `time`, for u0 (batch, x, 1).
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> burgers(const Field<Discretization, Scalar>& u0, const BurgersOptions& options,
                                      Team& team) {
  static_assert(
      Discretization::dimension == 1 && family_of<typename Discretization::grid_type> == Family::periodic,
      "burgers(u0): the equation is periodic, so u0 is a field on a PeriodicGrid.");
  detail::require_off_tape(u0, "burgers");
  require(u0.channels() == 1, "burgers: u0 has ", u0.channels(), " channels. It has one, u.");
  require(options.viscosity >= 0.0 && options.time > 0.0 && options.steps >= 1, "burgers: the viscosity is ",
          options.viscosity, ", the time ", options.time, " and the steps ", options.steps,
          ". Give viscosity >= 0, time > 0 and at least one step.");
  const Discretization& d = u0.discretization();
  const detail::BurgersSolver solver(d.size(), d.measure(), options);
  return detail::solve_samples<Scalar>(d, u0.batch(), 1, team,
                                       [&](Index b) { return solver(detail::sample_values(u0, b), b); });
}

/// The same on all processors.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> burgers(const Field<Discretization, Scalar>& u0,
                                      const BurgersOptions& options = {}) {
  Team team;
  return burgers(u0, options, team);
}

}  // namespace fredholm
