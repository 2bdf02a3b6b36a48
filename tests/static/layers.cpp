// The type of a model never mentions a grid, a rule or a number of points, and a model is a value.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <type_traits>

using namespace fredholm;

namespace {

using Trapezoids = Field<Discretization<UniformGrid<>, Trapezoid>, double>;
using Gauss = Field<Discretization<LegendreGrid<>, GaussLegendre>, double>;
using Fixed = Field<Discretization<UniformGrid<65>, Simpson>, double>;
using Cloud = Field<Discretization<PointCloud<1>, Given>, double>;
using Plane =
    Field<Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>,
          double>;
using Cloud2 = Field<Discretization<PointCloud<2>, Given>, double>;

template <class Model, class... Fields>
inline constexpr bool runs_on =
    (std::same_as<std::invoke_result_t<const Model&, const Fields&>, Fields> && ...);
template <class T>
inline constexpr bool is_value = std::copyable<T> && std::is_default_constructible_v<T> &&
                                 std::is_nothrow_move_constructible_v<T> && std::is_aggregate_v<T>;

static_assert(runs_on<Transformer<1>, Trapezoids, Gauss, Fixed, Cloud>);
static_assert(runs_on<Fno<1>, Trapezoids, Gauss, Fixed, Cloud>);
static_assert(runs_on<Fno<1, Sine>, Trapezoids, Gauss, Fixed, Cloud>);
static_assert(runs_on<Transformer<2>, Plane, Cloud2>);
static_assert(runs_on<Fno<2>, Plane, Cloud2>);
static_assert(runs_on<Attention<>, Trapezoids, Gauss, Fixed, Cloud, Plane, Cloud2>);
static_assert(runs_on<MeasureNorm<>, Trapezoids, Gauss, Fixed, Cloud, Plane, Cloud2>);
static_assert(runs_on<LayerNorm<>, Trapezoids, Plane, Cloud2>);
static_assert(runs_on<Linear<>, Trapezoids, Plane, Cloud2>);
static_assert(runs_on<Mlp<>, Trapezoids, Plane, Cloud2>);
static_assert(runs_on<SpectralConvolution<2>, Plane, Cloud2>);
static_assert(runs_on<FourierFeatures<>, Trapezoids, Plane>);
static_assert(runs_on<CoordinateEmbedding, Trapezoids, Plane>);

static_assert(is_value<Transformer<1>> && is_value<Fno<2>> && is_value<Attention<>> &&
              is_value<MeasureNorm<>>);
static_assert(is_value<Linear<>> && is_value<Mlp<>> && is_value<LayerNorm<>> &&
              is_value<SpectralConvolution<1>>);
static_assert(holds_leaves<Transformer<1>> && holds_leaves<Fno<1>> && !holds_leaves<CoordinateEmbedding>);

}  // namespace

TEST_CASE("one model runs on two discretizations, and a copy is another model") {
  Engine engine(1);
  const auto model = make_fno<1>({.channels = 4, .modes = 3, .depth = 1}, engine);
  const auto one = [](double) { return 1.0; };
  const auto a = model(sample(one, Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 9})));
  const auto b = model(sample(one, Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 6})));
  CHECK(a.points() == 9);
  CHECK(b.points() == 6);
  auto copy = model;
  copy.lift.layers[0].bias.mutable_data()[0] += 1.0;
  CHECK(copy.lift.layers[0].bias.value()(0) == model.lift.layers[0].bias.value()(0) + 1.0);
}
