// Coefficients by quadrature, and back: the two maps under a spectral layer.
//
//   analysis    c_k = (1 / |Omega|) sum_j w_j conj(phi_k(x_j)) u_j     the same formula on every grid, for every rule
//   synthesis   u(x) = sum_k c_k phi_k(x)
//
// Along an axis both are matrices (AxisMap), made once and kept with the discretization. A real basis has K rows. For
// Fourier, real and imaginary parts stand one after the other: rows (re 0 ... K-1, im 0 ... K-1) for the last axis,
// where the coefficients of a real function at k < 0 are the conjugates of those at k > 0; on the axes before it the
// 2K frequencies -K ... K-1 are kept, as (cos, sin) rows that `combine` (autodiff/ops/spectral.hpp) turns into complex ones.
// Modes that the points do not tell apart have rows of zeros.
//
// On a tensor-product grid with a separable rule the axes are transformed one after the other; on anything else all
// modes are one matrix over all points.
#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/transform/basis.hpp>

namespace fredholm::detail {

/// Rows of the real matrix of an axis that keeps `modes` (see above).
template <class Basis>
Index axis_rows(Index modes, bool last) {
  if constexpr (!Basis::complex) return modes;
  return last ? 2 * modes : 4 * modes;
}

/// The value of row r at x in [0, 1]; zero for a mode at or beyond the limit. `forward` takes the conjugate.
template <class Basis>
double row_value(Index r, Index modes, bool last, bool forward, Index limit, double x) {
  if constexpr (!Basis::complex) {
    return r < limit ? Basis::value(r, x) : 0.0;
  } else {
    const Index count = last ? modes : 2 * modes;
    const bool sine = r >= count;
    const Index k = last ? r % count : r % count - modes;
    if (std::abs(k) >= limit) return 0.0;
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) * x;
    if (!last) return sine ? std::sin(angle) : std::cos(angle);
    // c = int u e^{-i angle}; u = c_0 + sum over k > 0 of 2 Re(c_k e^{i angle})
    const double factor = forward || k == 0 ? 1.0 : 2.0;
    return factor * (sine ? -std::sin(angle) : std::cos(angle));
  }
}

inline double unit_coordinate(double x, const Interval& interval) {
  return (x - interval.left) / interval.length();
}

/// The matrix of one axis: (rows, points) forward, (points, rows) back.
template <class Basis, class Discretization>
AxisMap axis_matrix(const Discretization& d, Index axis, Index modes, bool forward) {
  const bool last = axis == Discretization::rank - 1;
  const auto& nodes = d.nodes(axis);
  const auto n = static_cast<Index>(nodes.size());
  const Interval interval = d.box()[axis];
  const Index rows = axis_rows<Basis>(modes, last);
  std::vector<double> values(static_cast<std::size_t>(rows * n));
  for (Index r = 0; r < rows; ++r) {
    for (Index j = 0; j < n; ++j) {
      const double x = unit_coordinate(nodes[static_cast<std::size_t>(j)], interval);
      const double value = row_value<Basis>(r, modes, last, forward, Basis::limit(n), x);
      if (forward) {
        values[static_cast<std::size_t>(r * n + j)] =
            value * d.axis_weights(axis)[static_cast<std::size_t>(j)] / interval.length();
      } else {
        values[static_cast<std::size_t>(j * rows + r)] = value;
      }
    }
  }
  return forward ? AxisMap::dense(rows, n, std::move(values)) : AxisMap::dense(n, rows, std::move(values));
}

/// All modes over all points, for clouds and rules that are not separable. Rows are (modes of x1, ..., (re, im) modes of xd).
template <class Basis, class Discretization>
AxisMap full_matrix(const Discretization& d,
                    const std::array<Index, static_cast<std::size_t>(Discretization::dimension)>& modes,
                    bool forward) {
  constexpr Index dimension = Discretization::dimension;
  const Index n = d.size();
  constexpr Index parts = Basis::complex ? 2 : 1;
  std::array<Index, static_cast<std::size_t>(dimension)> count{};
  Index rows = parts;
  for (Index a = 0; a < dimension; ++a) {
    const auto i = static_cast<std::size_t>(a);
    count[i] = Basis::complex && a + 1 < dimension ? 2 * modes[i] : modes[i];
    rows *= count[i];
  }
  const Index last = count[static_cast<std::size_t>(dimension - 1)];
  // Where there are axes, each has its limit, as in axis_matrix. Points in no order have none that is known.
  const auto told_apart = [&](const std::array<Index, static_cast<std::size_t>(dimension)>& k) {
    if constexpr (Discretization::rank == dimension) {
      for (Index a = 0; a < dimension; ++a) {
        const auto i = static_cast<std::size_t>(a);
        const Index frequency = Basis::complex && a + 1 < dimension ? std::abs(k[i] - modes[i]) : k[i];
        if (frequency >= Basis::limit(d.shape()[a])) return false;
      }
    }
    return true;
  };
  std::vector<double> values(static_cast<std::size_t>(rows * n));
  for (Index r = 0; r < rows; ++r) {
    const bool imaginary = parts == 2 && r / last % 2 == 1;
    std::array<Index, static_cast<std::size_t>(dimension)> k{};
    Index rest = r / (last * parts);
    k[static_cast<std::size_t>(dimension - 1)] = r % last;
    for (Index a = dimension - 2; a >= 0; --a) {
      const auto i = static_cast<std::size_t>(a);
      k[i] = rest % count[i];
      rest /= count[i];
    }
    if (!told_apart(k)) continue;
    for (Index j = 0; j < n; ++j) {
      double value = 1.0;
      double angle = 0.0;
      for (Index a = 0; a < dimension; ++a) {
        const auto i = static_cast<std::size_t>(a);
        const double x = unit_coordinate(d.points()[static_cast<std::size_t>(j * dimension + a)], d.box()[a]);
        if constexpr (Basis::complex) {
          angle +=
              2.0 * std::numbers::pi * static_cast<double>(a + 1 < dimension ? k[i] - modes[i] : k[i]) * x;
        } else {
          value *= Basis::value(k[i], x);
        }
      }
      if constexpr (Basis::complex) {
        value = imaginary ? -std::sin(angle) : std::cos(angle);
        if (!forward && k[static_cast<std::size_t>(dimension - 1)] > 0) value *= 2.0;
      }
      const auto at = static_cast<std::size_t>(forward ? r * n + j : j * rows + r);
      values[at] = forward ? value * d.weights()[static_cast<std::size_t>(j)] / d.measure() : value;
    }
  }
  return forward ? AxisMap::dense(rows, n, std::move(values)) : AxisMap::dense(n, rows, std::move(values));
}

}  // namespace fredholm::detail
