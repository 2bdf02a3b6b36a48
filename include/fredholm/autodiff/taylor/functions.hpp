// Functions of one variable on jets: exp, log, sqrt, square, tanh, sin, cos, sigmoid, silu, gelu, and
// quotients.
//
//   f(z)_alpha = sum over partitions {beta_1 ... beta_m} of alpha of f^(m)(z) z_beta_1 ... z_beta_m
//                                                                                          (Faa di Bruno)
//
// The sum is written out at compile time for the closed set at hand (autodiff/taylor/terms.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/ops/gelu.hpp>
#include <fredholm/autodiff/taylor/jets.hpp>
#include <fredholm/autodiff/taylor/series.hpp>

namespace fredholm {

namespace detail {

/// f, f', f'', ... at z, as many as the set needs.
template <class Set, class T>
using Slopes = std::array<Array<T>, static_cast<std::size_t>(Set::order) + 1>;

/// f(z) from the derivatives of f.
template <class Set, class T>
Jets<Set, T> chain(const Jets<Set, T>& z, const Slopes<Set, T>& slopes) {
  typename Jets<Set, T>::Components result;
  result[0] = slopes[0];
  for (std::size_t i = 0; i < chain_terms<Set>.count; ++i) {
    const ChainTerm& term = chain_terms<Set>.terms[i];
    Component<T> product = slopes[static_cast<std::size_t>(term.order)];
    for (int k = 0; k < term.order; ++k) {
      const int factor = term.factors[static_cast<std::size_t>(k)];
      if (!z.components()[static_cast<std::size_t>(factor)]) product.reset();
    }
    for (int k = 0; k < term.order && product; ++k) {
      const int factor = term.factors[static_cast<std::size_t>(k)];
      product = times(product, z.components()[static_cast<std::size_t>(factor)]);
    }
    add_to(result[static_cast<std::size_t>(term.out)], scaled(std::move(product), term.coefficient));
  }
  return Jets<Set, T>(std::move(result));
}

/// f(z) from what a series keeps at z.
template <class Series, class Set, class T>
Jets<Set, T> chain_of_series(const Jets<Set, T>& z, const std::array<Array<T>, Series::kept>& kept) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return chain(z, Slopes<Set, T>{Series::template derivative<static_cast<int>(K), T>(kept.data())...});
  }(std::make_index_sequence<static_cast<std::size_t>(Set::order) + 1>{});
}

/// f(z) from f and its first derivative g, with f^(k+1) = f^(k) * ratio(k), k >= 1.
template <class Set, class T, class Ratio>
Jets<Set, T> chain_by_ratio(const Jets<Set, T>& z, Array<T> value, Array<T> slope, const Ratio& ratio) {
  Slopes<Set, T> slopes;
  slopes[0] = std::move(value);
  if constexpr (Set::order > 0) slopes[1] = std::move(slope);
  for (std::size_t k = 2; k < slopes.size(); ++k) slopes[k] = slopes[k - 1] * ratio(static_cast<T>(k - 1));
  return chain(z, slopes);
}

/// Phi (ops/gelu.hpp) as an operation; its slope is the density.
template <class T>
Array<T> normal_distribution(const Array<T>& x) {
  const Index n = x.size();
  Array<T> y(x.shape());
  flat(y.mutable_data(), n) = normal_distribution(flat(x.data(), n));
  return record(
      y,
      [x, n](Tape& tape, const T* dy) {
        tape.add(x, flat(dy, n) * normal_peak<T> * (T{-0.5} * flat(x.data(), n).square()).exp());
      },
      x);
}

}  // namespace detail

template <class Set, class T>
Jets<Set, T> exp(const Jets<Set, T>& z) {
  detail::Slopes<Set, T> slopes;
  slopes.fill(exp(z.value()));
  return detail::chain(z, slopes);
}
template <class Set, class T>
Jets<Set, T> log(const Jets<Set, T>& z) {
  const Array<T> inverse = T{1} / z.value();
  return detail::chain_by_ratio(z, log(z.value()), inverse, [&](T k) { return -k * inverse; });
}
template <class Set, class T>
Jets<Set, T> sqrt(const Jets<Set, T>& z) {
  const Array<T> root = sqrt(z.value());
  if constexpr (Set::order == 0) {
    return detail::chain(z, {root});
  } else {
    const Array<T> inverse = T{1} / z.value();
    return detail::chain_by_ratio(z, root, T{0.5} / root, [&](T k) { return (T{0.5} - k) * inverse; });
  }
}
template <class Set, class T>
Jets<Set, T> square(const Jets<Set, T>& z) {
  return z * z;
}
template <class Set, class T>
Jets<Set, T> tanh(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::TanhSeries>(z, {tanh(z.value())});
}
template <class Set, class T>
Jets<Set, T> sin(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::SinSeries>(z, {sin(z.value()), cos(z.value())});
}
template <class Set, class T>
Jets<Set, T> cos(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::CosSeries>(z, {sin(z.value()), cos(z.value())});
}
template <class Set, class T>
Jets<Set, T> sigmoid(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::SigmoidSeries>(z, {sigmoid(z.value())});
}
template <class Set, class T>
Jets<Set, T> silu(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::SiluSeries>(z, {sigmoid(z.value()), z.value()});
}
template <class Set, class T>
Jets<Set, T> gelu(const Jets<Set, T>& z) {
  return detail::chain_of_series<detail::GeluSeries>(
      z, {z.value(), detail::normal_distribution(z.value()),
          detail::normal_peak<T> * exp(T{-0.5} * square(z.value()))});
}

namespace detail {

template <class Set, class T>
Jets<Set, T> reciprocal(const Jets<Set, T>& z) {
  const Array<T> inverse = T{1} / z.value();
  Slopes<Set, T> slopes;
  slopes[0] = inverse;
  for (std::size_t k = 1; k < slopes.size(); ++k)
    slopes[k] = slopes[k - 1] * (static_cast<T>(-static_cast<int>(k)) * inverse);
  return chain(z, slopes);
}

}  // namespace detail

template <class Set, class T>
Jets<Set, T> operator/(const Jets<Set, T>& a, const Jets<Set, T>& b) {
  return a * detail::reciprocal(b);
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator/(const Constant& c, const Jets<Set, T>& u) {
  return detail::reciprocal(u) * c;
}

}  // namespace fredholm
