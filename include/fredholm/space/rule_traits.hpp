// What the library reads off a rule's type, with a default for everything that a user's own rule leaves out.
//
//   order_of<Rule>            e.g. 2, 4, 6, spectral, or none (Rule::order, else none)
//   order_on<Rule, Grid>      the same on a grid: any rule of an order is spectral on smooth periodic data; on
//                             a product with weights an axis the least of its axes
//   degree_of(rule, grid)     polynomials up to this degree are integrated exactly; -1: not even constants
//   is_legal<Rule, Grid>      may the two stand together? Directly, or axis by axis on a product
//   is_separable<Rule, Grid>  are the weights a product of one list of weights an axis?
//   check_rule<Rule, Grid>()  the same question, answered by the compiler in a sentence of the rule's
#pragma once

#include <fredholm/space/grid_traits.hpp>

#include <algorithm>
#include <concepts>
#include <limits>
#include <tuple>
#include <utility>

namespace fredholm {

/// The order of a rule whose error falls faster than any power of h on smooth data.
inline constexpr int spectral = std::numeric_limits<int>::max();
/// The order of a rule that promises none.
inline constexpr int none = 0;

template <class Rule>
inline constexpr int order_of = none;
template <class Rule>
  requires requires { Rule::order; }
inline constexpr int order_of<Rule> = Rule::order;

/// The greatest degree of polynomial that the rule integrates exactly on the grid, -1 if nothing is promised.
template <class Rule, class Grid>
Index degree_of(const Rule& rule, const Grid& grid) {
  if constexpr (requires { rule.degree(grid); }) {
    return rule.degree(grid);
  } else if constexpr (requires { rule.degree(grid.size()); }) {
    const Index degree = rule.degree(grid.size());
    return family_of<Grid> == Family::periodic ? std::min<Index>(degree, 0) : degree;
  } else {
    return -1;
  }
}

/// A rule made of one rule an axis, such as ProductRule (has Rule::Axes).
template <class Rule>
inline constexpr bool is_product_rule = requires { typename Rule::Axes; };

namespace detail {

/// The rule along one axis: its own on a product rule, the rule itself otherwise.
template <std::size_t Axis, class Rule>
const auto& axis_rule(const Rule& rule) {
  if constexpr (is_product_rule<Rule>) {
    return rule.template axis<Axis>();
  } else {
    return rule;
  }
}

template <class Rule, std::size_t Axis>
using AxisRule = std::remove_cvref_t<decltype(axis_rule<Axis>(std::declval<const Rule&>()))>;

/// False for a rule whose weights on a product belong to the product as a whole (Rule::separable is false).
template <class Rule>
inline constexpr bool goes_by_axes = true;
template <class Rule>
  requires requires { Rule::separable; }
inline constexpr bool goes_by_axes<Rule> = Rule::separable;

template <class Rule, class Grid>
consteval bool as_many_axes() {
  if constexpr (is_product_rule<Rule>) {
    return std::tuple_size_v<typename Rule::Axes> == std::tuple_size_v<typename Grid::Axes>;
  } else {
    return true;
  }
}

template <class Rule, class Grid>
consteval bool legal_by_axes() {
  if constexpr (!is_product<Grid> || !goes_by_axes<Rule>) {
    return false;
  } else if constexpr (!as_many_axes<Rule, Grid>()) {
    return false;
  } else {
    return []<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return (AxisRule<Rule, Axis>::template legal<AxisGrid<Grid, Axis>> && ...);
    }(std::make_index_sequence<std::tuple_size_v<typename Grid::Axes>>());
  }
}

template <class Rule, class Grid>
consteval bool legal_directly() {
  if constexpr (is_product_rule<Rule>) {
    return false;
  } else {
    return Rule::template legal<Grid>;
  }
}

template <class Rule, class Grid>
inline constexpr int order_along =
    fredholm::order_of<Rule> != none && family_of<Grid> == Family::periodic ? spectral
                                                                            : fredholm::order_of<Rule>;

template <class Rule, class Grid>
consteval int order_by_axes() {
  if constexpr (is_product<Grid> && legal_by_axes<Rule, Grid>()) {
    return []<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return std::min({order_along<AxisRule<Rule, Axis>, AxisGrid<Grid, Axis>>...});
    }(std::make_index_sequence<std::tuple_size_v<typename Grid::Axes>>());
  } else {
    return order_along<Rule, Grid>;
  }
}

}  // namespace detail

template <class Rule, class Grid>
inline constexpr int order_on = detail::order_by_axes<Rule, Grid>();

template <class Rule, class Grid>
inline constexpr bool is_separable = !is_product<Grid> || detail::legal_by_axes<Rule, Grid>();

template <class Rule, class Grid>
inline constexpr bool is_legal = detail::legal_by_axes<Rule, Grid>() || detail::legal_directly<Rule, Grid>();

namespace detail {

template <class Rule, class Grid>
consteval bool check_directly() {
  if constexpr (requires { typename Rule::template check<Grid>; }) {
    return sizeof(typename Rule::template check<Grid>) > 0;  // to be complete, the check must hold
  } else {
    static_assert(legal_directly<Rule, Grid>(),
                  "The rule does not belong on this grid: its legal<Grid> is false. Use a rule that is "
                  "legal on the grid (Trapezoid is, on every grid of one dimension), or give the weights "
                  "with Given.");
    return true;
  }
}

}  // namespace detail

/// Does not compile, with a sentence of the rule's, unless the rule may stand on the grid.
template <class Rule, class Grid>
consteval bool check_rule() {
  if constexpr (is_product<Grid> && detail::goes_by_axes<Rule> &&
                (is_product_rule<Rule> || !detail::legal_directly<Rule, Grid>())) {
    static_assert(detail::as_many_axes<Rule, Grid>(),
                  "A ProductRule needs as many rules as its ProductGrid has axes, in the same order. Give "
                  "one rule an axis, or a single rule that is meant for every axis.");
    if constexpr (detail::as_many_axes<Rule, Grid>()) {
      return []<std::size_t... Axis>(std::index_sequence<Axis...>) {
        return (detail::check_directly<detail::AxisRule<Rule, Axis>, AxisGrid<Grid, Axis>>() && ...);
      }(std::make_index_sequence<std::tuple_size_v<typename Grid::Axes>>());
    } else {
      return false;
    }
  } else if constexpr (is_product_rule<Rule>) {
    static_assert(is_product<Grid>,
                  "A ProductRule stands on a ProductGrid, one rule an axis. On a grid with a single axis "
                  "use the rule itself: Simpson rather than ProductRule<Simpson>.");
    return is_product<Grid>;
  } else {
    return detail::check_directly<Rule, Grid>();
  }
}

}  // namespace fredholm
