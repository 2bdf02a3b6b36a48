// fit: the training loop that most trainings are.
//
//   auto history = fit(model, loss, loader, {.epochs = 100, .learning_rate = 1e-3});
//
// Adam (AdamW where weight_decay > 0), with a rate that rises over the first steps and then falls on a half
// cosine to nothing, over all epochs. The loss is a callable loss(model, input, output) as value_and_gradient
// takes it, the batches any range with a size whose elements have an `input` and an `output`: a Loader, a
// std::vector<Batch<...>>, one's own.
//
//   auto history = fit(model, loss, loader, {.epochs = 100, .learning_rate = 3e-3}, Soap(model));
//
// Another optimizer takes the place of Adam if it is stepped by gradients: Soap, or an Adam that goes on from
// a file. It keeps its own options, apart from the rate, which the schedule sets from the number of its
// steps in this call.
//
// The bar shows the mean loss of the epoch so far, and ends with that of the last one, as history.loss does.
//
// A loss or a gradient that is NaN or infinite throws std::runtime_error with the epoch and the step, and the
// model keeps the values it had before that step. Write the loop yourself (six lines, see progress.hpp) where
// there is more to it than this.
#pragma once

#include <cmath>
#include <concepts>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/train/adam.hpp>
#include <fredholm/train/clip.hpp>
#include <fredholm/train/loader.hpp>
#include <fredholm/train/progress.hpp>
#include <fredholm/train/schedule.hpp>

namespace fredholm {

struct FitOptions {
  Index epochs = 100;
  double learning_rate = 1e-3;  ///< the highest
  double warmup = 0.05;         ///< the part of all steps in which the rate rises
  double weight_decay = 0;
  double clip_norm = 0;  ///< longer gradients are shortened to it; 0: they are not
  /// Another schedule, from the step to the rate, in the place of warm-up and cosine: StepDecay{...}.
  std::function<double(Index)> schedule = {};
  /// Called after every epoch (from 0) with its mean loss; return false to stop.
  std::function<bool(Index, double)> after_epoch = {};
  std::string label = "fit";
  bool quiet = false;
};

struct History {
  std::vector<double> loss;  ///< the mean over the samples of each epoch, as the model was when it saw them
  std::vector<double> seconds;  ///< that each epoch took
};

namespace detail {

/// By how much a batch counts in the mean of an epoch.
template <class Input>
double weight_of_batch(const Input& input) {
  if constexpr (requires { sample_count(input); }) {
    return static_cast<double>(sample_count(input));
  } else {
    return 1;
  }
}

inline void check(const FitOptions& options) {
  require(options.epochs > 0, "fit: epochs is ", options.epochs, ". Give at least 1.");
  require(options.warmup >= 0 && options.warmup <= 1, "fit: warmup is ", options.warmup,
          ". It is a part of all steps: give a number from 0 to 1.");
  require(options.clip_norm >= 0, "fit: clip_norm is ", options.clip_norm,
          ". Give a norm > 0, or 0 for no clipping.");
}

inline std::function<double(Index)> schedule_of(const FitOptions& options, Index steps) {
  if (options.schedule) return options.schedule;
  const auto warmup = static_cast<Index>(options.warmup * static_cast<double>(steps));
  return CosineDecay{.peak = options.learning_rate, .steps = steps, .warmup_steps = warmup, .floor = 0};
}

inline std::string place(Index epoch, Index step) {
  return " in step " + std::to_string(step) + " of epoch " + std::to_string(epoch) + " (both from 0)";
}

inline void require_finite_loss(double loss, Index epoch, Index step) {
  if (std::isfinite(loss)) return;
  throw std::runtime_error(
      "fit: the loss is " + std::to_string(loss) + place(epoch, step) +
      "; the model is as it was before. Look whether the data are finite and the loss divides by 0, "
      "or try a smaller learning rate, or clip_norm.");
}

/// One epoch: its mean loss.
template <class Model, class Loss, class Batches, class Optimizer>
double fit_epoch(Model& model, const Loss& loss, Batches& batches, Index epoch, Optimizer& optimizer,
                 Workspace& workspace, Progress& bar, const std::function<double(Index)>& schedule,
                 Index first, double clip_norm) {
  double total = 0;
  double weights = 0;
  Index step = 0;
  for (const auto& batch : batches) {
    auto result = value_and_gradient(workspace, loss, model, batch.input, batch.output);
    const double value = static_cast<double>(result.value);
    require_finite_loss(value, epoch, step);
    if (clip_norm > 0) clip_gradient(result.gradient, clip_norm);
    optimizer.options.learning_rate = schedule(optimizer.steps() - first);
    try {
      optimizer.step(model, result.gradient);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(error.what() + std::string(" It happened") + place(epoch, step) + ".");
    }
    const double weight = weight_of_batch(batch.input);
    total += weight * value;
    weights += weight;
    ++step;
    bar.note("loss", total / weights);
    bar.step();
  }
  require(step > 0, "fit: there are no batches in epoch ", epoch, ".");
  return total / weights;
}

template <class Model, class Loss, class Batches, class Optimizer>
History fit_epochs(Model& model, const Loss& loss, Batches& batches, const FitOptions& options,
                   Optimizer& optimizer) {
  static_assert(
      requires { std::size(batches); },
      "fit: the batches are a range without a size(), which the schedule needs. Use a Loader or a "
      "std::vector.");
  check(options);
  const Index steps = options.epochs * static_cast<Index>(std::size(batches));
  const auto schedule = schedule_of(options, steps);
  const Index first = optimizer.steps();  // those of earlier calls are not of this schedule
  Workspace workspace;
  Progress bar(steps, {.label = options.label, .quiet = options.quiet});
  History history;
  double before = 0;
  for (Index epoch = 0; epoch < options.epochs; ++epoch) {
    const double value =
        fit_epoch(model, loss, batches, epoch, optimizer, workspace, bar, schedule, first, options.clip_norm);
    const double now = bar.elapsed();
    history.loss.push_back(value);
    history.seconds.push_back(now - before);
    before = now;
    if (options.after_epoch && !options.after_epoch(epoch, value)) break;
  }
  return history;
}

}  // namespace detail

/// What fit steps a model with: Adam, Soap.
template <class Optimizer, class Model>
concept AnyGradientOptimizer = requires(Optimizer& optimizer, Model& model, const Model& gradient) {
  optimizer.step(model, gradient);
  optimizer.options.learning_rate = 1e-3;
  { optimizer.steps() } -> std::convertible_to<Index>;
};

/// Trains the model with an optimizer of one's own; one that is kept can be saved with it or go on from a file.
template <class Model, class Loss, class Batches, class Optimizer>
History fit(Model& model, const Loss& loss, Batches&& batches, const FitOptions& options,
            Optimizer&& optimizer) {
  static_assert(
      AnyGradientOptimizer<Optimizer, Model>,
      "fit: the optimizer is stepped by gradients, optimizer.step(model, gradient), has "
      "options.learning_rate and steps(): Adam or Soap, made for a model of this type, which is not const. "
      "Those that search along a line (Lbfgs, SelfScaledBroyden, LevenbergMarquardt) need the same loss at "
      "every step: write a loop, see train/step.hpp.");
  require(options.weight_decay == 0, "fit: weight_decay is ", options.weight_decay,
          ", and an optimizer is given, which has its own: say optimizer.options.weight_decay.");
  return detail::fit_epochs(model, loss, batches, options, optimizer);
}

/// An optimizer at the place of the options: says what is missing.
template <class Model, class Loss, class Batches, class Optimizer>
  requires AnyGradientOptimizer<std::remove_reference_t<Optimizer>, Model>
void fit(Model&, const Loss&, Batches&&, Optimizer&&) {
  static_assert(sizeof(Optimizer) == 0,
                "fit: the options come before the optimizer: fit(model, loss, batches, {.epochs = 100, "
                ".learning_rate = 3e-3}, Soap(model)).");
}

/// Trains the model with Adam, and returns the loss and the time of each epoch.
template <class Model, class Loss, class Batches>
History fit(Model& model, const Loss& loss, Batches&& batches, const FitOptions& options = {}) {
  detail::check(options);
  Adam<Model> adam(model, {.learning_rate = options.learning_rate, .weight_decay = options.weight_decay});
  return detail::fit_epochs(model, loss, batches, options, adam);
}

}  // namespace fredholm
