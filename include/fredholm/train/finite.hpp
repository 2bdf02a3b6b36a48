// NaN and infinity in gradients, by the names of the parameters. Not for users: the optimizers stand on it.
#pragma once

#include <stdexcept>
#include <string>

#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>

namespace fredholm::detail {

/// Whether there is neither NaN nor infinity, in one vectorised pass.
template <class Real>
bool all_finite(const Array<Real>& values) {
  return (flat(values.data(), values.size()) * Real{0}).sum() == Real{0};
}

/// The paths of the parameters that are not frozen and whose part of a gradient has NaN or infinity.
template <class Model>
std::string paths_not_finite(const Model& model, const Model& gradient) {
  std::string paths;
  zip_parameters(model, gradient, [&](const std::string& path, const auto& leaf, const auto& slope) {
    if (!leaf.frozen() && !all_finite(slope.value())) paths += (paths.empty() ? "" : ", ") + path;
  });
  return paths;
}

/// Throws for a gradient with NaN or infinity that an optimizer was given.
template <class Model>
[[noreturn]] void throw_not_finite(const Model& model, const Model& gradient, const std::string& who) {
  throw std::runtime_error(
      who + ": the gradient has NaN or infinity in " + paths_not_finite(model, gradient) +
      "; the model is as it was. Try a smaller learning rate, clip_gradient, or double.");
}

}  // namespace fredholm::detail
