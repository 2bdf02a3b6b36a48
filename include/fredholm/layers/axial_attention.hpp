// Attention along each axis of a product of grids by itself.
//
//   (A u)(x) = sum_a P_a  int e^{s_a} v_a(y) dmu_a(y_a) / int e^{s_a} dmu_a(y_a),
//   s_a = q_a(x).k_a(y) / sqrt d,
//
// a = 1 ... D, y = x but for its coordinate y_a; q_a, k_a, v_a and P_a linear, by heads, for each axis its
// own. mu_a is the rule of axis a. In 1-D it is Attention.
//
//   auto layer = AxialAttention<2>::make({.channels = 32, .heads = 4}, rng);
//
// The axes are added up, not averaged, as terms of one operator: each has its own P_a to scale it. An axis is
// one of the array: on ProductGrid<PointCloud<2>, UniformGrid<>> there are two, the cloud and the time, and D
// = 2.
//
// When: a grid of N^D points, where Attention costs N^2D and this costs D N^(D+1). When not: on points in no
// product (there are no lines to go along: for D > 1 that does not compile), or where what matters lies on a
// diagonal, which takes two layers. Order: the least of the orders of the rules; the points of an axis see no
// more of the others than themselves. There is no layer(u, f): a line of f goes through no point of u. Memory
// O(n C), and one copy of u an axis.
//
// Ho, Kalchbrenner, Weissenborn and Salimans (2019), arXiv:1912.12180, by the measure.
#pragma once

#include <vector>

#include <fredholm/autodiff/ops/swap_axes.hpp>
#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/by_points.hpp>

namespace fredholm {

namespace detail {

/// (points along the axis): the weights that a layer with this rule uses there.
template <class Rule, class Scalar, class D>
Array<Scalar> layer_axis_weights(const D& d, Index axis) {
  const auto along = [axis](const auto& any) {
    const std::vector<double>& weights = any.axis_weights(axis);
    return converted<Scalar>(Array<double>(Shape{static_cast<Index>(weights.size())}, weights));
  };
  if constexpr (std::is_same_v<Rule, RuleOfField> || std::is_same_v<Rule, typename D::rule_type>) {
    return along(d);
  } else {
    return along(Discretization<typename D::grid_type, Rule>(d.grid()));
  }
}

/// Whether the rule that the layer uses on this discretization has weights along each of `axes` axes.
template <class Rule, class D>
consteval bool has_axes(Index axes) {
  if constexpr (std::is_same_v<Rule, RuleOfField>) {
    return D::rank == axes && D::separable;
  } else {
    return D::rank == axes && is_separable<Rule, typename D::grid_type>;
  }
}

}  // namespace detail

template <Index D, class Rule = RuleOfField, class Scalar = double>
struct AxialAttention {
  static_assert(D >= 1, "AxialAttention<D, Rule, Scalar>: D is the number of axes, at least 1.");

  std::vector<Attention<Rule, Scalar>> axes;  // D of them

  template <AnyField Input>
  Input operator()(const Input& u) const {
    constexpr bool fits = detail::has_axes<Rule, typename Input::discretization_type>(D);
    static_assert(
        fits,
        "AxialAttention<D> goes along the axes of a product of D grids with a rule an axis, and this discretization "
        "is none: a cloud of points has no axes, and weights given for a product as a whole belong to no axis. Use "
        "Attention, or a ProductGrid of D grids.");
    require(std::ssize(axes) == D, "AxialAttention<", D, "> has ", axes.size(),
            " attentions, and needs one for each of its ", D, " axes: AxialAttention<", D, ">::make.");
    if constexpr (fits) {
      Input sum = along(u, 0);
      for (Index axis = 1; axis < D; ++axis) sum = sum + along(u, axis);
      return sum;
    } else {
      return u;  // not reached: the sentence above has been said
    }
  }

  static AxialAttention make(const AttentionOptions& options, Engine& engine) {
    detail::require_heads("AxialAttention::make", options.channels, options.heads);
    AxialAttention layer;
    for (Index axis = 0; axis < D; ++axis)
      layer.axes.push_back(make_attention<Rule, Scalar>(options.channels, options.heads, engine));
    return layer;
  }

 private:
  /// The term of one axis: it takes the last place, all before it are the batch.
  template <AnyField Input>
  Input along(const Input& u, Index axis) const {
    const Attention<Rule, Scalar>& part = axes[static_cast<std::size_t>(axis)];
    const Array<Scalar> lines = swap_axes(u.values(), axis + 1, D);
    const Index length = lines.shape(D), channels = u.channels();
    const Array<Scalar> x = lines.reshaped({lines.size() / (length * channels), length, channels});
    const Array<Scalar> weights = detail::layer_axis_weights<Rule, Scalar>(u.discretization(), axis);
    const Array<Scalar> y =
        part.output(attention(part.query(x), part.key(x), part.value(x), weights, part.heads));
    Shape shape = lines.shape();
    shape[D + 1] = y.shape(2);
    return u.with(swap_axes(y.reshaped(shape), axis + 1, D));
  }
};

template <Index D, class Rule = RuleOfField, class Scalar = double>
AxialAttention<D, Rule, Scalar> make_axial_attention(Index channels, Index heads, Engine& engine) {
  return AxialAttention<D, Rule, Scalar>::make({.channels = channels, .heads = heads}, engine);
}

}  // namespace fredholm
