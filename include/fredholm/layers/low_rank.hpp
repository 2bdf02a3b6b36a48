// Weights of spectral layers by factors: fewer parameters for the same modes and channels.
//
//   R (K1, ..., KD, in, out), one matrix R_k for each mode k, real or complex
//   DenseWeights     R itself
//   CpWeights        R[k1..kD, i, o] = sum_r s[r] A1[k1, r] ... AD[kD, r] B[i, r] C[o, r]
//   TuckerWeights    R = G x_1 A1 ... x_D AD x_{D+1} B x_{D+2} C,   G (r1, ..., rD, r_in, r_out)
//
//   make_fno<2, CpWeights>({.channels = 32, .modes = 12, .rank = 0.05}, rng)
//   make_spectral<2, TuckerWeights, float>(in, out, {24, 12}, rng, {.rank = 0.1})
//
// When: many modes along several axes, where R holds nearly all parameters of the model and is expected to be
// near a tensor of low rank, or where R and the two moments of its optimizer do not fit into memory. When
// not: one axis and few modes, where R is small; or to save time, which it does only at low ranks
// (docs/spectral.md). CP has one rank for all axes; Tucker has a rank an axis, and cheaper products.
//
// `rank`, in (0, 1], is how many numbers the factors may have, in parts of those of R. CP takes the largest
// number of terms that fits, and at least one. Tucker takes r_n = floor(f n) for an axis of length n, and at
// least 1, with the largest f for all axes that fits. So a rank of 1 is not R itself but factors with as many
// numbers.
//
// R is not built unless that takes fewer products: B acts on the coefficients, then a number a term (CP) or a
// small matrix a mode (Tucker), then C. The two orders agree to round-off. Initialization: normal, such that
// an entry of R has the variance that it has in a dense layer; it is no longer normal.
//
// A tensor of one's own kind (a tensor train, say) is a struct like CpTensor below, and a tag like CpWeights.
//
// Sources: Kolda and Bader (2009), sections 3 and 4; for operators Kossaifi et al. (2023), arXiv:2310.00120.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/autodiff/ops/spectral.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/layers/template_arguments.hpp>

namespace fredholm {

namespace detail {

/// A tensor of real numbers, or the real and the imaginary parts of one: what follows works with real arrays
/// only.
template <class T>
using Parts = std::array<Array<real_t<T>>, is_complex<T> ? 2 : 1>;

/// A product of real arrays, linear in both, carried over to complex ones.
template <class Real, std::size_t Count, class Product>
std::array<Array<Real>, Count> times(const std::array<Array<Real>, Count>& a,
                                     const std::array<Array<Real>, Count>& b, const Product& product) {
  if constexpr (Count == 1) {
    return {product(a[0], b[0])};
  } else {
    return {product(a[0], b[0]) - product(a[1], b[1]), product(a[0], b[1]) + product(a[1], b[0])};
  }
}

// The products that are needed, as types, so that each is compiled once.
struct ByElement {  // with broadcasting
  auto operator()(const auto& x, const auto& y) const { return x * y; }
};
struct AlongAxis {  // x (..., n, ...), U (m, n): (..., m, ...)
  Index axis;
  auto operator()(const auto& x, const auto& matrix) const { return multiply_along(x, axis, matrix); }
};
struct FromRight {  // x (..., n), U (n, m): (..., m)
  template <class Real>
  Array<Real> operator()(const Array<Real>& x, const Array<Real>& matrix) const {
    return linear(x, matrix, Array<Real>::zeros({matrix.shape(1)}));
  }
};
struct ByMode {  // x (batch, modes, in), R (modes, in, out): (batch, modes, out)
  auto operator()(const auto& x, const auto& weight) const { return mix(x, weight, -1); }
};

template <class Real, std::size_t Count>
std::array<Array<Real>, Count> reshaped(std::array<Array<Real>, Count> parts, const Shape& shape) {
  for (Array<Real>& part : parts) part = part.reshaped(shape);
  return parts;
}

/// The values of a leaf under a tape, in the logical shape of the leaf.
template <class T>
Parts<T> parts_of(const Parameter<T>& leaf) {
  const Array<real_t<T>> values = leaf();
  if constexpr (is_complex<T>) {
    return reshaped(Parts<T>{slice_batch(values, 0, 1), slice_batch(values, 1, 1)}, leaf.shape());
  } else {
    return {values};
  }
}

/// As a dense leaf has it: two planes, (2, ...), if the tensor is complex.
template <class Real, std::size_t Count>
Array<Real> planes_of(const std::array<Array<Real>, Count>& parts, const Shape& shape) {
  if constexpr (Count == 1) {
    return parts[0].reshaped(shape);
  } else {
    Shape plane{1};
    for (Index length : shape) plane.push_back(length);
    return stack<Real>({parts[0].reshaped(plane), parts[1].reshaped(plane)});
  }
}

/// Coefficients (batch, modes..., channels), with (re, im) one after the other along the axis `half` (-1:
/// they are real), as parts (batch, modes, channels), and back.
class CoefficientParts {
 public:
  CoefficientParts(const Shape& shape, Index half) : shape_(shape) {
    for (Index axis = 1; axis + 1 < shape.size(); ++axis) (axis < half ? outer_ : last_) *= shape[axis];
    if (half >= 0) last_ /= 2;
  }

  Index batch() const { return shape_[0]; }
  Index modes() const { return outer_ * last_; }

  template <class T>
  Parts<T> split(const Array<real_t<T>>& c) const {
    const Index channels = c.shape().back();
    const Shape shape{batch(), modes(), channels};
    if constexpr (is_complex<T>) {
      const Index plane = last_ * channels;
      const auto rows = c.reshaped({batch() * outer_, 2 * plane});
      return reshaped(Parts<T>{slice_channels(rows, 0, plane), slice_channels(rows, plane, plane)}, shape);
    } else {
      return {c.reshaped(shape)};
    }
  }

  template <class Real, std::size_t Count>
  Array<Real> join(const std::array<Array<Real>, Count>& parts) const {
    const Index channels = parts[0].shape().back();
    Shape shape = shape_;
    shape[shape.size() - 1] = channels;
    if constexpr (Count == 1) {
      return parts[0].reshaped(shape);
    } else {
      const auto rows = reshaped(parts, {batch() * outer_, last_ * channels});
      return concatenate(rows[0], rows[1]).reshaped(shape);
    }
  }

 private:
  Shape shape_;
  Index outer_ = 1, last_ = 1;  // modes of the axes before the half one; of that and those after it
};

template <class T>
Shape lengths_of(const std::vector<Parameter<T>>& factors) {
  Shape shape;
  for (const auto& factor : factors) shape.push_back(factor.shape()[0]);
  return shape;
}

}  // namespace detail

/// A sum of products of one vector an axis.
template <class T>
struct CpTensor {
  using Real = real_t<T>;

  Parameter<T> scale;                 // (rank)
  std::vector<Parameter<T>> factors;  // A1 (K1, rank), ..., AD (KD, rank), B (in, rank), C (out, rank)

  /// Of the tensor that the factors make.
  Shape shape() const { return detail::lengths_of(factors); }
  Index rank() const { return scale.shape()[0]; }

  /// That tensor: (modes..., in, out), and (2, modes..., in, out) if it is complex.
  Array<Real> operator()() const { return detail::planes_of(matrix(), shape()); }

  /// c'_k = c_k R_k, as mix(c, R, half) has it (autodiff/ops/spectral.hpp).
  Array<Real> mix(const Array<Real>& c, Index half) const {
    const detail::CoefficientParts view(c.shape(), half);
    const auto x = view.template split<T>(c);
    const Index batch = view.batch(), modes = view.modes();
    const Index in = input().shape()[0], out = output().shape()[0];
    if (in * out * (rank() + batch) < batch * rank() * (in + out))
      return view.join(detail::times(x, detail::reshaped(matrix(), {modes, in, out}), detail::ByMode{}));
    const auto terms = detail::times(x, detail::parts_of(input()), detail::FromRight{});
    const auto scaled =
        detail::times(terms, detail::reshaped(over_modes(), {1, modes, rank()}), detail::ByElement{});
    return view.join(detail::times(scaled, detail::parts_of(output()), detail::AlongAxis{2}));
  }

 private:
  const Parameter<T>& input() const { return factors[factors.size() - 2]; }
  const Parameter<T>& output() const { return factors[factors.size() - 1]; }

  /// s[r] A1[k1, r] ... AD[kD, r]: (modes, rank)
  detail::Parts<T> over_modes() const {
    Index modes = 1;
    auto product = detail::parts_of(scale);
    for (std::size_t a = 0; a + 2 < factors.size(); ++a) {
      product = detail::times(detail::reshaped(product, {modes, 1, rank()}), detail::parts_of(factors[a]),
                              detail::ByElement{});
      modes *= factors[a].shape()[0];
    }
    return detail::reshaped(product, {modes, rank()});
  }

  /// R as a matrix (modes, in * out)
  detail::Parts<T> matrix() const {
    const Index in = input().shape()[0], out = output().shape()[0];
    const auto channels = detail::times(detail::reshaped(detail::parts_of(input()), {in, 1, rank()}),
                                        detail::parts_of(output()), detail::ByElement{});
    return detail::times(over_modes(), detail::reshaped(channels, {in * out, rank()}), detail::AlongAxis{1});
  }
};

/// A small tensor, with a matrix an axis.
template <class T>
struct TuckerTensor {
  using Real = real_t<T>;

  Parameter<T> core;                  // G (r1, ..., rD, r_in, r_out)
  std::vector<Parameter<T>> factors;  // A1 (K1, r1), ..., AD (KD, rD), B (in, r_in), C (out, r_out)

  /// Of the tensor that the factors make.
  Shape shape() const { return detail::lengths_of(factors); }

  /// That tensor: (modes..., in, out), and (2, modes..., in, out) if it is complex.
  Array<Real> operator()() const { return detail::planes_of(tensor(), shape()); }

  /// c'_k = c_k R_k, as mix(c, R, half) has it (autodiff/ops/spectral.hpp).
  Array<Real> mix(const Array<Real>& c, Index half) const {
    const detail::CoefficientParts view(c.shape(), half);
    const auto x = view.template split<T>(c);
    const Index batch = view.batch(), modes = view.modes();
    const std::size_t axes = factors.size() - 2;
    const Shape small = core.shape(), full = shape();
    const Index in = full[full.size() - 2], out = full.back();
    const Index r_in = small[small.size() - 2], r_out = small.back();
    if (in * r_out * (r_in + out) + batch * in * out < batch * (in * r_in + r_in * r_out + r_out * out))
      return view.join(detail::times(x, detail::reshaped(tensor(), {modes, in, out}), detail::ByMode{}));
    const auto inner = detail::times(x, detail::parts_of(factors[axes]), detail::FromRight{});
    const auto mixed =
        detail::times(inner, detail::reshaped(over_modes(), {modes, r_in, r_out}), detail::ByMode{});
    return view.join(detail::times(mixed, detail::parts_of(factors[axes + 1]), detail::AlongAxis{2}));
  }

 private:
  /// G x_1 A1 ... x_D AD: (modes..., r_in, r_out)
  detail::Parts<T> over_modes() const {
    auto product = detail::parts_of(core);
    for (std::size_t a = 0; a + 2 < factors.size(); ++a) product = along(std::move(product), a);
    return product;
  }
  detail::Parts<T> tensor() const {
    return along(along(over_modes(), factors.size() - 2), factors.size() - 1);
  }
  detail::Parts<T> along(detail::Parts<T> x, std::size_t axis) const {
    return detail::times(x, detail::parts_of(factors[axis]), detail::AlongAxis{static_cast<Index>(axis)});
  }
};

namespace detail {

template <class T>
Parameter<T> normal_leaf(const Shape& shape, double deviation, Engine& engine) {
  Shape planes;
  if (is_complex<T>) planes.push_back(2);
  for (Index length : shape) planes.push_back(length);
  return Parameter<T>(normal_array<real_t<T>>(planes, deviation, engine));
}

inline void require_rank(double rank) {
  require(rank > 0.0 && rank <= 1.0, "low-rank weights of rank ", rank,
          ": the rank is how many numbers the factors may have, in parts of those of dense weights; give a "
          "number above 0 and at most 1, such as 0.1.");
}

/// How many terms have at most `rank` times the numbers of a dense tensor; at least 1.
inline Index cp_rank(const Shape& shape, double rank) {
  Index each = 1;
  for (Index length : shape) each += length;
  const auto numbers = rank * static_cast<double>(shape.count());
  return std::max<Index>(1, static_cast<Index>(numbers / static_cast<double>(each)));
}

/// The largest core, the same fraction of each axis, that has together with its factors at most so many
/// numbers.
inline Shape tucker_ranks(const Shape& shape, double rank) {
  const auto core_of = [&shape](double fraction) {
    Shape core;
    for (Index length : shape)
      core.push_back(std::max<Index>(1, static_cast<Index>(fraction * static_cast<double>(length))));
    return core;
  };
  const auto fits = [&](const Shape& core) {
    Index numbers = core.count();
    for (Index axis = 0; axis < shape.size(); ++axis) numbers += core[axis] * shape[axis];
    return static_cast<double>(numbers) <= rank * static_cast<double>(shape.count());
  };
  double low = 0.0, high = 1.0;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (fits(core_of(middle)) ? low : high) = middle;
  }
  return core_of(low);
}

template <class T>
    struct IsWeights : std::bool_constant < requires {
  typename T::template Tensor<double>;
}>{};

}  // namespace detail

// The tags. make<T>(shape, deviation, rank, engine): `deviation` is that of each real number in dense weights
// of this shape.

/// One number for each entry of R: the ordinary FNO.
struct DenseWeights {
  template <class T>
  using Tensor = Parameter<T>;

  template <class T>
  static Parameter<T> make(const Shape& shape, double deviation, double rank, Engine& engine) {
    require(
        rank == 1.0, "dense weights have no rank, and ", rank,
        " was given; name CpWeights or TuckerWeights among the template arguments, or leave the rank out.");
    return detail::normal_leaf<T>(shape, deviation, engine);
  }
};

/// Canonical polyadic: a sum of products of one vector an axis.
struct CpWeights {
  template <class T>
  using Tensor = CpTensor<T>;

  /// E|R|^2 is the number of terms times the product of the variances of the factors, which are all the same;
  /// s = 1.
  template <class T>
  static CpTensor<T> make(const Shape& shape, double deviation, double rank, Engine& engine) {
    detail::require_rank(rank);
    const Index terms = detail::cp_rank(shape, rank);
    const double parts = is_complex<T> ? 2.0 : 1.0;
    const double variance = std::pow(parts * deviation * deviation / static_cast<double>(terms),
                                     1.0 / static_cast<double>(shape.size()));
    CpTensor<T> result{Parameter<T>(Shape{terms}), {}};
    std::fill_n(result.scale.mutable_data(), terms, real_t<T>{1});
    for (Index length : shape)
      result.factors.push_back(detail::normal_leaf<T>({length, terms}, std::sqrt(variance / parts), engine));
    return result;
  }
};

/// Tucker: a small tensor, with a matrix an axis.
struct TuckerWeights {
  template <class T>
  using Tensor = TuckerTensor<T>;

  /// The core has the variance of R, and the rows of the factors have length 1 in the mean.
  template <class T>
  static TuckerTensor<T> make(const Shape& shape, double deviation, double rank, Engine& engine) {
    detail::require_rank(rank);
    const Shape ranks = detail::tucker_ranks(shape, rank);
    const double parts = is_complex<T> ? 2.0 : 1.0;
    TuckerTensor<T> result{detail::normal_leaf<T>(ranks, deviation, engine), {}};
    for (Index axis = 0; axis < shape.size(); ++axis)
      result.factors.push_back(detail::normal_leaf<T>(
          {shape[axis], ranks[axis]}, std::sqrt(1.0 / parts / static_cast<double>(ranks[axis])), engine));
    return result;
  }
};

namespace detail {

/// The weights among template arguments; dense ones if none are named.
template <class... Argument>
using weights_among = first_that<IsWeights, DenseWeights, Argument...>;

}  // namespace detail

}  // namespace fredholm
