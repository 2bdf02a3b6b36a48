// Loader: goes over data in batches, in another order each epoch.
//
//   Loader loader(input, output, {.batch = 20, .seed = 7});
//   for (const auto& batch : loader) { ... batch.input, batch.output ... }      one epoch
//
// Input and output are fields or arrays with the samples along the first axis. The order of an epoch follows
// from the seed and the epoch's number alone, and is the same on every machine: the shuffle is our own
// (core/random.hpp), since that of the standard library is not specified. The last batch is smaller if the
// number of samples is no multiple of the batch.
//
// The data stay in memory as a whole. For more than that, any range of batches does in the place of a loader.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

template <class Input, class Output>
struct Batch {
  Input input;
  Output output;
};
template <class Input, class Output>
Batch(Input, Output) -> Batch<Input, Output>;  // clang 14 finds none for an aggregate

struct LoaderOptions {
  Index batch = 20;
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// 0, ..., count - 1 in random order, the same everywhere for one state of the engine.
inline std::vector<Index> random_permutation(Index count, Engine& engine) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Index{0});
  shuffle(order, engine);
  return order;
}

namespace detail {

template <class T>
Index sample_count(const Array<T>& array) {
  require(array.rank() > 0, "Loader: an array of shape () has no axis of samples.");
  return array.shape(0);
}
template <class Discretization, class Scalar>
Index sample_count(const Field<Discretization, Scalar>& field) {
  return field.batch();
}

/// Rows of an array, into `to`, whose memory is used again if it fits and nobody else holds it.
template <class T>
Array<T> gather(const Array<T>& from, const Index* rows, Index count, Array<T> to) {
  Shape shape = from.shape();
  shape[0] = count;
  if (to.shape() != shape || to.shared().use_count() > 1) to = Array<T>(shape);
  const Index length = from.shape(0) == 0 ? 0 : from.size() / from.shape(0);
  T* values = to.mutable_data();
  for (Index i = 0; i < count; ++i) std::copy_n(from.data() + rows[i] * length, length, values + i * length);
  return to;
}

template <class T>
Array<T> gather_samples(const Array<T>& from, const Index* rows, Index count, std::optional<Array<T>> to) {
  return gather(from, rows, count, to ? std::move(*to) : Array<T>());
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> gather_samples(const Field<Discretization, Scalar>& from, const Index* rows,
                                             Index count, std::optional<Field<Discretization, Scalar>> to) {
  Array<Scalar> values;
  if (to) values = to->values();
  to.reset();  // so that `values` holds the memory alone
  return from.with(gather(from.values(), rows, count, std::move(values)));
}

}  // namespace detail

template <class Input, class Output>
class Loader {
 public:
  using Order = std::shared_ptr<const std::vector<Index>>;

  Loader(Input input, Output output, LoaderOptions options = {})
      : input_(std::move(input)),
        output_(std::move(output)),
        options_(options),
        samples_(detail::sample_count(input_)) {
    require(samples_ > 0, "Loader: there are no samples.");
    require(samples_ == detail::sample_count(output_), "Loader: the input has ", samples_,
            " samples and the output ", detail::sample_count(output_), ". They must be as many.");
    require(options_.batch > 0, "Loader: the batch is ", options_.batch, ". Give at least 1.");
  }

  /// How many batches there are in an epoch.
  Index size() const { return (samples_ + options_.batch - 1) / options_.batch; }
  Index samples() const { return samples_; }
  const LoaderOptions& options() const { return options_; }

  /// The number of the epoch that the next begin() starts; set it to go on with an interrupted training.
  Index epoch() const { return epoch_; }
  void set_epoch(Index epoch) { epoch_ = epoch; }

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
      begin_ += loader_->options_.batch;
      load();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return begin_ >= loader_->samples_; }

   private:
    friend class Loader;
    Iterator(const Loader& loader, Order order) : loader_(&loader), order_(std::move(order)) { load(); }

    void load() {
      const Index count = std::min(loader_->options_.batch, loader_->samples_ - begin_);
      if (count <= 0) return batch_.reset();
      const Index* rows = order_->data() + begin_;
      std::optional<Input> input;
      std::optional<Output> output;
      if (batch_) {
        input.emplace(std::move(batch_->input));
        output.emplace(std::move(batch_->output));
        batch_.reset();
      }
      batch_.emplace(value_type{detail::gather_samples(loader_->input_, rows, count, std::move(input)),
                                detail::gather_samples(loader_->output_, rows, count, std::move(output))});
    }

    const Loader* loader_;
    Order order_;
    Index begin_ = 0;
    std::optional<value_type> batch_;
  };

  /// Starts an epoch.
  Iterator begin() { return Iterator(*this, std::make_shared<const std::vector<Index>>(order_of(epoch_++))); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::vector<Index> order_of(Index epoch) const {
    if (options_.shuffle) {
      Engine engine(options_.seed + 0x9E3779B97F4A7C15U * static_cast<std::uint64_t>(epoch));
      return random_permutation(samples_, engine);
    }
    std::vector<Index> order(static_cast<std::size_t>(samples_));
    std::iota(order.begin(), order.end(), Index{0});
    return order;
  }

  Input input_;
  Output output_;
  LoaderOptions options_;
  Index samples_;
  Index epoch_ = 0;
};

}  // namespace fredholm
