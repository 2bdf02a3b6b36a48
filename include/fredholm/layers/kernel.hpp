// Learned kernels kappa(x, y), for layers/kernel_integral.hpp.
//
//   MlpKernel       kappa(x, y) or kappa(x, y, u(y)), a perceptron of the coordinates of both points (and of
//                   u(y)): a matrix (in, out) a pair of points, or `diagonal`: one number a channel
//   LowRankKernel   kappa(x, y) = sum_r phi_r(x) psi_r(y)^T,   phi_r in R^out and psi_r in R^in, perceptrons
//                   of one point
//
// A diagonal kernel costs in numbers a pair where a matrix costs in * out: for more than a few channels take
// the diagonal and mix channels by a Linear around it. A low-rank kernel costs time O(n rank (in + out)) in
// place of O(n^2), and memory O(n (in + out)), and is right where the operator is smooth; it cannot be local.
// Coordinates enter in the unit of the domain: scale them to about [-1, 1] if they are far from it. On a
// period, kappa is a function on the box, not on the circle, unless the network learns to be.
//
// A kernel of your own over pairs is a struct (a lambda will do) with
//
//   // kappa(x_p, y_p) v_p:  x, y (1, pairs, D), v (batch, pairs, in)
//   Array<Scalar> operator()(x, y, v) const;
//
// that gives (batch, pairs, out), in operations of the tape.
//
// Sources: Li et al. (2020), arXiv:2003.03485 (perceptron); Kovachki et al. (2023), JMLR 24(89), under
// "low-rank neural operator".
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/gather.hpp>
#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/autodiff/recompute.hpp>
#include <fredholm/layers/mlp.hpp>

namespace fredholm {

struct KernelOptions {
  Index dimension = 1;     ///< of the domain
  Index in = 1;            ///< channels of the input
  Index out = 1;           ///< channels of the output
  Index width = 32;        ///< of a hidden layer
  Index depth = 2;         ///< hidden layers
  bool diagonal = false;   ///< one number a channel in place of a matrix; in = out
  bool of_values = false;  ///< u(y) is an input of the kernel
  Index rank = 8;          ///< of a LowRankKernel
};

namespace detail {

template <class Activation, class Scalar>
Mlp<Activation, Scalar> make_kernel_net(Index in, Index out, const KernelOptions& options, Engine& engine) {
  require(
      options.dimension > 0 && options.in > 0 && options.out > 0 && options.width > 0 && options.depth >= 0,
      "a kernel in ", options.dimension, " coordinates from ", options.in, " to ", options.out,
      " channels, of ", options.depth, " hidden layers of width ", options.width, ": give positive numbers.");
  std::vector<Index> widths{in};
  for (Index i = 0; i < options.depth; ++i) widths.push_back(options.width);
  widths.push_back(out);
  return make_mlp<Activation, Scalar>(widths, engine);
}

/// A kernel made for so many coordinates and channels, and what it is given.
inline void require_kernel(Index dimension, Index coordinates, Index in, Index channels) {
  require(dimension == 0 || dimension == coordinates, "a kernel made for points of ", dimension,
          " coordinates is applied in ", coordinates, ": make it with {.dimension = ", coordinates, "}.");
  require(in == 0 || in == channels, "a kernel from ", in, " channels was given ", channels,
          ": make it with {.in = ", channels, "}.");
}

/// Points in tiles whose values, `width` a point, stay in a second-level cache.
class RowTiles {
 public:
  RowTiles(Index rows, Index width) : rows_(rows), length_(std::max<Index>(16, 65536 / width)) {}
  Index tiles() const { return (rows_ + length_ - 1) / length_; }
  Index begin(Index tile) const { return std::min(rows_, tile * length_); }
  Index count(Index tile) const { return begin(tile + 1) - begin(tile); }

 private:
  Index rows_, length_;
};

/// Rows of a constant array (rows, columns), which shares its memory.
template <class T>
Array<T> some_rows(const Array<T>& x, Index begin, Index count) {
  return slice_batch(detach(x), begin, count);
}

/// Points of (batch, points, channels), from `begin` on.
template <class T>
Array<T> slice_rows(const Array<T>& x, Index begin, Index count) {
  const Index batch = x.shape(0), channels = x.shape(2);
  return slice_channels(x.reshaped({batch, x.shape(1) * channels}), begin * channels, count * channels)
      .reshaped({batch, count, channels});
}

}  // namespace detail

template <class Activation = Gelu, class Scalar = double>
struct MlpKernel {
  Mlp<Activation, Scalar> net;
  bool diagonal = false;
  bool of_values = false;
  Index dimension = 0;  // what it was made for; 0: not known, not checked
  Index in = 0;

  using scalar_type = Scalar;

  Array<Scalar> operator()(const Array<Scalar>& x, const Array<Scalar>& y, const Array<Scalar>& v) const {
    detail::require_kernel(dimension, x.shape().back(), in, v.shape().back());
    const Array<Scalar> pairs = concatenate(x, y);
    const Array<Scalar> kappa = net(of_values ? concatenate(pairs, v) : pairs);
    if (!diagonal) return multiply_rows(v, kappa);
    require(kappa.shape().back() == v.shape().back(), "a diagonal kernel of ", kappa.shape().back(),
            " channels was given ", v.shape().back(), ".");
    return kappa * v;
  }

  static MlpKernel make(const KernelOptions& options, Engine& engine) {
    require(!options.diagonal || options.in == options.out, "a diagonal kernel from ", options.in, " to ",
            options.out, " channels: the diagonal is that of a square; give in = out.");
    const Index in = 2 * options.dimension + (options.of_values ? options.in : 0);
    const Index out = options.diagonal ? options.out : options.in * options.out;
    return {detail::make_kernel_net<Activation, Scalar>(in, out, options, engine), options.diagonal,
            options.of_values, options.dimension, options.in};
  }
};

template <class Activation = Gelu, class Scalar = double>
struct LowRankKernel {
  Mlp<Activation, Scalar> left;   // x to phi, (out, rank)
  Mlp<Activation, Scalar> right;  // y to psi, (in, rank)
  Index rank = 1;
  Index dimension = 0;  // what it was made for; 0: not known, not checked
  Index in = 0;

  using scalar_type = Scalar;

  /// c_r = sum_j w_j psi_r(y_j) . u_j:  y (n, D), w (n), u (batch, n, in); (batch, rank)
  Array<Scalar> coefficients(const Array<Scalar>& y, const Array<Scalar>& weights,
                             const Array<Scalar>& u) const {
    const Index channels = u.shape(2);
    detail::require_kernel(dimension, y.shape(1), in, channels);
    require(rank > 0, "a low-rank kernel has rank ", rank,
            "; make it with LowRankKernel<>::make(options, rng).");
    const detail::RowTiles tiles(u.shape(1), channels * rank);
    const auto one = [=, rank = rank](const Mlp<Activation, Scalar>& net, const Array<Scalar>& all, Index t) {
      const Index begin = tiles.begin(t), count = tiles.count(t), rows = count * channels;
      const Array<Scalar> psi = net(detail::some_rows(y, begin, count));
      require(psi.size() == rows * rank, "a low-rank kernel from ", psi.shape().back() / rank,
              " channels was given ", channels, ".");
      const Array<Scalar> v = detail::slice_rows(all, begin, count) *
                              detail::some_rows(weights.reshaped({all.shape(1), 1}), begin, count);
      return linear(v.reshaped({all.shape(0), rows}), psi.reshaped({rows, rank}),
                    Array<Scalar>::zeros({rank}))
          .reshaped({all.shape(0), 1, rank});
    };
    std::vector<Index> parts;
    for (Index t = 0; t <= tiles.tiles(); ++t) parts.push_back(t);
    return sum(recomputed(right, u, parts, one), 1);
  }

  /// sum_r c_r phi_r(x_i):  x (m, D), c (batch, rank); (batch, m, out)
  Array<Scalar> expand(const Array<Scalar>& x, const Array<Scalar>& c) const {
    require(!left.layers.empty() && rank > 0,
            "a low-rank kernel without layers is applied; make it with LowRankKernel<>::make(options, rng).");
    const Index out = left.layers.back().bias.size() / rank;
    const detail::RowTiles tiles(x.shape(0), out * rank);
    std::vector<Index> begins;
    for (Index t = 0; t <= tiles.tiles(); ++t) begins.push_back(tiles.begin(t));
    return recomputed(
        left, c, begins,
        [=, rank = rank](const Mlp<Activation, Scalar>& net, const Array<Scalar>& b, Index t) {
          const Index count = tiles.count(t);
          const Array<Scalar> phi = net(detail::some_rows(x, tiles.begin(t), count));
          return multiply_along(b, 1, phi.reshaped({count * out, rank})).reshaped({b.shape(0), count, out});
        });
  }

  static LowRankKernel make(const KernelOptions& options, Engine& engine) {
    require(options.rank > 0, "a low-rank kernel of rank ", options.rank, "; give at least 1.");
    const auto net = [&](Index channels) {
      return detail::make_kernel_net<Activation, Scalar>(options.dimension, channels * options.rank, options,
                                                         engine);
    };
    auto left = net(options.out);
    return {std::move(left), net(options.in), options.rank, options.dimension, options.in};
  }
};

}  // namespace fredholm
