// A model as one vector, for optimizers that see parameters as a point of R^P.
//
//   Eigen::VectorXd x = flatten(model);        the P real numbers of all parameters that are not frozen
//   assign(model, x);                          back into the model
//   flatten_gradient(model, gradient)          the gradient by the same numbers; throws for NaN and infinity
//
// The order is that of for_each_parameter; a complex parameter gives its plane of real parts and then that of
// the imaginary ones. The vector is of double for parameters of float, too; assign rounds to them.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/train/finite.hpp>

namespace fredholm {

/// How many real numbers are trained: count_parameters without those that are frozen.
template <class Model>
Index count_trained(const Model& model) {
  Index count = 0;
  for_each_parameter(model, [&](const auto& leaf) { count += leaf.frozen() ? 0 : leaf.size(); });
  return count;
}

template <class Model>
Eigen::VectorXd flatten(const Model& model) {
  Eigen::VectorXd result(count_trained(model));
  double* to = result.data();
  for_each_parameter(model, [&to](const auto& leaf) {
    if (leaf.frozen()) return;
    to = std::copy_n(leaf.value().data(), leaf.size(), to);
  });
  return result;
}

template <class Model>
void assign(Model& model, const Eigen::VectorXd& values) {
  const Index count = count_trained(model);
  require(values.size() == count, "assign(model, values): there are ", values.size(),
          " values, and the model has ", count, " numbers that are not frozen.");
  const double* from = values.data();
  for_each_parameter(model, [&from](auto& leaf) {
    using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
    if (leaf.frozen()) return;
    std::transform(from, from + leaf.size(), leaf.mutable_data(),
                   [](double value) { return static_cast<Real>(value); });
    from += leaf.size();
  });
}

namespace detail {

/// The numbers of a gradient that belong to parameters that are not frozen in the model, whatever they are.
template <class Model>
Eigen::VectorXd gather_gradient(const Model& model, const Model& gradient) {
  Eigen::VectorXd result(count_trained(model));
  double* to = result.data();
  zip_parameters(model, gradient, [&to](const auto& leaf, const auto& slope) {
    if (!leaf.frozen()) to = std::copy_n(slope.value().data(), slope.size(), to);
  });
  return result;
}

/// The same of a gradient as a vector.
template <class Model>
std::string paths_not_finite(const Model& model, const Eigen::VectorXd& values) {
  std::string paths;
  const double* from = values.data();
  for_each_parameter(model, [&](const std::string& path, const auto& leaf) {
    if (leaf.frozen()) return;
    if (!Eigen::Map<const Eigen::VectorXd>(from, leaf.size()).allFinite())
      paths += (paths.empty() ? "" : ", ") + path;
    from += leaf.size();
  });
  return paths;
}

/// Throws for NaN and infinity in a gradient; `who` begins the message.
template <class Model>
void require_finite_gradient(const Model& model, const Eigen::VectorXd& values, const std::string& who) {
  if (values.allFinite()) return;
  throw std::runtime_error(who + ": the gradient has NaN or infinity in " + paths_not_finite(model, values) +
                           "; the model is as it was. Go back to a checkpoint, begin with some steps of "
                           "Adam, or use double.");
}

}  // namespace detail

/// The gradient by the parameters that are not frozen in the model. NaN and infinity throw std::runtime_error
/// with the paths of the parameters.
template <class Model>
Eigen::VectorXd flatten_gradient(const Model& model, const Model& gradient) {
  Eigen::VectorXd result = detail::gather_gradient(model, gradient);
  detail::require_finite_gradient(model, result, "flatten_gradient");
  return result;
}

}  // namespace fredholm
