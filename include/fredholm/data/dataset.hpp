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
// the samples are kept, not the fine solutions.
//
// With a folder, the set is kept on disk:
//
//   auto data = generate(1000, sample, {.seed = 7, .keep = "out/darcy_train", .recipe = "darcy, 129 -> 33"});
//
// A run that was killed is taken up where it stopped, a finished set is read, a higher count adds to it and a
// lower one reads the first samples. In the end the folder holds input.npy and output.npy, all samples in one
// array each, and manifest.txt; the bytes are the same for any number of threads and of interruptions. On the
// way finished samples are written every few seconds. A sample that throws stops none of the others; all
// that were finished are on disk when its error is thrown on.
//
// A function cannot be compared with the one that made what is on disk. So seed, first, recipe, scalar,
// shape, box, points and weights must be those of the manifest, and one sample that is there already is made
// again and compared: to the bit, or within round-off if another compiler or machine made it (the square root
// of the machine's epsilon, of the largest value). This costs one sample a run, gives the fields their
// discretization, and notices most changes of the function; one that shows in some samples only is what
// .recipe is for. To read a set without its function: Field(d,
// load_npy<double>("out/darcy_train/input.npy")).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/data/dataset/kept_set.hpp>
#include <fredholm/data/dataset/manifest.hpp>
#include <fredholm/train/loader.hpp>
#include <fredholm/train/progress.hpp>

namespace fredholm {

struct GenerateOptions {
  std::uint64_t seed = 0;
  Index first = 0;                  ///< the number of the first sample
  std::filesystem::path keep = {};  ///< a folder for the set; without one it is in memory alone
  std::string recipe = {};  ///< one line: what the samples are made of, compared with that in the folder
  double save_every = 2;    ///< seconds between writings of finished samples
  ProgressOptions progress = {.label = "generate"};
};

/// The engine of sample i: std::seed_seq of the four halves of (seed, i), the same everywhere.
inline Engine sample_engine(std::uint64_t seed, Index i) {
  const auto number = static_cast<std::uint64_t>(i);
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                      static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U)};
  return Engine(words);
}

namespace detail {

template <class Scalar>
const Array<Scalar>& sample_values(const Array<Scalar>& array) {
  return array;
}
template <class Discretization, class Scalar>
const Array<Scalar>& sample_values(const Field<Discretization, Scalar>& field) {
  return field.values();
}

template <class Pair>
const auto& input_of(const Pair& pair) {
  const auto& [input, output] = pair;
  return input;
}
template <class Pair>
const auto& output_of(const Pair& pair) {
  const auto& [input, output] = pair;
  return output;
}

/// Fields and arrays can be kept.
template <class Side>
concept KeptValue = requires(const Side& side) { sample_values(side); };

/// One side, input or output, of all samples: an array that is filled sample by sample, in any order.
template <class Side>
class KeptSide {
  using Values = std::remove_cvref_t<decltype(sample_values(std::declval<const Side&>()))>;
  using Scalar = typename Values::value_type;

 public:
  KeptSide(const char* name, const Side& like, Index count, Index i) : name_(name), like_(like) {
    Shape shape = sample_values(like).shape();
    require(!shape.empty() && shape.count() > 0, "generate: sample ", i, " has an ", name, " of shape ",
            shape, ". Give a batch of at least one.");
    shape[0] *= count;
    all_ = Values(shape);
    values_ = all_.mutable_data();
  }

  SampleLayout layout() const { return layout_of(like_); }
  Scalar* values() const { return values_; }

  void require_like(Index i, const Side& side) const {
    const Shape &shape = sample_values(side).shape(), &other = sample_values(like_).shape();
    require(shape == other, "generate: sample ", i, " has an ", name_, " of shape ", shape,
            ", and another has ", other, ". All samples are of one shape.");
    if constexpr (is_field<Side>) require_same(side.discretization(), like_.discretization());
  }

  void put(Index at, const Side& side) const {
    const Values& from = sample_values(side);
    std::memcpy(values_ + at * from.size(), from.data(),
                static_cast<std::size_t>(from.size()) * sizeof(Scalar));
  }

  /// Compares a sample with what was read from the disk.
  void require_agreement(const std::filesystem::path& folder, Index at, Index i, const Side& side) const {
    const Values& now = sample_values(side);
    const Scalar* kept = values_ + at * now.size();
    double largest = 0, gap = 0;
    for (Index j = 0; j < now.size(); ++j) {
      const double a = kept[j], b = now.data()[j];
      if (std::isfinite(a)) largest = std::max(largest, std::abs(a));
      if (a == b || (std::isnan(a) && std::isnan(b))) continue;
      const double difference = std::abs(a - b);
      gap = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(gap, difference);
    }
    require(gap <= std::sqrt(static_cast<double>(std::numeric_limits<Scalar>::epsilon())) * largest,
            "generate: sample ", i, " is made otherwise than it is kept in ", folder.string(), ": its ",
            name_, " differs by ", gap, " where the largest value is ", largest,
            ". What makes the samples has changed. Give another folder in .keep, or remove this one.");
  }

  Side result() && {
    if constexpr (is_field<Side>) {
      return like_.with(std::move(all_));
    } else {
      return std::move(all_);
    }
  }

 private:
  const char* name_;
  Side like_;
  Values all_{};
  Scalar* values_ = nullptr;
};

/// generate() with a folder.
template <class Input, class Output, class Sample>
Batch<Input, Output> generate_kept(Index count, const Sample& sample, const GenerateOptions& options,
                                   Team& team) {
  const Index first = options.first;
  KeptSet kept(options.keep, {options.seed, first, options.recipe}, options.save_every,
               options.progress.quiet ? nullptr : &options.progress.out);
  if (count > kept.whole()) kept.require_writable();
  std::vector<Index> missing;
  Index found = -1;  // the first sample that is there
  for (Index i = first; i < first + count; ++i) {
    if (!kept.has(i)) {
      missing.push_back(i);
    } else if (found < 0) {
      found = i;
    }
  }
  std::optional<KeptSide<Input>> inputs;
  std::optional<KeptSide<Output>> outputs;
  const auto make = [&](Index i) {
    Engine engine = sample_engine(options.seed, i);
    return sample(i, engine);
  };
  const auto begin = [&](const Input& input, const Output& output, Index i) {
    inputs.emplace("input", input, count, i);
    outputs.emplace("output", output, count, i);
    kept.place(count, inputs->values(), outputs->values());
    kept.begin(inputs->layout(), outputs->layout());
  };
  if (found >= 0) {
    const auto pair = make(found);
    const auto& [input, output] = pair;
    begin(input, output, found);
    kept.read();
    inputs->require_agreement(kept.folder(), found - first, found, input);
    outputs->require_agreement(kept.folder(), found - first, found, output);
  }
  Progress bar(count, options.progress);
  const auto to_make = static_cast<Index>(missing.size());
  bar.found(count - to_make);
  std::mutex mutex;
  bool begun = found >= 0;
  try {
    team.run(to_make, [&](Index k) {
      if (kept.failed()) return;
      const Index i = missing[static_cast<std::size_t>(k)];
      const auto pair = make(i);
      const auto& [input, output] = pair;
      {
        const std::lock_guard lock(mutex);
        if (!begun) begin(input, output, i);
        begun = true;
      }
      inputs->require_like(i, input);
      outputs->require_like(i, output);
      inputs->put(i - first, input);
      outputs->put(i - first, output);
      kept.add(i);
      const std::lock_guard lock(mutex);
      bar.step();
    });
  } catch (...) {
    try {
      kept.flush();
    } catch (...) {  // the first error is the one to tell
    }
    throw;
  }
  kept.finish();
  return {std::move(*inputs).result(), std::move(*outputs).result()};
}

}  // namespace detail

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
  if (!options.keep.empty()) {
    using Input = std::remove_cvref_t<decltype(detail::input_of(std::declval<const Pair&>()))>;
    using Output = std::remove_cvref_t<decltype(detail::output_of(std::declval<const Pair&>()))>;
    if constexpr (detail::KeptValue<Input> && detail::KeptValue<Output>) {
      return detail::generate_kept<Input, Output>(count, sample, options, team);
    } else {
      fail("generate: .keep is ", options.keep.string(), ", and only fields and arrays can be kept on disk.");
    }
  }
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
