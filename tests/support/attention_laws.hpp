// The laws of one kind of attention, on a lift of one channel: orders, cross-attention, adjoints, Counting.
#pragma once

#include <fredholm/fredholm.hpp>

#include <cmath>

#include "laws.hpp"

namespace attention_laws {

using namespace law_tests;
using Values = Array<double>;

inline constexpr AttentionOptions options{.channels = 8, .heads = 2, .slices = 5};

template <class Layer>
Layer make() {
  Engine engine(2);
  return Layer::make(options, engine);
}

/// Queries on points that stay, keys and values from a field that is refined.
template <class Layer>
auto from_elsewhere(const Layer& layer) {
  Engine engine(12);
  const auto queries = make_linear(1, options.channels,
                                   engine)(sample([](double x) { return std::cos(2 * x) - x; }, gauss(21)));
  return [=](const AnyField auto& f) { return layer(queries, f); };
}

template <class Operator>
void check_orders(const Operator& op) {
  const auto reference = gauss(160);
  const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};
  check_slope(laws::refinement(op, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  check_slope(laws::refinement(op, smooth, on_uniform<Simpson>(), reference, sizes), 3.8, 4.2);
  check(laws::refinement(op, smooth, make_gauss, reference, {.sizes = {33, 65}}));
  check_slope(laws::rule_swap<Trapezoid, Simpson>(op, smooth, uniform_grid, {.sizes = {33, 65, 129}}), 1.9,
              2.1);
  check_slope(laws::grid_swap(op, smooth, on_uniform<Simpson>(), make_gauss, {.sizes = {33, 65, 129}}), 3.8,
              4.2);
}

template <class Layer>
void check_kind(const Layer& layer) {
  const auto op = lifted(layer, options.channels);
  check_orders(op);
  check(laws::split(op, smooth, gauss(40)));
  check(laws::permutation(op, smooth, gauss(40)));
  Engine engine(11);
  const auto lift = make_linear(1, options.channels, engine);
  const auto across = from_elsewhere(layer);
  check_orders([&](const AnyField auto& f) { return across(lift(f)); });
}

/// What counts points in place of measuring them is no operator at the order of the rule.
template <class Layer>
void check_counting_fails(const Layer& layer) {
  const auto op = lifted(layer, options.channels);
  const auto reference = gauss(160);
  const laws::RefinementOptions first{.sizes = {65, 129, 257}, .order = 1.0};
  check_broken(laws::refinement(op, smooth, on_uniform<Trapezoid>(), reference));
  check_broken(laws::refinement(op, smooth, on_uniform<Simpson>(), reference, first));
  check_broken(laws::grid_swap(op, smooth, on_uniform<Trapezoid>(), make_gauss, first));
  if constexpr (requires { layer(sample(smooth, gauss(3)), sample(smooth, gauss(3))); }) {
    check_broken(laws::split(op, smooth, gauss(40)));
  }
}

/// A rule of the field that is Counting: at most order 1 on equal steps, and another measure on Gauss's points.
template <class Layer>
void check_counting_field_fails(const Layer& layer) {
  const auto op = lifted(layer, options.channels);
  check_broken(laws::refinement(op, smooth, on_uniform<Counting>(), gauss(160), {.order = 2.0}));
  const auto counted = [](Index n) { return Discretization<LegendreGrid<>, Counting>({0.0, 1.0, n}); };
  check_broken(laws::refinement(op, smooth, counted, gauss(160), {.order = 0.5}));
}

inline Engine rng(3);
inline Values normals(Shape shape) { return normal_array<double>(shape, 1.0, rng); }
template <class D>
Field<D, double> random_field(const D& d, Index batch) {
  return {d, normals(detail::field_shape(batch, d.shape(), options.channels))};
}

using Line = Discretization<UniformGrid<>, Simpson>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
inline Line line() { return Line({0.0, 2.0, 7}); }
inline Plane plane() { return Plane({{0.0, 1.0, 5}, {0.0, 2.0, 4}}); }

template <class Layer>
void check_gradient(const Layer& layer) {
  check(laws::gradient(layer, random_field(plane(), 2)));
  if constexpr (requires { layer(random_field(line(), 1), random_field(gauss(4), 1)); }) {
    check(laws::gradient(layer, random_field(line(), 2), random_field(gauss(4), 2)));
    check(laws::gradient(layer, random_field(line(), 2), random_field(gauss(4), 1)));
  }
}

}  // namespace attention_laws
