// Least squares: what a Gauss-Newton step asks of a problem.
//
//   F(theta) = sum_i r_i(theta)^2,     J = dr / dtheta  (N x P),     gradient of F = 2 J^T r
//
// r are the residuals, already multiplied by the root of their weights: sqrt(weight of the term * weight of
// the point) times the residual at the point, so that F is the loss, a sum of integrals. P counts the real
// numbers of all parameters that are not frozen, in the order of for_each_parameter (train/flat.hpp). A
// problem is any object with two members:
//
//   struct MyProblem {
//     double sum_of_squares(Workspace& workspace, const Model& model) const;
//     void residual_rows(Workspace& workspace, const Model& model, const TakeRows& take) const;
//   };
//
// The second gives r and J in blocks of rows: take(ResidualRows{jacobian, residual, rows, parameters}). It
// calls from one thread, the same blocks in the same order every time (a step is then the same to the bit),
// and the memory is its own again when the call returns. Some hundred rows a block are best: J^T J takes a
// block at a time. Sum of squares is asked for at trial points and should not compute J. A third member is
// optional; with it LevenbergMarquardt can follow the curvature of r:
//
//     std::vector<double> residuals(Workspace& workspace, const Model& model) const;  // r of the rows, alone
//
// None needs to look for NaN: the optimizers do.
#pragma once

#include <concepts>
#include <functional>
#include <vector>

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

/// Some rows of J and the residuals that they belong to.
struct ResidualRows {
  const double* jacobian;  ///< (rows, parameters), row-major
  const double* residual;  ///< (rows)
  Index rows;
  Index parameters;
};

using TakeRows = std::function<void(const ResidualRows&)>;

/// A sum of squares with its rows, for models of a type.
template <class Problem, class Model>
concept AnyLeastSquares =
    requires(const Problem& problem, Workspace& workspace, const Model& model, const TakeRows& take) {
      { problem.sum_of_squares(workspace, model) } -> std::convertible_to<double>;
      problem.residual_rows(workspace, model, take);
    };

/// One that gives its residuals without their derivatives, too.
template <class Problem, class Model>
concept HasResiduals = requires(const Problem& problem, Workspace& workspace, const Model& model) {
  problem.residuals(workspace, model);
};

}  // namespace fredholm
