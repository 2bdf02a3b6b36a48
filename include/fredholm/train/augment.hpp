// More samples than were computed: each is changed anew whenever it is seen.
//
//   auto batches = augmented(Loader(a, u, {.batch = 10}), [](const auto& sample, Engine& engine) {
//     return engine() % 2 == 0 ? sample : Batch{mirrored(sample.input), mirrored(sample.output)};
//   });
//   fit(model, loss, batches, ...);
//
//   augmented(Loader(a, u, {.batch = 10}), random_element<SquareSymmetries>)    by one of 8, each
//
// The function is given a batch of one, input and output, and returns the same. It is honest where the pair
// that it returns solves the problem, too: a symmetry of the equation, of its domain and of what drives it
// (space/symmetry.hpp). Random choices are the engine's: one for each epoch, made from the seed and the
// epoch's number, so that a run is the same every time.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/space/symmetry.hpp>
#include <fredholm/train/loader.hpp>

namespace fredholm {

struct AugmentOptions {
  std::uint64_t seed = 0;
};

template <class Input, class Output, class Change>
class Augmented {
 public:
  Augmented(Loader<Input, Output> loader, Change change, AugmentOptions options)
      : loader_(std::move(loader)), change_(std::move(change)), options_(options) {}

  Index size() const { return loader_.size(); }
  Index epoch() const { return loader_.epoch(); }
  void set_epoch(Index epoch) { loader_.set_epoch(epoch); }

  class Iterator {
   public:
    using value_type = Batch<Input, Output>;
    using difference_type = Index;
    using reference = const value_type&;
    using pointer = const value_type*;
    using iterator_category = std::input_iterator_tag;

    reference operator*() const { return *batch_; }
    pointer operator->() const { return &*batch_; }
    Iterator& operator++() {
      ++it_;
      change();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t end) const { return it_ == end; }

   private:
    friend class Augmented;
    Iterator(const Augmented& from, typename Loader<Input, Output>::Iterator it, Engine engine)
        : from_(&from), it_(std::move(it)), engine_(engine) {
      change();
    }

    void change() {
      batch_.reset();
      if (it_ == std::default_sentinel) return;
      std::vector<Input> inputs;
      std::vector<Output> outputs;
      for (Index i = 0; i < detail::sample_count(it_->input); ++i) {
        value_type changed = from_->change_(
            value_type{slice_batch(it_->input, i, 1), slice_batch(it_->output, i, 1)}, engine_);
        require(detail::sample_count(changed.input) == 1 && detail::sample_count(changed.output) == 1,
                "augmented: the function returned ", detail::sample_count(changed.input), " inputs and ",
                detail::sample_count(changed.output), " outputs for one sample. Return one of each.");
        inputs.push_back(std::move(changed.input));
        outputs.push_back(std::move(changed.output));
      }
      batch_.emplace(value_type{stack(inputs), stack(outputs)});
    }

    const Augmented* from_;
    typename Loader<Input, Output>::Iterator it_;
    Engine engine_;
    std::optional<value_type> batch_;
  };

  /// Starts an epoch.
  Iterator begin() {
    // A word of its own keeps these choices apart from the loader's shuffling by the same seed.
    const auto epoch = static_cast<std::uint64_t>(loader_.epoch());
    std::seed_seq words{static_cast<std::uint32_t>(options_.seed),
                        static_cast<std::uint32_t>(options_.seed >> 32U), static_cast<std::uint32_t>(epoch),
                        std::uint32_t{0x61756767}};
    Engine engine(words);
    return Iterator(*this, loader_.begin(), engine);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  Loader<Input, Output> loader_;
  Change change_;
  AugmentOptions options_;
};

template <class Input, class Output, class Change>
Augmented<Input, Output, Change> augmented(Loader<Input, Output> loader, Change change,
                                           AugmentOptions options = {}) {
  static_assert(
      std::is_invocable_r_v<Batch<Input, Output>, const Change&, const Batch<Input, Output>&, Engine&>,
      "augmented(loader, change): change takes a batch of one and an engine, (const auto& sample, Engine& engine), and "
      "returns a batch of one of the same types.");
  return {std::move(loader), std::move(change), options};
}

/// The function for a group of symmetries (space/symmetry.hpp): input and output are moved by the same
/// element, each as likely as any other.
template <class Group>
struct RandomElement {
  template <AnyField Input, AnyField Output>
  Batch<Input, Output> operator()(const Batch<Input, Output>& sample, Engine& engine) const {
    static_assert(detail::is_group<Group, Input>());
    static_assert(detail::is_group<Group, Output>());
    const auto g = static_cast<Index>(below(Group::elements, engine));
    return {Group::apply(g, sample.input), Group::apply(g, sample.output)};
  }
};
template <class Group>
inline constexpr RandomElement<Group> random_element{};

}  // namespace fredholm
