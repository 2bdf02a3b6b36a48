// Navier and Stokes' equations in two dimensions on a torus, for the vorticity.
//
//   w_t + u . grad w = viscosity Delta w + f,     u = (psi_y, -psi_x),   -Delta psi = w
//
// Solved for the Fourier modes |k_x| < n_x / 2, |k_y| < n_y / 2 of the grid. As Basdevant (1983) does,
//
//   u . grad w = (d_xx - d_yy)(u_x u_y) + d_xy(u_y² - u_x²),
//
// which takes four transforms, on 3/2 as many points an axis, so that no product of two modes is mistaken for
// a third (the 2/3 rule of Orszag, 1971). Time goes by ETDRK4 (data/etdrk4.hpp). Spectral in space, order 4
// in time. The mean of w grows with that of f and otherwise stays; the velocity has mean zero. Modes at k =
// n/2 are dropped.
//
//   auto w = navier_stokes(w0, f, {.viscosity = 1e-3, .times = {1.0, 2.0, 3.0}, .step = 5e-3});
//
// gives (batch, x, y, times). The step is stable for about max |u| pi n / L step < 2.8; beyond it the solver
// throws. The data of Li et al. (2021) are w0 ~ N(0, 7^3 (-Delta + 49)^{-5/2}) on (0, 1)²,
// f = 0.1 (sin 2 pi (x + y) + cos 2 pi (x + y)), made at 256 points an axis with Crank and Nicolson's rule;
// solve on a grid that holds the flow and resample the result, not the other way round.
//
// Each sample is solved by itself, on any thread, in double. Units: x, y in those of the grid, viscosity in
// length² / time, f in 1 / time².
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

struct NavierStokesOptions {
  double viscosity = 1e-3;
  std::vector<double> times = {1.0};  ///< ascending, not negative; the start is 0
  double step = 1e-2;                 ///< the longest; each interval between times is cut into equal steps
  bool dealias = true;  ///< false forms products on the grid itself, and aliases: for showing what that does
};

namespace detail {

/// Modes of a real field of two axes, (rows, columns): k_y = 0, 1, ... along a row, k_x < 0 in row rows +
/// k_x.
struct ModeLayout {
  Index rows, columns;

  Index size() const { return rows * columns; }
  Index row(Index kx) const { return kx >= 0 ? kx : rows + kx; }
};

/// The modes |k_x| <= high_x, k_y <= high_y, times a factor; the others of `to` become 0.
inline void copy_modes(const std::complex<double>* from, ModeLayout source, std::complex<double>* to,
                       ModeLayout target, Index high_x, Index high_y, double factor = 1.0) {
  std::fill_n(to, target.size(), std::complex<double>{});
  for (Index kx = -high_x; kx <= high_x; ++kx) {
    std::transform(from + source.row(kx) * source.columns,
                   from + source.row(kx) * source.columns + high_y + 1, to + target.row(kx) * target.columns,
                   [factor](auto mode) { return factor * mode; });
  }
}

class NavierStokesSolver {
 public:
  using Complex = std::complex<double>;

  NavierStokesSolver(const Shape& points, const Box<2>& box, const NavierStokesOptions& options)
      : points_(points),
        high_x_((points[0] - 1) / 2),
        high_y_((points[1] - 1) / 2),
        fine_(options.dealias ? Shape{fast_fft_size(3 * high_x_ + 1), fast_fft_size(3 * high_y_ + 1)}
                              : points),
        given_{points[0], points[1] / 2 + 1},
        kept_{2 * high_x_ + 1, high_y_ + 1},
        padded_{fine_[0], fine_[1] / 2 + 1} {
    for (Index r = 0; r < kept_.rows; ++r) {
      for (Index c = 0; c < kept_.columns; ++c) {
        kx_.push_back(static_cast<double>(r <= high_x_ ? r : r - kept_.rows) * 2 * std::numbers::pi /
                      box[0].length());
        ky_.push_back(static_cast<double>(c) * 2 * std::numbers::pi / box[1].length());
      }
    }
    plan_steps(options);
  }

  /// w (x, y, times) from w0 (x, y) and f (x, y); f may be empty.
  std::vector<double> operator()(const std::vector<double>& w0, const std::vector<double>& f,
                                 Index sample) const {
    std::vector<Complex> w = modes_of(w0), force = f.empty() ? std::vector<Complex>(w.size()) : modes_of(f);
    std::vector<double> flow(static_cast<std::size_t>(2 * fine_.count()));
    std::vector<Complex> flow_modes(static_cast<std::size_t>(2 * padded_.size()));
    const auto nonlinear = [&](const Complex* in, Complex* out) {
      advection(in, out, flow, flow_modes);
      for (std::size_t k = 0; k < force.size(); ++k) out[k] += force[k];
    };
    Etdrk4::Workspace work;
    const std::size_t times = intervals_.size();
    std::vector<double> solution(w0.size() * times);
    for (std::size_t t = 0; t < times; ++t) {
      for (Index i = 0; i < intervals_[t].count; ++i) steps_[intervals_[t].scheme](w, nonlinear, work);
      const std::vector<double> frame = values_of(w);
      for (std::size_t p = 0; p < frame.size(); ++p) {
        require(std::isfinite(frame[p]), "navier_stokes: sample ", sample, " grew without bound in steps of ",
                steps_[intervals_[t].scheme].step(), ". Give a shorter step.");
        solution[p * times + t] = frame[p];
      }
    }
    return solution;
  }

 private:
  struct Steps {
    Index count;
    std::size_t scheme;  // of steps_
  };

  void plan_steps(const NavierStokesOptions& options) {
    std::vector<double> linear;
    for (std::size_t k = 0; k < kx_.size(); ++k)
      linear.push_back(-options.viscosity * (kx_[k] * kx_[k] + ky_[k] * ky_[k]));
    double from = 0.0;
    for (double to : options.times) {
      const double length = to - from;
      require(length >= 0.0 && std::isfinite(length), "navier_stokes: the time ", to, " comes after ", from,
              ". Give finite times in ascending order, not below 0.");
      from = to;
      const double parts = std::ceil(length / options.step * (1.0 - 1e-12));  // 0.3 / 0.1 are 3 steps
      if (parts == 0.0) {
        intervals_.push_back({0, 0});
        if (steps_.empty()) steps_.emplace_back(linear, options.step);
        continue;
      }
      const double step = length / parts;
      const auto same = std::find_if(steps_.begin(), steps_.end(), [step](const Etdrk4& scheme) {
        return std::abs(scheme.step() - step) <= 1e-13 * step;  // 2 - 1 and 0.3 - 0.2: round-off of the times
      });
      intervals_.push_back({static_cast<Index>(parts), static_cast<std::size_t>(same - steps_.begin())});
      if (same == steps_.end()) steps_.emplace_back(linear, step);
    }
  }

  /// out = the modes of -u . grad w, by `flow` (2, fine) and `modes` (2, padded).
  void advection(const Complex* w, Complex* out, std::vector<double>& flow,
                 std::vector<Complex>& modes) const {
    const RealFftN<double> fft(fine_, 2);
    std::vector<Complex>& velocity = modes;
    std::fill(velocity.begin(), velocity.end(), Complex{});
    for (Index r = 0, k = 0; r < kept_.rows; ++r) {
      Complex* along_x = velocity.data() + padded_.row(r <= high_x_ ? r : r - kept_.rows) * padded_.columns;
      Complex* along_y = along_x + padded_.size();
      for (Index c = 0; c < kept_.columns; ++c, ++k) {
        const double x = kx_[static_cast<std::size_t>(k)], y = ky_[static_cast<std::size_t>(k)];
        if (k == 0) continue;                             // no mean velocity
        const Complex turned(-w[k].imag(), w[k].real());  // i w
        along_x[c] = y / (x * x + y * y) * turned, along_y[c] = -x / (x * x + y * y) * turned;
      }
    }
    fft.backward(velocity.data(), flow.data());
    const auto fine = static_cast<std::size_t>(fine_.count());
    for (std::size_t p = 0; p < fine; ++p) {
      const double ux = flow[p], uy = flow[fine + p];
      flow[p] = ux * uy, flow[fine + p] = uy * uy - ux * ux;
    }
    fft.forward(flow.data(), modes.data());
    const double scale = 1.0 / static_cast<double>(fine);
    for (Index r = 0, k = 0; r < kept_.rows; ++r) {
      const Complex* product =
          modes.data() + padded_.row(r <= high_x_ ? r : r - kept_.rows) * padded_.columns;
      const Complex* difference = product + padded_.size();
      for (Index c = 0; c < kept_.columns; ++c, ++k) {
        const double x = kx_[static_cast<std::size_t>(k)], y = ky_[static_cast<std::size_t>(k)];
        out[k] = scale * ((x * x - y * y) * product[c] + x * y * difference[c]);
      }
    }
  }

  std::vector<Complex> modes_of(const std::vector<double>& values) const {
    std::vector<Complex> all(static_cast<std::size_t>(given_.size())),
        kept(static_cast<std::size_t>(kept_.size()));
    RealFftN<double>(points_).forward(values.data(), all.data());
    copy_modes(all.data(), given_, kept.data(), kept_, high_x_, high_y_,
               1.0 / static_cast<double>(points_.count()));
    return kept;
  }

  std::vector<double> values_of(const std::vector<Complex>& modes) const {
    std::vector<Complex> all(static_cast<std::size_t>(given_.size()));
    copy_modes(modes.data(), kept_, all.data(), given_, high_x_, high_y_);
    std::vector<double> values(static_cast<std::size_t>(points_.count()));
    RealFftN<double>(points_).backward(all.data(), values.data());
    return values;
  }

  Shape points_;
  Index high_x_, high_y_;             // the highest wave numbers that are kept
  Shape fine_;                        // the points on which products are formed
  ModeLayout given_, kept_, padded_;  // modes of the points, of the state, of the fine points
  std::vector<double> kx_, ky_;       // of the state, in 1 / length
  std::vector<Etdrk4> steps_;         // one for each length of step
  std::vector<Steps> intervals_;      // one for each time
};

/// A product of two periods.
template <class Grid>
inline constexpr bool is_torus = false;
template <class Grid>
  requires(is_product<Grid> && rank_of<Grid> == 2)
inline constexpr bool is_torus<Grid> =
    family_of<AxisGrid<Grid, 0>> == Family::periodic && family_of<AxisGrid<Grid, 1>> == Family::periodic;

template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> navier_stokes(const Field<Discretization, Scalar>& w0,
                                            const Field<Discretization, Scalar>* f,
                                            const NavierStokesOptions& options, Team& team) {
  static_assert(is_torus<typename Discretization::grid_type>,
                "navier_stokes(w0): the flow is periodic, so w0 is a field on ProductGrid<PeriodicGrid<>, "
                "PeriodicGrid<>>.");
  require_off_tape(w0, "navier_stokes");
  require(w0.channels() == 1, "navier_stokes: w0 has ", w0.channels(),
          " channels. It has one, the vorticity.");
  require(options.viscosity >= 0.0 && options.step > 0.0 && !options.times.empty(),
          "navier_stokes: the viscosity is ", options.viscosity, ", the step ", options.step,
          ", and there are ", options.times.size(),
          " times. Give viscosity >= 0, step > 0 and at least one time.");
  if (f != nullptr) {
    require_off_tape(*f, "navier_stokes");
    require_same(w0.discretization(), f->discretization());
    require(f->channels() == 1 && (f->batch() == 1 || f->batch() == w0.batch()),
            "navier_stokes: f has the batch ", f->batch(), " and ", f->channels(), " channels, w0 the batch ",
            w0.batch(), ". f has one channel, and the batch of w0 or 1.");
  }
  const Discretization& d = w0.discretization();
  const NavierStokesSolver solver(d.shape(), d.box(), options);
  return solve_samples<Scalar>(d, w0.batch(), std::ssize(options.times), team, [&](Index b) {
    return solver(sample_values(w0, b), f == nullptr ? std::vector<double>{} : sample_values(*f, b), b);
  });
}

}  // namespace detail

/// w at the times, (batch, x, y, times), of w0 (batch, x, y, 1) and the force f of the same batch, or of one.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> navier_stokes(const Field<Discretization, Scalar>& w0,
                                            const Field<Discretization, Scalar>& f,
                                            const NavierStokesOptions& options, Team& team) {
  return detail::navier_stokes(w0, &f, options, team);
}

/// The same on all processors.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> navier_stokes(const Field<Discretization, Scalar>& w0,
                                            const Field<Discretization, Scalar>& f,
                                            const NavierStokesOptions& options) {
  Team team;
  return detail::navier_stokes(w0, &f, options, team);
}

/// The same without a force.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> navier_stokes(const Field<Discretization, Scalar>& w0,
                                            const NavierStokesOptions& options, Team& team) {
  return detail::navier_stokes<Discretization, Scalar>(w0, nullptr, options, team);
}
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> navier_stokes(const Field<Discretization, Scalar>& w0,
                                            const NavierStokesOptions& options = {}) {
  Team team;
  return navier_stokes(w0, options, team);
}

}  // namespace fredholm
