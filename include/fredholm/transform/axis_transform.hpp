// Modes from points and points from modes, along one axis, by the quickest of three ways.
//
//   gather    c_r = sum_j G_rj u_j        (..., points, ...) -> (..., rows, ...)
//   scatter   u_j = sum_r G_rj c_r        its transpose
//
//   matrix    one product: any points, any basis
//   folded    half of it, where the rows are even or odd about the middle of the points, and a quarter
//             where they also are after half a turn (transform/folded.hpp)
//   sums      FFTW, where the points have equal steps and the rows are cosines and sines of them
//             (transform/fast_sums.hpp)
//
// A product costs points x rows operations a channel at the rate of matrix products, an FFT points x
// log(points) at a far lower one, with two transpositions. Where one becomes quicker than the other is
// measured. All ways agree to round-off.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/transform/fast_sums.hpp>
#include <fredholm/transform/folded.hpp>

namespace fredholm::detail {

/// The matrix as it is.
template <class T>
class PlainMatrix {
 public:
  explicit PlainMatrix(const AxisMap& map)
      : rows_(map.rows), points_(map.cols), values_(map.weights.begin(), map.weights.end()) {}

  void gather(const T* in, T* out, Index inner, bool accumulate) const {
    linalg::multiply<T>({values_.data(), rows_, points_}, {in, points_, inner}, {out, rows_, inner},
                        accumulate);
  }
  void scatter(const T* in, T* out, Index inner, bool accumulate) const {
    linalg::multiply_tn<T>({values_.data(), rows_, points_}, {in, rows_, inner}, {out, points_, inner},
                           accumulate);
  }

 private:
  Index rows_, points_;
  std::vector<T> values_;
};

/// Where a folded product is quicker than a plain one, and FFTW than that, by `benchmark_transforms` (see
/// docs/spectral.md). Sums and differences are made in registers, so that a small matrix earns them, too.
inline bool folding_pays(Index points, Index rows) { return points * rows >= 256; }
inline bool fast_sums_pay(SumKind kind, Index points, Index rows) {
  const bool closed = kind == SumKind::closed_cosine || kind == SumKind::closed_sine;
  const Index length = closed ? points - 1 : points;  // FFTW is slow where this has large prime factors
  // A frequency has two rows, and the matrix is taken to be folded twice where half a turn is a number of
  // steps; weights that half a turn changes (Simpson's where n / 2 is odd) stay with the matrix too long. A
  // cosine or sine alone costs FFTW as much as a frequency.
  const bool folded_once = kind == SumKind::fourier && points % 2 != 0;
  return fast_fft_size(length) == length && rows > (folded_once ? 512 : 768);
}

template <class T>
class AxisTransform {
 public:
  /// By products; G is dense, (rows, points), and folded if that is asked for and its rows are symmetric to
  /// `tolerance`.
  AxisTransform(const AxisMap& g, bool fold, double tolerance)
      : rows_(g.rows), points_(g.cols), way_(by_products(g, fold, tolerance)) {}
  /// By FFTW.
  AxisTransform(FastSums<T> sums, Index rows, Index points)
      : rows_(rows), points_(points), way_(std::move(sums)) {}

  Index rows() const { return rows_; }
  Index points() const { return points_; }
  /// How many images of a point the matrix is folded for, 2 or 4; 1 where it is not folded.
  Index images() const {
    if (std::holds_alternative<FoldedMatrix<T, 4>>(way_)) return 4;
    return std::holds_alternative<FoldedMatrix<T, 2>>(way_) ? 2 : 1;
  }

  /// out (rows, inner) (+)= G in (points, inner);   back: out (points, inner) (+)= G^T in (rows, inner)
  void apply(const T* in, T* out, Index inner, bool back, bool accumulate) const {
    std::visit(
        [&](const auto& way) {
          back ? way.scatter(in, out, inner, accumulate) : way.gather(in, out, inner, accumulate);
        },
        way_);
  }

 private:
  using OneOf = std::variant<PlainMatrix<T>, FoldedMatrix<T, 2>, FoldedMatrix<T, 4>, FastSums<T>>;

  static OneOf by_products(const AxisMap& g, bool fold, double tolerance) {
    require(g.is_dense(), "AxisTransform: the map is a band; give a dense one.");
    const auto symmetry = fold ? find_symmetry(g, tolerance) : std::nullopt;
    if (!symmetry) return PlainMatrix<T>(g);
    if (symmetry->images == 4) return FoldedMatrix<T, 4>(g, *symmetry);
    return FoldedMatrix<T, 2>(g, *symmetry);
  }

  Index rows_, points_;
  OneOf way_;
};

}  // namespace fredholm::detail
