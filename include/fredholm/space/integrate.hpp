// Integrals of fields, by the rule that the discretization carries.
//
//   ∫ u_c dμ ≈ Σ_j w_j u_c(x_j),      <u, v> = Σ_c ∫ u_c v_c dμ
//
//   integrate(u)             a number: one function, one channel (else it throws)
//   integrals(u)             (batch, channel)
//   inner_product(u, v)      a number: one function
//   inner_products(u, v)     (batch)
//
// Order and exactness are the rule's (space/rules.hpp). The sums of inner products are taken in double for
// float fields. All are operations of the tape: I' spreads to u' = w I'.
#pragma once

#include <algorithm>
#include <memory>

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

/// The weights as an array (points). In double it shares the memory of the discretization.
template <class Scalar = double, AnyDiscretization Discretization>
Array<Scalar> weights_of(const Discretization& discretization) {
  const std::vector<double>& weights = discretization.weights();
  const Shape shape{discretization.size()};
  if constexpr (requires { discretization.owner(); }) {
    // Never written to: the discretization holds the memory too, so an array that wants to write copies it
    // first.
    auto* values = const_cast<double*>(weights.data());
    return converted<Scalar>(Array<double>(shape, std::shared_ptr<double>(discretization.owner(), values)));
  } else {
    return converted<Scalar>(Array<double>(shape, weights));
  }
}

namespace detail {

/// The layout of (batch, points..., channel), of two arrays one of which may have a batch of 1.
struct SamplesView {
  Index batch, points, channels;
  Index left, right;  // distance from sample to sample

  SamplesView(const Shape& a, const Shape& b, Index weights)
      : batch(std::max(a.front(), b.front())), points(weights), channels(a.back()) {
    bool fits = a.size() == b.size() && a.front() != 0;
    for (Index axis = 1; fits && axis < a.size(); ++axis) fits = a[axis] == b[axis];
    fits = fits && (a.front() == batch || a.front() == 1) && (b.front() == batch || b.front() == 1);
    require(fits, "Values of shapes ", a, " and ", b,
            " are not compared: points and channels must agree, and the batch, or one batch is 1.");
    require(a.count() == a.front() * points * channels, "Values of shape ", a, " are not summed with ",
            points, " weights.");
    left = a.front() == 1 ? 0 : points * channels;
    right = b.front() == 1 ? 0 : points * channels;
  }
};

/// y_b = sum_j w_j sum_c a_bjc b_bjc;   a' += w b y',   b' += w a y'
template <class T>
Array<T> weighted_dot(const Array<T>& a, const Array<T>& b, const Array<T>& weights) {
  const SamplesView view(a.shape(), b.shape(), weights.size());
  require_constant(weights.node(), "the weights of an inner product");
  Array<T> y(Shape{view.batch});
  for (Index s = 0; s < view.batch; ++s) {
    const T* left = a.data() + s * view.left;
    const T* right = b.data() + s * view.right;
    double total = 0;
    for (Index j = 0; j < view.points; ++j) {
      T sum{0};
      for (Index c = 0; c < view.channels; ++c) sum += *left++ * *right++;
      total += static_cast<double>(weights.data()[j]) * static_cast<double>(sum);
    }
    y.mutable_data()[s] = static_cast<T>(total);
  }
  return record(
      y,
      [a, b, weights, view](Tape& tape, const T* dy) {
        const auto add = [&](const T* other, T* out, T factor) {
          for (Index j = 0; j < view.points; ++j) {
            const T weight = factor * weights.data()[j];
            for (Index c = 0; c < view.channels; ++c) *out++ += weight * *other++;
          }
        };
        tape.accumulate(a, [&](T* da) {
          for (Index s = 0; s < view.batch; ++s) add(b.data() + s * view.right, da + s * view.left, dy[s]);
        });
        tape.accumulate(b, [&](T* db) {
          for (Index s = 0; s < view.batch; ++s) add(a.data() + s * view.left, db + s * view.right, dy[s]);
        });
      },
      a, b);
}

}  // namespace detail

/// One integral for each function and channel: (batch, channel).
template <class Discretization, class Scalar>
Array<Scalar> integrals(const Field<Discretization, Scalar>& u) {
  return weighted_sum(u.values(), weights_of<Scalar>(u.discretization()));
}

/// The integral of one function of one channel.
template <class Discretization, class Scalar>
Number<Scalar> integrate(const Field<Discretization, Scalar>& u) {
  require(u.batch() == 1 && u.channels() == 1,
          "integrate(u) is for one function with one channel, and u has batch ", u.batch(), " and ",
          u.channels(), " channels. Use integrals(u), of shape (batch, channel).");
  return sum(integrals(u));
}

/// <u, v> for each pair of functions: (batch).
template <class Discretization, class Scalar, detail::FieldValue Other>
Array<Scalar> inner_products(const Field<Discretization, Scalar>& u, const Other& v) {
  return detail::weighted_dot(u.values(), detail::beside(u, v), weights_of<Scalar>(u.discretization()));
}

/// <u, v> of two functions.
template <class Discretization, class Scalar, detail::FieldValue Other>
Number<Scalar> inner_product(const Field<Discretization, Scalar>& u, const Other& v) {
  require(u.batch() == 1 && v.batch() == 1, "inner_product(u, v) is for two functions, and the batches are ",
          u.batch(), " and ", v.batch(), ". Use inner_products(u, v), of shape (batch).");
  return sum(inner_products(u, v));
}

}  // namespace fredholm
