// Each failure of the gallery (docs/gallery.md) breaks its law, and the type that cures it keeps it. What a failure does
// not break is held, too: that is where it hides.
#include <cmath>
#include <numbers>

#include "../../examples/support/gallery.hpp"
#include "../support/laws.hpp"

using namespace fredholm;
using namespace failures;
using law_tests::check;
using law_tests::check_broken;
using law_tests::check_observed;
using law_tests::uniform_grid;

namespace {

/// The broken one fails and the right one does not.
void check_entry(const Entry& entry) {
  INFO(entry.name);
  check_broken(entry.broken);
  check(entry.right);
}

const auto reference = gauss(160);

template <class Layer>
auto lifted_by(Layer layer) {
  return lifted(std::move(layer), 4);
}
template <class Rule = RuleOfField>
auto attention_layer() {
  Engine engine(2);
  return lifted_by(make_attention<Rule>(4, 2, engine));
}

template <class Sum>
double loss_gap(const Sum& relative, const auto& d) {
  const auto v = sample(smooth, d), u = v + sample([](double x) { return 0.1 * std::cos(4 * x); }, d);
  const double error = relative_error<L2>(u, v);
  return std::abs(relative(u, v) - error);
}

}  // namespace

TEST_CASE("1: an activation folds frequencies above Nyquist into those below") {
  check_entry(activation_above_nyquist());
  const Activated<Gelu> plain{keep(8)};
  const Activated<Dealiased<Gelu, 2, 8>> dealiased{keep(8)};
  check_broken(laws::aliasing(plain, triangle));
  check(laws::aliasing(dealiased, triangle));
  check(laws::aliasing(plain, wave));  // where the grid holds the function with room to spare, nothing folds
}

TEST_CASE("2: a softmax that counts goes to another operator on graded points") {
  const Entry entry = softmax_that_counts();
  check_entry(entry);
  check_observed(entry.broken, -0.1, 0.2);
  check_observed(entry.right, 1.9, 2.1);
  const auto counts = attention_layer<Counting>();
  const auto measures = attention_layer();
  check_broken(laws::split(counts, smooth, gauss(40)));
  check(laws::split(measures, smooth, gauss(40)));
  // On equal steps it is of order 1.
  check_observed(compared({}, counts, measures, smooth, line, reference, twice_from_65, 1.0).broken, 0.9,
                 1.1);
  for (double gap : laws::rule_swap<Trapezoid, Simpson>(counts, smooth, uniform_grid).errors)
    CHECK(gap == 0.0);
  check_observed(laws::rule_swap<Trapezoid, Simpson>(measures, smooth, uniform_grid), 1.9, 2.1);
}

TEST_CASE("3: weights at the output point are wrong wherever weights differ") {
  const Entry entry = weights_at_output();
  check_entry(entry);
  check_observed(entry.broken, -0.1, 0.1);  // at the ends, where a weight is half of the others
  check_observed(entry.right, 1.9, 2.1);
  check_observed(
      compared({}, WeightsAtOutput{}, WeightsInside{}, smooth, graded, reference, twice_from_65, 2.0).broken,
      -0.1, 0.2);
  check_broken(laws::split(WeightsAtOutput{}, smooth, gauss(40)));
  check(laws::split(WeightsInside{}, smooth, gauss(40)));
  const auto u = sample(wave, circle(40));  // equal weights may stand anywhere
  CHECK(distance<Linf>(WeightsAtOutput{}(u), WeightsInside{}(u)) < 1e-14);
}

TEST_CASE("4: a position by index is right under one convention of the ends only") {
  const Entry entry = position_by_index();
  check_entry(entry);
  check_observed(entry.broken, 0.9, 1.1);
  check_broken(laws::permutation(PositionByIndex{}, smooth, gauss(40)));
  check(laws::permutation(CoordinateEmbedding{}, smooth, gauss(40)));
  const auto u = sample(smooth, line(65));  // this one
  CHECK(distance<Linf>(PositionByIndex{}(u), CoordinateEmbedding{}(u)) < 1e-15);
}

TEST_CASE("5: padding in cells is narrower on every finer grid") {
  const Entry entry = padding_in_cells();
  check_entry(entry);
  CHECK(entry.broken.errors[0] <
        0.05);  // on the training grid; what is left is a jump, counted as a whole cell
  for (std::size_t i = 1; i < entry.broken.errors.size(); ++i)
    CHECK(entry.broken.errors[i] > entry.broken.errors[i - 1]);
  check_observed(entry.right, 1.9, 2.1);
  // It converges, to the operator without padding: another one than was trained.
  Engine engine(4);
  const auto bare = make_spectral<1>(1, 1, 6, engine);
  const auto toward =
      compared({}, PaddingInCells{bare}, bare, smooth, line, reference, {257, 513, 1025}, 1.0);
  check_observed(toward.broken, 0.9, 1.1);
}

TEST_CASE("6: a norm by plain mean is of order 1 on equal steps, and of none elsewhere") {
  const Entry entry = norm_by_plain_mean();
  check_entry(entry);
  check_observed(entry.broken, 0.9, 1.1);
  check_observed(entry.right, 1.9, 2.1);
  const auto plain = lifted_by(make_measure_norm<Counting>(4));
  const auto measured = lifted_by(make_measure_norm(4));
  check_observed(compared({}, plain, measured, smooth, graded, reference, twice_from_65, 2.0).broken, -0.1,
                 0.2);
  check_broken(laws::split(plain, smooth, gauss(40)));
  check(laws::split(measured, smooth, gauss(40)));
}

TEST_CASE("6: statistics of the shape of a grid belong to its points") {
  const auto batch = [](const auto& d) { return stack(std::vector{sample(smooth, d), sample(wave, d)}); };
  const auto fitted = [](const auto& u) {
    const auto first = slice_batch(u, 0, 1).values(), second = slice_batch(u, 1, 1).values();
    return NormalizerOfShape{(first + second) * 0.5, abs(first - second) * 0.5 + 1e-3};
  };
  const auto here = batch(line(33));
  const auto there = batch(Gauss({0.0, 1.0, 33}));
  const NormalizerOfShape by_point = fitted(here);
  const auto mean_of = [](const auto& u) {
    return distance<Linf>(slice_batch(u, 0, 1), -slice_batch(u, 1, 1)) / 2;
  };
  CHECK(mean_of(by_point(here)) < 1e-12);
  CHECK_THROWS_AS(by_point(batch(line(65))), std::invalid_argument);  // another number of points: loud
  CHECK(mean_of(by_point(there)) > 0.1);                              // as many, elsewhere: not a word
  const auto a = make_normalizer(batch(line(513))), b = make_normalizer(there);
  CHECK(std::abs(a.mean()(0) - b.mean()(0)) < 1e-5);
  CHECK(std::abs(a.deviation()(0) - b.deviation()(0)) < 1e-5);
}

TEST_CASE("7: a kernel in cells is another derivative on every grid") {
  const Entry entry = kernel_in_cells();
  check_entry(entry);
  CHECK(entry.broken.errors[0] < 0.05);  // on the training grid: a difference quotient of order 2
  // On eight times as many points the differences are an eighth: 7/8 of u' is missing, |u'| <= 9.17 (at the probes 9.01).
  CHECK(entry.broken.errors[3] == doctest::Approx(7.884).epsilon(1e-3));
  check_broken(laws::aliasing(ConvolutionInCells{}, wave));
  check_broken(laws::permutation(ConvolutionInCells{}, smooth, gauss(40)));
  check_broken(laws::split(ConvolutionInCells{}, smooth, gauss(40)));
}

TEST_CASE(
    "8: the forward shift twice moves every frequency by one where n is odd, and is right where it is even") {
  const Entry entry = shift_of_odd_sizes();
  check_entry(entry);
  for (std::size_t i = 0; i < entry.broken.sizes.size(); ++i) {
    if (entry.broken.sizes[i] % 2 == 0) CHECK(entry.broken.errors[i] < 1e-13);
    if (entry.broken.sizes[i] % 2 == 1) CHECK(entry.broken.errors[i] > 1.0);
  }
  for (double error : entry.right.errors) CHECK(error < 1e-13);
}

TEST_CASE("9: a resize that pads the tail puts the negative frequencies where high ones stand") {
  const Entry entry = resize_by_the_tail();
  check_entry(entry);
  check_observed(entry.broken, -0.1, 0.1);
  const auto cosine = [](double x) { return std::cos(2 * std::numbers::pi * x); };
  const auto u = sample(cosine, circle(8)), exact = sample(cosine, circle(16));
  CHECK(distance<Linf>(TailPadded{}(u), exact) > 0.5);
  CHECK(distance<Linf>(resample(u, circle(16)), exact) < 1e-14);
  const auto one = [](double) { return 1.0; };  // no negative frequency, nothing misplaced
  CHECK(distance<Linf>(TailPadded{}(sample(one, circle(8))), sample(one, circle(16))) < 1e-14);
}

TEST_CASE("10: a relative loss hides a missing weight, an absolute one shows it") {
  const Entry entry = loss_by_sum();
  check_entry(entry);
  check_observed(entry.broken, -1.01, -0.99);
  const auto relative = [](const auto& u, const auto& v) { return relative_by_sums(u, v); };
  CHECK(loss_gap(relative, circle(64)) < 1e-15);  // weights that are equal cancel
  check_observed(held(twice_from_65, 1.0, [&](Index n) { return loss_gap(relative, line(n)); }), 0.9, 1.1);
  check_observed(held(twice_from_65, 1.0, [&](Index n) { return loss_gap(relative, graded(n)); }), -0.1, 0.2);
  // A mean over points leaves out |Omega|. mean_squared_error of fields divides by it on purpose.
  const Circle wide({0.0, 2 * std::numbers::pi, 64});
  const auto u = sample([](double x) { return std::sin(x); }, wide);
  CHECK(sum_of_squares(u, 0.0 * u) / 64 == doctest::Approx(0.5));
  CHECK(inner_product(u, u) == doctest::Approx(std::numbers::pi));
  CHECK(mean_squared_error(u, 0.0 * u) == doctest::Approx(0.5));
}

TEST_CASE("which law finds which failure, as docs/gallery.md has it") {
  const auto found = [](const auto& op) {
    check_broken(laws::refinement(op, smooth, line, reference));
    check_broken(laws::grid_swap(op, smooth, line, gauss, {.sizes = {33, 65, 129}}));
  };
  found(attention_layer<Counting>());
  found(WeightsAtOutput{});
  found(lifted_by(make_measure_norm<Counting>(4)));
  check_broken(laws::refinement(ConvolutionInCells{-32, 0, 32}, smooth, line, reference));
  check_broken(laws::aliasing(ForwardShiftTwice{}, wave, {.sizes = {17, 33}}));
  check(laws::aliasing(ForwardShiftTwice{}, wave, {.sizes = {16, 32, 64}}));
  // What does not hear the rule does not change with it.
  check_broken(laws::rule_swap<Trapezoid, Simpson>(WeightsAtOutput{}, smooth, uniform_grid));
  const auto deaf = [](const auto& op) {
    for (double gap : laws::rule_swap<Trapezoid, Simpson>(op, smooth, uniform_grid).errors) CHECK(gap == 0.0);
  };
  deaf(attention_layer<Counting>());
  deaf(lifted_by(make_measure_norm<Counting>(4)));
  deaf(ConvolutionInCells{});
}

TEST_CASE("11: weights that went through float hold every integral at their precision") {
  const Entry entry = weights_in_float();
  check_entry(entry);
  CHECK(entry.broken.errors.back() > 1e-10);
  CHECK(entry.broken.errors.back() < 1e-7);
  CHECK(entry.right.errors.back() < 1e-15);
  check_broken(laws::quadrature<SinglePrecision<GaussLegendre>, LegendreGrid<>>());
  check(laws::quadrature<GaussLegendre, LegendreGrid<>>());
}

// The tolerance: a mean of m squares of independent normal numbers has the standard deviation sqrt(2 / m); five of them.
TEST_CASE("12: of white noise per cell every mode has the variance 1/N, of a random function its own") {
  check_entry(noise_per_cell(1024));
  constexpr Index count = 1024;
  const double tolerance = 5 * std::sqrt(2 / degrees(count));
  Engine engine(5);
  for (Index n : {64, 128, 256}) {
    const double cells = static_cast<double>(n);
    const auto white = white_per_cell(count, circle(n), engine);
    CHECK(std::abs(mean_square(white, [&](Index) { return 1 / cells; }) - 1) < tolerance);
    const auto functions = sample(random_fields<1>(count, noise_options, engine), circle(n));
    CHECK(std::abs(mean_square(functions, variance_of_function) - 1) < tolerance);
    // sqrt(N) times white noise has modes of variance 1 on every grid, and an energy of N: no function in the limit.
    const auto scaled = white * std::sqrt(cells);
    CHECK(std::abs(mean_square(scaled, [](Index) { return 1.0; }) - 1) < tolerance);
    const double energy = sum(inner_products(scaled, scaled)) / static_cast<double>(count);
    CHECK(std::abs(energy / cells - 1) < 5 * std::sqrt(2 / (cells * static_cast<double>(count))));
  }
}
