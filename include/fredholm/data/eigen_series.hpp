// A function on a box as a finite series in the eigenfunctions of the Laplacian.
//
//   u(x) = sum_k a_k phi_k1(x_1) ... phi_kD(x_D)
//   -Delta phi_k = lambda_k phi_k,   lambda_k = sum_i wave(k_i)²
//
//   with t = (x - left) / L on each axis, orthonormal in L2 of the box:
//
//   Ends::periodic    1/sqrt L,  sqrt(2/L) cos 2 pi t,  sqrt(2/L) sin 2 pi t,  cos 4 pi t, ...
//                     wave 2 pi k / L
//   Ends::neumann     1/sqrt L,  sqrt(2/L) cos pi t,  sqrt(2/L) cos 2 pi t, ...
//                     slope 0 at the ends, wave pi k / L
//   Ends::dirichlet   sqrt(2/L) sin pi t,  sqrt(2/L) sin 2 pi t, ...
//                     value 0 at the ends, wave pi k / L
//
// `modes` is the highest k on every axis: 2 modes + 1 functions if periodic, modes + 1 or modes otherwise.
// The coefficients are row-major, (functions, ..., functions). An EigenSeries is a function: u(x, y),
// u(point), and sample(u, d) on any discretization. Points in no order cost m^D operations each, m the
// functions of an axis. On a product of one-dimensional grids sample() goes axis by axis, by products with
// the matrices of the functions on each axis, some m operations a point; unlike a transform that needs no
// particular grid.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <numbers>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/sample.hpp>

namespace fredholm {

/// What holds at the ends of every axis.
enum class Ends { periodic, neumann, dirichlet };

namespace detail {

/// t - 2 round(t / 2), exact: the angle pi t brought to [-pi, pi], so that sin(pi k) is 0, not k times 1e-16.
inline double reduced_half_turns(double t) { return t - 2.0 * std::nearbyint(0.5 * t); }
inline double cos_half_turns(double t) { return std::cos(std::numbers::pi * reduced_half_turns(t)); }
inline double sin_half_turns(double t) {
  const double r = reduced_half_turns(t);
  return std::sin(std::numbers::pi * (std::abs(r) > 0.5 ? std::copysign(1.0, r) - r : r));
}

/// The number of functions on an axis.
inline Index eigenfunctions(Ends ends, Index modes) {
  return ends == Ends::periodic ? 2 * modes + 1 : ends == Ends::neumann ? modes + 1 : modes;
}

/// The root of the eigenvalue of function i on an axis.
inline double eigenwave(Ends ends, const Interval& interval, Index i) {
  const Index half_turns = ends == Ends::periodic ? 2 * ((i + 1) / 2) : ends == Ends::neumann ? i : i + 1;
  return static_cast<double>(half_turns) * std::numbers::pi / interval.length();
}

inline double eigenfunction(Ends ends, const Interval& interval, Index i, double x) {
  const double t = (x - interval.left) / interval.length();
  const double scale = std::sqrt((i == 0 && ends != Ends::dirichlet ? 1.0 : 2.0) / interval.length());
  switch (ends) {
    case Ends::periodic: {
      const double angle = static_cast<double>(2 * ((i + 1) / 2)) * t;
      return scale * (i % 2 == 0 && i > 0 ? sin_half_turns(angle) : cos_half_turns(angle));
    }
    case Ends::neumann:
      return scale * cos_half_turns(static_cast<double>(i) * t);
    case Ends::dirichlet:
      return scale * sin_half_turns(static_cast<double>(i + 1) * t);
  }
  fail("EigenSeries: the ends are none of periodic, neumann, dirichlet.");
}

}  // namespace detail

template <Index D>
struct EigenSeries {
  static_assert(D >= 1, "An EigenSeries has at least one axis: EigenSeries<1>, EigenSeries<2>, ...");
  using Point = std::array<double, static_cast<std::size_t>(D)>;

  Box<D> box{};
  Ends ends = Ends::neumann;
  Index modes = 0;
  std::vector<double> coefficients;  ///< (functions, ..., functions), of functions orthonormal in L2

  /// The number of functions on each axis.
  Index functions() const { return detail::eigenfunctions(ends, modes); }

  double operator()(const Point& x) const {
    const Index m = functions();
    std::vector<double> rest = coefficients, values(static_cast<std::size_t>(m));
    for (Index axis = D - 1; axis >= 0; --axis) {  // one axis less at a time
      for (Index i = 0; i < m; ++i) {
        values[static_cast<std::size_t>(i)] =
            detail::eigenfunction(ends, box[axis], i, x[static_cast<std::size_t>(axis)]);
      }
      const std::size_t rows = rest.size() / values.size();
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += rest[r * values.size() + i] * values[i];
        rest[r] = sum;
      }
      rest.resize(rows);
    }
    return rest.front();
  }
  template <std::convertible_to<double>... Coordinates>
    requires(static_cast<Index>(sizeof...(Coordinates)) == D)
  double operator()(Coordinates... x) const {
    return (*this)(Point{static_cast<double>(x)...});
  }
};

namespace detail {

/// (functions, points) of one axis.
inline std::vector<double> eigenfunction_matrix(Ends ends, const Interval& interval, Index count,
                                                const std::vector<double>& points) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(count) * points.size());
  for (Index i = 0; i < count; ++i) {
    for (double x : points) values.push_back(eigenfunction(ends, interval, i, x));
  }
  return values;
}

/// Values (batch, n1, ..., nD) of series that are alike, from their coefficients (batch, m, ..., m).
template <Index D, class Discretization>
std::vector<double> series_on_product(const EigenSeries<D>* series, Index batch, const Discretization& d) {
  const Index m = series->functions();
  std::vector<double> values;
  for (Index b = 0; b < batch; ++b)
    values.insert(values.end(), series[b].coefficients.begin(), series[b].coefficients.end());
  Index inner = 1;
  for (Index axis = D - 1; axis >= 0; --axis) {
    const std::vector<double> basis = eigenfunction_matrix(series->ends, series->box[axis], m, d.nodes(axis));
    const Index n = std::ssize(d.nodes(axis)), outer = std::ssize(values) / (m * inner);
    std::vector<double> next(static_cast<std::size_t>(outer * n * inner));
    if (inner == 1) {  // one product for the last axis
      linalg::multiply<double>({values.data(), outer, m}, {basis.data(), m, n}, {next.data(), outer, n});
    } else {
      for (Index o = 0; o < outer; ++o)
        linalg::multiply_tn<double>({basis.data(), m, n}, {values.data() + o * m * inner, m, inner},
                                    {next.data() + o * n * inner, n, inner});
    }
    values = std::move(next);
    inner *= n;
  }
  return values;
}

}  // namespace detail

/// The values of a batch of series; axis by axis on a product of one-dimensional grids.
template <AnyScalar Scalar = double, Index D, AnyDiscretization Discretization>
  requires(Discretization::dimension == D)
Field<Discretization, Scalar> sample(const std::vector<EigenSeries<D>>& series, const Discretization& d) {
  for (const EigenSeries<D>& u : series) {
    Index count = 1;
    for (Index axis = 0; axis < D; ++axis) count *= u.functions();
    require(std::ssize(u.coefficients) == count && count > 0, "EigenSeries<", D, ">: ", u.functions(),
            " functions an axis take ", count, " coefficients, and there are ", u.coefficients.size(),
            ". Give one for each product of functions.");
  }
  Array<Scalar> values(detail::field_shape(std::ssize(series), d.shape(), 1));
  Scalar* out = values.mutable_data();
  if constexpr (Discretization::rank == D) {
    for (std::size_t begin = 0, end = 0; begin < series.size();
         begin = end) {  // runs of series that are alike
      const EigenSeries<D>& u = series[begin];
      const auto differs = [&u](const EigenSeries<D>& v) {
        return v.box != u.box || v.ends != u.ends || v.modes != u.modes;
      };
      end = static_cast<std::size_t>(
          std::find_if(series.begin() + static_cast<Index>(begin), series.end(), differs) - series.begin());
      const auto part = detail::series_on_product(&u, static_cast<Index>(end - begin), d);
      out = std::transform(part.begin(), part.end(), out, [](double x) { return static_cast<Scalar>(x); });
    }
  } else {
    for (const EigenSeries<D>& u : series)
      out = detail::sample_into<static_cast<std::size_t>(D)>(u, d.points(), out);
  }
  return {d, std::move(values)};
}

/// The values of one series.
template <AnyScalar Scalar = double, Index D, AnyDiscretization Discretization>
  requires(Discretization::dimension == D)
Field<Discretization, Scalar> sample(const EigenSeries<D>& series, const Discretization& d) {
  return sample<Scalar>(std::vector<EigenSeries<D>>{series}, d);
}

}  // namespace fredholm
