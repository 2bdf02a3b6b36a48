// Mean squared error: a loss for regression.
//
//   arrays   (1/n) sum_i (u_i - v_i)^2                                       n all values
//   fields   (1/(B C |Ω|)) sum_b sum_c ∫ (u_bc - v_bc)^2 dμ                  B functions, C channels
//
// A field's is an integral by its rule, so that it does not change with the number of points. Both are the
// mean over the batch of a term for each sample, and value_and_gradient may cut them along the batch.
//
// Data of many scales are better served by relative_error<L2> or, where slopes matter, relative_error<H1>
// (space/norms.hpp): here the largest functions weigh most.
#pragma once

#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/space/norms.hpp>

namespace fredholm {

/// The mean of (u - v)^2. The shapes must be the same: (n, 1) and (n) would be compared each with each.
template <class T>
Number<T> mean_squared_error(const Array<T>& u, const Array<T>& v) {
  require(u.shape() == v.shape(), "mean_squared_error of arrays of shapes ", u.shape(), " and ", v.shape(),
          ": the shapes must be the same.");
  return mean(square(u - v));
}

/// The mean over batch and channels of ∫ (u - v)^2 / |Ω|.
template <class Discretization, class Scalar, detail::FieldValue Other>
Number<Scalar> mean_squared_error(const Field<Discretization, Scalar>& u, const Other& v) {
  const auto difference = detail::difference(u, v);
  const double volume = u.discretization().measure() * static_cast<double>(u.channels());
  return mean(detail::l2_squares(difference)) / static_cast<Scalar>(volume);
}

}  // namespace fredholm
