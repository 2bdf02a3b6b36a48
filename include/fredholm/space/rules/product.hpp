// One rule an axis, on a product of grids (Fubini).
//
//   w_{ij...} = w_i^x w_j^y ...
//
//   Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>
//
// The order is that of the worst rule. If all axes have the same rule, write the rule alone:
// Discretization<ProductGrid<...>, Simpson>.
#pragma once

#include <fredholm/concepts.hpp>

#include <algorithm>
#include <concepts>
#include <tuple>
#include <utility>
#include <vector>

namespace fredholm {

namespace detail {

/// All products of one entry from each list, the last list fastest.
inline std::vector<double> outer_product(const std::vector<std::vector<double>>& lists) {
  std::vector<long double> product{1.0L};
  for (const std::vector<double>& list : lists) {
    std::vector<long double> next;
    next.reserve(product.size() * list.size());
    for (long double a : product) {
      for (double b : list) next.push_back(a * static_cast<long double>(b));
    }
    product = std::move(next);
  }
  return {product.begin(), product.end()};
}

/// The weights of each axis; a rule that is no product is meant for every axis.
template <class Rule, class Grid>
std::vector<std::vector<double>> weights_by_axis(const Rule& rule, const Grid& grid) {
  if constexpr (is_product<Grid>) {
    return [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return std::vector<std::vector<double>>{axis_rule<Axis>(rule).weights(grid.template axis<Axis>())...};
    }(std::make_index_sequence<std::tuple_size_v<typename Grid::Axes>>());
  } else {
    return {rule.weights(grid)};
  }
}

}  // namespace detail

template <class... Rules>
struct ProductRule {
  static_assert(sizeof...(Rules) >= 1,
                "A ProductRule needs at least one rule: ProductRule<Simpson, Trapezoid>.");
  static_assert((AnyRule<Rules> && ...),
                "Every argument of ProductRule must be a rule, such as Simpson or Trapezoid. A grid goes "
                "into ProductGrid; your own rule needs legal<Grid> and weights(grid).");
  static_assert((detail::goes_by_axes<Rules> && ...),
                "Given holds one weight for each point of the product, not of an axis. Use Given alone on "
                "the ProductGrid.");

  using Axes = std::tuple<Rules...>;
  static constexpr int order = std::min({order_of<Rules>...});

  ProductRule()
    requires(std::default_initializable<Rules> && ...)
  = default;
  ProductRule(Rules... rules)
    requires(sizeof...(Rules) >= 1)
      : axes_(std::move(rules)...) {}

  template <class Grid>
  static constexpr bool legal = is_legal<ProductRule, Grid>;

  template <std::size_t Axis>
  const auto& axis() const {
    return std::get<Axis>(axes_);
  }

  template <AnyGrid Grid>
    requires is_legal<ProductRule, Grid>
  std::vector<double> weights(const Grid& grid) const {
    return detail::outer_product(detail::weights_by_axis(*this, grid));
  }

 private:
  Axes axes_;
};

}  // namespace fredholm
