// Darcy flow: a diffusion with a variable coefficient on a rectangle, at rest on the boundary.
//
//   -div(a grad u) = f   inside,     u = 0   on the boundary
//
// a, f and u are given at the nodes of a UniformGrid x UniformGrid, the boundary included. Finite volumes
// about the nodes: with h_x, h_y the steps and A(p, q) = 2 a_p a_q / (a_p + a_q) the harmonic mean of two
// neighbours,
//
//   sum over the four neighbours q of p   A(p, q) (u_p - u_q) / h_pq² = f_p
//
// (Patankar, 1980, section 4.2-3), a symmetric positive definite matrix, factored by Eigen's sparse Cholesky.
// Order 2 where a is smooth. Where a jumps, the jump is taken to be half way between two nodes: the flux
// across it is then exact if it runs along the grid. If it cuts through, expect order 1, as of every scheme
// that sees a at nodes alone. So compare solutions of a two-valued coefficient at several resolutions before
// you call one of them exact: the harmonic mean is not what the data of Li et al. (2021) were made with,
// which interpolate a by splines.
//
//   auto a = two_valued(sample(random_fields<2>(count, {.tau = 3, .drop_mean = true}, engine), d));
//   auto u = darcy(a);                                              // f = 1
//
// Each sample is solved by itself, on any thread, in double; n nodes cost about n^{3/2} operations. Units: f
// in those of a u / length².
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/SparseCholesky>

#include <fredholm/core/error.hpp>
#include <fredholm/data/solve_samples.hpp>

namespace fredholm {

namespace detail {

/// The matrix of the inner nodes, its lower triangle. A template, so that who does not call it does not pay
/// for the factorization's compile time.
template <class Real>
class DarcySolver {
 public:
  DarcySolver(const Shape& shape, const Box<2>& box)
      : nx_(shape[0]),
        ny_(shape[1]),
        over_x_(1.0 / square_step(box[0], nx_)),
        over_y_(1.0 / square_step(box[1], ny_)) {}

  /// u (x, y) from a (x, y) and f (x, y).
  std::vector<Real> operator()(const std::vector<Real>& a, const std::vector<Real>& f) const {
    std::vector<Real> u(a.size(), Real{0});
    const Index inner = (nx_ - 2) * (ny_ - 2);
    if (inner <= 0) return u;
    Eigen::SparseMatrix<Real> matrix(inner, inner);
    matrix.reserve(Eigen::VectorXi::Constant(inner, 3));
    Eigen::VectorX<Real> right(inner);
    for (Index i = 1; i < nx_ - 1; ++i) {
      for (Index j = 1; j < ny_ - 1; ++j) {
        const Index row = (i - 1) * (ny_ - 2) + j - 1;
        const Real west = over_x_ * mean(a, i, j, i - 1, j), east = over_x_ * mean(a, i, j, i + 1, j),
                   south = over_y_ * mean(a, i, j, i, j - 1), north = over_y_ * mean(a, i, j, i, j + 1);
        matrix.insert(row, row) = west + east + south + north;  // column by column: each holds its lower part
        if (j + 2 < ny_) matrix.insert(row + 1, row) = -north;
        if (i + 2 < nx_) matrix.insert(row + ny_ - 2, row) = -east;
        right[row] = f[node(i, j)];
      }
    }
    matrix.makeCompressed();
    const Eigen::SimplicialLDLT<Eigen::SparseMatrix<Real>> factor(matrix);
    require(factor.info() == Eigen::Success, "darcy: the matrix of ", inner,
            " nodes has no factor: the coefficient spans too many orders of magnitude. Narrow its range.");
    const Eigen::VectorX<Real> solution = factor.solve(right);
    for (Index i = 1; i < nx_ - 1; ++i) {
      for (Index j = 1; j < ny_ - 1; ++j) u[node(i, j)] = solution[(i - 1) * (ny_ - 2) + j - 1];
    }
    return u;
  }

 private:
  static Real square_step(const Interval& interval, Index n) {
    const Real step = interval.length() / static_cast<Real>(n - 1);
    return step * step;
  }
  std::size_t node(Index i, Index j) const { return static_cast<std::size_t>(i * ny_ + j); }
  Real mean(const std::vector<Real>& a, Index i, Index j, Index k, Index l) const {
    const Real p = a[node(i, j)], q = a[node(k, l)];
    return 2 * p * q / (p + q);
  }

  Index nx_, ny_;
  Real over_x_, over_y_;
};

/// A product of two axes, each with both end points.
template <class Grid>
inline constexpr bool is_uniform_square = false;
template <class Grid>
  requires(is_product<Grid> && rank_of<Grid> == 2)
inline constexpr bool is_uniform_square<Grid> =
    family_of<AxisGrid<Grid, 0>> == Family::uniform && family_of<AxisGrid<Grid, 1>> == Family::uniform;

}  // namespace detail

/// u (batch, x, y, 1), of the coefficients a (batch, x, y, 1) and the sources f of the same batch, or of one.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> darcy(const Field<Discretization, Scalar>& a,
                                    const Field<Discretization, Scalar>& f, Team& team) {
  static_assert(
      detail::is_uniform_square<typename Discretization::grid_type>,
      "darcy(a): the coefficient is a field on ProductGrid<UniformGrid<>, UniformGrid<>>, whose nodes "
      "include the boundary.");
  detail::require_off_tape(a, "darcy"), detail::require_off_tape(f, "darcy");
  detail::require_same(a.discretization(), f.discretization());
  require(a.channels() == 1 && f.channels() == 1 && (f.batch() == 1 || f.batch() == a.batch()),
          "darcy: a has the batch ", a.batch(), " and ", a.channels(), " channels, f the batch ", f.batch(),
          " and ", f.channels(), " channels. Both have one channel, and f the batch of a or 1.");
  const Index size = a.batch() * a.points();
  for (Index i = 0; i < size; ++i) {
    const auto value = static_cast<double>(a.values().data()[i]);
    require(value > 0.0 && std::isfinite(value), "darcy: the coefficient is ", value, " at node ",
            i % a.points(), " of sample ", i / a.points(), ". It is positive everywhere.");
  }
  const Discretization& d = a.discretization();
  const detail::DarcySolver<double> solver(d.shape(), d.box());
  return detail::solve_samples<Scalar>(d, a.batch(), 1, team, [&](Index b) {
    return solver(detail::sample_values(a, b), detail::sample_values(f, b));
  });
}

/// The same on all processors.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> darcy(const Field<Discretization, Scalar>& a,
                                    const Field<Discretization, Scalar>& f) {
  Team team;
  return darcy(a, f, team);
}

/// The same for a constant source.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> darcy(const Field<Discretization, Scalar>& a, double source, Team& team) {
  const auto shape = detail::field_shape(1, a.discretization().shape(), 1);
  return darcy(a, a.with(Array<Scalar>::full(shape, static_cast<Scalar>(source))), team);
}
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> darcy(const Field<Discretization, Scalar>& a, double source = 1.0) {
  Team team;
  return darcy(a, source, team);
}

/// `above` where u >= 0, `below` elsewhere.
template <AnyDiscretization Discretization, AnyScalar Scalar>
Field<Discretization, Scalar> two_valued(const Field<Discretization, Scalar>& u, double above = 12.0,
                                         double below = 3.0) {
  detail::require_off_tape(u, "two_valued");
  Array<Scalar> values(u.values().shape());
  std::transform(u.values().data(), u.values().data() + u.values().size(), values.mutable_data(),
                 [&](Scalar x) { return static_cast<Scalar>(x >= Scalar{0} ? above : below); });
  return u.with(std::move(values));
}

}  // namespace fredholm
