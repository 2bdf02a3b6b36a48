// What second-order optimizers are given, and what a step returns.
//
//   auto objective = [&](const auto& model) { return value_and_gradient(workspace, loss, model, points); };
//   Evaluation known;                                            // optional, see below
//   const StepResult step = lbfgs.step(model, objective, known);
//   if (!step.progress) ...                                      // the model is as it was
//
// An objective is anything that is called with a model and returns a value and a gradient of the type of the
// model. The value must be the same for the same model, and the gradient its own: all points, not a batch of
// them.
//
// A step begins with the value and the gradient at the model. The step before has computed both at its end;
// an Evaluation that is handed from step to step saves that call, about half of all. It says that the
// objective is still the same, which no optimizer can see: write `known = {}` where points are drawn anew or
// weights change. A model that has changed is noticed.
#pragma once

#include <concepts>

#include <Eigen/Core>

#include <fredholm/core/shape.hpp>

namespace fredholm {

/// A value and a gradient for every model.
template <class Objective, class Model>
concept AnyObjective = requires(const Objective& objective, const Model& model) {
  { objective(model).value } -> std::convertible_to<double>;
  { objective(model).gradient } -> std::convertible_to<const Model&>;
};

struct StepResult {
  double value = 0;          ///< of the objective, at the model as it is now
  double gradient_norm = 0;  ///< where the step began
  double length = 0;         ///< the norm of the change of the parameters
  bool progress = false;     ///< whether the model was changed; if not, it is as it was
  bool accelerated = false;  ///< whether the second-order part is in it (LevenbergMarquardt)
  bool restarted = false;    ///< whether curvature was forgotten, for a direction of steepest descent
  Index evaluations = 0;     ///< of the objective (or of the sum of squares and of its rows)
};

/// The value and the gradient at a place.
struct Evaluation {
  Eigen::VectorXd parameters;
  double value = 0;
  Eigen::VectorXd gradient;

  bool holds_for(const Eigen::VectorXd& place) const {
    return parameters.size() == place.size() && parameters.size() > 0 && parameters == place;
  }
};

}  // namespace fredholm
