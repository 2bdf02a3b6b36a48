// f of jets in vector registers, a point in each lane: Faa di Bruno's sum and its adjoint, written out at
// compile time.
//
//   a_alpha  = sum over terms of count * f^(m)(z) * z_beta_1 ... z_beta_m
//   z_0'    += a_alpha' count * f^(m+1)(z) * z_beta_1 ... z_beta_m
//   z_beta' += a_alpha' count * f^(m)(z) * (the product of the other factors)    for each factor of each term
//
// A series (autodiff/taylor/series.hpp) says what is kept of f at z; here stand the functions that compute
// it.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <fredholm/autodiff/taylor/series.hpp>
#include <fredholm/autodiff/taylor/terms.hpp>
#include <fredholm/core/simd_math.hpp>

namespace fredholm::detail {

/// What a series keeps at z.
template <class Series, class T>
inline std::array<simd::Vector<T>, Series::kept> keep_of_series(simd::Vector<T> z) {
  if constexpr (std::is_same_v<Series, TanhSeries>) {
    return {simd::tanh<T>(z)};
  } else if constexpr (std::is_same_v<Series, SinSeries> || std::is_same_v<Series, CosSeries>) {
    const auto both = simd::sin_cos<T>(z);
    return {both.sin, both.cos};
  } else if constexpr (std::is_same_v<Series, SigmoidSeries>) {
    return {simd::sigmoid<T>(z)};
  } else if constexpr (std::is_same_v<Series, SiluSeries>) {
    return {simd::sigmoid<T>(z), z};
  } else {
    static_assert(std::is_same_v<Series, GeluSeries>);
    const auto both = simd::normal<T>(z);
    return {z, both.distribution, both.density};
  }
}

/// Calls f(std::integral_constant<std::size_t, i>) for i < Count: what is indexed by i stays in registers.
template <std::size_t Count, class F>
inline void unrolled(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(std::integral_constant<std::size_t, I>{}), ...);
  }(std::make_index_sequence<Count>{});
}

/// count * z[factors] without factor number `Without`, times start.
template <class Set, class T, std::size_t Term, int Without = -1>
inline simd::Vector<T> chain_product(simd::Vector<T> start, const simd::Vector<T>* z) {
  constexpr ChainTerm term = chain_terms<Set>.terms[Term];
  simd::Vector<T> product = start;
  if constexpr (term.coefficient != 1) product = static_cast<T>(term.coefficient) * product;
  [&]<int... K>(std::integer_sequence<int, K...>) {
    const auto factor = [&]<int At>(std::integral_constant<int, At>) {
      if constexpr (At != Without) product = product * z[term.factors[static_cast<std::size_t>(At)]];
    };
    (factor(std::integral_constant<int, K>{}), ...);
  }(std::make_integer_sequence<int, term.order>{});
  return product;
}

/// f, f', ..., f^(Count - 1) from what is kept.
template <class Series, class T, std::size_t Count>
inline std::array<simd::Vector<T>, Count> slopes_of_series(const simd::Vector<T>* kept) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::array<simd::Vector<T>, Count>{Series::template derivative<static_cast<int>(K), T>(kept)...};
  }(std::make_index_sequence<Count>{});
}

/// a = f(z): `slopes` f, f', ...; z[0] is not read.
template <class Set, class T, std::size_t Count>
inline std::array<simd::Vector<T>, Set::size> chain_values(const std::array<simd::Vector<T>, Count>& slopes,
                                                           const simd::Vector<T>* z) {
  std::array<simd::Vector<T>, Set::size> a;
  a[0] = slopes[0];
  unrolled<chain_terms<Set>.count>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    constexpr ChainTerm term = chain_terms<Set>.terms[I];
    constexpr auto out = static_cast<std::size_t>(term.out);
    constexpr bool first = [] {
      for (std::size_t i = 0; i < I; ++i) {
        if (chain_terms<Set>.terms[i].out == chain_terms<Set>.terms[I].out) return false;
      }
      return true;
    }();
    const simd::Vector<T> product = chain_product<Set, T, I>(slopes[static_cast<std::size_t>(term.order)], z);
    if constexpr (first) {
      a[out] = product;
    } else {
      a[out] += product;
    }
  });
  return a;
}

/// The adjoint of z from that of a.
template <class Set, class T, std::size_t Count>
inline std::array<simd::Vector<T>, Set::size> chain_adjoint(const std::array<simd::Vector<T>, Count>& slopes,
                                                            const simd::Vector<T>* z,
                                                            const simd::Vector<T>* da) {
  std::array<simd::Vector<T>, Set::size> dz{};
  dz[0] = da[0] * slopes[1];
  unrolled<chain_terms<Set>.count>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    constexpr ChainTerm term = chain_terms<Set>.terms[I];
    constexpr auto order = static_cast<std::size_t>(term.order);
    const simd::Vector<T> from = da[term.out];
    dz[0] += chain_product<Set, T, I>(from * slopes[order + 1], z);
    const simd::Vector<T> start = from * slopes[order];
    [&]<int... K>(std::integer_sequence<int, K...>) {
      ((dz[static_cast<std::size_t>(term.factors[static_cast<std::size_t>(K)])] +=
        chain_product<Set, T, I, K>(start, z)),
       ...);
    }(std::make_integer_sequence<int, term.order>{});
  });
  return dz;
}

}  // namespace fredholm::detail
