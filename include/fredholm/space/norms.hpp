// Norms of fields, distances and relative errors.
//
//   L1    Σ_c ∫ |u_c|                           L2    sqrt(Σ_c ∫ u_c²)
//   Linf  max over points and channels of |u|   H1    sqrt(|u|²_L2 + Σ_axis |∂_axis u|²_L2)
//
//   norms<L2>(u)               (batch)
//   norm<L2>(u)                their mean
//   distance<L2>(u, v)         the mean of |u_b - v_b|
//   relative_error<L2>(u, v)   the mean of |u_b - v_b| / |v_b|: of ratios, never the ratio of means
//
// Each integral is by the rule of the discretization, so a norm does not depend on how many points there are.
// Linf sees the points and nothing between them. All are operations of the tape; a norm's slope at 0 is taken
// as 0.
//
// A norm of your own is a struct with `static Array<Scalar> norms(const Field<...>&)`, of shape (batch).
#pragma once

#include <cstddef>
#include <utility>

#include <fredholm/space/derivative.hpp>
#include <fredholm/space/integrate.hpp>

namespace fredholm {

namespace detail {

/// (batch): the integral of the sum over channels.
template <class T>
Array<T> total_integrals(const Array<T>& x, const Array<T>& weights) {
  return sum(weighted_sum(x, weights), 1);
}

template <class T>
Array<T> root_of_squares(const Array<T>& squares) {
  for (Index b = 0; b < squares.size(); ++b) {
    require(!(squares.data()[b] < T{0}), "The integral of the square of sample ", b, " is ",
            squares.data()[b],
            ": the rule has negative weights, and is no norm. Use a rule with positive weights.");
  }
  return sqrt(squares);
}

template <class T>
Number<T> mean_of_ratios(const Array<T>& errors, const Array<T>& references) {
  for (Index b = 0; b < references.size(); ++b) {
    require(references.data()[b] != T{0}, "relative_error(u, v): the reference v is 0 in sample ", b,
            ", and an error relative to 0 does not exist. Use distance(u, v).");
  }
  return mean(errors / references);
}

template <class Discretization, class Scalar>
Array<Scalar> l2_squares(const Field<Discretization, Scalar>& u) {
  return weighted_dot(u.values(), u.values(), weights_of<Scalar>(u.discretization()));
}

}  // namespace detail

struct L1 {
  template <class Discretization, class Scalar>
  static Array<Scalar> norms(const Field<Discretization, Scalar>& u) {
    return detail::total_integrals(abs(u.values()), weights_of<Scalar>(u.discretization()));
  }
};

struct L2 {
  template <class Discretization, class Scalar>
  static Array<Scalar> norms(const Field<Discretization, Scalar>& u) {
    return detail::root_of_squares(detail::l2_squares(u));
  }
};

struct Linf {
  template <class Discretization, class Scalar>
  static Array<Scalar> norms(const Field<Discretization, Scalar>& u) {
    return max_per_sample(abs(u.values()));
  }
};

struct H1 {
  template <class Discretization, class Scalar>
  static Array<Scalar> norms(const Field<Discretization, Scalar>& u) {
    return [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return detail::root_of_squares(
          (detail::l2_squares(u) + ... + detail::l2_squares(derivative<static_cast<Index>(Axis)>(u))));
    }(std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());
  }
};

/// The norm of each function: (batch).
template <class Norm, class Discretization, class Scalar>
Array<Scalar> norms(const Field<Discretization, Scalar>& u) {
  return Norm::norms(u);
}

/// The norm; of a batch, the mean of the norms.
template <class Norm, class Discretization, class Scalar>
Number<Scalar> norm(const Field<Discretization, Scalar>& u) {
  return mean(norms<Norm>(u));
}

namespace detail {

/// u - v, of fields with the same channels: what is compared is not repeated.
template <class Discretization, class Scalar, class Other>
Field<Discretization, Scalar> difference(const Field<Discretization, Scalar>& u, const Other& v) {
  require(u.channels() == v.channels() && (u.batch() == v.batch() || u.batch() == 1 || v.batch() == 1),
          "Fields of shapes ", u.values().shape(), " and ", v.values().shape(),
          " are not compared: the channels must agree, and the batch, or one batch is 1.");
  return u - v;
}

}  // namespace detail

/// The norm of u - v, mean over the batch.
template <class Norm, class Discretization, class Scalar, detail::FieldValue Other>
Number<Scalar> distance(const Field<Discretization, Scalar>& u, const Other& v) {
  return norm<Norm>(detail::difference(u, v));
}

/// |u - v| / |v| of each function, mean over the batch. v is the reference.
template <class Norm, class Discretization, class Scalar, detail::FieldValue Other>
Number<Scalar> relative_error(const Field<Discretization, Scalar>& u, const Other& v) {
  return detail::mean_of_ratios(norms<Norm>(detail::difference(u, v)), norms<Norm>(v));
}

}  // namespace fredholm
