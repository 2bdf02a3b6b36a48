// A linear map of the channels, the same at every point: v(x) = u(x) W + b.
//
// weight (in, out), bias (out). It commutes with every change of grid and rule: nothing is integrated.
// Initialization: uniform on [-a, a] with a = 1 / sqrt(in), as in PyTorch, for weights and biases. Biases are
// not zero, so that a normalization never meets the zero vector where an input vanishes; that would cost the
// rule its order.
#pragma once

#include <cmath>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/taylor/linear.hpp>
#include <fredholm/concepts.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>

namespace fredholm {

namespace detail {

template <class Values, class Scalar>
inline constexpr bool same_precision = std::is_same_v<typename Values::value_type, Scalar>;

/// A layer that acts on the array of a field acts on the field, and on an array as it is.
template <class Input, class F>
auto on_values(const Input& u, const F& f) {
  if constexpr (AnyField<Input>) {
    return u.with(f(u.values()));
  } else {
    return f(u);
  }
}

}  // namespace detail

template <class Scalar = double>
struct Linear {
  Parameter<Scalar> weight;
  Parameter<Scalar> bias;

  auto operator()(const auto& u) const { return then<detail::Unchanged>(u); }

  /// f(u W + b) as one operation, for a function with an epilogue (autodiff/ops/linear.hpp).
  template <class Epilogue>
  auto then(const auto& u) const {
    return detail::on_values(u, [this]<class Values>(const Values& values) {
      static_assert(detail::same_precision<Values, Scalar>,
                    "a layer of one precision is applied to values of the other: use cast<float>(...) or "
                    "cast<double>(...) on the model or on the field.");
      if constexpr (detail::same_precision<Values, Scalar>) {
        return detail::linear_then<Epilogue>(values, weight(), bias());
      } else {
        return values;  // not reached: the sentence above has been said
      }
    });
  }
};

template <class Scalar = double>
Linear<Scalar> make_linear(Index in, Index out, Engine& engine) {
  require(in > 0 && out > 0, "make_linear(", in, ", ", out, "): give at least one channel in and out.");
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  return {Parameter<Scalar>(uniform_array<Scalar>({in, out}, bound, engine)),
          Parameter<Scalar>(uniform_array<Scalar>({out}, bound, engine))};
}

}  // namespace fredholm
