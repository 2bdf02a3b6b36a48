// A run of solve in a file, to go on from after a stop.
//
//   solve(problem, model, lbfgs, {.steps = 5000}, CheckpointFile{"burgers.safetensors", 500});
//
// If the file is there the run goes on from the step that it was written at: model, optimizer, weights and
// resampled points are read into what was made with the same options. Otherwise it begins, and the file is
// written every `every` steps and at the end, each time beside the old one and renamed. A step that throws
// leaves the last file, and a model whose loss is not finite is not written. The model alone is in it, under
// `model.`, beside `optimizer.`, `steps`, `loss` and `terms.`.
//
// The loss of what is read, with the equations and coefficients of the problem that is given, has to be the
// one that was written: else std::invalid_argument, and problem, model and optimizer are as they were. Needs
// nlohmann-json.
#pragma once

#include <cmath>
#include <filesystem>
#include <utility>

#include <fredholm/physics/pinn/solve_state.hpp>
#include <fredholm/train/checkpoint.hpp>

namespace fredholm {

struct CheckpointFile {
  std::filesystem::path path;
  Index every = 100;
  bool same_loss = true;  ///< false: the problem may be another by now

  /// How many steps were done, 0 if there is no file.
  template <class Problem, class Model, class Optimizer>
  Index load(Problem& problem, Model& model, Optimizer& optimizer) const {
    require(every >= 1, "CheckpointFile: every is ", every, ". Give at least 1 step.");
    if (!std::filesystem::exists(path)) return 0;
    auto state = detail::state_of(problem, model, optimizer, 0, 0);
    fredholm::load(state, path);
    Problem there = problem;
    detail::put_back(there, state.terms);
    const double then = *state.loss.value().data(), now = losses(there, state.model).total;
    require(
        !same_loss || std::abs(now - then) <= 1e-3 * then, "CheckpointFile: ", path.string(),
        " was written with a loss of ", then, ", and with this problem the same model has ", now,
        ". An equation, a coefficient or points are not those of the file: make the problem as it was, give "
        "another file, or go on with the new one by {.same_loss = false}.");
    detail::put_back(problem, state.terms);
    model = std::move(state.model);
    optimizer = std::move(state.optimizer);
    return static_cast<Index>(*state.steps.value().data());
  }

  bool due(Index step) const { return step % every == 0; }

  template <class Problem, class Model, class Optimizer>
  void save(const Problem& problem, const Model& model, const Optimizer& optimizer, Index step) const {
    const double loss = losses(problem, model).total;
    if (!std::isfinite(loss)) return;  // the next step says so
    fredholm::save(detail::state_of(problem, model, optimizer, step, loss), path);
  }
};

}  // namespace fredholm
