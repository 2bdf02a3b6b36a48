// The adjoint of a function of arrays against differences, for the tests of fields.
#pragma once

#include <doctest/doctest.h>

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/autodiff/tape.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace fredholm::testing {

/// The gradient of f(x), a Number, by the tape.
template <class F>
std::vector<double> gradient_of(F f, const Array<double>& x) {
  std::vector<double> adjoint(static_cast<std::size_t>(x.size()), 0.0);
  Tape tape;
  detail::Activation activation(tape);
  tape.begin({adjoint.data()});
  const Number<double> y = f(x.on_tape(Node{tape.run, 0}));
  tape.backward(y, 1.0);
  return adjoint;
}

/// Compares it with central differences in every value.
template <class F>
void check_gradient(F f, const Array<double>& x, double tolerance = 1e-6) {
  const std::vector<double> adjoint = gradient_of(f, x);
  double largest = 0, error = 0;
  for (Index i = 0; i < x.size(); ++i) {
    const auto at = [&](double step) {
      Array<double> moved = x;
      moved.mutable_data()[i] += step;
      return static_cast<double>(f(moved));
    };
    const double step = 1e-5;
    const double slope = (at(step) - at(-step)) / (2 * step);
    largest = std::max(largest, std::abs(slope));
    error = std::max(error, std::abs(slope - adjoint[static_cast<std::size_t>(i)]));
  }
  CHECK(largest > 0);
  CHECK(error <= tolerance * std::max(1.0, largest));
}

}  // namespace fredholm::testing
