// Facts for the compiler: what models the concepts of space, what nearly does, and what converts.
#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/interpolation.hpp>
#include <fredholm/space/rules.hpp>

#include <array>
#include <type_traits>

using namespace fredholm;

namespace facts_of_space {

// --- grids
// -----------------------------------------------------------------------------------------------------

static_assert(AnyGrid1D<UniformGrid<>> && AnyGrid1D<UniformGrid<65>> && AnyGrid1D<PeriodicGrid<>>);
static_assert(AnyGrid1D<MidpointGrid<>> && AnyGrid1D<ChebyshevGrid<>> && AnyGrid1D<LegendreGrid<>>);
static_assert(AnyGrid1D<ScatteredGrid> && AnyGrid1D<PointCloud<1>> && AnyGrid<PointCloud<3>>);
static_assert(AnyGrid<ProductGrid<UniformGrid<>, PeriodicGrid<>>> &&
              !AnyGrid1D<ProductGrid<UniformGrid<>, PeriodicGrid<>>>);
static_assert(!AnyGrid<int> && !AnyGrid<Box<1>> && !AnyGrid<Simpson> && !AnyGrid<std::vector<double>>);

struct WithoutPoints {
  static constexpr Index dimension = 1;
  Index size() const;
  Box<1> box() const;
  bool operator==(const WithoutPoints&) const = default;
};
struct WithoutEquality {
  static constexpr Index dimension = 1;
  Index size() const;
  Box<1> box() const;
  std::vector<double> points() const;
};
struct UnsignedSize {
  static constexpr Index dimension = 1;
  std::size_t size() const;
  Box<1> box() const;
  std::vector<double> points() const;
  bool operator==(const UnsignedSize&) const = default;
};
struct BoxOfAnotherDimension {
  static constexpr Index dimension = 2;
  Index size() const;
  Box<1> box() const;
  std::vector<double> points() const;
  bool operator==(const BoxOfAnotherDimension&) const = default;
};
static_assert(!AnyGrid<WithoutPoints> && !AnyGrid<WithoutEquality> && !AnyGrid<UnsignedSize> &&
              !AnyGrid<BoxOfAnotherDimension>);

static_assert(extent_of<UniformGrid<65>> == 65 && extent_of<UniformGrid<>> == dynamic &&
              extent_of<ScatteredGrid> == dynamic);
static_assert(extent_of<ProductGrid<UniformGrid<3>, PeriodicGrid<4>>> == 12);
static_assert(extent_of<ProductGrid<UniformGrid<3>, PeriodicGrid<>>> == dynamic);
static_assert(family_of<PeriodicGrid<>> == Family::periodic && family_of<PointCloud<2>> == Family::cloud);
static_assert(family_of<WithoutPoints> == Family::other);
static_assert(rank_of<UniformGrid<>> == 1 && rank_of<PointCloud<3>> == 1 &&
              rank_of<ProductGrid<UniformGrid<>, PointCloud<2>>> == 2);
static_assert(ProductGrid<UniformGrid<>, PointCloud<2>>::dimension == 3);

// A fixed number of points converts to a dynamic one, never the other way.
static_assert(std::is_convertible_v<UniformGrid<65>, UniformGrid<>>);
static_assert(!std::is_convertible_v<UniformGrid<>, UniformGrid<65>> &&
              !std::is_constructible_v<UniformGrid<65>, UniformGrid<>>);
static_assert(!std::is_convertible_v<UniformGrid<65>, UniformGrid<64>> &&
              !std::is_convertible_v<UniformGrid<65>, PeriodicGrid<>>);
static_assert(std::is_convertible_v<ProductGrid<UniformGrid<3>, PeriodicGrid<4>>,
                                    ProductGrid<UniformGrid<>, PeriodicGrid<>>>);
static_assert(!std::is_convertible_v<ProductGrid<UniformGrid<>, PeriodicGrid<>>,
                                     ProductGrid<UniformGrid<3>, PeriodicGrid<4>>>);
static_assert(
    !std::is_convertible_v<ProductGrid<UniformGrid<3>>, ProductGrid<UniformGrid<>, PeriodicGrid<>>>);
static_assert(std::is_same_v<decltype(UniformGrid(0.0, 1.0, 65)), UniformGrid<>>);

// --- rules
// -----------------------------------------------------------------------------------------------------

static_assert(AnyRule<Trapezoid> && AnyRule<Simpson> && AnyRule<Boole> && AnyRule<Gregory<4>> &&
              AnyRule<Midpoint>);
static_assert(AnyRule<ClenshawCurtis> && AnyRule<GaussLegendre> && AnyRule<MonteCarlo> && AnyRule<Given> &&
              AnyRule<Counting>);
static_assert(AnyRule<ProductRule<Simpson, Trapezoid>>);
static_assert(!AnyRule<int> && !AnyRule<UniformGrid<>> && !AnyRule<WithoutPoints>);

static_assert(RuleOn<Simpson, UniformGrid<>> && RuleOn<Simpson, UniformGrid<65>> &&
              !RuleOn<Simpson, UniformGrid<64>>);
static_assert(RuleOn<Simpson, PeriodicGrid<64>> && !RuleOn<Simpson, PeriodicGrid<65>> &&
              !RuleOn<Simpson, MidpointGrid<>>);
static_assert(RuleOn<Boole, UniformGrid<65>> && !RuleOn<Boole, UniformGrid<67>> &&
              RuleOn<Boole, PeriodicGrid<64>>);
static_assert(RuleOn<Gregory<6>, UniformGrid<10>> && !RuleOn<Gregory<6>, UniformGrid<9>> &&
              !RuleOn<Gregory<6>, PeriodicGrid<>>);
static_assert(RuleOn<Midpoint, MidpointGrid<>> && !RuleOn<Midpoint, UniformGrid<>>);
static_assert(RuleOn<ClenshawCurtis, ChebyshevGrid<>> && !RuleOn<ClenshawCurtis, LegendreGrid<>>);
static_assert(RuleOn<GaussLegendre, LegendreGrid<>> && !RuleOn<GaussLegendre, UniformGrid<>>);
static_assert(RuleOn<MonteCarlo, PointCloud<4>> && RuleOn<MonteCarlo, ScatteredGrid> &&
              !RuleOn<MonteCarlo, UniformGrid<>>);
static_assert(RuleOn<Trapezoid, ScatteredGrid> && RuleOn<Trapezoid, LegendreGrid<>> &&
              !RuleOn<Trapezoid, PointCloud<1>>);
static_assert(RuleOn<Given, PointCloud<2>> && RuleOn<Counting, LegendreGrid<>>);
static_assert(!RuleOn<Simpson, int> && !RuleOn<int, UniformGrid<>>);

using Strip = ProductGrid<UniformGrid<>, PeriodicGrid<>>;
static_assert(RuleOn<ProductRule<Simpson, Trapezoid>, Strip> && RuleOn<Simpson, Strip> &&
              RuleOn<Given, Strip>);
static_assert(!RuleOn<ProductRule<GaussLegendre, Trapezoid>, Strip> && !RuleOn<ProductRule<Simpson>, Strip>);
static_assert(!RuleOn<Gregory<4>, Strip> && !RuleOn<ProductRule<Simpson>, UniformGrid<>>);
static_assert(RuleOn<ProductRule<MonteCarlo, Simpson>, ProductGrid<PointCloud<2>, UniformGrid<>>>);

static_assert(order_of<Gregory<5>> == 5 && order_of<Counting> == none &&
              order_on<Simpson, PeriodicGrid<>> == spectral);
static_assert(order_of<ProductRule<Simpson, Trapezoid>> == 2 && order_on<Counting, PeriodicGrid<>> == none);
static_assert(
    order_on<Trapezoid, ProductGrid<PeriodicGrid<>, PeriodicGrid<>>> == spectral &&
    order_on<ProductRule<Simpson, Trapezoid>, Strip> == 4 && order_on<Trapezoid, Strip> == 2 &&
    order_on<ProductRule<Trapezoid, Counting>, Strip> == none &&
    order_on<Given, ProductGrid<PeriodicGrid<>, PeriodicGrid<>>> == none &&
    order_on<ProductRule<MonteCarlo, Trapezoid>, ProductGrid<PointCloud<2>, PeriodicGrid<>>> == none &&
    order_on<ProductRule<Trapezoid, ClenshawCurtis>, ProductGrid<PeriodicGrid<>, ChebyshevGrid<>>> ==
        spectral);
static_assert(std::is_empty_v<Simpson> && std::is_empty_v<Gregory<8>>);

// --- discretizations
// -------------------------------------------------------------------------------------------

using Fixed = Discretization<UniformGrid<65>, Simpson>;
using Dynamic = Discretization<UniformGrid<>, Simpson>;
static_assert(AnyDiscretization<Fixed> && AnyDiscretization<Dynamic> &&
              AnyDiscretization<Discretization<Strip, Simpson>>);
static_assert(!AnyDiscretization<UniformGrid<>> && !AnyDiscretization<int>);
static_assert(std::is_convertible_v<Fixed, Dynamic> && !std::is_convertible_v<Dynamic, Fixed>);
static_assert(!std::is_convertible_v<Fixed, Discretization<UniformGrid<>, Trapezoid>>);
static_assert(Discretization<Strip, Simpson>::separable && !Discretization<Strip, Given>::separable);
static_assert(Discretization<UniformGrid<>, Given>::separable && Discretization<Strip, Counting>::separable);
static_assert(Discretization<PointCloud<3>, MonteCarlo>::rank == 1 &&
              Discretization<PointCloud<3>, MonteCarlo>::dimension == 3);
static_assert(sizeof(Dynamic) == sizeof(std::shared_ptr<int>));

// --- fields and operators, by their shape alone
// ----------------------------------------------------------------

template <class D, class Scalar>
struct SomeField {
  using scalar_type = Scalar;
  const D& discretization() const;
  const std::vector<Scalar>& values() const;
};
struct FieldWithoutScalar {
  const Dynamic& discretization() const;
  const std::vector<double>& values() const;
};
struct Same {
  auto operator()(const AnyField auto& u) const { return u; }
};
struct Mean {
  double operator()(const AnyField auto&) const { return 0; }
};
static_assert(AnyScalar<float> && AnyScalar<double> && !AnyScalar<int> && !AnyScalar<long double>);
static_assert(AnyField<SomeField<Dynamic, float>> &&
              AnyField<SomeField<Discretization<Strip, Simpson>, double>>);
static_assert(!AnyField<SomeField<Dynamic, int>> && !AnyField<SomeField<UniformGrid<>, double>> &&
              !AnyField<FieldWithoutScalar>);
static_assert(OperatorOn<Same, SomeField<Dynamic, double>> && !OperatorOn<Mean, SomeField<Dynamic, double>>);

// --- interpolation
// ---------------------------------------------------------------------------------------------

template <class Grid>
concept Interpolates = requires(const Grid& grid, std::span<const double> targets) {
  { interpolation(grid, targets) } -> std::same_as<AxisMap>;
  { differentiation(grid) } -> std::same_as<AxisMap>;
};
static_assert(Interpolates<UniformGrid<>> && Interpolates<ScatteredGrid>);
static_assert(!Interpolates<PointCloud<1>> && !Interpolates<PointCloud<2>> && !Interpolates<Strip>);

}  // namespace facts_of_space
