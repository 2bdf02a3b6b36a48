// A grid with a rule: a discrete measure on a domain.
//
//   μ_n = Σ_j w_j δ(x - x_j),    ∫_Ω f dμ ≈ Σ_j w_j f(x_j)
//
//   Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 65});
//   Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>
//       e({{0.0, 1.0, 65}, {0.0, 1.0, 64}});
//
// The kinds of grid and rule are in the type, and a pair that makes no sense does not compile. Points and
// weights are made once and shared by all copies: a copy costs a pointer. Equality is that of grids and
// weights.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/type_mark.hpp>
#include <fredholm/space/rules/product.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fredholm {

namespace detail {

/// The rule's own sentence, unless there is something more basic to say.
template <class Grid, class Rule>
consteval bool check_pair() {
  if constexpr (AnyGrid<Grid> && AnyRule<Rule>) {
    return check_rule<Rule, Grid>();
  } else {
    return true;
  }
}

}  // namespace detail

template <class Grid, class Rule>
class Discretization {
  static_assert(AnyGrid<Grid>,
                "Discretization<Grid, Rule>: the first argument is not a grid. Use UniformGrid<>, "
                "PeriodicGrid<>, ...; your own grid needs dimension, size(), box(), points() and ==.");
  static_assert(AnyRule<Rule>,
                "Discretization<Grid, Rule>: the second argument is not a rule. Use Trapezoid, Simpson, "
                "...; your own rule needs legal<Grid> and weights(grid).");
  static_assert(detail::check_pair<Grid, Rule>());

 public:
  using grid_type = Grid;
  using rule_type = Rule;

  static constexpr Index dimension = Grid::dimension;  ///< of the domain
  static constexpr Index rank = rank_of<Grid>;         ///< axes of an array over it
  /// The weights are a product of one list an axis.
  static constexpr bool separable = is_separable<Rule, Grid>;

  Discretization(Grid grid, Rule rule = {})
      : data_(std::make_shared<Data>(std::move(grid), std::move(rule))) {}

  /// From a number of points in the type to one at run time.
  template <class OtherGrid, class OtherRule>
    requires(!std::same_as<Discretization<OtherGrid, OtherRule>, Discretization> &&
             std::convertible_to<const OtherGrid&, Grid> && std::convertible_to<const OtherRule&, Rule>)
  Discretization(const Discretization<OtherGrid, OtherRule>& other)
      : Discretization(Grid(other.grid()), Rule(other.rule())) {}

  const Grid& grid() const { return data_->grid; }
  const Rule& rule() const { return data_->rule; }

  /// The number of points, and along each axis.
  Index size() const { return data_->grid.size(); }
  Shape shape() const {
    if constexpr (is_product<Grid>) {
      return data_->grid.shape();
    } else {
      return {size()};
    }
  }

  Box<dimension> box() const { return data_->grid.box(); }
  double measure() const { return box().measure(); }

  /// (size): one weight a point, all axes multiplied out, in the order of the points.
  const std::vector<double>& weights() const {
    if constexpr (rank == 1 || !separable) {
      return data_->axis_weights.front();
    } else {
      data_->multiply_out();
      return data_->weights;
    }
  }

  /// (size, dimension), row-major: one point after the other, the last axis of a product fastest.
  const std::vector<double>& points() const {
    if constexpr (rank == 1) {
      return data_->nodes.front();
    } else {
      data_->multiply_out();
      return data_->points;
    }
  }

  /// The points of the grid along one axis; all points if there is but one axis.
  const std::vector<double>& nodes(Index axis) const { return data_->nodes[checked(axis)]; }

  /// The weights along one axis: the weight of a point is the product over the axes.
  const std::vector<double>& axis_weights(Index axis) const
    requires separable
  {
    return data_->axis_weights[checked(axis)];
  }

  /// Keeps points and weights alive, for arrays that share their memory.
  std::shared_ptr<const void> owner() const { return data_; }

  /// What can be computed from the points once and for all (an analysis matrix, say), kept with them under a
  /// name: make() runs at the first call.
  template <class Value, class Make>
  std::shared_ptr<const Value> derived(const std::string& name, const Make& make) const {
    const std::pair<std::string, const void*> key(name, &detail::type_mark<Value>);
    {
      const std::lock_guard lock(data_->derived_mutex);
      const auto found = data_->derived.find(key);
      if (found != data_->derived.end()) return std::static_pointer_cast<const Value>(found->second);
    }
    // Made without the lock, since make() may ask for something derived itself; of two threads the first one
    // counts.
    std::shared_ptr<const void> made = std::make_shared<const Value>(make());
    const std::lock_guard lock(data_->derived_mutex);
    return std::static_pointer_cast<const Value>(data_->derived.emplace(key, std::move(made)).first->second);
  }

  friend bool operator==(const Discretization& a, const Discretization& b) {
    return a.data_ == b.data_ || (a.grid() == b.grid() && a.data_->axis_weights == b.data_->axis_weights);
  }

 private:
  struct Data {
    Grid grid;
    Rule rule;
    std::vector<std::vector<double>> nodes;         // an axis
    std::vector<std::vector<double>> axis_weights;  // an axis; a single list of all points if not separable
    // Of a product, all points and weights are large and often not asked for: they are made when they are.
    mutable std::once_flag once;
    mutable std::vector<double> points, weights;
    mutable std::mutex derived_mutex;
    mutable std::map<std::pair<std::string, const void*>, std::shared_ptr<const void>> derived;

    Data(Grid grid_, Rule rule_) : grid(std::move(grid_)), rule(std::move(rule_)) {
      require(grid.size() >= 1, "Discretization: the grid has ", grid.size(),
              " points. Give it at least one.");
      if constexpr (is_product<Grid>) {
        std::apply([this](const auto&... axes) { (nodes.push_back(axes.points()), ...); }, grid.axes());
      } else {
        nodes.push_back(grid.points());
        require(std::ssize(nodes.front()) == grid.size() * dimension,
                "Discretization: the grid has size() = ", grid.size(), " and its points() hold ",
                nodes.front().size(),
                " numbers. They should hold size() * dimension = ", grid.size() * dimension, ".");
      }
      if constexpr (separable) {
        axis_weights = detail::weights_by_axis(rule, grid);
      } else {
        axis_weights.push_back(rule.weights(grid));
      }
      Index count = 1;
      for (const auto& list : axis_weights) count *= std::ssize(list);
      require(count == grid.size(), "Discretization: the rule made ", count, " weights for a grid of ",
              grid.size(), " points. Its weights(grid) should return one weight a point.");
    }

    void multiply_out() const {
      std::call_once(once, [this] {
        points = grid.points();
        if constexpr (separable) weights = detail::outer_product(axis_weights);
      });
    }
  };

  static std::size_t checked(Index axis) {
    require(0 <= axis && axis < rank, "Discretization: axis ", axis, " of ", rank,
            ". Axes are counted from 0.");
    return static_cast<std::size_t>(axis);
  }

  std::shared_ptr<const Data> data_;
};

}  // namespace fredholm
