// A data set: many samples of (input, output), made in parallel, the same for any number of threads.
//
//   auto data = generate(1000, [&](Index i, Engine& engine) {
//     auto f = random_fields<2>(1, {.drop_mean = true}, engine);
//     Team alone(1);                                   // the samples are spread over the threads already
//     auto u = darcy(two_valued(sample(f, fine)), 1.0, alone);
//     return std::pair(two_valued(sample(f, coarse)), resample(u, coarse));   // resampling a jump would ring
//   }, {.seed = 7});
//   Loader loader(data.input, data.output);
//
// Sample i has an engine of its own, seeded with (seed, i): it depends on nothing but these two. So a test
// set is .first = 1000 of the same seed, and a set can be made in parts and put together with stack().
// Samples are fields or arrays of a batch of 1 or more, each of one shape.
//
// Where the solver takes a batch (burgers, darcy, navier_stokes), calling it on the batch is as quick and
// shorter. generate is for what goes through more than one grid, as above, or uses a solver of your own: only
// the samples are kept, not the fine solutions. Nothing is written to disk, and an interrupted run starts
// again; make parts of it by .first and save them if that is too much to lose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/train/loader.hpp>
#include <fredholm/train/progress.hpp>

namespace fredholm {

struct GenerateOptions {
  std::uint64_t seed = 0;
  Index first = 0;  ///< the number of the first sample
  ProgressOptions progress = {.label = "generate"};
};

/// The engine of sample i: std::seed_seq of the four halves of (seed, i), the same everywhere.
inline Engine sample_engine(std::uint64_t seed, Index i) {
  const auto number = static_cast<std::uint64_t>(i);
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                      static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U)};
  return Engine(words);
}

/// Samples first, ..., first + count - 1 as one batch: {input, output}. sample(i, engine) returns a pair of
/// them, and is called from many threads at once.
template <class Sample>
auto generate(Index count, const Sample& sample, const GenerateOptions& options, Team& team) {
  static_assert(
      std::is_invocable_v<const Sample&, Index, Engine&>,
      "generate(count, sample): sample takes the number of the sample and its engine, (Index i, Engine& "
      "engine), and returns a pair of input and output.");
  using Pair = std::remove_cvref_t<std::invoke_result_t<const Sample&, Index, Engine&>>;
  require(count >= 1 && options.first >= 0, "generate: ", count, " samples from number ", options.first,
          " on; give at least one sample, and no negative number.");
  std::vector<std::optional<Pair>> pairs(static_cast<std::size_t>(count));
  Progress bar(count, options.progress);
  std::mutex bar_mutex;
  team.run(count, [&](Index i) {
    Engine engine = sample_engine(options.seed, options.first + i);
    pairs[static_cast<std::size_t>(i)].emplace(sample(options.first + i, engine));
    const std::lock_guard lock(bar_mutex);
    bar.step();
  });
  auto& [first_input, first_output] = *pairs.front();
  std::vector<std::remove_cvref_t<decltype(first_input)>> inputs;
  std::vector<std::remove_cvref_t<decltype(first_output)>> outputs;
  for (auto& pair : pairs) {
    auto& [input, output] = *pair;
    inputs.push_back(std::move(input));
    outputs.push_back(std::move(output));
    pair.reset();
  }
  auto input = stack(inputs);
  auto output = stack(outputs);
  return Batch<decltype(input), decltype(output)>{std::move(input), std::move(output)};
}

/// The same on all processors.
template <class Sample>
auto generate(Index count, const Sample& sample, const GenerateOptions& options = {}) {
  Team team;
  return generate(count, sample, options, team);
}

}  // namespace fredholm
