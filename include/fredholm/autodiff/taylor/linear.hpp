// A linear map of the channels on jets: y_alpha = x_alpha W, and b is added to the value alone.
#pragma once

#include <cstddef>
#include <type_traits>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/taylor/jets.hpp>

namespace fredholm {

template <class Set, class T>
Jets<Set, T> linear(const Jets<Set, T>& x, const Array<T>& weight, const Array<T>& bias) {
  detail::require_linear(x.value(), weight, bias);
  const Array<T> none = Array<T>::zeros(bias.shape());
  typename Jets<Set, T>::Components result;
  result[0] = linear(x.value(), weight, bias);
  for (std::size_t i = 1; i < Set::size; ++i) {
    const auto& stored = x.components()[i];
    if (!stored) continue;
    const bool fits = !detail::by_rows() && stored->rank() >= 1 && stored->shape().back() == weight.shape(0);
    result[i] = linear(fits ? *stored : x.full(i), weight, none);
  }
  return Jets<Set, T>(std::move(result));
}

namespace detail {

/// As Linear applies it (layers/linear.hpp).
template <class Epilogue, class Set, class T>
Jets<Set, T> linear_then(const Jets<Set, T>& x, const Array<T>& weight, const Array<T>& bias) {
  static_assert(Epilogue::identity,
                "a fused epilogue is applied to jets; apply the activation after the layer.");
  return linear(x, weight, bias);
}

}  // namespace detail

}  // namespace fredholm
