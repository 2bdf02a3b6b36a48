// The tape: reverse mode over array operations.
//
//   y = f(x)          forward, at once
//   x' += J_f^T y'    on the way back, by the closure that f left on the tape
//
// While a call of value_and_gradient or vjp lasts, an operation one of whose inputs is on the tape records
// one closure, its adjoint, written beside its forward. Outside of such a call nothing is recorded and an
// operation costs its arithmetic. On the way back the closures run in reverse order; each reads the adjoint
// of its output and adds to those of its inputs. Both are freed as soon as they have been used.
//
// To write an operation with its own adjoint:
//
//   template <class T>
//   Array<T> square(const Array<T>& x) {
//     Array<T> y(x.shape());
//     flat(y.mutable_data(), y.size()) = flat(x.data(), x.size()).square();
//     return record(y, [x](Tape& tape, const T* dy) {                      // x' += 2 x y'
//       tape.accumulate(x, [&](T* dx) {
//         flat(dx, x.size()) += T{2} * flat(x.data(), x.size()) * flat(dy, x.size());
//       });
//     }, x);
//   }
//
// Method: Baydin, Pearlmutter, Radul and Siskind (2018), section 3.2; closures, one an array operation, as in
// Stan's reverse_pass_callback (Carpenter et al. 2015).
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/context.hpp>
#include <fredholm/core/number.hpp>
#include <fredholm/core/views.hpp>

namespace fredholm {

namespace detail {

/// Closures one after the other in blocks that are kept for the next run.
class ClosureArena {
 public:
  template <class T>
  T* make(T&& value) {
    constexpr std::size_t unit = alignof(std::max_align_t);
    constexpr std::size_t bytes = (sizeof(T) + unit - 1) / unit * unit;
    static_assert(alignof(T) <= unit, "a closure on the tape holds over-aligned values.");
    static_assert(bytes <= block_bytes, "a closure on the tape is larger than a block of its arena.");
    if (blocks_.empty() || used_ + bytes > block_bytes) next_block();
    std::byte* place = blocks_[block_].get() + used_;
    used_ += bytes;
    return ::new (place) T(std::forward<T>(value));
  }

  void clear() { block_ = 0, used_ = 0; }

 private:
  static constexpr std::size_t block_bytes = 1 << 16;

  void next_block() {
    if (!blocks_.empty()) ++block_;
    if (block_ == blocks_.size()) blocks_.emplace_back(new std::byte[block_bytes]);
    used_ = 0;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

}  // namespace detail

/// Where the adjoints of a leaf go if they are kept point by point (autodiff/rows.hpp): row p belongs to
/// point p, and is added to. Nowhere, unless that is so.
template <class T>
struct LeafRows {
  T* first = nullptr;
  Index stride = 0;
  explicit operator bool() const { return first != nullptr; }
  T* operator()(Index point) const { return first + point * stride; }
};

/// A term of the adjoint of a leaf that waits until the lanes have run (autodiff/gradient.hpp):
/// add(adjoint, begin, end, accumulate) adds to parts begin ... end - 1 of the adjoint's `parts`, of which no
/// two share a value, or sets them.
struct LateTerm {
  Index leaf, parts;
  std::function<void(void*, Index, Index, bool)> add;
};

/// Where such terms wait, and the memory of what they stand on.
struct LateTerms {
  Pool* pool = nullptr;  // of all lanes: a tape's own takes its memory back sooner
  std::vector<LateTerm> terms;
  std::vector<Index> kept;  // for each leaf the numbers that its terms stand on
};

class Tape : public Context {
 public:
  Tape() = default;
  /// Where terms of leaves may wait; nowhere unless a Workspace says so.
  LateTerms* late = nullptr;
  /// New adjoints hold NaN until they are set, so that an operation which adds to one unset shows
  /// (laws/gradient.hpp).
  bool begins_with_nan = false;

  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() { clear(); }

  /// Starts anew. Positions 0 ... count-1 belong to leaves, whose adjoints the caller owns, and which are
  /// added to. With `fresh`, one flag a leaf, those that are 1 hold nothing yet: the first touch sets them
  /// and makes the flag 0, in this run or a later one.
  void begin(const std::vector<void*>& leaf_adjoints = {}, std::vector<char>* fresh = nullptr) {
    clear();
    leaves_in_rows_ = 0, point_ = -1;
    if (!run || run.use_count() > 1)
      run = std::make_shared<const Run>();  // values of the last run may still be about
    for (std::size_t i = 0; i < leaf_adjoints.size(); ++i)
      slots_.push_back({nullptr, leaf_adjoints[i], fresh == nullptr ? nullptr : fresh->data() + i, 0});
  }

  /// Starts anew, in the mode of rows: the adjoint of each of `leaves` leaves is a matrix with a row for each
  /// of `points` points. Operations that know of it ask for `rows`; any other that reaches a leaf throws.
  void begin_rows(Index leaves, Index points) {
    begin(std::vector<void*>(static_cast<std::size_t>(leaves), nullptr));
    leaves_in_rows_ = leaves;
    row_points_ = points;
  }
  /// Where the first rows are, and the distance in values of one row to the next: to be said before the way
  /// back.
  void place_rows(const std::vector<void*>& leaf_rows, Index stride) {
    for (std::size_t i = 0; i < leaf_rows.size(); ++i) slots_[i].adjoint = leaf_rows[i];
    row_stride_ = stride;
  }

  /// In the mode of rows the number of points, else 0.
  Index row_points() const { return leaves_in_rows_ > 0 ? row_points_ : 0; }

  /// The rows of a leaf, for an operation that goes through `points` points. Those of the rows alone will do:
  /// others, as in an integral over points of its own, have no rows.
  template <class T>
  LeafRows<T> rows(const Array<T>& leaf, Index points) const {
    const Node& node = leaf.node();
    if (point_ >= 0) throw std::logic_error(not_by_points());  // who asks runs back but once
    if (!node.run || node.run != run || node.index >= leaves_in_rows_) return {};
    if (points != row_points_) throw std::logic_error(not_by_points());
    return {static_cast<T*>(slots_[static_cast<std::size_t>(node.index)].adjoint), row_stride_};
  }

  /// The same for a single number that meets values at `points` points. One that was computed, 2 nu, has an
  /// adjoint for each point as well, and on the way back its operation runs once for each.
  template <class T>
  LeafRows<T> rows_of_number(const Array<T>& number, Index points) {
    const Node& node = number.node();
    if (point_ >= 0) return {};
    const bool computed = leaves_in_rows_ > 0 && node.run && node.run == run && node.index >= leaves_in_rows_;
    if (!computed || number.rank() > 1) return rows(number, points);
    if (points != row_points_) throw std::logic_error(not_by_points());
    return {number_at_points<T>(node), 1};
  }

  /// Puts an adjoint on the tape and returns the position of the value that it belongs to.
  template <class Closure>
  Node push(Closure closure) {
    const auto index = static_cast<Index>(slots_.size());
    Closure* stored = arena_.make(std::move(closure));
    slots_.emplace_back();
    entries_.push_back(
        {stored,
         [](void* self, Tape& tape, const void* gradient) { (*static_cast<Closure*>(self))(tape, gradient); },
         [](void* self) { static_cast<Closure*>(self)->~Closure(); }});
    return {run, index};
  }

  /// Adds to the adjoint of a value if it is on the tape: `add(T* adjoint)`, which sees zeros at the first
  /// touch. Who can as well set all of it takes a second argument, `add(T* adjoint, bool accumulate)`: false
  /// at the first touch, and there are no zeros then.
  template <class T, class Add>
  void accumulate(const Array<T>& value, Add&& add) {
    const Touched<T> touched = touch<T>(value.node(), value.size());
    if (touched.adjoint == nullptr) return;
    if constexpr (std::is_invocable_v<Add, T*, bool>) {
      add(touched.adjoint, !touched.fresh);
    } else {
      if (touched.fresh) std::fill_n(touched.adjoint, value.size(), T{0});
      add(touched.adjoint);
    }
  }

  /// Whether a term of the adjoint of `value` that stands on `kept` numbers had better wait. Each lane reads
  /// and writes all of the adjoint of a leaf, which costs more than the term itself where that stands on much
  /// less; terms that wait are summed part by part over all lanes, in their order, and the adjoint goes
  /// through memory once. All that a lane keeps for a leaf is a quarter of it at most; what would be more
  /// does not wait.
  template <class T>
  bool may_wait(const Array<T>& value, Index kept) const {
    const Node& node = value.node();
    if (late == nullptr || !node.run || node.run != run ||
        slots_[static_cast<std::size_t>(node.index)].fresh == nullptr)
      return false;
    Index& all = late->kept[static_cast<std::size_t>(node.index)];
    if (4 * (all + kept) > value.size()) return false;
    all += kept;
    return true;
  }
  /// An array that a term which waits stands on: its memory is not that of this tape.
  template <class T>
  Array<T> array_that_waits(const Shape& shape) {
    return {shape, late->pool->template allocate<T>(shape.count())};
  }
  /// Leaves a term of a leaf that may wait. All terms of a leaf have the same parts.
  template <class T, class Add>
  void accumulate_late(const Array<T>& leaf, Index parts, Add add) {
    late->terms.push_back(
        {leaf.node().index, parts, [add = std::move(add)](void* to, Index begin, Index end, bool accumulate) {
           add(static_cast<T*>(to), begin, end, accumulate);
         }});
  }

  /// As `accumulate`, for a term that is an expression of Eigen's: adjoint += term, without the zeros.
  template <class T, class Term>
  void add(const Array<T>& value, const Term& term) {
    const Touched<T> touched = touch<T>(value.node(), value.size());
    if (touched.adjoint == nullptr) return;
    if (touched.fresh) {
      flat(touched.adjoint, value.size()) = term;
    } else {
      flat(touched.adjoint, value.size()) += term;
    }
  }

  template <class T>
  void add(const Number<T>& value, T term) {
    const Touched<T> touched = touch<T>(value.node(), 1);
    if (touched.adjoint != nullptr) *touched.adjoint = touched.fresh ? term : *touched.adjoint + term;
  }

  /// Runs back from a scalar whose adjoint is `seed`. A constant has nothing behind it.
  template <class T>
  void backward(const Number<T>& from, T seed) {
    add(from, seed);
    run_back();
  }
  /// Runs back from an array whose adjoint is `seed`, of its size.
  template <class T>
  void backward(const Array<T>& from, const T* seed) {
    add(from, flat(seed, from.size()));
    run_back();
  }

  /// Drops all closures and adjoints. Their memory stays in the pool.
  void clear() {
    while (!entries_.empty()) drop_last();
    slots_.clear();
    arena_.clear();
  }

 private:
  struct Slot {
    std::shared_ptr<void> owner = nullptr;
    void* adjoint = nullptr;
    char* fresh = nullptr;           // of a leaf
    std::size_t bytes_of_point = 0;  // of a number with an adjoint for each point
  };
  struct Entry {
    void* closure;
    void (*run)(void*, Tape&, const void*);
    void (*destroy)(void*);
  };
  template <class T>
  struct Touched {
    T* adjoint = nullptr;
    bool fresh = false;
  };

  template <class T>
  Touched<T> touch(const Node& node, Index count) {
    if (!node.run || node.run != run) return {};
    Slot& slot = slots_[static_cast<std::size_t>(node.index)];
    if (point_ >= 0) {  // of a number, at one point
      if (node.index < leaves_in_rows_) return {static_cast<T*>(slot.adjoint) + point_ * row_stride_, false};
      if (count != 1) throw std::logic_error(not_by_points());
      return {number_at_points<T>(node) + point_, false};
    }
    if (node.index < leaves_in_rows_ || slot.bytes_of_point > 0) throw std::logic_error(not_by_points());
    if (slot.adjoint != nullptr) {
      const bool fresh = slot.fresh != nullptr && std::exchange(*slot.fresh, char{0}) == 1;
      return {static_cast<T*>(slot.adjoint), fresh};
    }
    auto block = pool.allocate<T>(count);
    if (begins_with_nan) std::fill_n(block.get(), count, std::numeric_limits<T>::quiet_NaN());
    slot.adjoint = block.get();
    slot.owner = std::move(block);
    return {static_cast<T*>(slot.adjoint), true};
  }

  /// The adjoints of a computed number, one for each point.
  template <class T>
  T* number_at_points(const Node& node) {
    Slot& slot = slots_[static_cast<std::size_t>(node.index)];
    if (slot.adjoint == nullptr) {
      auto block = pool.allocate<T>(row_points_);
      std::fill_n(block.get(), row_points_, T{0});
      slot = {block, block.get(), nullptr, sizeof(T)};
    }
    if (slot.bytes_of_point == 0) throw std::logic_error(not_by_points());  // it has one for all of them
    return static_cast<T*>(slot.adjoint);
  }

  void run_back() {
    while (!entries_.empty()) {
      const Entry entry = entries_.back();
      const void* gradient = slots_.back().adjoint;
      const std::size_t bytes = slots_.back().bytes_of_point;
      if (gradient != nullptr && bytes == 0) entry.run(entry.closure, *this, gradient);
      if (gradient != nullptr && bytes > 0) {
        for (point_ = 0; point_ < row_points_; ++point_)
          entry.run(entry.closure, *this,
                    static_cast<const std::byte*>(gradient) + static_cast<std::size_t>(point_) * bytes);
        point_ = -1;
      }
      drop_last();
    }
  }

  void drop_last() {
    entries_.back().destroy(entries_.back().closure);
    entries_.pop_back();
    slots_.pop_back();
  }

  static std::string not_by_points() {
    return "residual_rows: a parameter enters the residual by an operation that does not keep gradients apart for each "
           "point: in the mode of rows parameters may stand in Mlp and in Linear on the points of the residual, and as "
           "single numbers, such as nu, -nu or exp(nu), in + - * / with a field or jets. Where the residual mixes points, as "
           "an integral in it does, say whole(residual) in a term of a problem. Take values out of other places with "
           "detach(...), or take the gradient of the loss with value_and_gradient.";
  }

  Index leaves_in_rows_ = 0, row_points_ = 0, row_stride_ = 0;
  Index point_ = -1;         // at which the operation of a number runs back
  std::vector<Slot> slots_;  // the leaves', then one for each entry
  std::vector<Entry> entries_;
  detail::ClosureArena arena_;
};

namespace detail {

/// The tape of this thread. To be called only where something is on it.
inline Tape& active_tape() { return static_cast<Tape&>(*active_context); }

/// Looks at every input, so that one of another tape is noticed behind one of this.
template <class... Inputs>
bool any_on_active_tape(const Inputs&... inputs) {
  return (0 + ... + static_cast<int>(on_active_tape(inputs.node()))) > 0;
}

/// Throws where a tape runs on this thread already.
inline void require_no_tape() {
  if (recording()) {
    throw std::logic_error(
        "value_and_gradient or vjp is called inside another such call on the same thread: tapes do not nest.");
  }
}

/// Makes a tape the active one of this thread for as long as it lives. One inside another is an error.
class Activation {
 public:
  explicit Activation(Tape& tape) : before_(active_context) {
    require_no_tape();
    active_context = &tape;
  }
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;
  ~Activation() { active_context = before_; }

 private:
  Context* before_;
};

/// Where an array is on the tape, without the values: what an adjoint keeps of an input that it does not
/// read.
template <class T>
Array<T> place_of(const Array<T>& array) {
  return Array<T>(array.shape(), std::shared_ptr<T>()).on_tape(array.node());
}

}  // namespace detail

/// The output, on the tape with its adjoint if one of the inputs is: adjoint(Tape&, const T* output_adjoint).
template <class T, class Adjoint, class... Inputs>
Array<T> record(const Array<T>& output, Adjoint adjoint, const Inputs&... inputs) {
  if (!detail::any_on_active_tape(inputs...)) return output;
  return output.on_tape(
      detail::active_tape().push([adjoint = std::move(adjoint)](Tape& tape, const void* gradient) {
        adjoint(tape, static_cast<const T*>(gradient));
      }));
}

/// The same for a scalar output: adjoint(Tape&, T output_adjoint).
template <class T, class Adjoint, class... Inputs>
Number<T> record(const Number<T>& output, Adjoint adjoint, const Inputs&... inputs) {
  if (!detail::any_on_active_tape(inputs...)) return output;
  return {output.value(),
          detail::active_tape().push([adjoint = std::move(adjoint)](Tape& tape, const void* gradient) {
            adjoint(tape, *static_cast<const T*>(gradient));
          })};
}

}  // namespace fredholm
