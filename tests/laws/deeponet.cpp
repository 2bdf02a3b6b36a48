// A DeepONet whose branch takes integrals is the same operator on every discretization; one that averages values is not.
#include <fredholm/fredholm.hpp>

#include <cmath>
#include <vector>

#include "../support/laws.hpp"

using namespace law_tests;

namespace {

/// Every point counts the same: the plain mean, times the measure.
struct PlainMean {
  template <class Grid>
  static constexpr bool legal = true;
  std::vector<double> weights(const AnyGrid auto& grid) const {
    return std::vector<double>(static_cast<std::size_t>(grid.size()),
                               grid.box().measure() / static_cast<double>(grid.size()));
  }
  bool operator==(const PlainMean&) const = default;
};

template <class Branch = Integrals>
auto model() {
  Engine engine(7);
  return make_deeponet<1, Branch>({.functions = 8, .basis = 10, .width = 16}, engine);
}

/// The same operator, with values wanted elsewhere.
template <class Model, class Target>
struct At {
  Model model;
  Target target;
  auto operator()(const AnyField auto& u) const { return model(u, target); }
};

}  // namespace

TEST_CASE("the integral branch converges at the order of the rule") {
  const auto op = model();
  check_slope(laws::refinement(op, smooth, on_uniform<Trapezoid>(), gauss(60)), 1.9, 2.1);
  check_slope(laws::refinement(op, smooth, on_uniform<Simpson>(), gauss(60), {.sizes = {17, 33, 65, 129}}),
              3.8, 4.2);
  check(laws::refinement(op, smooth, make_gauss, gauss(60), {.sizes = {17, 33}}));
  check_slope(laws::rule_swap<Trapezoid, Simpson>(op, smooth, uniform_grid), 1.9, 2.1);
  check_slope(laws::grid_swap(op, smooth, on_uniform<Trapezoid>(), make_gauss, {.sizes = {33, 65, 129}}), 1.9,
              2.1);
  check(laws::split(op, smooth, gauss(40)));
  check(laws::permutation(op, smooth, gauss(40)));
}

TEST_CASE("and so it does on a square, and by a rule of its own") {
  Engine engine(8);
  const auto op = make_deeponet<2, Integrals>({.functions = 6, .basis = 6, .width = 12}, engine);
  const laws::RefinementOptions options{
      .sizes = {9, 17, 33}, .tolerance = 0.3, .round_off = 1e-6, .probes = 5};
  check(laws::refinement(op, smooth2, on_square<Trapezoid>(), gauss_square(20), options));
  check(laws::refinement(op, smooth2, on_square<Simpson>(), gauss_square(20), options));
  check(laws::split(op, smooth2, gauss_square(7)));
  const auto own = model<IntegralsBy<Simpson>>();  // whatever the field says
  check_slope(laws::refinement(own, smooth, on_uniform<Counting>(), on_uniform<Simpson>()(4097),
                               {.sizes = {17, 33, 65, 129}, .order = 4.0}),
              3.8, 4.2);
}

TEST_CASE("a mean over points is another operator on other points") {
  const auto plain = model<IntegralsBy<PlainMean>>();
  check_broken(laws::refinement(plain, smooth, on_uniform<Trapezoid>(), gauss(160)));
  check_broken(laws::refinement(plain, smooth, on_uniform<Simpson>(), gauss(160)));
  check_broken(laws::grid_swap(plain, smooth, on_uniform<Trapezoid>(), make_gauss,
                               {.sizes = {33, 65, 129}, .order = 1.0}));
  check_broken(laws::split(plain, smooth, gauss(40)));
  check(laws::permutation(plain, smooth, gauss(40)));
  check_broken(laws::refinement(model<IntegralsBy<Counting>>(), smooth, on_uniform<Trapezoid>(), gauss(160)));
}

TEST_CASE("fixed sensors know one number of points, and their order") {
  Engine engine(9);
  const auto op = make_deeponet<1>({.sensors = 40}, engine);
  CHECK_THROWS_AS(laws::refinement(op, smooth, on_uniform<Trapezoid>(), gauss(40)), std::invalid_argument);
  check_broken(laws::permutation(op, smooth, gauss(40)));
}

TEST_CASE("gradients") {
  Engine engine(10);
  const Field u(Discretization<UniformGrid<>, Simpson>({0.0, 2.0, 7}),
                normal_array<double>({2, 7, 2}, 1.0, engine));
  const DeepOnetOptions options{
      .in = 2, .out = 3, .sensors = 7, .functions = 4, .basis = 3, .width = 4, .trunk_depth = 1};
  check(laws::gradient(make_deeponet<1>(options, engine), u));
  check(laws::gradient(make_deeponet<1, Integrals, Tanh>(options, engine), u));
  auto waves = options;
  waves.frequencies = 2;
  check(laws::gradient(make_deeponet<1, Integrals>(waves, engine), u));
  const auto square = gauss_square(3);
  const auto two = make_deeponet<1, 2, Integrals>(options, engine);
  check(laws::gradient(At<std::remove_const_t<decltype(two)>, GaussSquare>{two, square}, u));
}
