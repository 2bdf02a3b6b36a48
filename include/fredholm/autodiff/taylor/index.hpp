// Derivatives in coordinates, by name, and the sets of them that are computed together.
//
//   D<a, b, c, d>  d^(a + b + c + d) / dx1^a dx2^b dx3^c dx4^d, in the order of the coordinates of the domain
//   Dx, Dy, Dz     the first three coordinates;  Dxx, Dxy, Dxxx, ... likewise
//   Dt             the last coordinate of the domain, whatever its dimension;  Dtt, Dxt, Dxxt, ... likewise
//   Laplacian      sum_i d^2 / dxi^2 over all coordinates;  SpaceLaplacian: over all but the last
//
// A set of derivatives is closed downwards when it is made: a derivative of a product or of f(z) takes those
// below it, u_xxt needs u, u_x, u_t, u_xx, u_xt. A Laplacian is one component and needs first derivatives
// alone (Li et al. 2024, Dangel et al. 2025, "collapsed"), unless the second derivatives that it is the sum
// of are in the set anyway.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace fredholm {

/// `Time` orders in the last coordinate, and the orders in the coordinates from the first on.
template <int Time, int... Orders>
struct Partial {};

template <int... Orders>
using D = Partial<0, Orders...>;

using Dx = D<1>;
using Dy = D<0, 1>;
using Dz = D<0, 0, 1>;
using Dt = Partial<1>;
using Dxx = D<2>;
using Dyy = D<0, 2>;
using Dzz = D<0, 0, 2>;
using Dxy = D<1, 1>;
using Dxz = D<1, 0, 1>;
using Dyz = D<0, 1, 1>;
using Dtt = Partial<2>;
using Dxt = Partial<1, 1>;
using Dyt = Partial<1, 0, 1>;
using Dzt = Partial<1, 0, 0, 1>;
using Dxxx = D<3>;
using Dyyy = D<0, 3>;
using Dxxy = D<2, 1>;
using Dxyy = D<1, 2>;
using Dttt = Partial<3>;
using Dxxt = Partial<1, 2>;
using Dxtt = Partial<2, 1>;
using Dxxxx = D<4>;
using Dyyyy = D<0, 4>;
using Dxxyy = D<2, 2>;
using Dxxtt = Partial<2, 2>;

/// The sum of the second derivatives in all coordinates.
struct Laplacian {};
/// The same in all coordinates but the last, which is time.
struct SpaceLaplacian {};

namespace detail {

inline constexpr int most_coordinates = 4;
inline constexpr int most_orders = 4;
/// All multi-indices of four orders in four coordinates, and two Laplacians.
inline constexpr int most_components = 72;

/// A derivative as a number: the order in coordinate i is digit i, from the right. u_xxt in (x, t) is 12, u
/// is 0.
using Code = int;
inline constexpr Code code_of_laplacian = -1;
inline constexpr Code code_of_space_laplacian = -2;

using Orders = std::array<int, most_coordinates>;

constexpr Code encode(const Orders& orders) {
  return orders[0] + 10 * orders[1] + 100 * orders[2] + 1000 * orders[3];
}
constexpr Orders decode(Code code) { return {code % 10, code / 10 % 10, code / 100 % 10, code / 1000 % 10}; }
/// The order of a derivative.
constexpr int order_of(Code code) {
  if (code < 0) return 2;
  const Orders orders = decode(code);
  return orders[0] + orders[1] + orders[2] + orders[3];
}
constexpr Code first_derivative(int coordinate) {
  Orders orders{};
  orders[static_cast<std::size_t>(coordinate)] = 1;
  return encode(orders);
}
constexpr bool is_below(Code small, Code large) {
  const Orders a = decode(small), b = decode(large);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}
/// How many coordinates, from the first on, a Laplacian takes.
constexpr int coordinates_of_laplacian(Code code, int dimension) {
  return code == code_of_laplacian ? dimension : dimension - 1;
}

template <class Tag>
struct TagTraits {
  static constexpr bool is_tag = false;
};
template <int Time, int... Given>
struct TagTraits<Partial<Time, Given...>> {
  static constexpr bool is_tag = true;
  /// Those of the first four coordinates.
  static constexpr Orders given = [] {
    constexpr std::array<int, sizeof...(Given) + 1> all{Given..., 0};
    Orders orders{};
    for (std::size_t i = 0; i < orders.size() && i < sizeof...(Given); ++i) orders[i] = all[i];
    return orders;
  }();
  template <int Dimension>
  static consteval Code code() {
    static_assert(
        sizeof...(Given) <= most_coordinates,
        "derivatives<...>: a derivative is asked for in more than four coordinates. D<a, b, c, d> has one to "
        "four orders.");
    constexpr bool in_range = [] {
      for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] < 0 || (given[i] > 0 && static_cast<int>(i) >= Dimension)) return false;
      }
      return Time >= 0;
    }();
    static_assert(
        in_range,
        "derivatives<...>: a derivative is asked for in a coordinate that the domain does not have. "
        "Coordinates are x, y, z in order, and Dt is the last one.");
    constexpr bool last_twice = Time > 0 && in_range && given[static_cast<std::size_t>(Dimension - 1)] > 0;
    static_assert(
        !last_twice,
        "derivatives<...>: t is the last coordinate of the domain, which this derivative names as x, y or z, too: Dyt in "
        "(x, t), Dxt in one coordinate. Say Dtt, or D<a, b, ...> with an order for each coordinate.");
    Orders orders = given;
    if constexpr (in_range) orders[static_cast<std::size_t>(Dimension - 1)] += Time;
    constexpr int total = (Time + ... + Given);
    static_assert(total <= most_orders, "derivatives<...>: derivatives go up to order 4.");
    return encode(orders);
  }
};
template <>
struct TagTraits<Laplacian> {
  static constexpr bool is_tag = true;
  template <int Dimension>
  static consteval Code code() {
    return Dimension == 1 ? encode({2, 0, 0, 0}) : code_of_laplacian;
  }
};
template <>
struct TagTraits<SpaceLaplacian> {
  static constexpr bool is_tag = true;
  template <int Dimension>
  static consteval Code code() {
    static_assert(Dimension > 1, "SpaceLaplacian: the domain has but one coordinate. Say Laplacian or Dxx.");
    return Dimension == 2 ? encode({2, 0, 0, 0}) : code_of_space_laplacian;
  }
};

struct CodeList {
  std::array<Code, most_components> codes{};
  int count = 0;
  constexpr bool has(Code code) const {
    for (int i = 0; i < count; ++i) {
      if (codes[static_cast<std::size_t>(i)] == code) return true;
    }
    return false;
  }
  constexpr void add(Code code) {
    if (!has(code)) codes[static_cast<std::size_t>(count++)] = code;
  }
};

/// Whether the second derivatives that a Laplacian is the sum of are all in a CodeList or a JetSet.
template <class List>
constexpr bool has_terms_of(const List& list, Code laplacian, int dimension) {
  for (int i = 0; i < coordinates_of_laplacian(laplacian, dimension); ++i) {
    if (!list.has(2 * first_derivative(i))) return false;
  }
  return true;
}

/// The closure downwards, by order, and then x before y before z before t; Laplacians last.
constexpr CodeList closure(const CodeList& asked, int dimension) {
  CodeList partials;
  for (int order = 0; order <= most_orders; ++order) {
    for (int a = order; a >= 0; --a) {
      for (int b = order - a; b >= 0; --b) {
        for (int c = order - a - b; c >= 0; --c) {
          const Code code = encode({a, b, c, order - a - b - c});
          bool wanted = code == 0;
          for (int i = 0; i < asked.count && !wanted; ++i) {
            const Code other = asked.codes[static_cast<std::size_t>(i)];
            wanted = other >= 0 ? is_below(code, other) : order == 1 && [&] {
              for (int k = 0; k < coordinates_of_laplacian(other, dimension); ++k) {
                if (code == first_derivative(k)) return true;
              }
              return false;
            }();
          }
          if (wanted) partials.add(code);
        }
      }
    }
  }
  for (const Code laplacian : {code_of_laplacian, code_of_space_laplacian}) {
    if (asked.has(laplacian) && !has_terms_of(partials, laplacian, dimension)) partials.add(laplacian);
  }
  return partials;
}

}  // namespace detail

/// A set of derivatives that is closed downwards: u itself first. What `derivatives<...>` computes together;
/// users meet it in the type Jets<Set, Scalar> alone.
template <int Dimension, int... Codes>
struct JetSet {
  static constexpr int dimension = Dimension;
  static constexpr std::size_t size = sizeof...(Codes);
  static constexpr std::array<int, size> codes{Codes...};
  /// The largest order of a derivative; 2 for a Laplacian.
  static constexpr int order = [] {
    int largest = 0;
    for (const int code : codes)
      largest = detail::order_of(code) > largest ? detail::order_of(code) : largest;
    return largest;
  }();

  /// Where a derivative stands, or -1.
  static constexpr int find(int code) {
    for (std::size_t i = 0; i < size; ++i) {
      if (codes[i] == code) return static_cast<int>(i);
    }
    return -1;
  }
  static constexpr bool has(int code) { return find(code) >= 0; }
};

namespace detail {

template <int Dimension, class... Tags>
consteval CodeList asked_for() {
  static_assert((TagTraits<Tags>::is_tag && ...),
                "derivatives<...>: give derivatives by their names: Dx, Dt, Dxx, D<2, 1>, Laplacian, ...");
  static_assert(Dimension >= 1 && Dimension <= most_coordinates,
                "derivatives<...>: the domain has one to four coordinates.");
  CodeList list;
  (list.add(TagTraits<Tags>::template code<Dimension>()), ...);
  return closure(list, Dimension);
}

template <int Dimension, class Positions, class... Tags>
struct JetSetOf;
template <int Dimension, std::size_t... Position, class... Tags>
struct JetSetOf<Dimension, std::index_sequence<Position...>, Tags...> {
  static constexpr CodeList list = asked_for<Dimension, Tags...>();
  using type = JetSet<Dimension, list.codes[Position]...>;
};

}  // namespace detail

/// The closed set of some derivatives on a domain of a dimension. The order in which they are named does not
/// matter.
template <int Dimension, class... Tags>
using jet_set = typename detail::JetSetOf<
    Dimension,
    std::make_index_sequence<static_cast<std::size_t>(detail::asked_for<Dimension, Tags...>().count)>,
    Tags...>::type;

}  // namespace fredholm
