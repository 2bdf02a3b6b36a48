// Which tape, if any, is running on this thread, and the mark that a value on it carries.
//
// A value that was computed from a parameter of the model carries a Node: its position on the tape of the
// call that computed it. The run token tells one call from the next, so that a value which outlived its tape
// is known as such: used under another tape it would lose its gradient, and that is an error, never a
// silence.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/core/memory.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

/// Tells one activation of a tape from every other.
struct Run {};

/// A position on a tape; without a run, the value is a constant.
struct Node {
  std::shared_ptr<const Run> run = nullptr;
  Index index = -1;
};

/// The parameters that a call differentiates by: (address, position), sorted by address.
using LeafTable = std::vector<std::pair<const void*, Index>>;

/// What arrays and parameters need to know of a running tape (which is autodiff/tape.hpp), or of a place
/// where nothing is recorded and only memory is kept for the next array (MemoryReuse).
struct Context {
  bool records = true;
  std::shared_ptr<const Run> run;
  Pool pool;
  const LeafTable* leaves = nullptr;  // without a table (vjp) every parameter is a constant

  /// The position of the parameter at this address, or -1.
  Index find_leaf(const void* address) const {
    const auto found =
        std::lower_bound(leaves->begin(), leaves->end(), std::pair<const void*, Index>(address, -1));
    return found != leaves->end() && found->first == address ? found->second : -1;
  }
};

namespace detail {

/// The library's only thread-local: set for as long as a call of value_and_gradient, vjp or predict lasts.
inline thread_local Context* active_context = nullptr;

}  // namespace detail

/// Whether operations are being recorded on this thread.
inline bool recording() { return detail::active_context != nullptr && detail::active_context->records; }

namespace detail {

/// Whether a value is on the tape that runs now. Throws for a value of another tape.
inline bool on_active_tape(const Node& node) {
  if (!node.run || !recording()) return false;
  if (node.run == active_context->run) return true;
  throw std::logic_error(
      "a value computed under another tape (another tile of the batch, or an earlier call) is used in a "
      "loss; its gradient would be lost. Compute it inside the loss, or say detach(value).");
}

/// For an input that an operation does not differentiate by, such as the weights of a rule.
inline void require_constant(const Node& node, const char* what) {
  if (!on_active_tape(node)) return;
  throw std::logic_error(
      std::string(what) +
      " are computed from a parameter, and the operation has no gradient by them; it would be "
      "lost. Say detach(weights), or write the sum with * and sum().");
}

/// While it lives, arrays of this thread take their memory from those that are gone: without it the system
/// hands out the same large blocks again and again, page by page.
class MemoryReuse {
 public:
  MemoryReuse() : before_(active_context) {
    context_.records = false;
    if (before_ == nullptr) active_context = &context_;
  }
  MemoryReuse(const MemoryReuse&) = delete;
  MemoryReuse& operator=(const MemoryReuse&) = delete;
  ~MemoryReuse() { active_context = before_; }

 private:
  Context context_;
  Context* before_;
};

}  // namespace detail

}  // namespace fredholm
