// Bases to expand in, on the interval [0, 1] that an axis of the domain is mapped to.
//
//   Fourier      e^{2 pi i k x}, k = ..., -1, 0, 1, ...  periodic functions; complex coefficients
//   Cosine       1, sqrt 2 cos(k pi x)                   slope zero at both ends (Neumann)
//   Sine         sqrt 2 sin((k + 1) pi x)                zero at both ends (Dirichlet)
//   Legendre     sqrt(2 k + 1) P_k(2 x - 1)              no condition at the ends
//   Chebyshev    T_k(2 x - 1)                            no condition at the ends
//   ProductBasis<Fourier, Sine>                          one an axis; one basis alone is meant for every axis
//
// A coefficient is an integral over the domain, c_k = int u psi_k dx, which any grid and rule approximate.
// All but Chebyshev are orthonormal in L2(0, 1), so that psi_k is the (conjugate) basis function itself.
// Chebyshev polynomials are orthogonal only under the weight 1 / sqrt(x - x^2), which no rule of a field
// integrates to its order; their psi_k are the dual polynomials in L2, so that the first K terms are the best
// approximation in L2 by polynomials of degree below K (the same function as with Legendre, written in
// another basis).
//
// `limit(n, closed)` is the number of functions that n points tell apart; a layer leaves out the others.
// `closed` says that both ends of the interval may be among the points (all grids but periodic, midpoint and
// Legendre ones): on a period they are one point, and half a wave more fits between them. That the points
// tell them apart does not say that the rule integrates them well: Simpson's does half as many. Duals depend
// on how many there are: with more modes than points all c_k change.
//
// Your own basis is a struct with `complex = false`, `name`, `limit(n, closed)` and `value(k, x)`, and with
// `dual(modes)`, a function x -> (psi_0(x), ..., psi_{modes-1}(x)), if it is not orthonormal. With `ends =
// true` it does not compile on a periodic axis: its functions have two ends and a period has none, so that
// the coefficients would have order 1 (Sine: 2) under equal weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numbers>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/shape.hpp>
#include <fredholm/space/grid_traits.hpp>

namespace fredholm {

template <class Basis>
concept AnyBasis1D = requires(Index n) {
  { Basis::complex } -> std::convertible_to<bool>;
  { Basis::name } -> std::convertible_to<const char*>;
  { Basis::limit(n, true) } -> std::convertible_to<Index>;
};

struct Fourier {
  static constexpr bool complex = true;
  static constexpr const char* name = "Fourier";
  /// The highest frequency is below the Nyquist frequency, half the number of distinct points: k < limit.
  static Index limit(Index points, bool closed) { return (closed ? points : points + 1) / 2; }
};

struct Cosine {
  static constexpr bool complex = false;
  static constexpr const char* name = "Cosine";
  static constexpr bool ends = true;
  static Index limit(Index points, bool closed) { return closed ? points - 1 : points; }
  static double value(Index k, double x) {
    return k == 0 ? 1.0 : std::numbers::sqrt2 * std::cos(static_cast<double>(k) * std::numbers::pi * x);
  }
};

struct Sine {
  static constexpr bool complex = false;
  static constexpr const char* name = "Sine";
  static constexpr bool ends = true;
  static Index limit(Index points, bool closed) { return std::max<Index>(0, points - (closed ? 2 : 1)); }
  static double value(Index k, double x) {
    return std::numbers::sqrt2 * std::sin(static_cast<double>(k + 1) * std::numbers::pi * x);
  }
};

struct Legendre {
  static constexpr bool complex = false;
  static constexpr const char* name = "Legendre";
  static constexpr bool ends = true;
  static Index limit(Index points, bool) { return points; }
  static double value(Index k, double x) {
    const double t = 2.0 * x - 1.0;
    double previous = 1.0;
    double current = k == 0 ? 1.0 : t;
    for (Index j = 2; j <= k; ++j) {
      const auto n = static_cast<double>(j);
      const double next = ((2.0 * n - 1.0) * t * current - (n - 1.0) * previous) / n;
      previous = current;
      current = next;
    }
    return std::sqrt(2.0 * static_cast<double>(k) + 1.0) * current;
  }
};

struct Chebyshev {
  static constexpr bool complex = false;
  static constexpr const char* name = "Chebyshev";
  static constexpr bool ends = true;
  static Index limit(Index points, bool) { return points; }
  static double value(Index k, double x) {
    return std::cos(static_cast<double>(k) * std::acos(std::clamp(2.0 * x - 1.0, -1.0, 1.0)));
  }

  /// psi_k = sum_l M_lk p_l with the orthonormal Legendre polynomials p_l = sum_k M_lk T_k. M by the
  /// Gauss-Chebyshev rule with K nodes, which is exact to the degree 2K - 1.
  static auto dual(Index modes) {
    const auto count = static_cast<std::size_t>(modes);
    std::vector<double> to_chebyshev(count * count, 0.0);  // M, row-major
    for (Index j = 0; j < modes; ++j) {
      const double angle = (static_cast<double>(j) + 0.5) * std::numbers::pi / static_cast<double>(modes);
      for (Index l = 0; l < modes; ++l) {
        const double p = Legendre::value(l, 0.5 + 0.5 * std::cos(angle));
        for (Index k = 0; k <= l; ++k) {
          to_chebyshev[static_cast<std::size_t>(l * modes + k)] += (k == 0 ? 1.0 : 2.0) /
                                                                   static_cast<double>(modes) * p *
                                                                   std::cos(static_cast<double>(k) * angle);
        }
      }
    }
    return [modes, count, to_chebyshev](double x) {
      std::vector<double> values(count, 0.0);
      for (Index l = 0; l < modes; ++l) {
        const double p = Legendre::value(l, x);
        for (Index k = 0; k <= l; ++k) {
          values[static_cast<std::size_t>(k)] += to_chebyshev[static_cast<std::size_t>(l * modes + k)] * p;
        }
      }
      return values;
    };
  }
};

/// A basis an axis, as ProductGrid and ProductRule.
template <AnyBasis1D... Basis>
struct ProductBasis {
  static_assert(sizeof...(Basis) >= 1, "ProductBasis<...> needs a basis for each axis.");
  using Axes = std::tuple<Basis...>;
};

namespace detail {

/// How many functions of a basis the points of a grid tell apart. Points in no order have no limit that is
/// known.
template <class Basis, class Grid>
Index mode_limit(const Grid& grid) {
  constexpr Family family = family_of<Grid>;
  if constexpr (family == Family::cloud) return std::numeric_limits<Index>::max();
  constexpr bool open =
      family == Family::periodic || family == Family::midpoint || family == Family::legendre;
  return Basis::limit(grid.size(), !open);
}

template <class Basis>
inline constexpr bool is_product_basis = false;
template <class... Basis>
inline constexpr bool is_product_basis<ProductBasis<Basis...>> = true;

template <class Basis, std::size_t Axis>
struct BasisAlongAxis : std::type_identity<Basis> {};
template <class... Basis, std::size_t Axis>
struct BasisAlongAxis<ProductBasis<Basis...>, Axis>
    : std::type_identity<std::tuple_element_t<Axis, std::tuple<Basis...>>> {};

/// The basis of one axis of D.
template <class Basis, std::size_t Axis>
using BasisAlong = typename BasisAlongAxis<Basis, Axis>::type;

/// f(axis, basis) for each axis of D, `basis` an object of the axis's type.
template <Index D, class Basis, class F>
constexpr void for_each_axis(F&& f) {
  [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
    (f(static_cast<Index>(Axis), BasisAlong<Basis, Axis>{}), ...);
  }(std::make_index_sequence<static_cast<std::size_t>(D)>());
}

template <class Basis>
inline constexpr bool has_ends = false;
template <class Basis>
  requires requires { Basis::ends; }
inline constexpr bool has_ends<Basis> = Basis::ends;

/// Whether no basis with ends is on a periodic axis.
template <Index D, class Basis, class Grid>
consteval bool ends_fit() {
  const auto periodic = periodic_coordinates<Grid>();
  bool fit = true;
  for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
    if (axis < std::ssize(periodic) && periodic[static_cast<std::size_t>(axis)] && has_ends<Along>)
      fit = false;
  });
  return fit;
}

/// The last axis with complex coefficients, or -1. Of a real function, its coefficients at k < 0 are the
/// conjugates of those at k > 0 (with all signs turned), so that on this axis half of them are kept.
template <Index D, class Basis>
constexpr Index half_axis() {
  Index found = -1;
  for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
    if (Along::complex) found = axis;
  });
  return found;
}

/// Coefficients kept along an axis of which `modes` are asked for: both signs on the complex axes before the
/// half one.
template <Index D, class Basis>
constexpr Index coefficient_count(Index axis, Index modes) {
  Index count = modes;
  for_each_axis<D, Basis>([&]<class Along>(Index a, Along) {
    if (a == axis && Along::complex && a != half_axis<D, Basis>()) count = 2 * modes;
  });
  return count;
}

}  // namespace detail

/// A basis for D axes: one for all of them, or a ProductBasis of D.
template <class Basis, Index D>
concept AnyBasis = AnyBasis1D<Basis> || (detail::is_product_basis<Basis> && requires {
                     requires std::tuple_size_v<typename Basis::Axes> == static_cast<std::size_t>(D);
                   });

}  // namespace fredholm
