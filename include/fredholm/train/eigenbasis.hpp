// Eigenbases of positive semi-definite matrices, for Soap. Not for users.
//
// Eigen's decompositions would do, and cost every file that includes them seventeen seconds of compile time;
// these two take a screen. Matrices are row-major, and a basis vector is a row in here, so that all loops run
// over neighbouring numbers.
//
// Sources: Hestenes (1958), one-sided Jacobi rotations; Giraud, Langou and Rozloznik (2005) for Gram-Schmidt
// done twice.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <fredholm/core/linalg.hpp>
#include <fredholm/core/views.hpp>

namespace fredholm::detail {

/// x, y <- c x - s y, s x + c y
template <class Real>
void rotate_rows(Real* x, Real* y, Index n, Real c, Real s) {
  for (Index i = 0; i < n; ++i) {
    const Real a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/// Turns rows p and q of `a`, and of `basis` with them, so that they are orthogonal in `a`. Returns whether
/// they were not. Rows below `least` in their squared norm are zero but for round-off.
template <class Real>
bool orthogonalize_pair(RowMajor<Real>& a, RowMajor<Real>& basis, Index p, Index q, double least) {
  const double pp = a.row(p).squaredNorm(), qq = a.row(q).squaredNorm(), pq = a.row(p).dot(a.row(q));
  if (std::min(pp, qq) <= least || std::abs(pq) <= 1e-15 * std::sqrt(pp) * std::sqrt(qq)) return false;
  const double zeta = (qq - pp) / (2 * pq);
  const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
  const double c = 1 / std::sqrt(1 + t * t);
  rotate_rows(&a(p, 0), &a(q, 0), a.cols(), c, c * t);
  rotate_rows(&basis(p, 0), &basis(q, 0), a.cols(), c, c * t);
  return true;
}

/// The rows by falling size, in order where two are equal.
inline std::vector<Index> falling(const std::vector<double>& sizes) {
  std::vector<Index> order(sizes.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&sizes](Index i, Index j) {
    const double a = sizes[static_cast<std::size_t>(i)], b = sizes[static_cast<std::size_t>(j)];
    return a > b || (a == b && i < j);
  });
  return order;
}

template <class Real>
RowMajor<Real> rows_in_order(const RowMajor<Real>& rows, const std::vector<Index>& order) {
  RowMajor<Real> result(rows.rows(), rows.cols());
  for (Index i = 0; i < rows.rows(); ++i) result.row(i) = rows.row(order[static_cast<std::size_t>(i)]);
  return result;
}

/// The eigenvectors of a symmetric, positive semi-definite matrix as rows, from the largest eigenvalue down.
template <class Real>
RowMajor<Real> eigenbasis(const RowMajor<Real>& matrix) {
  const Index n = matrix.rows();
  RowMajor<Real> a = matrix, basis = RowMajor<Real>::Identity(n, n);
  const double least = 1e-30 * a.squaredNorm();
  bool turned = true;
  for (int sweep = 0; turned && sweep < 30; ++sweep) {
    turned = false;
    for (Index p = 0; p < n; ++p) {
      for (Index q = p + 1; q < n; ++q) turned = orthogonalize_pair(a, basis, p, q, least) || turned;
    }
  }
  std::vector<double> sizes;
  for (Index i = 0; i < n; ++i) sizes.push_back(a.row(i).squaredNorm());
  return rows_in_order(basis, falling(sizes));
}

/// The rows made orthonormal from the first on. What is left of a row that depends on those before is drawn
/// from `spare`.
template <class Real>
void orthonormalize_rows(RowMajor<Real>& rows, const RowMajor<Real>& spare) {
  const Index n = rows.rows();
  for (Index i = 0, next = 0; i < n; ++i) {
    double before = rows.row(i).norm();
    for (int round = 0; round < 3 + 2 * static_cast<int>(n); ++round) {
      for (Index k = 0; k < i; ++k) rows.row(i) -= rows.row(k).dot(rows.row(i)) * rows.row(k);
      const double after = rows.row(i).norm();
      const bool lost = !(after > 1e-12 * before);
      if (lost && next < n) {
        rows.row(i) = spare.row(next++);
        before = 1;
        continue;
      }
      rows.row(i) /= after;
      if (after > 0.5 * before) break;
      before = 1;
    }
  }
}

template <class Real>
struct RenewedBasis {
  RowMajor<Real> basis;
  std::vector<Index> order;  ///< where each row was
};

/// One power iteration on a basis, by falling Rayleigh quotients.
template <class Real>
RenewedBasis<Real> renewed_basis(const RowMajor<Real>& matrix, const RowMajor<Real>& basis) {
  const Index n = matrix.rows();
  RowMajor<Real> product(n, n);
  linalg::multiply<Real>({basis.data(), n, n}, {matrix.data(), n, n}, {product.data(), n, n});
  std::vector<double> quotients;
  for (Index i = 0; i < n; ++i) quotients.push_back(basis.row(i).dot(product.row(i)));
  RenewedBasis<Real> result{{}, falling(quotients)};
  result.basis = rows_in_order(product, result.order);
  orthonormalize_rows(result.basis, basis);
  return result;
}

}  // namespace fredholm::detail
