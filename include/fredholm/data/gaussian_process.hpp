// Gaussian random fields on any points, from a covariance function, by Cholesky's factor.
//
//   K_ij = k(x_i, x_j),   K + jitter mean(diag K) I = L Lᵀ,   u = L z,   z independent standard normal
//
//   Matern, r = |x - y| / length (Rasmussen and Williams, 2006, eq. 4.16; s = smoothness):
//     s = 1/2   sigma² e^{-r}                                      continuous
//     s = 3/2   sigma² (1 + √3 r) e^{-√3 r}                        one derivative
//     s = 5/2   sigma² (1 + √5 r + 5 r² / 3) e^{-√5 r}             two derivatives
//   SquaredExponential   sigma² e^{-r² / 2}                        all derivatives
//
// Use it on scattered points, or for a covariance that is no function of the Laplacian; it costs n³ / 3
// operations for n points and memory for n² numbers. The draw belongs to the points: on other points the same
// seed gives another function. random_fields (data/random_field.hpp) has neither limit.
//
// The jitter is a relative variance of independent noise at the points. Smooth kernels need it: on points
// close together K is singular to round-off. 1e-10 moves u by 1e-5 sigma.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <Eigen/Cholesky>

#include <fredholm/core/error.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

namespace detail {

template <std::size_t D>
double point_distance(const std::array<double, D>& x, const std::array<double, D>& y) {
  double sum = 0.0;
  for (std::size_t axis = 0; axis < D; ++axis) sum += (x[axis] - y[axis]) * (x[axis] - y[axis]);
  return std::sqrt(sum);
}

}  // namespace detail

struct Matern {
  double smoothness = 2.5;  ///< 0.5, 1.5 or 2.5
  double length = 0.2;      ///< in the unit of the coordinates
  double sigma = 1.0;       ///< standard deviation at a point

  double operator()(double distance) const {
    const double r = distance / length;
    const double s = std::sqrt(2.0 * smoothness) * r;
    if (smoothness == 0.5) return sigma * sigma * std::exp(-s);
    if (smoothness == 1.5) return sigma * sigma * (1.0 + s) * std::exp(-s);
    if (smoothness == 2.5) return sigma * sigma * (1.0 + s + s * s / 3.0) * std::exp(-s);
    fail("Matern: the smoothness is ", smoothness, ". Give 0.5, 1.5 or 2.5.");
  }
  template <std::size_t D>
  double operator()(const std::array<double, D>& x, const std::array<double, D>& y) const {
    return (*this)(detail::point_distance(x, y));
  }
};

struct SquaredExponential {
  double length = 0.2;  ///< in the unit of the coordinates
  double sigma = 1.0;   ///< standard deviation at a point

  double operator()(double distance) const {
    return sigma * sigma * std::exp(-0.5 * distance * distance / (length * length));
  }
  template <std::size_t D>
  double operator()(const std::array<double, D>& x, const std::array<double, D>& y) const {
    return (*this)(detail::point_distance(x, y));
  }
};

struct GaussianProcessOptions {
  double jitter = 1e-10;  ///< added to the diagonal, relative to its mean
};

namespace detail {

/// L of K + jitter, row-major and lower triangular; what stands above the diagonal is of no meaning.
template <AnyDiscretization Discretization, class Covariance>
RowMajor<double> covariance_factor(const Discretization& d, const Covariance& covariance, double jitter) {
  constexpr auto dimension = static_cast<std::size_t>(Discretization::dimension);
  using Point = std::array<double, dimension>;
  static_assert(std::is_invocable_r_v<double, const Covariance&, const Point&, const Point&>,
                "random_field_on_points: the covariance takes two points, each a std::array<double, D>, and "
                "returns a number.");
  const std::vector<double>& points = d.points();
  const auto at = [&points](Index i) {
    Point point{};
    for (std::size_t axis = 0; axis < dimension; ++axis)
      point[axis] = points[static_cast<std::size_t>(i) * dimension + axis];
    return point;
  };
  const Index n = d.size();
  RowMajor<double> factor(n, n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j <= i; ++j) factor(i, j) = covariance(at(i), at(j));
  }
  const double variance = factor.diagonal().mean();
  factor.diagonal().array() += jitter * variance;
  const Eigen::LLT<Eigen::Ref<RowMajor<double>>> in_place(factor);
  require(
      in_place.info() == Eigen::Success && std::isfinite(factor.diagonal().sum()),
      "random_field_on_points: the covariance of the ", n, " points, with a jitter of ", jitter,
      " relative to the mean variance ", variance,
      ", is not positive definite. Give a larger jitter, fewer points close together, or a function that is a "
      "covariance.");
  return factor;
}

}  // namespace detail

/// `count` independent functions on the points of a discretization: (count, points..., 1). The engine is
/// asked for one number each.
template <AnyScalar Scalar = double, AnyDiscretization Discretization, class Covariance>
Field<Discretization, Scalar> random_field_on_points(Index count, const Discretization& d,
                                                     const Covariance& covariance, Engine& engine,
                                                     const GaussianProcessOptions& options = {}) {
  require(count >= 0 && options.jitter >= 0.0, "random_field_on_points: ", count,
          " functions with a jitter of ", options.jitter, "; neither is negative.");
  const RowMajor<double> factor = detail::covariance_factor(d, covariance, options.jitter);
  const Index n = d.size();
  RowMajor<double> u(n, count);
  for (Index s = 0; s < count; ++s) {
    Engine own(engine());
    for (Index i = 0; i < n; ++i) u(i, s) = normal(own);
  }
  for (Index i = n - 1; i >= 0; --i) {  // u = L z in place: row i needs those above it, still z
    u.row(i) *= factor(i, i);
    for (Index j = 0; j < i; ++j) u.row(i) += factor(i, j) * u.row(j);
  }
  Array<Scalar> values(detail::field_shape(count, d.shape(), 1));
  matrix(values.mutable_data(), count, n) = u.transpose().template cast<Scalar>();
  return {d, std::move(values)};
}

}  // namespace fredholm
