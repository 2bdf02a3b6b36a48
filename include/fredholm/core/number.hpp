// Number: a scalar result, such as an integral, a norm or a loss.
//
// It converts to its scalar wherever one is wanted (`double i = integrate(u)`). Under a tape it carries its
// position, and the conversion throws: a gradient that leaves through a plain double would be lost without a
// word.
#pragma once

#include <stdexcept>
#include <utility>

#include <fredholm/core/context.hpp>

namespace fredholm {

template <class T>
class Number {
 public:
  using value_type = T;

  Number(T value = T{0}) : value_(value) {}  // implicit: a constant is a number
  Number(T value, Node node) : value_(value), node_(std::move(node)) {}

  operator T() const {
    if (detail::on_active_tape(node_)) {
      throw std::logic_error(
          "a number on the tape is turned into a plain scalar; its gradient would be lost. Say "
          "detach(number).");
    }
    return value_;
  }

  /// The value, without a look at the tape: for operations, which record themselves.
  T value() const { return value_; }
  const Node& node() const { return node_; }

 private:
  T value_;
  Node node_;
};

template <class T>
T detach(const Number<T>& number) {
  return number.value();
}

}  // namespace fredholm
