// Energy natural gradient: undamped Gauss-Newton directions with a search over halved steps.
//
//   F(theta) = |r(theta)|^2,   (G + mu I) d = -J^T r,  G = J^T J
//   theta <- theta + 2^-k d with the k of the lowest F
//
// In function space this is a Newton step: the network is moved along the projection of the error onto its
// tangent space. The damping is small and fixed, for the null space of G alone, and the length does what
// lambda does in LevenbergMarquardt. It often follows curved valleys better, each step at the cost of some
// more sums of squares, and sometimes fails: on the fit of docs/optimizers.md it ends two to six orders
// lower in as many steps from 10 of 12 starts, and far above from 2. Which ones is decided by round-off:
// other compiler flags, other starts. LevenbergMarquardt is the one with a trust region: the safer, and for
// problems whose residuals stay large.
//
// mu is `damping` times the largest diagonal entry of G, and is raised tenfold until the matrix is positive
// definite in double. The search goes on while F falls from one k to the next. Where no length lowers F,
// progress is false and the model is as it was.
//
// Source: Mueller and Zeinhofer (2023), Achieving high accuracy with PINNs via energy natural gradient
// descent, algorithm 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/train/normal_equations.hpp>

namespace fredholm {

struct EnergyNaturalGradientOptions {
  double damping = 1e-14;  ///< mu, by the scale of G
  Index halvings = 30;     ///< the shortest length is 2^-halvings
  GaussNewtonForm form = GaussNewtonForm::automatic;
};

namespace detail {

inline void check(const EnergyNaturalGradientOptions& options) {
  require(options.damping >= 0 && std::isfinite(options.damping), "EnergyNaturalGradient: damping is ",
          options.damping, ". Give a small number, 0 or more.");
  require(options.halvings >= 0 && options.halvings <= 100, "EnergyNaturalGradient: halvings is ",
          options.halvings, ". Give a number from 0 to 100; 30 is usual.");
}

}  // namespace detail

template <class Model>
class EnergyNaturalGradient {
  static_assert(
      holds_leaves<Model>,
      "EnergyNaturalGradient<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  EnergyNaturalGradientOptions options;

  explicit EnergyNaturalGradient(const Model& model, EnergyNaturalGradientOptions given = {})
      : options(given), parameters_(count_trained(model)) {
    detail::check(options);
  }

  /// One step, with the memory and the threads of the caller.
  template <class Problem>
  StepResult step(Workspace& workspace, Model& model, const Problem& problem) {
    static_assert(AnyLeastSquares<Problem, Model>,
                  "EnergyNaturalGradient::step: the problem has no sum_of_squares(workspace, model) or no "
                  "residual_rows(workspace, model, take). See train/least_squares.hpp.");
    detail::check(options);
    StepResult result = equations_.start(problem, workspace, std::as_const(model), parameters_, options.form,
                                         "EnergyNaturalGradient::step");
    if (result.gradient_norm == 0) return result;
    const Eigen::VectorXd d = direction(workspace.team());
    const Eigen::VectorXd start = flatten(model);
    Model trial = model, best = model;
    for (Index k = 0; k <= options.halvings; ++k) {
      assign(trial, start + std::ldexp(1.0, static_cast<int>(-k)) * d);
      ++result.evaluations;
      const double value = problem.sum_of_squares(workspace, std::as_const(trial));
      if (result.progress && !(value < result.value)) break;
      if (!(value < result.value)) continue;
      result.progress = true;
      result.value = value;
      best = trial;
    }
    if (!result.progress) return result;
    model = std::move(best);
    result.length = (flatten(model) - start).norm();
    steps_.mutable_data()[0] += 1;
    return result;
  }

  /// The same, with threads of its own.
  template <class Problem>
  StepResult step(Model& model, const Problem& problem) {
    return step(workspace_.get(), model, problem);
  }

  /// How many steps changed the model.
  Index steps() const { return static_cast<Index>(steps_.value().data()[0]); }

  /// The number of steps, for checkpoints: there is nothing else to remember.
  static void visit(auto& self, auto&& f) { f("steps", self.steps_); }

 private:
  Eigen::VectorXd direction(Team& team) {
    const double largest = equations_.diagonal().maxCoeff();
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(parameters_);
    for (double damping = options.damping;; damping = std::max(10 * damping, 1e-17)) {
      Eigen::VectorXd d = equations_.solve(damping * largest, ones, team);
      if (d.size() > 0 || damping > 1) return d.size() > 0 ? d : -equations_.gradient() / largest;
    }
  }

  Index parameters_;
  Buffer<double> steps_{Shape{1}};
  detail::NormalEquations<> equations_;
  detail::OwnWorkspace workspace_;
};

}  // namespace fredholm
