// Rules and discretizations: weights, equality, products, and what is refused.
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include "../support/messages.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

void check_close(const std::vector<double>& weights, const std::vector<double>& expected) {
  REQUIRE(weights.size() == expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    CHECK(weights[i] == doctest::Approx(expected[i]).epsilon(1e-15));
}

template <class Rule_, class Grid_>
struct Pair {
  using Rule = Rule_;
  using Grid = Grid_;
};

}  // namespace

TEST_CASE("weights on equal steps are those of the books") {
  check_close(Trapezoid{}.weights(UniformGrid<>(0.0, 4.0, 5)), {0.5, 1, 1, 1, 0.5});
  check_close(Trapezoid{}.weights(PeriodicGrid<>(0.0, 4.0, 4)), {1, 1, 1, 1});
  check_close(Simpson{}.weights(UniformGrid<>(0.0, 4.0, 5)), {1. / 3, 4. / 3, 2. / 3, 4. / 3, 1. / 3});
  check_close(Simpson{}.weights(PeriodicGrid<>(0.0, 4.0, 4)), {2. / 3, 4. / 3, 2. / 3, 4. / 3});
  check_close(Boole{}.weights(UniformGrid<>(0.0, 4.0, 5)),
              {14. / 45, 64. / 45, 24. / 45, 64. / 45, 14. / 45});
  check_close(Boole{}.weights(PeriodicGrid<>(0.0, 4.0, 4)), {28. / 45, 64. / 45, 24. / 45, 64. / 45});
  check_close(Midpoint{}.weights(MidpointGrid<>(0.0, 1.0, 4)), {0.25, 0.25, 0.25, 0.25});
  check_close(Gregory<2>{}.weights(UniformGrid<>(0.0, 4.0, 5)), {0.5, 1, 1, 1, 0.5});
  check_close(Gregory<3>{}.weights(UniformGrid<>(0.0, 4.0, 5)), {5. / 12, 13. / 12, 1, 13. / 12, 5. / 12});
  check_close(Gregory<4>{}.weights(UniformGrid<>(0.0, 6.0, 7)),
              {9. / 24, 28. / 24, 23. / 24, 1, 23. / 24, 28. / 24, 9. / 24});
}

TEST_CASE("the trapezoid rule shares cells between neighbours, and ends belong to the first and last point") {
  check_close(Trapezoid{}.weights(ScatteredGrid({0.0, 0.5, 2.0})), {0.25, 1.0, 0.75});
  check_close(Trapezoid{}.weights(ScatteredGrid({1.0, 2.0}, {0.0, 4.0})), {1.5, 2.5});
  check_close(Trapezoid{}.weights(ScatteredGrid({0.0, 0.5, 0.5, 1.0})),
              {0.25, 0.25, 0.25, 0.25});  // a cell in two
  CHECK(Trapezoid{}.weights(MidpointGrid<>(0.0, 1.0, 8)) == Midpoint{}.weights(MidpointGrid<>(0.0, 1.0, 8)));
}

TEST_CASE("Gauss-Legendre and Clenshaw-Curtis weights are right to the last bit") {
  // 22 digits by mpmath, rounded by the compiler
  const auto g5 = GaussLegendre{}.weights(LegendreGrid<>(-1.0, 1.0, 5));
  CHECK(g5[0] == 0.2369268850561890875143);
  CHECK(g5[1] == 0.4786286704993664680413);
  const auto g16 = GaussLegendre{}.weights(LegendreGrid<>(-1.0, 1.0, 16));
  CHECK(g16[0] == 0.02715245941175409485178);
  CHECK(g16[7] == 0.1894506104550684962854);
  const auto g1025 = GaussLegendre{}.weights(LegendreGrid<>(-1.0, 1.0, 1025));
  CHECK(g1025[0] == 0.00000705629460182132301468);
  CHECK(g1025[1] == 0.00001642564640467860170493);
  CHECK(g1025[100] == 0.0009305851452149485958926);
  CHECK(g1025[511] == 0.003063459325662108886921);
  const auto c5 = ClenshawCurtis{}.weights(ChebyshevGrid<>(-1.0, 1.0, 5));
  CHECK(c5[0] == 0.06666666666666666666667);
  CHECK(c5[1] == 0.5333333333333333333333);
  CHECK(c5[2] == 0.8);
  const auto c32 = ClenshawCurtis{}.weights(ChebyshevGrid<>(-1.0, 1.0, 32));
  CHECK(c32[0] == 0.001040582726326742976067);
  CHECK(c32[1] == 0.01000996986216578378912);
  CHECK(c32[15] == 0.1012114090274320602189);
  const auto c1025 = ClenshawCurtis{}.weights(ChebyshevGrid<>(-1.0, 1.0, 1025));
  CHECK(c1025[0] == 9.536752259018191354934e-7);
  CHECK(c1025[1] == 0.000009189650202843561690908);
  CHECK(c1025[100] == 0.0009265426880478955632888);
  CHECK(c1025[512] == 0.003067961579409254327737);
}

TEST_CASE_TEMPLATE("weights are positive and symmetric", P, Pair<Trapezoid, UniformGrid<>>,
                   Pair<Trapezoid, ChebyshevGrid<>>, Pair<Simpson, UniformGrid<>>, Pair<Boole, UniformGrid<>>,
                   Pair<Midpoint, MidpointGrid<>>, Pair<Gregory<4>, UniformGrid<>>,
                   Pair<Gregory<7>, UniformGrid<>>, Pair<Gregory<9>, UniformGrid<>>,
                   Pair<ClenshawCurtis, ChebyshevGrid<>>, Pair<GaussLegendre, LegendreGrid<>>) {
  for (Index n : {17, 33, 1025}) {
    const auto weights = typename P::Rule{}.weights(typename P::Grid(-0.3, 0.3, n));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      CHECK(weights[i] > 0);
      CHECK(weights[i] == weights[weights.size() - 1 - i]);
    }
  }
}

TEST_CASE("the smallest grids") {
  check_close(Trapezoid{}.weights(UniformGrid<>(0.0, 2.0, 2)), {1, 1});
  check_close(Simpson{}.weights(UniformGrid<>(0.0, 2.0, 3)), {1. / 3, 4. / 3, 1. / 3});
  check_close(Trapezoid{}.weights(PeriodicGrid<>(0.0, 2.0, 1)), {2});
  check_close(Trapezoid{}.weights(MidpointGrid<>(0.0, 2.0, 1)), {2});
  check_close(GaussLegendre{}.weights(LegendreGrid<>(0.0, 2.0, 1)), {2});
  check_close(GaussLegendre{}.weights(LegendreGrid<>(0.0, 2.0, 2)), {1, 1});
  check_close(ClenshawCurtis{}.weights(ChebyshevGrid<>(0.0, 2.0, 2)), {1, 1});
  check_close(ClenshawCurtis{}.weights(ChebyshevGrid<>(0.0, 2.0, 3)), {1. / 3, 4. / 3, 1. / 3});
}

TEST_CASE("Monte Carlo and Counting weigh all points alike") {
  const PointCloud<2> cloud({{0.0, 1.0}, {0.0, 2.0}}, {{{0.1, 1.9}, {0.3, 0.4}, {0.5, 0.5}, {0.9, 0.1}}});
  CHECK(MonteCarlo{}.weights(cloud) == std::vector(4, 0.5));
  CHECK(MonteCarlo{}.weights(ScatteredGrid({0.1, 0.4}, {0.0, 3.0})) == std::vector(2, 1.5));
  CHECK(Counting{}.weights(cloud) == std::vector(4, 1.0));
}

TEST_CASE("a discretization shares its points and weights with its copies") {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 65});
  const auto copy = d;
  CHECK(d.size() == 65);
  CHECK(d.shape() == Shape{65});
  CHECK(d.measure() == 1.0);
  CHECK(&copy.weights() == &d.weights());
  CHECK(&copy.points() == &d.points());
  CHECK(&d.nodes(0) == &d.points());
  CHECK(&d.axis_weights(0) == &d.weights());
  CHECK(copy == d);
  CHECK(d == Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 65}));
  CHECK(d != Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 67}));
  CHECK(contains(message_of([&] { d.nodes(1); }), "axis 1 of 1"));
  CHECK(contains(message_of([&] { d.axis_weights(-1); }), "axis -1 of 1"));
}

TEST_CASE("discretizations with Given are equal if the weights are") {
  using D = Discretization<UniformGrid<>, Given>;
  CHECK(D({0.0, 1.0, 2}, {{0.5, 0.5}}) == D({0.0, 1.0, 2}, {{0.5, 0.5}}));
  CHECK(D({0.0, 1.0, 2}, {{0.5, 0.5}}) != D({0.0, 1.0, 2}, {{0.4, 0.6}}));
}

TEST_CASE("a product of rules on a product of grids") {
  const Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>> d(
      {{0.0, 2.0, 3}, {0.0, 4.0, 4}});
  static_assert(decltype(d)::rank == 2 && decltype(d)::dimension == 2 && decltype(d)::separable);
  CHECK(d.shape() == Shape{3, 4});
  CHECK(d.measure() == 8.0);
  CHECK(d.nodes(0) == std::vector{0.0, 1.0, 2.0});
  CHECK(d.nodes(1) == std::vector{0.0, 1.0, 2.0, 3.0});
  check_close(d.axis_weights(0), {1. / 3, 4. / 3, 1. / 3});
  check_close(d.axis_weights(1), {1, 1, 1, 1});
  const double a = 1. / 3, b = 4. / 3;
  check_close(d.weights(), {a, a, a, a, b, b, b, b, a, a, a, a});
  CHECK(std::ssize(d.points()) == d.size() * 2);
  CHECK(d.rule().weights(d.grid()) == d.weights());
}

TEST_CASE("a single rule on a product is meant for every axis") {
  using Square = ProductGrid<UniformGrid<>, UniformGrid<>>;
  const Discretization<Square, Simpson> one({{0.0, 2.0, 3}, {0.0, 1.0, 5}});
  const Discretization<Square, ProductRule<Simpson, Simpson>> two({{0.0, 2.0, 3}, {0.0, 1.0, 5}});
  CHECK(one.weights() == two.weights());
  const Discretization<Square, Counting> counting({{0.0, 2.0, 3}, {0.0, 1.0, 5}});
  CHECK(counting.weights() == std::vector(15, 1.0));
}

TEST_CASE("Given on a product has a weight for each point") {
  using Square = ProductGrid<UniformGrid<>, UniformGrid<>>;
  const Discretization<Square, Given> d({{0.0, 1.0, 2}, {0.0, 1.0, 2}}, {{0.1, 0.2, 0.3, 0.4}});
  static_assert(!decltype(d)::separable);
  CHECK(d.weights() == std::vector{0.1, 0.2, 0.3, 0.4});
  CHECK(d.nodes(1) == std::vector{0.0, 1.0});
}

TEST_CASE("a fixed number of points becomes a dynamic one") {
  const Discretization<UniformGrid<65>, Simpson> fixed({0.0, 1.0});
  const Discretization<UniformGrid<>, Simpson> d = fixed;
  CHECK(d.weights() == fixed.weights());
  CHECK(d == fixed);
}

TEST_CASE("what only the run can know is refused with the value and the remedy") {
  CHECK(message_of([] { Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 64}); }) ==
        "Simpson needs an odd number of points, at least 3: two intervals to a parabola. n is 64; use 65 "
        "points, or "
        "Gregory<4>, which has the same order with any number of points.");
  CHECK(contains(message_of([] { Simpson{}.weights(PeriodicGrid<>(0.0, 1.0, 65)); }),
                 "n is 65; use 66 points"));
  CHECK(contains(message_of([] { Boole{}.weights(UniformGrid<>(0.0, 1.0, 64)); }), "n is 64; use 65 points"));
  CHECK(contains(message_of([] { Boole{}.weights(UniformGrid<>(0.0, 1.0, 67)); }), "n is 67; use 69 points"));
  CHECK(contains(message_of([] { Boole{}.weights(UniformGrid<>(0.0, 1.0, 2)); }), "n is 2; use 5 points"));
  CHECK(
      contains(message_of([] { Boole{}.weights(PeriodicGrid<>(0.0, 1.0, 66)); }), "n is 66; use 68 points"));
  CHECK(contains(message_of([] { Gregory<6>{}.weights(UniformGrid<>(0.0, 1.0, 9)); }),
                 "Gregory<6> needs at least 10 points"));
  CHECK(contains(message_of([] { Discretization<UniformGrid<>, Given>({0.0, 1.0, 3}, {{0.5, 0.5}}); }),
                 "Given holds 2 weights and the grid has 3 points"));
  CHECK(contains(message_of([] { Discretization<UniformGrid<>, Given>({0.0, 1.0, 3}); }),
                 "Given holds 0 weights"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(contains(message_of([&] { Discretization<UniformGrid<>, Given>({0.0, 1.0, 2}, {{0.5, nan}}); }),
                 "weight 1 is nan"));
}

TEST_CASE("what is derived may ask for something derived, and goes by its type as well") {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  const auto outer =
      d.derived<double>("outer", [&] { return 1.0 + *d.derived<double>("inner", [] { return 2.0; }); });
  CHECK(*outer == 3.0);
  CHECK(*d.derived<int>("outer", [] { return 7; }) == 7);
  CHECK(*d.derived<double>("outer", [] { return 9.0; }) == 3.0);
}
