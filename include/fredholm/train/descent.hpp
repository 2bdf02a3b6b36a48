// What the quasi-Newton methods share: the beginning of a step, and the search along a direction. Not for
// users.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/train/flat.hpp>
#include <fredholm/train/line_search.hpp>
#include <fredholm/train/step.hpp>

namespace fredholm::detail {

/// Throws for a loss that is NaN or infinite where a step begins.
inline void require_finite_start(double value, const std::string& who) {
  if (std::isfinite(value)) return;
  throw std::runtime_error(who + ": the loss is " + std::to_string(value) +
                           " where the step begins; the model is as it was. Go back to a checkpoint, or "
                           "begin with some steps of Adam.");
}

/// For an optimizer that was made for `count` numbers.
template <class Model>
void require_count(const Model& model, Index count, const std::string& who) {
  require(count_trained(model) == count, who, ": the model has ", count_trained(model),
          " numbers that are not frozen, and this optimizer was made for ", count,
          ". Make another after freezing parameters.");
}

/// The value and the gradient where a step begins, unless they are known. Returns how often the objective was
/// called.
template <class Model, class Objective>
Index evaluate_start(const Model& model, const Objective& objective, Evaluation& known,
                     const std::string& who) {
  Eigen::VectorXd place = flatten(model);
  if (known.holds_for(place)) return 0;
  const auto result = objective(model);
  const double value = static_cast<double>(result.value);
  require_finite_start(value, who);
  Eigen::VectorXd gradient = gather_gradient(model, result.gradient);
  require_finite_gradient(model, gradient, who);
  known = {std::move(place), value, std::move(gradient)};
  return 1;
}

/// Whether a pair shows positive curvature beyond its round-off, so that an update by it is positive
/// definite.
inline bool is_curved(const Eigen::VectorXd& s, const Eigen::VectorXd& y) {
  return s.dot(y) > 1e-14 * s.norm() * y.norm();
}

/// Searches from `known` along a direction on which the value falls. If a lower value is found, the model,
/// `known` and the result are set to it, and the multiple of the direction is returned; otherwise all are as
/// they were, except for the count of evaluations, and 0 is returned.
template <class Model, class Objective>
double descend(Model& model, const Objective& objective, Evaluation& known, const Eigen::VectorXd& direction,
               double first, const LineSearchOptions& options, StepResult& result) {
  Model trial = model;
  Evaluation last;
  double last_length = 0;
  const auto look = [&](double length) {
    ++result.evaluations;
    assign(trial, known.parameters + length * direction);
    const auto found = objective(std::as_const(trial));
    last = {flatten(trial), static_cast<double>(found.value), gather_gradient(trial, found.gradient)};
    last_length = length;
    return LinePoint{length, last.value, last.gradient.dot(direction)};
  };
  const auto search = line_search(look, known.value, known.gradient.dot(direction), first, options);
  if (search.point.length == 0) return 0;
  if (last_length != search.point.length) look(search.point.length);
  if (!last.gradient.allFinite() || last.parameters == known.parameters) return 0;
  result.progress = true;
  result.value = last.value;
  result.length = (last.parameters - known.parameters).norm();
  assign(model, last.parameters);
  known = std::move(last);
  return search.point.length;
}

}  // namespace fredholm::detail
