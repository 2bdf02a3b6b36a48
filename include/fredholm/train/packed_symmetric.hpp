// A symmetric matrix of which the lower triangle is kept, row after row: entry (i, j), j <= i, stands at i (i
// + 1) / 2 + j.
//
//   A <- t A + p u u^T + q (u s^T + s u^T) + r s s^T,    then    x -> A x,  y -> A y
//
// Both in one pass, which reads and writes each entry once: n (n + 1) / 2 numbers, half of what a square
// matrix takes, and so half the time, since memory is the limit. Rows go in fours through vector registers;
// they are dealt to a fixed number of lanes, each with sums of its own, which are added up in order, so that
// any number of threads gives the same bits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <Eigen/Core>

#include <fredholm/core/parallel.hpp>
#include <fredholm/core/shape.hpp>
#include <fredholm/core/simd.hpp>

namespace fredholm::detail {

inline Index packed_size(Index n) { return n * (n + 1) / 2; }

/// t, p, q, r of the update above.
struct SymmetricUpdate {
  double scale = 1, uu = 0, us = 0, ss = 0;
};

/// One pass over a packed matrix. A template, so that it costs a file that does not use it nothing.
template <class Real = double>
class PackedPass {
 public:
  struct Vectors {
    const Real *u, *s;  ///< of the update
    const Real *x, *y;  ///< to be multiplied
  };

  PackedPass(Real* matrix, Index n, const SymmetricUpdate& update, const Vectors& in)
      : matrix_(matrix), n_(n), update_(update), in_(in) {}

  /// A x and A y with the new A, each of length n.
  void run(Real* ax, Real* ay) {
    const Index lanes = n_ < 512 ? 1 : 8;
    std::vector<Eigen::VectorX<Real>> sums(static_cast<std::size_t>(2 * lanes),
                                           Eigen::VectorX<Real>::Zero(n_));
    const auto lane = [&](Index l) {
      auto& to_x = sums[static_cast<std::size_t>(2 * l)];
      auto& to_y = sums[static_cast<std::size_t>(2 * l + 1)];
      const Index end = border(l + 1, lanes);
      for (Index i = border(l, lanes); i < end; i += height) {
        if (i + height <= end) {
          rows<height>(i, to_x.data(), to_y.data());
        } else {
          for (; i < end; ++i) rows<1>(i, to_x.data(), to_y.data());
        }
      }
    };
    if (lanes == 1) {
      lane(0);
    } else {
      Team team(std::min(default_threads(), static_cast<int>(lanes)));
      team.run(lanes, lane);
    }
    for (Index l = 1; l < lanes; ++l) {
      sums[0] += sums[static_cast<std::size_t>(2 * l)];
      sums[1] += sums[static_cast<std::size_t>(2 * l + 1)];
    }
    std::copy_n(sums[0].data(), n_, ax);
    std::copy_n(sums[1].data(), n_, ay);
  }

 private:
  using V = simd::Vector<Real>;
  static constexpr Index width = simd::lanes<Real>;
  static constexpr Index height = simd::detail::many_registers ? 4 : 2;

  /// The first row of a lane: equal areas, whole groups of rows.
  Index border(Index l, Index lanes) const {
    if (l == lanes) return n_;
    const double part = std::sqrt(static_cast<double>(l) / static_cast<double>(lanes));
    return static_cast<Index>(part * static_cast<double>(n_)) / height * height;
  }

  struct Row {
    Real* values;
    Real u, s;  // what u and s are multiplied by
    Real x, y;
  };

  Row row(Index i) const {
    const Real u = in_.u[i], s = in_.s[i];
    return {matrix_ + packed_size(i), update_.uu * u + update_.us * s, update_.us * u + update_.ss * s,
            in_.x[i], in_.y[i]};
  }

  Real renewed(const Row& row, Index j) const {
    return row.values[j] = update_.scale * row.values[j] + row.u * in_.u[j] + row.s * in_.s[j];
  }

  /// Rows i to i + Count - 1: the columns that they share in vectors, the corner one by one.
  template <Index Count>
  void rows(Index i, Real* ax, Real* ay) const {
    Row row_of[Count];
    V sum_x[Count] = {}, sum_y[Count] = {};
    for (Index r = 0; r < Count; ++r) row_of[r] = row(i + r);
    Index j = 0;
    for (; j + width <= i; j += width) {
      const V u = simd::load<V>(in_.u + j), s = simd::load<V>(in_.s + j);
      const V x = simd::load<V>(in_.x + j), y = simd::load<V>(in_.y + j);
      V to_x = simd::load<V>(ax + j), to_y = simd::load<V>(ay + j);
      for (Index r = 0; r < Count; ++r) {
        const Row& here = row_of[r];
        const V value =
            static_cast<Real>(update_.scale) * simd::load<V>(here.values + j) + here.u * u + here.s * s;
        simd::store(here.values + j, value);
        sum_x[r] += value * x;
        sum_y[r] += value * y;
        to_x += here.x * value;
        to_y += here.y * value;
      }
      simd::store(ax + j, to_x);
      simd::store(ay + j, to_y);
    }
    for (Index r = 0; r < Count; ++r) {
      Real at_x = 0, at_y = 0;
      for (Index k = 0; k < width; ++k) {
        at_x += sum_x[r][k];
        at_y += sum_y[r][k];
      }
      for (Index k = j; k < i + r; ++k) {
        const Real value = renewed(row_of[r], k);
        at_x += value * in_.x[k];
        at_y += value * in_.y[k];
        ax[k] += value * row_of[r].x;
        ay[k] += value * row_of[r].y;
      }
      const Real diagonal = renewed(row_of[r], i + r);
      ax[i + r] += at_x + diagonal * row_of[r].x;
      ay[i + r] += at_y + diagonal * row_of[r].y;
    }
  }

  Real* matrix_;
  Index n_;
  SymmetricUpdate update_;
  Vectors in_;
};

}  // namespace fredholm::detail
