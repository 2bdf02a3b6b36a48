// solve: the loop around a problem and an optimizer.
//
//   Adam adam(model, {.learning_rate = 1e-3});
//   solve(problem, model, adam, {.steps = 2000});
//   LevenbergMarquardt lm(model);
//   const SolveHistory history =
//       solve(problem, model, lm, {.steps = 500, .seconds = 60, .tolerance = 1e-14});
//
// A step is one of the optimizer: a gradient for Adam, a line search for Lbfgs and SelfScaledBroyden, a
// damped Gauss-Newton step for LevenbergMarquardt. Before it, causal weights are set, points are drawn anew
// and weights are balanced where the problem and the options ask for it. The loop ends after all steps, at
// the time limit, at a loss under the tolerance, when `after_step` returns false, or when the optimizer finds
// no lower loss; history.ended says which. Where points or weights are still to change by themselves, finding
// none is no end; after a call of `after_step`, which may have changed the problem, the optimizer must find
// none twice in a row.
//
// NaN or infinity in the loss or the gradient throws std::runtime_error with the step, the term and the
// point, and the model is as it was before that step. With a CheckpointFile (fredholm/checkpoint.hpp) as a
// fifth argument model, optimizer, weights and points are written every some steps and at the end, and a run
// that finds its file goes on from there, to the same bits as one that was never stopped (but for time
// limits and the history, which begin anew).
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/physics/pinn/balance.hpp>
#include <fredholm/physics/pinn/causal.hpp>
#include <fredholm/physics/pinn/resampling.hpp>
#include <fredholm/physics/pinn/rows.hpp>
#include <fredholm/physics/pinn/solve_state.hpp>
#include <fredholm/train/progress.hpp>
#include <fredholm/train/step.hpp>

namespace fredholm {

struct SolveOptions {
  Index steps = 1000;                                        ///< in all, those of a checkpoint included
  double seconds = std::numeric_limits<double>::infinity();  ///< of this call
  double tolerance = 0;                                      ///< of the loss
  Index record_every = 10;                                   ///< losses of all terms, for the history
  Index resample_every = 0;                                  ///< of terms made by resampled(); 0: never
  Index balance_every = 0;                                   ///< 0: the weights stay
  BalanceOptions balance = {};
  Index causal_every = 1;                      ///< of terms with causal weights
  std::function<double(Index)> schedule = {};  ///< from the step to the learning rate, where there is one
  std::function<bool(Index, double)> after_step =
      {};  ///< (step, loss); false: stop. It may change the problem
  std::string label = "solve";
  bool quiet = false;
};

/// The loss after some steps. Integrals are in the order of SolveHistory::names.
struct SolveRecord {
  Index step = 0;  ///< how many were done
  double seconds = 0;
  double loss = 0;
  std::vector<double> integrals = {};
};

struct SolveHistory {
  std::vector<std::string> names = {};  ///< of the terms
  std::vector<SolveRecord> records = {};
  Index steps = 0;         ///< that were done in this call
  double loss = 0;         ///< at the end
  std::string ended = {};  ///< "all steps are done", ...
};

namespace detail {

template <class Optimizer, class Model, class Objective>
concept SearchesALine =
    requires(Optimizer& optimizer, Model& model, const Objective& objective, Evaluation& known) {
      { optimizer.step(model, objective, known) } -> std::same_as<StepResult>;
    };
template <class Optimizer, class Model, class Problem>
concept StepsByRows =
    requires(Optimizer& optimizer, Model& model, const Problem& problem, Workspace& workspace) {
      { optimizer.step(workspace, model, problem) } -> std::same_as<StepResult>;
    };

template <class Optimizer, class Model>
concept StepsByGradient =
    requires(Optimizer& optimizer, Model& model, const Model& gradient) { optimizer.step(model, gradient); };

inline void check(const SolveOptions& options) {
  require(options.steps >= 1, "solve: steps is ", options.steps, ". Give at least 1.");
  require(options.seconds > 0 && options.tolerance >= 0, "solve: seconds is ", options.seconds,
          " and tolerance is ", options.tolerance, ". Give seconds > 0 and tolerance >= 0.");
  require(options.record_every >= 1 && options.causal_every >= 1, "solve: record_every is ",
          options.record_every, " and causal_every is ", options.causal_every, ". Give at least 1.");
  require(options.resample_every >= 0 && options.balance_every >= 0, "solve: resample_every is ",
          options.resample_every, " and balance_every is ", options.balance_every,
          ". Give 0 (never) or more.");
}

template <class Problem>
void require_something_to_resample(const Problem& problem, const SolveOptions& options) {
  bool any = options.resample_every == 0;
  for_each_term(problem, [&any](const auto& term) { any = any || term.resampling.has_value(); });
  require(any, "solve: resample_every is ", options.resample_every,
          ", and no term can be resampled. Make one with resampled(term(...)).");
}

/// One call of solve.
template <class Problem, class Model, class Optimizer>
class Solving {
 public:
  Solving(Problem& problem, Model& model, Optimizer& optimizer, const SolveOptions& options)
      : problem_(problem), model_(model), optimizer_(optimizer), options_(options) {}

  template <class Checkpoint>
  SolveHistory run(Checkpoint&& checkpoint) {
    Index step = checkpoint.load(problem_, model_, optimizer_);
    Progress bar(options_.steps, {.label = options_.label, .quiet = options_.quiet});
    bar.found(step);
    const Index first = step;
    record(step, bar.elapsed());
    history_.ended = "all steps are done";
    bool stuck = false;
    Index failures = 0;  // in a row
    while (step < options_.steps) {
      const bool changed = guarded(step, [&] { return prepare(step); });
      if (changed) known_ = {};
      if (!stuck || changed) {
        stuck = !guarded(step, [&] { return take(step); });
        failures = stuck ? failures + 1 : 0;
      }
      ++step;
      bar.note("loss", history_.loss);
      bar.step();
      if (step % options_.record_every == 0) record(step, bar.elapsed());
      if (checkpoint.due(step)) checkpoint.save(problem_, model_, optimizer_, step);
      if (const char* reason = reason_to_stop(step, failures, bar.elapsed())) {
        history_.ended = reason;
        break;
      }
      if (options_.after_step) {  // weights and points may be others now
        known_ = {};
        stuck = false;
      }
    }
    history_.steps = step - first;
    if (history_.records.back().step != step) record(step, bar.elapsed());
    history_.loss = history_.records.back().loss;
    if (history_.steps > 0 && !checkpoint.due(step)) checkpoint.save(problem_, model_, optimizer_, step);
    return std::move(history_);
  }

 private:
  /// Says in which step and in which term an error happened.
  template <class F>
  bool guarded(Index step, F&& f) {
    try {
      return f();
    } catch (const std::runtime_error& error) {
      const std::string where = not_finite(workspace_, problem_, model_);
      throw std::runtime_error("solve: in step " + std::to_string(step) + " (from 0): " + error.what() +
                               (where.empty() ? "" : " The squared residual of " + where + "."));
    }
  }

  /// New points and weights before a step. Whether the loss is another one.
  bool prepare(Index step) {
    bool changed = false;
    if (options_.resample_every > 0 && step > 0 && step % options_.resample_every == 0)
      changed = resample(workspace_, problem_, model_, step);
    if (options_.balance_every > 0 && step % options_.balance_every == 0) {
      balance(workspace_, problem_, model_, options_.balance);
      changed = true;
    }
    if (changed || step % options_.causal_every == 0)
      changed = update_causal(workspace_, problem_, model_) || changed;
    return changed;
  }

  /// One step of the optimizer; whether it changed the model.
  bool take(Index step) {
    if constexpr (requires { optimizer_.options.learning_rate; }) {
      if (options_.schedule) optimizer_.options.learning_rate = options_.schedule(step);
    }
    const auto objective = [this](const Model& model) {
      return value_and_gradient(workspace_, problem_, model);
    };
    if constexpr (SearchesALine<Optimizer, Model, decltype(objective)>) {
      return see(optimizer_.step(model_, objective, known_));
    } else if constexpr (StepsByRows<Optimizer, Model, Problem>) {
      return see(optimizer_.step(workspace_, model_, std::as_const(problem_)));
    } else {
      static_assert(
          StepsByGradient<Optimizer, Model>,
          "solve(problem, model, optimizer): the optimizer has no step for this model. It needs step(model, gradient) "
          "(Adam, Soap), step(model, objective, known) (Lbfgs, SelfScaledBroyden) or step(workspace, model, problem) "
          "(LevenbergMarquardt, EnergyNaturalGradient), the last two returning a StepResult, and must be made for a model of "
          "the same type.");
      const auto [value, gradient] = objective(model_);
      history_.loss = static_cast<double>(value);
      if (!std::isfinite(history_.loss)) {
        throw std::runtime_error(
            "the loss is " + std::to_string(history_.loss) +
            "; the model is as it was before the step. Go back to a checkpoint with a smaller "
            "learning rate, or look for a division or a root in the residual.");
      }
      optimizer_.step(model_, gradient);
      return true;
    }
  }

  bool see(const StepResult& result) {
    history_.loss = result.value;
    return result.progress;
  }

  void record(Index step, double seconds) {
    Losses now = losses(workspace_, problem_, model_);
    history_.names = std::move(now.names);
    history_.records.push_back({step, seconds, now.total, std::move(now.integrals)});
  }

  /// In words, or nothing.
  const char* reason_to_stop(Index step, Index failures, double seconds) const {
    if (history_.loss <= options_.tolerance) return "the loss is within the tolerance";
    if (options_.after_step && !options_.after_step(step, history_.loss)) return "after_step said so";
    if (seconds >= options_.seconds) return "the time is over";
    if (failures > (options_.after_step ? 1 : 0) && !changes_by_itself())
      return "the optimizer found no lower loss";
    return nullptr;
  }

  /// Whether the loss will be another one in a later step.
  bool changes_by_itself() const {
    bool causal = false;
    for_each_term(problem_, [&causal](const auto& term) { causal = causal || term.causal.has_value(); });
    return options_.resample_every > 0 || options_.balance_every > 0 || (causal && options_.causal_every > 1);
  }

  Problem& problem_;
  Model& model_;
  Optimizer& optimizer_;
  const SolveOptions& options_;
  Workspace workspace_;
  Evaluation known_;
  SolveHistory history_;
};

/// What a call of solve without a file does in its place.
struct NoCheckpoint {
  template <class... Parts>
  Index load(Parts&...) const {
    return 0;
  }
  static bool due(Index) { return false; }
  template <class... Parts>
  void save(const Parts&...) const {}
};

}  // namespace detail

/// Takes steps until there is a reason to stop. The problem is not const, since its weights and points may
/// change.
template <class... Terms, class Model, class Optimizer, class Checkpoint = detail::NoCheckpoint>
SolveHistory solve(Problem<Terms...>& problem, Model& model, Optimizer& optimizer,
                   const SolveOptions& options = {}, const Checkpoint& checkpoint = {}) {
  static_assert(holds_leaves<Model>,
                "solve(problem, model, optimizer): the model holds no Parameter to be found.");
  detail::check(options);
  detail::require_something_to_resample(problem, options);
  return detail::Solving<Problem<Terms...>, Model, Optimizer>(problem, model, optimizer, options)
      .run(checkpoint);
}

}  // namespace fredholm
