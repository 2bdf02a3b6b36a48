// Attention at linear cost, slice attention and axial attention: adjoints, and the same operator on every discretization.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace fredholm;
using Values = Array<double>;

namespace {

template <class R>
void check(const R& report) {
  INFO(report.message());
  CHECK(report.passed());
}
template <class R>
void check_broken(const R& report) {
  INFO(report.message());
  CHECK_FALSE(report.passed());
}
void check_slope(const laws::RefinementReport& report, double from, double to) {
  check(report);
  INFO(report.message());
  REQUIRE(report.observed_order.has_value());
  CHECK(*report.observed_order > from);
  CHECK(*report.observed_order < to);
}

double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }
double smooth2(double x, double y) { return std::exp(x) * std::sin(3 * x + 2 * y) + 0.3 * y; }

using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
Gauss gauss(Index n) { return Gauss({0.0, 1.0, n}); }
const auto make_gauss = [](Index n) { return gauss(n); };
const auto uniform_grid = [](Index n) { return UniformGrid<>(0.0, 1.0, n); };
template <class Rule>
auto on_uniform() {
  return [](Index n) { return Discretization<UniformGrid<>, Rule>({0.0, 1.0, n}); };
}
using GaussSquare = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
GaussSquare gauss_square(Index n) { return GaussSquare({{0.0, 1.0, n}, {0.0, 1.0, n}}); }
template <class Rule>
auto on_square() {
  return [](Index n) {
    return Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Rule>({{0.0, 1.0, n}, {0.0, 1.0, n}});
  };
}

constexpr AttentionOptions options{.channels = 8, .heads = 2, .slices = 5};

template <class Layer>
Layer make() {
  Engine engine(2);
  return Layer::make(options, engine);
}

/// Keys (and queries) that do not change their sign, channel by channel: elu is smooth on either side of 0.
LinearAttention<> with_signs_kept() {
  auto layer = make<LinearAttention<>>();
  for (auto* map : {&layer.query, &layer.key}) {
    for (Index c = 0; c < options.channels; ++c) map->bias.mutable_data()[c] = c % 2 == 0 ? 12.0 : -12.0;
  }
  for (Index c = 0; c < options.channels; c += 2) layer.query.bias.mutable_data()[c] = 4.0;
  return layer;
}

template <class Layer>
struct Lifted {
  Linear<> lift;
  Layer layer;
  auto operator()(const AnyField auto& u) const { return layer(lift(u)); }
};
template <class Layer>
Lifted<Layer> lifted(Layer layer) {
  Engine engine(11);
  return {make_linear(1, options.channels, engine), std::move(layer)};
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

template <class Operator>
void check_on_squares(const Operator& op) {
  const laws::RefinementOptions squares{
      .sizes = {9, 17, 33}, .tolerance = 0.3, .round_off = 1e-6, .probes = 5};
  const auto reference = gauss_square(24);
  check(laws::refinement(op, smooth2, on_square<Trapezoid>(), reference, squares));
  check(laws::refinement(op, smooth2, on_square<Simpson>(), reference, squares));
  check(laws::refinement(op, smooth2, on_square<ProductRule<Simpson, Trapezoid>>(), reference, squares));
  check(laws::refinement(op, smooth2, gauss_square, gauss_square(40),
                         {.sizes = {16, 32}, .round_off = 1e-8, .probes = 5}));
}

template <class Layer>
void check_kind(const Layer& layer) {
  const auto op = lifted(layer);
  check_orders(op);
  check_on_squares(op);
  check(laws::split(op, smooth, gauss(40)));
  check(laws::permutation(op, smooth, gauss(40)));
  check(laws::split(op, smooth2, gauss_square(7)));
  check(laws::permutation(op, smooth2, gauss_square(7)));
  Engine engine(11);
  const auto lift = make_linear(1, options.channels, engine);
  const auto across = from_elsewhere(layer);
  check_orders([&](const AnyField auto& f) { return across(lift(f)); });
}

/// What counts points in place of measuring them is no operator at the order of the rule.
template <class Layer>
void check_counting_fails(const Layer& layer) {
  const auto op = lifted(layer);
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
  const auto op = lifted(layer);
  check_broken(laws::refinement(op, smooth, on_uniform<Counting>(), gauss(160), {.order = 2.0}));
  const auto counted = [](Index n) { return Discretization<LegendreGrid<>, Counting>({0.0, 1.0, n}); };
  check_broken(laws::refinement(op, smooth, counted, gauss(160), {.order = 0.5}));
}

Engine rng(3);
Values normals(Shape shape) { return normal_array<double>(shape, 1.0, rng); }
template <class D>
Field<D, double> random_field(const D& d, Index batch) {
  return {d, normals(detail::field_shape(batch, d.shape(), options.channels))};
}

using Line = Discretization<UniformGrid<>, Simpson>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
Line line() { return Line({0.0, 2.0, 7}); }
Plane plane() { return Plane({{0.0, 1.0, 5}, {0.0, 2.0, 4}}); }

template <class Layer>
void check_gradient(const Layer& layer) {
  check(laws::gradient(layer, random_field(plane(), 2)));
  if constexpr (requires { layer(random_field(line(), 1), random_field(gauss(4), 1)); }) {
    check(laws::gradient(layer, random_field(line(), 2), random_field(gauss(4), 2)));
    check(laws::gradient(layer, random_field(line(), 2), random_field(gauss(4), 1)));
  }
}

}  // namespace

TEST_CASE("adjoints of the operations") {
  Values w = normals({9});
  w.mutable_data()[4] = 0.0;
  const auto outer = [&](const Values& k, const Values& v) { return outer_integral(k, v, w, 2); };
  check(laws::gradient(outer, normals({2, 9, 6}), normals({2, 9, 10})));
  check(laws::gradient(outer, normals({1, 9, 2}), normals({1, 9, 40})));
  check(laws::gradient([&](const Values& x) { return outer_integral(x, x, w, 2); }, normals({2, 9, 6})));
  const auto apply = [](const Values& q, const Values& m) { return apply_by_heads(q, m, 2); };
  check(laws::gradient(apply, normals({2, 9, 6}), normals({2, 2, 3, 5})));
  check(laws::gradient(apply, normals({1, 9, 6}), normals({3, 2, 3, 1})));
  check(laws::gradient(apply, normals({3, 1, 40}), normals({1, 2, 20, 17})));
  check(laws::gradient([](const Values& x) { return softmax(x); }, normals({3, 4, 5})));
  check(laws::gradient([](const Values& x) { return softplus(x); }, normals({3, 5})));
  Values kink = normals({3, 5});
  for (Index i = 0; i < kink.size(); ++i) kink.mutable_data()[i] += kink.data()[i] < 0 ? -0.1 : 0.1;
  check(laws::gradient([](const Values& x) { return elu_plus_one(x); }, kink));
  check(laws::gradient(
      {.linear = true}, [](const Values& x) { return swap_axes(x, 1, 3); }, normals({2, 3, 4, 5, 2})));
  check(
      laws::gradient({.linear = true}, [](const Values& x) { return swap_axes(x, 0, 1); }, normals({3, 4})));
}

TEST_CASE("adjoints of the layers") {
  check_gradient(with_signs_kept());
  check_gradient(make<SoftplusAttention<>>());
  check_gradient(make<GalerkinAttention<>>());
  check_gradient(make<FourierAttention<>>());
  check_gradient(make<SliceAttention<>>());
  check_gradient(make<AxialAttention<2>>());
}

TEST_CASE("softplus attention") { check_kind(make<SoftplusAttention<>>()); }
TEST_CASE("linear attention, where no key changes its sign") { check_kind(with_signs_kept()); }
TEST_CASE("Galerkin's attention") { check_kind(make<GalerkinAttention<>>()); }
TEST_CASE("Fourier's attention") { check_kind(make<FourierAttention<>>()); }
TEST_CASE("slice attention") { check_kind(make<SliceAttention<>>()); }

TEST_CASE("axial attention") {
  check_orders(lifted(make<AxialAttention<1>>()));
  check_on_squares(lifted(make<AxialAttention<2>>()));
}

TEST_CASE("linear attention, where keys change their sign: elu keeps order 2 and no more than 3") {
  auto elu = lifted(with_signs_kept());  // queries keep theirs, so that the output is smooth
  const Values here = elu.layer.key(elu.lift(Values::full({1, 1}, smooth(0.37))));
  for (Index c = 0; c < options.channels; ++c) elu.layer.key.bias.mutable_data()[c] -= here(0, c);
  const auto reference = gauss(2001);
  check_slope(laws::refinement(elu, smooth, on_uniform<Trapezoid>(), reference), 1.9, 2.1);
  check(laws::refinement(elu, smooth, on_uniform<Simpson>(), reference, {.order = 2.5}));
  check_broken(laws::refinement(elu, smooth, on_uniform<Simpson>(), reference));
  check_broken(laws::refinement(elu, smooth, make_gauss, reference, {.sizes = {33, 65}}));
  const Lifted<SoftplusAttention<>> softplus{
      elu.lift, {elu.layer.query, elu.layer.key, elu.layer.value, elu.layer.output, elu.layer.heads}};
  check_slope(laws::refinement(softplus, smooth, on_uniform<Simpson>(), reference, {.sizes = {33, 65, 129}}),
              3.8, 4.2);
  check(laws::refinement(softplus, smooth, make_gauss, reference, {.sizes = {33, 65}}));
}

TEST_CASE("the value at a point does not depend on what else is asked, but for Fourier's") {
  const auto far = [](const auto& layer) {
    Engine engine(11);
    const auto lift = make_linear(1, options.channels, engine);
    const auto u = lift(sample(smooth, gauss(40)));
    const auto few = lift(sample(smooth, Gauss({0.1, 0.4, 5})));
    return laws::detail::largest_gap(
        layer(few, u).values(),
        resample(layer(u), few.discretization().nodes(0)).reshaped({1, 5, options.channels}));
  };
  CHECK(far(make<SoftplusAttention<>>()) < 1e-10);
  CHECK(far(make<GalerkinAttention<>>()) < 1e-10);
  CHECK(far(make<SliceAttention<>>()) < 1e-10);
  CHECK(far(make<FourierAttention<>>()) > 1e-2);
}

TEST_CASE("counting points fails") {
  check_counting_fails(make<SoftplusAttention<Counting>>());
  check_counting_fails(make<LinearAttention<Counting>>());
  check_counting_fails(make<GalerkinAttention<Counting>>());
  check_counting_fails(make<FourierAttention<Counting>>());
  check_counting_fails(make<SliceAttention<Counting>>());
  check_counting_fails(make<AxialAttention<1, Counting>>());
  check_counting_field_fails(make<SoftplusAttention<>>());
  check_counting_field_fails(make<GalerkinAttention<>>());
  check_counting_field_fails(make<FourierAttention<>>());
  check_counting_field_fails(make<SliceAttention<>>());
  check_counting_field_fails(make<AxialAttention<1>>());
}

TEST_CASE("softmax over points in place of the measure breaks axial attention on a square") {
  const laws::RefinementOptions squares{.sizes = {9, 17, 33}, .tolerance = 0.3, .probes = 5};
  const auto op = lifted(make<AxialAttention<2, Counting>>());
  check_broken(laws::refinement(op, smooth2, on_square<Trapezoid>(), gauss_square(24), squares));
}
