// A function of an array computed tile by tile, and computed again on the way back: gradients in the memory
// of one tile.
//
//   y[:, rows of tile t] = f(model, x, t),    t = 0, 1, ...        x any array, y (batch, rows, channel)
//
// What f records lives for one tile alone. On the way back each tile runs forward once more, on a tape of its
// own, and straight back; its adjoints are added to those of x and of the model's parameters. A gradient
// costs one forward more. For what makes large things out of small ones and sums them up again, as all pairs
// of points do.
//
//   Array<double> y = recomputed(kernel, x, {0, 16, 32, 40}, f);   // f(kernel, x, tile): (batch, 16, C), ...
//
// f takes whatever may be on the tape from its arguments: an array on the tape that it captures throws. The
// model is copied (which shares its values); it may be a model without parameters.
//
// Method: checkpointing, Griewank and Walther (2000), Algorithm 799; for networks Chen et al. (2016).
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/tree.hpp>

namespace fredholm {

namespace detail {

/// While it lives, another tape is the one that records on this thread.
class OtherTape {
 public:
  explicit OtherTape(Tape& tape) : before_(std::exchange(active_context, &tape)) {}
  OtherTape(const OtherTape&) = delete;
  OtherTape& operator=(const OtherTape&) = delete;
  ~OtherTape() { active_context = before_; }

 private:
  Context* before_;
};

/// While it lives, one tape has the memory of the other, which allocates nothing.
class LentPool {
 public:
  LentPool(Tape& from, Tape& to) : from_(from), to_(to) { to.pool = std::move(from.pool); }
  LentPool(const LentPool&) = delete;
  LentPool& operator=(const LentPool&) = delete;
  ~LentPool() {
    to_.clear();
    from_.pool = std::move(to_.pool);
  }

 private:
  Tape &from_, &to_;
};

/// `count` values of each sample, from one array to another; samples are `step` values apart.
template <class T>
void copy_samples(Index batch, Index count, const T* from, Index from_step, T* to, Index to_step) {
  for (Index b = 0; b < batch; ++b) std::copy_n(from + b * from_step, count, to + b * to_step);
}

/// A model as a constant; without parameters it is one.
template <class Model>
Model constant(const Model& model) {
  if constexpr (holds_leaves<Model>) {
    return fredholm::detach(model);
  } else {
    return model;
  }
}

/// The way back of recomputed(), run by the tape that recorded it.
template <class Model, class T, class F>
class Recomputation {
 public:
  Recomputation(Model model, Array<T> x, Array<T> y, std::vector<Index> begins, F f,
                std::vector<Array<T>> leaves)
      : model_(std::move(model)),
        x_(std::move(x)),
        shape_(y.shape()),
        begins_(std::move(begins)),
        f_(std::move(f)),
        leaves_(std::move(leaves)) {
    if constexpr (holds_leaves<Model>) {
      std::size_t next = 0;
      for_each_parameter(model_, [&](auto& leaf) {
        if (!on_active_tape(leaves_[next++].node())) leaf.set_frozen(true);
      });
    }
  }

  void operator()(Tape& outer, const void* gradient) const {
    std::vector<void*> places;  // adjoints on the outer tape, which the inner one adds to
    LeafTable table;
    const auto place = [&](const Array<T>& value) {
      Index at = -1;
      outer.accumulate(value, [&](T* adjoint) {
        at = static_cast<Index>(places.size());
        places.push_back(adjoint);
      });
      return at;
    };
    const Index input = place(x_);
    if constexpr (holds_leaves<Model>) {
      std::size_t next = 0;
      for_each_parameter(model_, [&](const auto& leaf) {
        const Index at = place(leaves_[next++]);
        if (at >= 0) table.emplace_back(&leaf, at);
      });
      std::sort(table.begin(), table.end());
    }
    Tape inner;
    inner.leaves = &table;
    const LentPool lent(outer, inner);
    const OtherTape active(inner);
    for (std::size_t t = 0; t + 1 < begins_.size(); ++t) {
      inner.begin(places);
      const Array<T> x = input < 0 ? detach(x_) : x_.on_tape({inner.run, input});
      const Array<T> y = f_(model_, x, static_cast<Index>(t));
      Array<T> dy(y.shape());
      const Index row = shape_[2], count = y.shape(1) * row;
      copy_samples(shape_[0], count, static_cast<const T*>(gradient) + begins_[t] * row, shape_[1] * row,
                   dy.mutable_data(), count);
      inner.backward(y, dy.data());
    }
  }

 private:
  Model model_;
  Array<T> x_;
  Shape shape_;
  std::vector<Index> begins_;
  F f_;
  std::vector<Array<T>> leaves_;
};

}  // namespace detail

template <class Model, class T, class F>
Array<T> recomputed(const Model& model, const Array<T>& x, std::vector<Index> begins, F f) {
  require(
      begins.size() >= 2 && begins.front() == 0 && std::is_sorted(begins.begin(), begins.end()),
      "recomputed takes the first rows of its tiles and the number of all rows, ascending from 0: {0, 16, 32, 40}.");
  std::vector<Array<T>> leaves;  // the parameters where they stand on the tape that runs
  bool recorded = detail::on_active_tape(x.node());
  if constexpr (holds_leaves<Model>) {
    for_each_parameter(model, [&](const auto& leaf) {
      leaves.push_back(leaf());
      recorded = detail::on_active_tape(leaves.back().node()) || recorded;
    });
  }
  Array<T> y;
  {
    const Model constant = detail::constant(model);
    const Array<T> input = detach(x);
    for (std::size_t t = 0; t + 1 < begins.size(); ++t) {
      const Array<T> part = f(constant, input, static_cast<Index>(t));
      require(part.rank() == 3 && part.shape(1) == begins[t + 1] - begins[t], "tile ", t, " has ",
              begins[t + 1] - begins[t], " rows, and its function gave an array of shape ", part.shape(),
              ".");
      if (detail::on_active_tape(part.node())) {
        throw std::logic_error(
            "the function of recomputed uses a parameter or an array on the tape that is not among its arguments; the "
            "gradient would be lost. Give it in the model or in x.");
      }
      if (t == 0) y = Array<T>(Shape{part.shape(0), begins.back(), part.shape(2)});
      require(part.shape(0) == y.shape(0) && part.shape(2) == y.shape(2), "tile ", t, " has shape ",
              part.shape(), ", and the first tile had batch ", y.shape(0), " and ", y.shape(2), " channels.");
      const Index row = y.shape(2), count = part.shape(1) * row;
      detail::copy_samples(y.shape(0), count, part.data(), count, y.mutable_data() + begins[t] * row,
                           y.shape(1) * row);
    }
  }
  if (!recorded) return y;
  return y.on_tape(detail::active_tape().push(
      detail::Recomputation<Model, T, F>(model, x, y, std::move(begins), std::move(f), std::move(leaves))));
}

}  // namespace fredholm
