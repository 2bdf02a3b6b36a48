// What the examples do with a model: take it from its checkpoint, or train it and keep it there.
#pragma once

#include <chrono>
#include <filesystem>
#include <iostream>

#include <fredholm/checkpoint.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/train.hpp>

#include "table.hpp"

namespace support {

/// To be asked before anything is computed.
inline void require_checkpoint(const std::filesystem::path& file) {
  fredholm::require(std::filesystem::exists(file), file.string(),
                    " is not there. Train first, or say --out FOLDER.");
}

/// Prints parameters, seconds and the loss of the last epoch. By Adam, or by the optimizer that is given.
template <class Model, class Batches, class Loss, class... Optimizer>
void train(Model& model, Batches&& batches, const Loss& loss, const fredholm::FitOptions& options,
           Optimizer&... optimizer) {
  const auto start = std::chrono::steady_clock::now();
  const fredholm::History history = fredholm::fit(model, loss, batches, options, optimizer...);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << fredholm::count_parameters(model) << " parameters, " << fixed(seconds.count())
            << " s, training loss " << format("%.4f", history.loss.back()) << '\n';
}

template <class Model, class Batches, class Loss, class... Optimizer>
void train_or_load(Model& model, const std::filesystem::path& file, bool from_file, Batches&& batches,
                   const Loss& loss, const fredholm::FitOptions& options, Optimizer&... optimizer) {
  if (from_file) {
    require_checkpoint(file);
    fredholm::load(model, file);
    return;
  }
  train(model, batches, loss, options, optimizer...);
  fredholm::save(model, file);
}

/// Both with the mean relative L2 error as the loss.
inline constexpr auto relative_loss = [](const auto& net, const auto& input, const auto& output) {
  return fredholm::relative_error<fredholm::L2>(net(input), output);
};
template <class Model, class Batches, class... Optimizer>
void train(Model& model, Batches&& batches, const fredholm::FitOptions& options, Optimizer&... optimizer) {
  train(model, batches, relative_loss, options, optimizer...);
}
template <class Model, class Batches, class... Optimizer>
void train_or_load(Model& model, const std::filesystem::path& file, bool from_file, Batches&& batches,
                   const fredholm::FitOptions& options, Optimizer&... optimizer) {
  train_or_load(model, file, from_file, batches, relative_loss, options, optimizer...);
}

}  // namespace support
