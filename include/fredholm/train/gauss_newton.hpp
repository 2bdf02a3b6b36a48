// Levenberg-Marquardt: damped Gauss-Newton steps on a sum of squares.
//
//   F(theta) = |r(theta)|^2,    (J^T J + lambda D) d = -J^T r,    theta <- theta + d  if F falls
//   gain rho = (F before - F after) / (|r|^2 - |r + J d|^2)
//   after a step               lambda <- lambda max(1/3, 1 - (2 rho - 1)^3), nu <- 2
//   where F does not fall      lambda <- nu lambda, nu <- 2 nu
//
// For physics-informed networks of up to some thousand parameters: the curvature is that of the linearized
// residual, and steps near a solution with small residuals converge as Newton's. A step costs N P^2 + P^3 / 3
// products for N residuals; trial points cost a sum of squares alone.
// D is the diagonal of J^T J, by which the step does not depend on the units of the parameters, or the
// identity (marquardt = false). The first lambda is `damping` with the former, and damping times the largest
// entry of that diagonal with the latter.
//
// Geodesic acceleration, the second-order part of a step, bends it along the valley that it is in, so that
// the residuals move along a straight line:
//
//   (J^T J + lambda D) a = -J^T r''(d, d),    theta <- theta + d + a / 2
//
// It is tried first where |a| <= 3/4 |d| in the norm of D, and the plain step where it is not or where F does
// not fall. r'' is a difference of residuals at theta, theta + d / 10 and of J d: one more evaluation of
// them, without J; below some 200 times the round-off of the residuals it is noise. The loss of a
// physics-informed network falls by orders more in as many steps (docs/optimizers.md). J is kept for it, N P
// numbers; where that is more than 128 MiB it is computed twice in a step. It takes a problem that has
// residuals(workspace, model); others make plain steps.
//
//   LevenbergMarquardt optimizer(model);
//   const StepResult step = optimizer.step(model, problem);       // AnyLeastSquares, train/least_squares.hpp
//
// Which form of the equations is solved, by parameters or by residuals, is chosen by their numbers
// (train/normal_equations.hpp). Where no lambda up to a limit lowers F, progress is false and the model is as
// it was. The optimizer is a model of buffers: save and load it beside the model to go on to the bit.
//
// Sources: Marquardt (1963); Nielsen (1999), Damping parameter in Marquardt's method; Nocedal and
// Wright (2006), 10.3; Transtrum and Sethna (2012), Improvements to the Levenberg-Marquardt algorithm for
// nonlinear least-squares minimization.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/train/normal_equations.hpp>

namespace fredholm {

struct LevenbergMarquardtOptions {
  double damping = 1e-3;      ///< the first lambda, by the scale of J^T J
  bool marquardt = true;      ///< D is the diagonal of J^T J, not the identity
  double decrease = 1.0 / 3;  ///< of lambda, at the most, after a good step
  Index tries = 20;           ///< of lambda in a step
  bool acceleration = true;   ///< the second-order part, where the problem gives its residuals alone
  GaussNewtonForm form = GaussNewtonForm::automatic;
};

namespace detail {

inline void check(const LevenbergMarquardtOptions& options) {
  require(options.damping > 0 && std::isfinite(options.damping), "LevenbergMarquardt: damping is ",
          options.damping, ". Give damping > 0; 1e-3 is usual, 1e-14 begins as Gauss-Newton.");
  require(options.decrease > 0 && options.decrease < 1, "LevenbergMarquardt: decrease is ", options.decrease,
          ". Give a factor between 0 and 1.");
  require(options.tries >= 1, "LevenbergMarquardt: tries is ", options.tries, ". Give at least 1.");
}

/// D: never zero, since a parameter that nothing depends on has a zero on the diagonal.
inline Eigen::VectorXd marquardt_scale(const Eigen::VectorXd& diagonal) {
  const double largest = diagonal.maxCoeff();
  return diagonal.cwiseMax(largest > 0 ? 1e-12 * largest : 1.0);
}

}  // namespace detail

template <class Model>
class LevenbergMarquardt {
  static_assert(
      holds_leaves<Model>,
      "LevenbergMarquardt<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  LevenbergMarquardtOptions options;

  explicit LevenbergMarquardt(const Model& model, LevenbergMarquardtOptions given = {})
      : options(given), parameters_(count_trained(model)) {
    detail::check(options);
  }

  /// One step, with the memory and the threads of the caller.
  template <class Problem>
  StepResult step(Workspace& workspace, Model& model, const Problem& problem) {
    static_assert(AnyLeastSquares<Problem, Model>,
                  "LevenbergMarquardt::step: the problem has no sum_of_squares(workspace, model) or no "
                  "residual_rows(workspace, model, take). See train/least_squares.hpp.");
    detail::check(options);
    const bool accelerate = options.acceleration && HasResiduals<Problem, Model>;
    StepResult result = equations_.start(problem, workspace, std::as_const(model), parameters_, options.form,
                                         "LevenbergMarquardt::step", accelerate ? most_kept : 0);
    if (result.gradient_norm == 0) return result;
    const double largest = equations_.diagonal().maxCoeff();
    const Eigen::VectorXd scale = options.marquardt ? detail::marquardt_scale(equations_.diagonal())
                                                    : Eigen::VectorXd::Ones(parameters_).eval();
    const double unit = options.marquardt ? 1 : largest;  // of lambda
    if (damping() == 0) set_damping(options.damping * unit, 2);
    const double before = damping();
    const Eigen::VectorXd start = flatten(model);
    Model trial = model;
    const auto falls_at = [&](const Eigen::VectorXd& place, double& value) {
      assign(trial, place);
      ++result.evaluations;
      value = problem.sum_of_squares(workspace, std::as_const(trial));
      return value < result.value;  // not for NaN
    };
    bool bent = false;  // whether a step has been accelerated
    try {
      for (Index k = 0; k < options.tries && !result.progress; ++k) {
        const double lambda = damping();
        const Eigen::VectorXd d = equations_.solve(lambda, scale, workspace.team());
        if (d.size() == 0) {  // not positive definite: at least the round-off of the matrix
          set_damping(std::max(10 * lambda, 1e-16 * unit), growth());
          continue;
        }
        assign(trial, start + d);
        if (flatten(trial) == start) break;  // lambda is so large that the step is lost in rounding
        Eigen::VectorXd bend;
        if constexpr (HasResiduals<Problem, Model>) {
          // Where J was not kept it is computed again, once in a step.
          if (accelerate && (!bent || equations_.rows_kept())) {
            bent = true;
            result.evaluations += equations_.rows_kept() ? 1 : 2;
            bend = half_acceleration(workspace, problem, model, trial, start, d, scale);
          }
        }
        double value = 0;
        result.accelerated = bend.size() > 0 && falls_at(start + d + bend, value);
        if (!result.accelerated && !falls_at(start + d, value)) {
          set_damping(lambda * growth(), 2 * growth());
          continue;
        }
        const double foreseen = lambda * d.cwiseAbs2().dot(scale) - d.dot(equations_.gradient());
        const double gain = (result.value - value) / foreseen;
        const double factor = std::max(options.decrease, 1 - std::pow(2 * std::clamp(gain, 0.0, 1.0) - 1, 3));
        set_damping(std::max(lambda * factor, 1e-20 * unit), 2);
        result.progress = true;
        result.value = value;
        const Eigen::VectorXd reached = flatten(trial);
        result.length = (reached - start).norm();
        assign(model, reached);
        state_.mutable_data()[2] += 1;
      }
    } catch (...) {
      set_damping(before, 2);
      throw;
    }
    if (!result.progress) set_damping(before, 2);  // for another try on other points
    return result;
  }

  /// The same, with threads of its own.
  template <class Problem>
  StepResult step(Model& model, const Problem& problem) {
    return step(workspace_.get(), model, problem);
  }

  /// lambda, as the next step will try it; 0 before the first.
  double damping() const { return state_.value().data()[0]; }

  /// How many steps changed the model.
  Index steps() const { return static_cast<Index>(state_.value().data()[2]); }

  /// Lambda, its growth and the number of steps, for checkpoints.
  static void visit(auto& self, auto&& f) { f("state", self.state_); }

 private:
  static constexpr Index most_kept = (Index{128} << 20) / sizeof(double);  // numbers of J

  /// a / 2, or nothing where it is no small part of the step.
  template <class Problem>
  Eigen::VectorXd half_acceleration(Workspace& workspace, const Problem& problem, const Model& model,
                                    Model& trial, const Eigen::VectorXd& start, const Eigen::VectorXd& d,
                                    const Eigen::VectorXd& scale) {
    static_assert(
        std::is_same_v<std::remove_cvref_t<decltype(problem.residuals(workspace, model))>,
                       std::vector<double>>,
        "LevenbergMarquardt::step: problem.residuals(workspace, model) is to return a std::vector<double>: "
        "the residuals of the rows, in their order.");
    constexpr double h = 0.1;  // of the step; Transtrum and Sethna's
    assign(trial, start + h * d);
    const Eigen::VectorXd moved = (flatten(trial) - start) / h;  // d, but for the rounding of a float model
    const std::vector<double> there = problem.residuals(workspace, std::as_const(trial));
    require(std::ssize(there) == equations_.rows(), "LevenbergMarquardt::step: residuals gives ",
            there.size(), " numbers, and residual_rows ", equations_.rows(),
            " rows. Give the residuals of the rows, in their order, with the roots of all weights.");
    const auto curvature = [&](Index begin, const auto& r, const auto& slope) -> Eigen::VectorXd {
      return 2 / h * ((Eigen::Map<const Eigen::VectorXd>(there.data() + begin, r.size()) - r) / h - slope);
    };
    const Eigen::VectorXd half = equations_.solve_again(problem, workspace, model, moved, curvature) / 2;
    const auto square = [&scale](const Eigen::VectorXd& x) { return x.cwiseAbs2().dot(scale); };
    if (half.size() == 0 || !(2 * std::sqrt(square(half)) <= 0.75 * std::sqrt(square(d)))) return {};
    return half;
  }

  double growth() const { return state_.value().data()[1]; }
  void set_damping(double lambda, double growth) {
    state_.mutable_data()[0] = lambda;
    state_.mutable_data()[1] = growth;
  }

  Index parameters_;
  Buffer<double> state_{Shape{3}};
  detail::NormalEquations<> equations_;
  detail::OwnWorkspace workspace_;
};

}  // namespace fredholm
