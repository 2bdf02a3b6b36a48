// Operators that integrate are the same operator on every discretization; operators that count are not.
#include <fredholm/fredholm.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "../../examples/support/failures.hpp"
#include "../support/laws.hpp"

using namespace law_tests;

namespace {

template <class Rule = RuleOfField>
auto transformer() {
  Engine engine(7);
  return make_transformer<1, Rule, double>({.channels = 16, .heads = 2, .depth = 2}, engine);
}
template <class Basis = Fourier>
auto spectral_operator() {
  Engine engine(7);
  return make_fno<1, Basis, double>({.channels = 16, .modes = 8, .depth = 2}, engine);
}

using failures::ConvolutionInCells;
using failures::PaddingInCells;

struct Trap {
  Linear<> lift;
  LayerNorm<> norm;
  Attention<> attention;
  auto operator()(const AnyField auto& u) const { return attention(norm(lift(u))); }
};

template <class Model>
void check_orders(const Model& model) {
  const auto reference = gauss(160);
  check_slope(laws::refinement(model, smooth, on_uniform<Trapezoid>(), reference), 1.9, 2.1);
  check_slope(laws::refinement(model, smooth, on_uniform<Simpson>(), reference), 3.8, 4.2);
  check_slope(laws::rule_swap<Trapezoid, Simpson>(model, smooth, uniform_grid), 1.9, 2.1);
  check(laws::refinement(model, smooth, make_gauss, reference, {.sizes = {65, 129}}));
  check(laws::split(model, smooth, gauss(40)));
  check(laws::permutation(model, smooth, gauss(40)));
}

template <class Layer>
void check_layer(const Layer& layer) {
  const auto reference = gauss(160);
  check_slope(laws::refinement(layer, smooth, on_uniform<Trapezoid>(), reference, {.sizes = {65, 129, 257}}),
              1.9, 2.1);
  check_slope(laws::refinement(layer, smooth, on_uniform<Simpson>(), reference, {.sizes = {65, 129, 257}}),
              3.8, 4.2);
  check(laws::refinement(layer, smooth, make_gauss, reference, {.sizes = {65, 129}}));
  check(laws::split(layer, smooth, gauss(40)));
  check(laws::permutation(layer, smooth, gauss(40)));
}

template <class Layer>
void check_layer_on_squares(const Layer& layer) {
  const laws::RefinementOptions options{
      .sizes = {9, 17, 33}, .tolerance = 0.3, .round_off = 1e-6, .probes = 5};
  const auto reference = gauss_square(24);
  check(laws::refinement(layer, smooth2, on_square<Trapezoid>(), reference, options));
  check(laws::refinement(layer, smooth2, on_square<Simpson>(), reference, options));
  check(laws::refinement(layer, smooth2, on_square<ProductRule<Simpson, Trapezoid>>(), reference, options));
  check(laws::split(layer, smooth2, gauss_square(7)));
  check(laws::permutation(layer, smooth2, gauss_square(7)));
}

}  // namespace

TEST_CASE("a transformer converges at the order of the rule") { check_orders(transformer()); }
TEST_CASE("a spectral operator converges at the order of the rule") { check_orders(spectral_operator()); }
TEST_CASE("and so it does in a basis of sines") { check_orders(spectral_operator<Sine>()); }

TEST_CASE("grids may be swapped") {
  const auto each = [](const auto& model) {
    check_slope(laws::grid_swap(model, smooth, on_uniform<Trapezoid>(), make_gauss, {.sizes = {33, 65, 129}}),
                1.9, 2.1);
    check_slope(laws::refinement(model, smooth, graded, gauss(160)), 1.9, 2.1);
    const auto chebyshev = [](Index n) {
      return Discretization<ChebyshevGrid<>, ClenshawCurtis>({0.0, 1.0, n});
    };
    check(laws::grid_swap(model, smooth, chebyshev, make_gauss, {.sizes = {65, 129}}));
  };
  each(transformer());
  each(spectral_operator());
}

TEST_CASE("layers converge at the order of the rule") {
  Engine engine(2);
  check_layer(lifted(make_measure_norm(4), 4));
  check_layer(lifted(make_attention(4, 2, engine), 4));
  check_layer(make_spectral<1, Fourier, double>(1, 2, 6, engine));
  check_layer(make_spectral<1, Cosine, double>(1, 2, 6, engine));
  check_layer(make_spectral<1, Legendre, double>(1, 2, 6, engine));
  check_layer(make_spectral<1, Chebyshev, double>(1, 2, 6, engine));
  auto padded = make_spectral<1, Fourier, double>(1, 2, 6, engine);
  padded.padding = {0.2};
  check_layer(padded);
}

TEST_CASE("layers on products of grids, with a rule an axis") {
  Engine engine(2);
  check_layer_on_squares(lifted(make_measure_norm(4), 4));
  check_layer_on_squares(make_spectral<2, Fourier, double>(1, 2, 3, engine));
  check_layer_on_squares(make_spectral<2, Sine, double>(1, 2, 3, engine));
  check_layer_on_squares(make_spectral<2, Fourier, Chebyshev>(1, 2, {3, 4}, engine));
}

TEST_CASE("points of a cloud may be split: its modes do not go by their number") {
  Engine engine(2);
  const auto layer = make_spectral<1>(1, 2, 8, engine);
  const Discretization<PeriodicGrid<>, Trapezoid> circle({0.0, 1.0, 9});
  check(laws::split(layer, smooth, circle));
}

TEST_CASE("a law with too little evidence does not pass") {
  const auto reference = gauss(40);
  const auto model = spectral_operator();
  check_broken(laws::refinement(model, smooth, on_uniform<Trapezoid>(), reference, {.sizes = {65}}));
  CHECK_THROWS_AS(laws::refinement(model, smooth, on_uniform<Trapezoid>(), reference, {.sizes = {}}),
                  std::invalid_argument);
}

TEST_CASE("a NaN fails the laws, whatever follows it") {
  const auto first_is_nan = [](const auto& u) {
    Array<double> v = u.values();
    v.mutable_data()[0] = std::numeric_limits<double>::quiet_NaN();
    return u.with(v);
  };
  const auto same = [](const auto& u) { return u; };
  check_broken(laws::permutation(first_is_nan, smooth, gauss(9)));
  check_broken(laws::split(first_is_nan, smooth, gauss(9)));
  // On a uniform grid resample is local: the NaN reaches the first point of comparison alone.
  check_broken(
      laws::refinement(first_is_nan, smooth, on_uniform<Trapezoid>(), on_uniform<Trapezoid>()(1025)));
  check(laws::permutation(same, smooth, gauss(9)));
  check(laws::split(same, smooth, gauss(9)));
  check(laws::refinement(same, smooth, on_uniform<Trapezoid>(), on_uniform<Trapezoid>()(1025)));
}

TEST_CASE("counting points loses the order, and the function") {
  const auto reference = gauss(160);
  const auto model = transformer();
  // On equidistant points, counting is an integral of order 1 (the ends count twice what they should).
  check_slope(laws::refinement(model, smooth, on_uniform<Counting>(), reference, {.order = 1.0}), 0.9, 1.1);
  check_broken(laws::refinement(model, smooth, on_uniform<Counting>(), reference, {.order = 2.0}));
  // On Gauss's points it is an integral of another measure.
  const auto counted = [](Index n) { return Discretization<LegendreGrid<>, Counting>({0.0, 1.0, n}); };
  const auto report = laws::refinement(model, smooth, counted, reference, {.order = 0.5});
  check_broken(report);
  CHECK(report.errors.back() > 1e-4);
  CHECK(report.errors.back() > 0.8 * report.errors.front());

  const auto ordinary = transformer<Counting>();
  const laws::RefinementOptions first{.order = 1.0};
  check_broken(laws::refinement(ordinary, smooth, on_uniform<Trapezoid>(), reference));
  check_broken(laws::refinement(ordinary, smooth, on_uniform<Simpson>(), reference, first));
  check_broken(laws::grid_swap(ordinary, smooth, on_uniform<Trapezoid>(), make_gauss,
                               {.sizes = {33, 65, 129}, .order = 1.0}));
  check_broken(laws::split(ordinary, smooth, gauss(40)));
  check_broken(laws::rule_swap<Counting, Trapezoid>(model, smooth, uniform_grid, {.order = 2.0}));
  check(laws::permutation(ordinary, smooth, gauss(40)));  // counting does not mind the order
}

TEST_CASE("an instance norm by plain mean is another on other points") {
  const auto plain = lifted(make_measure_norm<Counting>(4), 4);
  const auto reference = gauss(160);
  check_broken(laws::refinement(plain, smooth, on_uniform<Trapezoid>(), reference));
  check_broken(laws::refinement(plain, smooth, on_uniform<Simpson>(), reference));
  check_broken(laws::split(plain, smooth, gauss(40)));
}

TEST_CASE("a convolution and padding that are counted in cells go to no operator at the order of the rule") {
  const ConvolutionInCells convolution;
  check_broken(laws::refinement(convolution, smooth, on_uniform<Trapezoid>(), gauss(160)));
  check_broken(laws::refinement(convolution, smooth, on_uniform<Simpson>(), gauss(160)));
  check_broken(laws::permutation(convolution, smooth, gauss(40)));
  check_broken(laws::split(convolution, smooth, gauss(40)));
  Engine engine(4);
  const PaddingInCells padding{make_spectral<1, Fourier, double>(1, 1, 6, engine)};
  check_broken(laws::refinement(padding, smooth, on_uniform<Trapezoid>(), on_uniform<Trapezoid>()(8193)));
}

TEST_CASE("the trap of a bias of zero: a normalization meets the zero vector where the input vanishes") {
  Engine engine(9);
  const auto lift = make_linear(1, 8, engine);
  const Trap free{lift, make_layer_norm(8), make_attention(8, 2, engine)};
  Trap caught = free;
  caught.lift.bias.set(Array<double>::zeros({8}));
  const auto vanishes = [](double x) { return std::exp(x) * std::sin(5 * x - 1); };
  const auto reference = gauss(600);
  check_slope(laws::refinement(free, vanishes, on_uniform<Simpson>(), reference, {.sizes = {129, 257, 513}}),
              3.8, 4.2);
  check_broken(
      laws::refinement(caught, vanishes, on_uniform<Simpson>(), reference, {.sizes = {17, 33, 65, 129}}));
}

TEST_CASE("aliasing") {
  const auto wave = [](double x) { return std::exp(std::sin(2 * std::numbers::pi * x)); };
  Engine engine(5);
  const auto spectral = make_spectral<1, Fourier, double>(1, 1, 6, engine);
  const auto linear = laws::aliasing(spectral, wave, {.tolerance = 1e-13, .round_off = 1e-13});
  check(linear);
  check(laws::aliasing([](const auto& u) { return derivative<0>(u); }, wave,
                       {.sizes = {32, 64, 128}, .round_off = 1e-9}));
  const auto bent = laws::aliasing([&](const auto& u) { return gelu(spectral(u)); }, wave);
  check(bent);
  CHECK(bent.errors.front() > 1e-7);  // a nonlinearity does alias
  check_broken(laws::aliasing([](const auto& u) { return relu(u - 1.0); }, wave));
  check_broken(laws::aliasing(ConvolutionInCells{}, wave));
}
