// Attention without a softmax over points, in two products: their cost is linear in the number of points.
//
//   outer_integral(k, v, w, heads)   M_h = sum_j w_j k_jh (x) v_jh
//                                    k (batch, n, heads a), v (batch, n, heads c), w (n);
//                                    M (batch, heads, a, c)
//     k'_jh += w_j M'_h v_jh,   v'_jh += w_j M'_h^T k_jh
//   apply_by_heads(q, M, heads)      y_ih = q_ih M_h
//                                    q (batch, m, heads a); y (batch, m, heads c); a batch of 1 is repeated
//     q'_ih += M_h y'_ih,   M'_h += sum_i q_ih (x) y'_ih
//   softmax(x)                       y_s = e^{x_s} / sum_t e^{x_t} over the last axis: channels, slices,
//                                    never points
//     x'_s += y_s (y'_s - sum_t y_t y'_t)
//   elu_plus_one(x)                  x + 1 for x > 0, e^x below; positive, with a jump of the second
//                                    derivative at 0
//   softplus(x)                      log(1 + e^x): positive and smooth
//
// apply_by_heads(q, outer_integral(k, v, w)) is sum_j w_j (q_i . k_j) v_j with the sums in the other order: n
// a c products in place of n^2 (a + c), and nothing of size n x n (Katharopoulos et al. 2020, equations 5 and
// 6). With the weights of a rule M is an integral; they may be zero or negative. Working memory is one
// weighted copy of v (on the way back of k, too).
#pragma once

#include <cmath>
#include <limits>

#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/linalg.hpp>

namespace fredholm {

namespace detail {

/// w_j x_j; x (batch, n, C), w (n).
template <class T>
Array<T> weighted_rows(const Array<T>& x, const Array<T>& weights) {
  Array<T> y(x.shape());
  const Index points = weights.size(), channels = x.shape(2);
  T* out = y.mutable_data();
  for (Index r = 0; r < x.shape(0) * points; ++r)
    flat(out + r * channels, channels) = weights.data()[r % points] * flat(x.data() + r * channels, channels);
  return y;
}

/// Arrays (batch, n, heads * width) and (batch, heads, rows, columns), one head of one sample at a time. A
/// batch of 1 is repeated.
struct ByHeads {
  Index batch, heads;

  template <class T>
  linalg::Block<const T> points(const Array<T>& x, Index b, Index h) const {
    return points(x.data(), x.shape(), b, h);
  }
  template <class T>
  linalg::Block<T> points(T* values, const Shape& shape, Index b, Index h) const {
    const Index n = shape[1], channels = shape[2], width = channels / heads;
    return {values + b % shape[0] * n * channels + h * width, n, width, channels};
  }
  template <class T>
  linalg::Block<T> matrix(T* values, const Shape& shape, Index b, Index h) const {
    return {values + (b % shape[0] * heads + h) * shape[2] * shape[3], shape[2], shape[3]};
  }
  template <class F>
  void for_each(const F& f) const {
    for (Index b = 0; b < batch; ++b) {
      for (Index h = 0; h < heads; ++h) f(b, h);
    }
  }
};

struct EluPlusOneOfEach {
  template <class Values>
  static auto value(const Values& x) {
    using Scalar = typename Values::Scalar;
    return x.max(Scalar{0}) + x.min(Scalar{0}).exp();
  }
  template <class Values>
  static auto slope(const Values& x, const auto&) {
    return x.min(typename Values::Scalar{0}).exp();
  }
};
struct SoftplusOfEach {
  template <class Values>
  static auto value(const Values& x) {
    return x.max(typename Values::Scalar{0}) + (-x.abs()).exp().log1p();
  }
  static auto slope(const auto& x, const auto&) { return x.logistic(); }
};

}  // namespace detail

template <class T>
Array<T> elu_plus_one(const Array<T>& x) {
  return detail::apply_elementwise<detail::EluPlusOneOfEach>(x);
}
template <class T>
Array<T> softplus(const Array<T>& x) {
  return detail::apply_elementwise<detail::SoftplusOfEach>(x);
}

/// sum_j w_j k_j (x) v_j by heads: (batch, heads, a, c).
template <class T>
Array<T> outer_integral(const Array<T>& k, const Array<T>& v, const Array<T>& weights, Index heads) {
  require(k.rank() == 3 && v.rank() == 3 && k.shape(0) == v.shape(0) && k.shape(1) == v.shape(1),
          "outer_integral takes k (batch, n, heads * a) and v (batch, n, heads * c); the shapes are ",
          k.shape(), " and ", v.shape(), ".");
  require(heads > 0 && k.shape(2) % heads == 0 && v.shape(2) % heads == 0, "outer_integral splits ",
          k.shape(2), " and ", v.shape(2), " channels into ", heads,
          " heads: both numbers must be multiples of it.");
  require(weights.size() == k.shape(1), "outer_integral over ", k.shape(1), " points was given ",
          weights.size(), " weights.");
  detail::require_constant(weights.node(), "the weights of an outer_integral");
  const detail::ByHeads view{k.shape(0), heads};
  const Shape shape{k.shape(0), heads, k.shape(2) / heads, v.shape(2) / heads};
  Array<T> m(shape);
  {
    const Array<T> weighted = detail::weighted_rows(v, weights);
    T* out = m.mutable_data();
    view.for_each([&](Index b, Index h) {
      linalg::multiply_tn<T>(view.points(k, b, h), view.points(weighted, b, h),
                             view.matrix(out, shape, b, h));
    });
  }
  return record(
      m,
      [k, v, weights, view, shape](Tape& tape, const T* dm) {
        tape.accumulate(k, [&](T* dk, bool accumulate) {
          const Array<T> weighted = detail::weighted_rows(v, weights);
          view.for_each([&](Index b, Index h) {
            linalg::multiply_nt<T>(view.points(weighted, b, h), view.matrix(dm, shape, b, h),
                                   view.points(dk, k.shape(), b, h), accumulate);
          });
        });
        tape.accumulate(v, [&](T* dv, bool accumulate) {
          const Array<T> weighted = detail::weighted_rows(k, weights);
          view.for_each([&](Index b, Index h) {
            linalg::multiply<T>(view.points(weighted, b, h), view.matrix(dm, shape, b, h),
                                view.points(dv, v.shape(), b, h), accumulate);
          });
        });
      },
      k, v);
}

/// q_i M by heads: (batch, m, heads c).
template <class T>
Array<T> apply_by_heads(const Array<T>& q, const Array<T>& m, Index heads) {
  require(
      q.rank() == 3 && m.rank() == 4 && m.shape(1) == heads && heads > 0 &&
          q.shape(2) == heads * m.shape(2) &&
          (q.shape(0) == m.shape(0) || q.shape(0) == 1 || m.shape(0) == 1),
      "apply_by_heads with ", heads,
      " heads takes q (batch, m, heads * a) and a matrix (batch, heads, a, c), with one batch or a batch of 1; the "
      "shapes are ",
      q.shape(), " and ", m.shape(), ".");
  const detail::ByHeads view{q.shape(0) == 1 ? m.shape(0) : q.shape(0), heads};
  const Shape shape{view.batch, q.shape(1), heads * m.shape(3)};
  Array<T> y(shape);
  T* out = y.mutable_data();
  view.for_each([&](Index b, Index h) {
    linalg::multiply<T>(view.points(q, b, h), view.matrix(m.data(), m.shape(), b, h),
                        view.points(out, shape, b, h));
  });
  return record(
      y,
      [q, m, view, shape](Tape& tape, const T* dy) {
        tape.accumulate(q, [&](T* dq, bool accumulate) {
          if (view.batch == 0 && !accumulate) std::fill_n(dq, q.size(), T{0});  // no sample sets it
          view.for_each([&](Index b, Index h) {
            linalg::multiply_nt<T>(view.points(dy, shape, b, h), view.matrix(m.data(), m.shape(), b, h),
                                   view.points(dq, q.shape(), b, h), accumulate || b >= q.shape(0));
          });
        });
        tape.accumulate(m, [&](T* dm, bool accumulate) {
          if (view.batch == 0 && !accumulate) std::fill_n(dm, m.size(), T{0});
          view.for_each([&](Index b, Index h) {
            linalg::multiply_tn<T>(view.points(q, b, h), view.points(dy, shape, b, h),
                                   view.matrix(dm, m.shape(), b, h), accumulate || b >= m.shape(0));
          });
        });
      },
      q, m);
}

/// Over the last axis.
template <class T>
Array<T> softmax(const Array<T>& x) {
  require(x.rank() >= 1 && x.shape().back() > 0, "softmax over the last axis of an array of shape ",
          x.shape(), ": it needs at least one entry.");
  const Index length = x.shape().back(), rows = x.size() / length;
  Array<T> y(x.shape());
  T* out = y.mutable_data();
  // Below the smallest normal number it is 0: Eigen's exp stops there, in vectors and not in their rest.
  const T least = std::log(std::numeric_limits<T>::min());
  for (Index r = 0; r < rows; ++r) {
    const auto in = flat(x.data() + r * length, length);
    auto row = flat(out + r * length, length);
    const T top = in.maxCoeff();
    row = (in - top < least).select(T{0}, (in - top).exp());
    row /= row.sum();
  }
  return record(
      y,
      [x, y, rows, length](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          for (Index r = 0; r < rows; ++r) {
            const auto p = flat(y.data() + r * length, length);
            const auto d = flat(dy + r * length, length);
            const T mean = (p * d).sum();
            flat(dx + r * length, length) += p * (d - mean);
          }
        });
      },
      x);
}

namespace detail {

/// Throws where a denominator is round-off: `size` is the same sum with the absolute values of its terms.
template <class T>
void require_denominator(const Array<T>& denominator, const Array<T>& size, const char* what) {
  for (Index i = 0; i < denominator.size(); ++i) {
    const T value = denominator.data()[i], terms = size.data()[i];
    if (std::isfinite(terms) && std::abs(value) <= 8 * std::numeric_limits<T>::epsilon() * terms) {
      fail(
          "the denominator of ", what, " is ", value, " (its terms add up to ", terms,
          " in absolute value): the rule's zero or negative weights cancel. Use a rule with positive weights, or "
          "more points.");
    }
  }
}

/// Where no weight is negative, a denominator is 0 because its terms are below the least number of the
/// precision.
template <class T>
void require_no_underflow(const Array<T>& denominator, const char* what) {
  for (Index i = 0; i < denominator.size(); ++i) {
    require(denominator.data()[i] != T{0}, "the denominator of ", what,
            " is 0, and no weight is negative: the features of a query, or those of all keys, vanish in the "
            "precision. Give queries and keys that are smaller in size, or use double.");
  }
}

/// |w|
template <class T>
Array<T> absolute(const Array<T>& weights) {
  Array<T> result(weights.shape());
  flat(result.mutable_data(), result.size()) = flat(weights.data(), weights.size()).abs();
  return result;
}

}  // namespace detail

}  // namespace fredholm
