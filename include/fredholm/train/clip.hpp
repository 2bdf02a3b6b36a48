// Clipping of gradients by their global norm.
//
//   |g| = sqrt(sum of the squares of all real numbers in all parameters),    g <- g min(1, max_norm / |g|)
//
// It keeps one bad batch from throwing a model off. It does not turn the gradient, as clipping value by value
// would. Where it acts at every step, the learning rate is too large or the loss is badly scaled.
//
// Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
#pragma once

#include <algorithm>
#include <cmath>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>

namespace fredholm {

/// The norm of all numbers of a gradient (or of a model) together, summed in double.
template <class Model>
double global_norm(const Model& gradient) {
  double largest = 0;  // the squares of 1e200 are not finite, their norm is
  for_each_parameter(gradient, [&largest](const auto& leaf) {
    if (leaf.size() > 0)
      largest =
          std::max(largest, static_cast<double>(flat(leaf.value().data(), leaf.size()).abs().maxCoeff()));
  });
  const double unit = largest > 0 && std::isfinite(largest) ? largest : 1.0;
  double squares = 0;
  for_each_parameter(gradient, [&squares, unit](const auto& leaf) {
    squares += (flat(leaf.value().data(), leaf.size()).template cast<double>() / unit).square().sum();
  });
  return unit * std::sqrt(squares);
}

/// Shortens a gradient that is longer than max_norm. Returns the norm that it had. A gradient with NaN or
/// infinity in it is left as it is, for the optimizer to name the parameter.
template <class Model>
double clip_gradient(Model& gradient, double max_norm) {
  require(max_norm > 0, "clip_gradient: max_norm is ", max_norm, ". Give max_norm > 0.");
  const double norm = global_norm(gradient);
  if (norm > max_norm && std::isfinite(norm)) {
    for_each_parameter(gradient, [factor = max_norm / norm](auto& leaf) {
      auto values = flat(leaf.mutable_data(), leaf.size());
      values *= static_cast<typename decltype(values)::Scalar>(factor);
    });
  }
  return norm;
}

}  // namespace fredholm
