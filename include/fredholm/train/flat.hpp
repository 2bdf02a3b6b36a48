// A model as one vector, for optimizers that see parameters as a point of R^P.
//
//   Eigen::VectorXd x = flatten(model);        the P real numbers of all parameters that are not frozen
//   assign(model, x);                          back into the model
//   flatten_gradient(model, gradient)          the gradient by the same numbers; throws for NaN and infinity
//
// The order is that of for_each_parameter; a complex parameter gives its plane of real parts and then that of the imaginary
// ones. The vector is of double for parameters of float, too; assign rounds to them.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>

namespace fredholm {

/// How many real numbers are trained: count_parameters without those that are frozen.
template <class Model>
Index count_trained(const Model& model) {
  Index count = 0;
  for_each_parameter(model, [&count](const auto& leaf) { count += leaf.frozen() ? 0 : leaf.size(); });
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

/// The gradient by the parameters that are not frozen in the model. NaN and infinity throw std::runtime_error with the paths
/// of the parameters; `who` begins its message.
template <class Model>
Eigen::VectorXd flatten_gradient(const Model& model, const Model& gradient,
                                 const std::string& who = "flatten_gradient") {
  Eigen::VectorXd result(count_trained(model));
  double* to = result.data();
  std::string paths;
  zip_parameters(model, gradient, [&](const std::string& path, const auto& leaf, const auto& slope) {
    if (leaf.frozen()) return;
    double* const begin = to;
    to = std::copy_n(slope.value().data(), slope.size(), to);
    if (!Eigen::Map<const Eigen::ArrayXd>(begin, slope.size()).isFinite().all())
      paths += (paths.empty() ? "" : ", ") + path;
  });
  if (!paths.empty()) {
    throw std::runtime_error(who + ": the gradient has NaN or infinity in " + paths +
                             "; the model is as it was. Go back to a checkpoint, begin with some steps of "
                             "Adam, or use double.");
  }
  return result;
}

}  // namespace fredholm
