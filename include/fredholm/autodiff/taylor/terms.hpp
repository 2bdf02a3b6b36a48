// The two rules of calculus on a closed set of derivatives, as lists of terms made at compile time.
//
//   Leibniz            (a b)_alpha = sum over beta <= alpha of C(alpha, beta) a_beta b_(alpha - beta)
//   Faa di Bruno       f(z)_alpha  = sum over partitions {beta_1 ... beta_m} of alpha of
//                                    count * f^(m)(z) z_beta_1 ... z_beta_m
//   of a Laplacian     lap(a b) = a lap b + 2 grad a . grad b + b lap a
//                      lap f(z) = f'(z) lap z + f''(z) |grad z|^2
//
// Source: Constantine and Savits (1996), theorem 2.1, with the partitions of the |alpha| single derivatives
// counted one by one; the Laplacian as Li et al. (2024).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <fredholm/autodiff/taylor/index.hpp>

namespace fredholm::detail {

/// One product of Leibniz' rule: out += coefficient * a[left] * b[right].
struct ProductTerm {
  int out = 0, left = 0, right = 0;
  int coefficient = 0;
};

/// One product of Faa di Bruno's: out += coefficient * f^(order)(z) * z[factor 0] * ... * z[factor order -
/// 1].
struct ChainTerm {
  int out = 0, order = 0;
  int coefficient = 0;
  std::array<int, most_orders> factors{};
};

template <class Term, std::size_t Most>
struct TermList {
  std::array<Term, Most> terms{};
  std::size_t count = 0;
  constexpr void add(const Term& term) { terms[count++] = term; }
};

constexpr int binomial(int n, int k) {
  int result = 1;
  for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

template <class Set>
constexpr auto make_product_terms() {
  TermList<ProductTerm, Set::size*(Set::size + 1)> list;
  for (std::size_t out = 0; out < Set::size; ++out) {
    const Code code = Set::codes[out];
    const int at = static_cast<int>(out);
    if (code < 0) {
      list.add({at, 0, at, 1});
      for (int i = 0; i < coordinates_of_laplacian(code, Set::dimension); ++i) {
        const int first = Set::find(first_derivative(i));
        list.add({at, first, first, 2});
      }
      list.add({at, at, 0, 1});
      continue;
    }
    for (std::size_t left = 0; left < Set::size; ++left) {
      const Code below = Set::codes[left];
      if (below < 0 || !is_below(below, code)) continue;
      const Orders all = decode(code), some = decode(below);
      int coefficient = 1;
      for (std::size_t i = 0; i < all.size(); ++i) coefficient *= binomial(all[i], some[i]);
      list.add({at, static_cast<int>(left), Set::find(code - below), coefficient});
    }
  }
  return list;
}

template <class Set>
constexpr auto make_chain_terms() {
  TermList<ChainTerm, Set::size * 15> list;  // four single derivatives have 15 partitions
  const auto add = [&list](int out, int order, std::array<int, most_orders> factors) {
    std::sort(factors.begin(), factors.begin() + order);
    for (std::size_t i = 0; i < list.count; ++i) {
      ChainTerm& term = list.terms[i];
      if (term.out == out && term.order == order && term.factors == factors) {
        ++term.coefficient;
        return;
      }
    }
    list.add({out, order, 1, factors});
  };
  for (std::size_t out = 1; out < Set::size; ++out) {
    const Code code = Set::codes[out];
    const int at = static_cast<int>(out);
    if (code < 0) {
      add(at, 1, {at, 0, 0, 0});
      for (int i = 0; i < coordinates_of_laplacian(code, Set::dimension); ++i) {
        const int first = Set::find(first_derivative(i));
        add(at, 2, {first, first, 0, 0});
      }
      continue;
    }
    // The single derivatives of alpha, each put into one of the blocks so far or into a new one.
    std::array<Code, most_orders> singles{};
    int count = 0;
    for (int i = 0; i < most_coordinates; ++i) {
      for (int k = 0; k < decode(code)[static_cast<std::size_t>(i)]; ++k)
        singles[static_cast<std::size_t>(count++)] = first_derivative(i);
    }
    const auto place = [&](const auto& self, int next, int blocks,
                           std::array<Code, most_orders> codes) -> void {
      if (next == count) {
        std::array<int, most_orders> factors{};
        for (int b = 0; b < blocks; ++b) {
          const auto i = static_cast<std::size_t>(b);
          factors[i] = Set::find(codes[i]);
        }
        add(at, blocks, factors);
        return;
      }
      for (int b = 0; b <= blocks; ++b) {
        auto more = codes;
        if (b < most_orders) {
          more[static_cast<std::size_t>(b)] += singles[static_cast<std::size_t>(next)];
          self(self, next + 1, b == blocks ? blocks + 1 : blocks, more);
        }
      }
    };
    place(place, 0, 0, {});
  }
  return list;
}

template <class Set>
inline constexpr auto product_terms = make_product_terms<Set>();
template <class Set>
inline constexpr auto chain_terms = make_chain_terms<Set>();

}  // namespace fredholm::detail
