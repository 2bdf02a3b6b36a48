// Weights by factors: the tensor that they make, the two orders of the products, how many numbers they have, and training.
#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/laws/gradient.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;
using Complex = std::complex<double>;
using support::contains;
using support::message_of;

namespace {

constexpr double pi = std::numbers::pi;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Line = Discretization<UniformGrid<>, Trapezoid>;
using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;

double gap(const Array<double>& a, const Array<double>& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

template <class D>
Field<D, double> random_field(const D& d, Index batch, Index channels, Engine& engine) {
  return {d, normal_array<double>(detail::field_shape(batch, d.shape(), channels), 1.0, engine)};
}

/// Entry (i, j) of a complex leaf of two axes, or i of one.
Complex entry(const Parameter<Complex>& leaf, Index i, Index j = 0) {
  const Index plane = leaf.size() / 2, at = i * (leaf.shape().size() > 1 ? leaf.shape()[1] : 1) + j;
  return {leaf.value().data()[at], leaf.value().data()[plane + at]};
}

/// The layer with dense weights that are the tensor of the factors.
template <class Dense, class Layer>
Dense dense(const Layer& layer) {
  return {decltype(Dense::weight)(layer.weight()), layer.padding};
}

/// Both orders of the products against the dense layer: one sample, and many.
template <class Dense, class Layer, class D>
void check_as_dense(const Layer& layer, const D& d, Engine& engine) {
  const auto reference = dense<Dense>(layer);
  CHECK(reference.weight.shape() == layer.weight.shape());
  for (Index batch : {0, 1, 40}) {
    const auto u = random_field(d, batch, layer.weight.shape()[D::dimension], engine);
    CHECK(gap(layer(u).values(), reference(u).values()) < 1e-13);
  }
}

/// Mean square of a real number of the tensor, over so many layers.
template <class Layer>
double mean_square(const std::vector<Layer>& layers) {
  double sum = 0, count = 0;
  for (const Layer& layer : layers) {
    const auto values = layer.weight();
    sum += flat(values.data(), values.size()).square().sum();
    count += static_cast<double>(values.size());
  }
  return sum / count;
}

template <class Make>
auto many(Make make) {
  Engine engine(11);
  std::vector<decltype(make(engine))> layers;
  for (int i = 0; i < 200; ++i) layers.push_back(make(engine));
  return layers;
}

void check(const laws::GradientReport& report) {
  INFO(report.message());
  CHECK(report.passed());
}

template <class T>
inline constexpr bool is_value =
    std::is_default_constructible_v<T> && std::is_nothrow_move_constructible_v<T> &&
    std::is_copy_assignable_v<T> && std::is_aggregate_v<T> && holds_leaves<T>;

}  // namespace

TEST_CASE("weights are told apart from bases, activations and scalars") {
  static_assert(std::is_same_v<SpectralConvolution<1>, SpectralConvolution<1, DenseWeights>>);
  static_assert(std::is_same_v<decltype(SpectralConvolution<1>::weight), Parameter<Complex>>);
  static_assert(std::is_same_v<SpectralConvolution<2, CpWeights, Sine, float>,
                               SpectralConvolution<2, Sine, float, CpWeights>>);
  static_assert(std::is_same_v<Fno<1, TuckerWeights>, Fno<1, Fourier, Gelu, TuckerWeights, double>>);
  static_assert(!std::is_same_v<Fno<1, TuckerWeights>, Fno<1, CpWeights>>);
  static_assert(is_value<SpectralConvolution<2, CpWeights>> && is_value<Fno<2, TuckerWeights>>);
  CHECK(true);
}

TEST_CASE("CP: the tensor is the sum written out") {
  Engine engine(1);
  auto layer = make_spectral<2, CpWeights>(2, 3, {2, 3}, engine, {.rank = 0.5});
  layer.weight.scale = Parameter<Complex>(normal_array<double>({2, layer.weight.rank()}, 1.0, engine));
  const auto& [scale, factors] = layer.weight;
  CHECK(layer.weight.rank() == 2);  // of 36 numbers, 1 + 4 + 3 + 2 + 3 a term
  CHECK(layer.weight.shape() == Shape{4, 3, 2, 3});
  const auto values = layer.weight();
  CHECK(values.shape() == Shape{2, 4, 3, 2, 3});
  double largest = 0;
  for (Index k = 0; k < 4; ++k)
    for (Index l = 0; l < 3; ++l)
      for (Index i = 0; i < 2; ++i)
        for (Index o = 0; o < 3; ++o) {
          Complex sum = 0;
          for (Index r = 0; r < layer.weight.rank(); ++r)
            sum += entry(scale, r) * entry(factors[0], k, r) * entry(factors[1], l, r) *
                   entry(factors[2], i, r) * entry(factors[3], o, r);
          largest = std::max(largest, std::abs(sum - Complex(values(0, k, l, i, o), values(1, k, l, i, o))));
        }
  CHECK(largest < 1e-15);
}

TEST_CASE("Tucker: the tensor is the sum written out") {
  Engine engine(1);
  const auto layer = make_spectral<1, TuckerWeights>(4, 3, 5, engine, {.rank = 0.8});
  const auto& [core, factors] = layer.weight;
  const Shape ranks = core.shape();
  CHECK(ranks.count() > 1);
  CHECK(layer.weight.shape() == Shape{5, 4, 3});
  const auto values = layer.weight();
  double largest = 0;
  for (Index k = 0; k < 5; ++k)
    for (Index i = 0; i < 4; ++i)
      for (Index o = 0; o < 3; ++o) {
        Complex sum = 0;
        for (Index a = 0; a < ranks[0]; ++a)
          for (Index b = 0; b < ranks[1]; ++b)
            for (Index c = 0; c < ranks[2]; ++c) {
              const Index at = (a * ranks[1] + b) * ranks[2] + c;
              sum += Complex(core.value().data()[at], core.value().data()[ranks.count() + at]) *
                     entry(factors[0], k, a) * entry(factors[1], i, b) * entry(factors[2], o, c);
            }
        largest = std::max(largest, std::abs(sum - Complex(values(0, k, i, o), values(1, k, i, o))));
      }
  CHECK(largest < 1e-15);
}

TEST_CASE("both orders of the products are those of the dense layer") {
  Engine engine(5);
  const SpectralOptions options{.rank = 0.7};
  const Circle circle({0.0, 1.0, 12});
  check_as_dense<SpectralConvolution<1>>(make_spectral<1, CpWeights>(3, 4, 5, engine, options), circle,
                                         engine);
  check_as_dense<SpectralConvolution<1, Sine>>(
      make_spectral<1, Sine, TuckerWeights>(3, 4, 5, engine, options), Line({0.0, 1.0, 12}), engine);
  const Torus torus({{0.0, 1.0, 9}, {0.0, 1.0, 8}});
  check_as_dense<SpectralConvolution<2>>(make_spectral<2, TuckerWeights>(4, 3, {3, 4}, engine, options),
                                         torus, engine);
  // The half axis is the first, and there are modes after it.
  auto mixed = make_spectral<2, CpWeights, Fourier, Chebyshev>(2, 3, {3, 4}, engine, options);
  mixed.padding = {0.2, 0.0};
  using Grid = ProductGrid<PeriodicGrid<>, LegendreGrid<>>;
  const Discretization<Grid, ProductRule<Trapezoid, GaussLegendre>> d(Grid({0.0, 1.0, 7}, {0.0, 1.0, 6}));
  check_as_dense<SpectralConvolution<2, Fourier, Chebyshev>>(mixed, d, engine);
}

TEST_CASE("three axes, two of them complex") {
  Engine engine(5);
  using Grid = ProductGrid<PeriodicGrid<>, PeriodicGrid<>, LegendreGrid<>>;
  const Discretization<Grid, ProductRule<Trapezoid, Trapezoid, GaussLegendre>> d(
      Grid({0.0, 1.0, 5}, {0.0, 2.0, 6}, {-1.0, 1.0, 4}));
  const auto layer =
      make_spectral<3, TuckerWeights, Fourier, Fourier, Sine>(2, 3, {2, 3, 2}, engine, {.rank = 0.4});
  check_as_dense<SpectralConvolution<3, Fourier, Fourier, Sine>>(layer, d, engine);
}

TEST_CASE("a full core with identity factors is the dense layer") {
  Engine engine(2);
  const auto reference = make_spectral<2>(3, 2, {2, 3}, engine);
  SpectralConvolution<2, TuckerWeights> layer;
  layer.weight.core = reference.weight;
  for (Index length : reference.weight.shape()) {
    auto values = Array<double>::zeros({2, length, length});
    for (Index i = 0; i < length; ++i) values.mutable_data()[i * length + i] = 1.0;
    layer.weight.factors.emplace_back(values);
  }
  CHECK(gap(layer.weight(), reference.weight()) == 0.0);
  const auto u = random_field(Torus({{0.0, 1.0, 7}, {0.0, 1.0, 8}}), 1, 3, engine);
  CHECK(gap(layer(u).values(), reference(u).values()) < 1e-15);
}

TEST_CASE("gradients, in both orders of the products") {
  Engine engine(3);
  const Circle d({0.0, 1.0, 8});
  const Torus torus({{0.0, 1.0, 6}, {0.0, 1.0, 5}});
  const auto cp = make_spectral<2, CpWeights>(2, 3, {2, 2}, engine, {.rank = 1.0});
  const auto real = make_spectral<1, CpWeights, Cosine>(3, 3, 4, engine, {.rank = 1.0});
  auto tucker = make_spectral<1, TuckerWeights>(3, 3, 4, engine, {.rank = 1.0});
  tucker.weight = {
      detail::normal_leaf<Complex>({2, 3, 3}, 1.0, engine),
      {detail::normal_leaf<Complex>({4, 2}, 1.0, engine), detail::normal_leaf<Complex>({3, 3}, 1.0, engine),
       detail::normal_leaf<Complex>({3, 3}, 1.0, engine)}};
  for (Index batch : {1, 6}) {
    check(laws::gradient(cp, random_field(torus, batch, 2, engine)));
    check(laws::gradient(real, random_field(Line({0.0, 1.0, 8}), batch, 3, engine)));
    check(laws::gradient(tucker, random_field(d, batch, 3, engine)));
  }
}

TEST_CASE("how many numbers") {
  Engine engine(1);
  const Index modes = 24 * 12, channels = 32;
  const auto reference = count_parameters(make_spectral<2>(channels, channels, 12, engine));
  CHECK(reference == 2 * modes * channels * channels);
  for (double rank : {0.3, 0.05, 0.01}) {
    const auto cp = make_spectral<2, CpWeights>(channels, channels, 12, engine, {.rank = rank});
    const auto tucker = make_spectral<2, TuckerWeights>(channels, channels, 12, engine, {.rank = rank});
    const double limit = rank * static_cast<double>(reference);
    const Index term = 2 * (1 + 24 + 12 + 32 + 32);
    CHECK(count_parameters(cp) == cp.weight.rank() * term);
    CHECK(count_parameters(cp) <= limit);
    CHECK(count_parameters(cp) + term > limit);
    const Shape core = tucker.weight.core.shape();
    CHECK(count_parameters(tucker) ==
          2 * (core.count() + 24 * core[0] + 12 * core[1] + 32 * core[2] + 32 * core[3]));
    CHECK(count_parameters(tucker) <= limit);
    CHECK(count_parameters(tucker) > 0.6 * limit);
  }
  // at least one term, and a core of one number
  CHECK(make_spectral<1, CpWeights>(2, 2, 2, engine, {.rank = 1e-9}).weight.rank() == 1);
  CHECK(make_spectral<1, TuckerWeights>(2, 2, 2, engine, {.rank = 1e-9}).weight.core.shape() ==
        Shape{1, 1, 1});
}

TEST_CASE("the tensor starts with the variance of dense weights") {
  // 1 / (in + out) for a complex one, half of E|R|^2 = 2 / (in + out); 2 / (in + out) for a real one.
  const double expected = 1.0 / 16;
  const auto cp = many([](Engine& e) { return make_spectral<2, CpWeights>(8, 8, 4, e, {.rank = 0.3}); });
  const auto tucker =
      many([](Engine& e) { return make_spectral<2, TuckerWeights>(8, 8, 4, e, {.rank = 0.3}); });
  const auto real =
      many([](Engine& e) { return make_spectral<1, Sine, CpWeights>(8, 8, 16, e, {.rank = 0.3}); });
  const auto louder = many(
      [](Engine& e) { return make_spectral<1, Sine, TuckerWeights>(8, 8, 16, e, {.gain = 3, .rank = 0.3}); });
  CHECK(mean_square(cp) == doctest::Approx(expected).epsilon(0.05));
  CHECK(mean_square(tucker) == doctest::Approx(expected).epsilon(0.05));
  CHECK(mean_square(real) == doctest::Approx(2 * expected).epsilon(0.05));
  CHECK(mean_square(louder) == doctest::Approx(18 * expected).epsilon(0.05));
}

TEST_CASE("the same operator on two grids") {
  Engine engine(4);
  const auto layer = make_spectral<2, CpWeights>(1, 2, {3, 4}, engine, {.rank = 0.5});
  const auto f = [](double x, double y) { return std::exp(std::sin(2 * pi * x) + std::cos(2 * pi * y)); };
  const Torus coarse({{0.0, 1.0, 32}, {0.0, 1.0, 33}}), fine({{0.0, 1.0, 48}, {0.0, 1.0, 51}});
  CHECK(gap(layer(sample(f, coarse), fine).values(), layer(sample(f, fine)).values()) < 1e-13);
  // Untrained, 128 points against 64 of them: what the activations alias, and no more than with dense weights.
  const auto distance_of = [&]<class... Weights>(double rank) {
    Engine seeded(4);
    const auto model = make_fno<1, Weights...>(
        {.channels = 8, .modes = 8, .depth = 2, .position = Position::none, .rank = rank}, seeded);
    const auto g = [](double x) { return std::exp(std::sin(2 * pi * x)); };
    const Circle few({0.0, 1.0, 64}), many_points({0.0, 1.0, 128});
    return distance<L2>(resample(model(sample(g, few)), many_points), model(sample(g, many_points)));
  };
  const double low = distance_of.template operator()<TuckerWeights>(0.3), full = distance_of(1.0);
  INFO(low, " ", full);
  CHECK(low < 1e-9);
  CHECK(full < 1e-9);
}

TEST_CASE("what is refused, and in which words") {
  Engine engine(1);
  for (double rank : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    const auto message = message_of([&] { make_spectral<1, CpWeights>(2, 2, 4, engine, {.rank = rank}); });
    INFO(message);
    std::ostringstream value;
    value << rank;
    CHECK(contains(message, "rank " + value.str()));
    CHECK(contains(message, "give a number above 0 and at most 1"));
  }
  CHECK(contains(message_of([&] { make_fno<2, TuckerWeights>({.modes = 3, .rank = 7}, engine); }), "rank 7"));
  const auto dense_rank = message_of([&] { make_fno<1>({.modes = 3, .rank = 0.1}, engine); });
  CHECK(contains(dense_rank, "0.1"));
  CHECK(contains(dense_rank, "name CpWeights or TuckerWeights"));
  const auto layer = make_spectral<1, CpWeights>(2, 3, 4, engine, {.rank = 0.5});
  CHECK(contains(message_of([&] { layer(random_field(Circle({0.0, 1.0, 8}), 1, 5, engine)); }),
                 "weights of shape (4, 2, 3) takes 2 channels, and the field has 5"));
}

TEST_CASE("factors are leaves: saved, loaded, cast, frozen") {
  Engine engine(6), other(7);
  const FnoOptions options{.channels = 4, .modes = 3, .depth = 2, .rank = 0.5};
  const auto model = make_fno<2, CpWeights>(options, engine);
  const auto tucker = make_fno<1, TuckerWeights, float>(options, engine);
  std::vector<std::string> paths;
  for_each_parameter(model.blocks[0].spectral,
                     [&](const std::string& path, const auto&) { paths.push_back(path); });
  CHECK(paths == std::vector<std::string>{"weight.scale", "weight.factors.0", "weight.factors.1",
                                          "weight.factors.2", "weight.factors.3"});
  const support::Folder folder;
  save(model, folder / "cp.safetensors");
  save(tucker, folder / "tucker.safetensors");
  auto loaded = make_fno<2, CpWeights>(options, other);
  auto loaded_tucker = make_fno<1, TuckerWeights, float>(options, other);
  load(loaded, folder / "cp.safetensors");
  load(loaded_tucker, folder / "tucker.safetensors");
  const auto u = random_field(Torus({{0.0, 1.0, 8}, {0.0, 1.0, 8}}), 1, 1, engine);
  CHECK(gap(loaded(u).values(), model(u).values()) == 0.0);
  const auto v = random_field(Circle({0.0, 1.0, 8}), 1, 1, engine);
  CHECK(gap(cast<double>(loaded_tucker(cast<float>(v))).values(),
            cast<double>(tucker(cast<float>(v))).values()) == 0.0);
  // of another rank, it does not fit
  auto smaller = make_fno<2, CpWeights>({.channels = 4, .modes = 3, .depth = 2, .rank = 0.2}, other);
  CHECK_THROWS(load(smaller, folder / "cp.safetensors"));

  const auto rounded = cast<float>(model);
  static_assert(std::is_same_v<decltype(rounded), const Fno<2, CpWeights, float>>);
  CHECK(gap(cast<double>(rounded(cast<float>(u))).values(), model(u).values()) < 1e-5);
  CHECK(count_parameters(rounded) == count_parameters(model));
  const auto frozen = detach(model);
  const auto loss = [&](const auto& live, const auto& input) {
    return mean(square(live(input) - frozen(input)).values());
  };
  CHECK(value_and_gradient(loss, loaded, u).value == 0.0);
}

TEST_CASE_TEMPLATE("a 2-D FNO learns", Weights, CpWeights, TuckerWeights) {
  Engine engine(8);
  auto model = make_fno<2, Weights>({.channels = 8, .modes = 4, .depth = 2, .rank = 0.1}, engine);
  CHECK(count_parameters(model) <
        count_parameters(make_fno<2>({.channels = 8, .modes = 4, .depth = 2}, engine)) / 3);
  const Torus d({{0.0, 1.0, 12}, {0.0, 1.0, 12}});
  const auto functions = random_fields<2>(4, {.box = d.box(), .ends = Ends::periodic}, engine);
  const auto u = sample(functions, d);
  const auto target = u * u + u;
  const auto loss = [](const auto& m, const auto& input, const auto& output) {
    return mean_squared_error(m(input), output);
  };
  Adam adam(model, {.learning_rate = 1e-2});
  Workspace workspace(1);
  double first = 0, last = 0;
  for (int step = 0; step < 40; ++step) {
    const auto [value, gradient] = value_and_gradient(workspace, loss, model, u, target);
    adam.step(model, gradient);
    (step == 0 ? first : last) = value;
  }
  INFO(first, " ", last);
  CHECK(last < 0.1 * first);
}
