// Attention at linear cost, slice attention and axial attention: each against the double loop that it is short for.
#include <fredholm/autodiff/ops/linear_attention.hpp>
#include <fredholm/autodiff/ops/swap_axes.hpp>
#include <fredholm/core/cast.hpp>
#include <fredholm/layers/axial_attention.hpp>
#include <fredholm/layers/galerkin_attention.hpp>
#include <fredholm/layers/linear_attention.hpp>
#include <fredholm/layers/slice_attention.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;

namespace {

using Values = Array<double>;
using Line = Discretization<UniformGrid<>, Simpson>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Plane = Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>>, ProductRule<Simpson, GaussLegendre>>;
using Space = Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>, PeriodicGrid<>>,
                             ProductRule<Simpson, GaussLegendre, Trapezoid>>;

Line line() { return Line({0.0, 2.0, 11}); }
Gauss gauss() { return Gauss({0.0, 2.0, 7}); }
Plane plane() { return Plane({{0.0, 1.0, 5}, {0.0, 2.0, 4}}); }

constexpr Index channels = 6, heads = 2, width = 3, slice_count = 5;
const AttentionOptions options{.channels = channels, .heads = heads, .slices = slice_count};

template <class D>
Field<D, double> random_field(const D& d, Index batch, Index seed = 5) {
  Engine engine(static_cast<std::uint64_t>(seed));
  return {d, normal_array<double>(detail::field_shape(batch, d.shape(), channels), 1.0, engine)};
}

/// One sample as a matrix of doubles: rows are points.
struct Rows {
  Index points, columns;
  std::vector<double> x;
  double& operator()(Index i, Index c) { return x[static_cast<std::size_t>(i * columns + c)]; }
  double operator()(Index i, Index c) const { return x[static_cast<std::size_t>(i * columns + c)]; }
};
Rows zeros(Index points, Index columns) {
  return {points, columns, std::vector<double>(static_cast<std::size_t>(points * columns))};
}
template <class F>
Rows sample_of(const F& u, Index b) {
  Rows rows = zeros(u.points(), u.channels());
  std::copy_n(u.values().data() + b * u.points() * u.channels(), std::ssize(rows.x), rows.x.begin());
  return rows;
}
Rows mapped(const Linear<>& map, const Rows& u) {
  const Index out = map.weight.shape()[1];
  Rows y = zeros(u.points, out);
  for (Index i = 0; i < u.points; ++i) {
    for (Index o = 0; o < out; ++o) {
      y(i, o) = map.bias.value()(o);
      for (Index c = 0; c < u.columns; ++c) y(i, o) += u(i, c) * map.weight.value()(c, o);
    }
  }
  return y;
}
/// u by the mean and variance of f with weights w.
Rows normalized_by(const Rows& u, const Rows& f, const std::vector<double>& w, double epsilon) {
  Rows y = u;
  double total = 0;
  for (double weight : w) total += weight;
  for (Index c = 0; c < u.columns; ++c) {
    double mean = 0, variance = 0;
    for (Index i = 0; i < f.points; ++i) mean += w[static_cast<std::size_t>(i)] * f(i, c) / total;
    for (Index i = 0; i < f.points; ++i)
      variance += w[static_cast<std::size_t>(i)] * std::pow(f(i, c) - mean, 2) / total;
    for (Index i = 0; i < u.points; ++i) y(i, c) = (u(i, c) - mean) / std::sqrt(variance + epsilon);
  }
  return y;
}
Rows normalized(const Rows& u, const std::vector<double>& w, double epsilon) {
  return normalized_by(u, u, w, epsilon);
}

/// sum_j w_j kernel(q_i, k_j) v_j by heads, over sum_j w_j kernel or over sum_j w_j.
template <class Kernel>
Rows double_loop(const Rows& q, const Rows& k, const Rows& v, const std::vector<double>& w,
                 const Kernel& kernel, bool ratio) {
  Rows y = zeros(q.points, v.columns);
  for (Index i = 0; i < q.points; ++i) {
    for (Index c = 0; c < v.columns; ++c) {
      double below = 0;
      for (Index j = 0; j < k.points; ++j) {
        double term = 0;
        for (Index a = c / width * width; a < c / width * width + width; ++a)
          term += kernel.each(q(i, a), k(j, a));
        term = w[static_cast<std::size_t>(j)] * kernel.of_sum(term);
        below += ratio ? term : w[static_cast<std::size_t>(j)];
        y(i, c) += term * v(j, c);
      }
      y(i, c) /= below;
    }
  }
  return y;
}
struct Product {
  static double each(double a, double b) { return a * b; }
  static double of_sum(double s) { return s; }
};
struct Softmax {
  static double each(double a, double b) { return a * b; }
  static double of_sum(double s) { return std::exp(s / std::sqrt(static_cast<double>(width))); }
};
struct Elu {
  static double phi(double s) { return s > 0 ? s + 1 : std::exp(s); }
  static double each(double a, double b) { return phi(a) * phi(b); }
  static double of_sum(double s) { return s; }
};
struct LogOnePlusExp {
  static double phi(double s) { return std::log(1 + std::exp(s)); }
  static double each(double a, double b) { return phi(a) * phi(b); }
  static double of_sum(double s) { return s; }
};

void check_rows(const Rows& expected, const Rows& got) {
  REQUIRE(expected.points == got.points);
  REQUIRE(expected.columns == got.columns);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < got.x.size(); ++i) {
    error = std::max(error, std::abs(got.x[i] - expected.x[i]));
    size = std::max(size, std::abs(expected.x[i]));
  }
  CHECK(size > 1e-3);
  CHECK(error < 1e-12 * (1 + size));
}

/// layer(u) and layer(u, f) against reference(layer, rows of u, weights of u, rows of f, weights of f).
template <class Layer, class Reference>
void check_kind(const Layer& layer, const Reference& reference) {
  const auto each = [&](const auto& u, const auto& f, const auto& got) {
    CHECK(got.discretization() == u.discretization());
    CHECK(got.values().shape() == u.values().shape());
    for (Index b = 0; b < u.batch(); ++b) {
      check_rows(reference(layer, sample_of(u, b), u.discretization().weights(),
                           sample_of(f, f.batch() == 1 ? 0 : b), f.discretization().weights()),
                 sample_of(got, b));
    }
  };
  const auto u = random_field(line(), 2);
  const auto p = random_field(plane(), 2, 6);
  const auto f = random_field(gauss(), 2, 7);
  const auto one = random_field(gauss(), 1, 8);
  each(u, u, layer(u));
  each(p, p, layer(p));
  each(u, f, layer(u, f));
  each(f, u, layer(f, u));
  each(u, one, layer(u, one));
}

template <class Kernel>
auto by_features() {
  return [](const auto& layer, const Rows& u, const auto&, const Rows& f, const std::vector<double>& w) {
    return mapped(layer.output, double_loop(mapped(layer.query, u), mapped(layer.key, f),
                                            mapped(layer.value, f), w, Kernel{}, true));
  };
}

Rows sliced(const SliceAttention<>& layer, const Rows& u) {
  Rows p = mapped(layer.slice, u);
  for (Index i = 0; i < u.points; ++i) {
    for (Index h = 0; h < heads; ++h) {
      double sum = 0;
      for (Index s = h * slice_count; s < (h + 1) * slice_count; ++s)
        sum += p(i, s) = std::exp(p(i, s) / std::exp(layer.log_temperature.value()(h)));
      for (Index s = h * slice_count; s < (h + 1) * slice_count; ++s) p(i, s) /= sum;
    }
  }
  return p;
}

Rows slice_reference(const SliceAttention<>& layer, const Rows& u, const Rows& f,
                     const std::vector<double>& w) {
  const Rows p = sliced(layer, u), pf = sliced(layer, f), v = mapped(layer.value, f);
  double total = 0;
  for (double weight : w) total += weight;
  Rows mixed = zeros(u.points, channels);
  for (Index h = 0; h < heads; ++h) {
    Rows tokens = zeros(slice_count, width);
    for (Index s = 0; s < slice_count; ++s) {
      double mass = layer.epsilon;
      for (Index j = 0; j < f.points; ++j) {
        const double part = w[static_cast<std::size_t>(j)] / total * pf(j, h * slice_count + s);
        mass += part;
        for (Index c = 0; c < width; ++c) tokens(s, c) += part * v(j, h * width + c);
      }
      for (Index c = 0; c < width; ++c) tokens(s, c) /= mass;
    }
    const Rows talked = double_loop(mapped(layer.token_query, tokens), mapped(layer.token_key, tokens),
                                    mapped(layer.token_value, tokens), std::vector<double>(slice_count, 1.0),
                                    Softmax{}, true);
    for (Index i = 0; i < u.points; ++i) {
      for (Index c = 0; c < width; ++c) {
        for (Index s = 0; s < slice_count; ++s)
          mixed(i, h * width + c) += p(i, h * slice_count + s) * talked(s, c);
      }
    }
  }
  return mapped(layer.output, mixed);
}

}  // namespace

TEST_CASE("linear attention is the ratio of two sums over all pairs") {
  Engine engine(3);
  check_kind(LinearAttention<>::make(options, engine), by_features<Elu>());
  check_kind(SoftplusAttention<>::make(options, engine), by_features<LogOnePlusExp>());
}

TEST_CASE("Galerkin's and Fourier's attention are sums over all pairs") {
  Engine engine(3);
  check_kind(GalerkinAttention<>::make(options, engine),
             [](const auto& layer, const Rows& u, const auto&, const Rows& f, const std::vector<double>& w) {
               return mapped(layer.output,
                             double_loop(mapped(layer.query, u), normalized(mapped(layer.key, f), w, 1e-5),
                                         normalized(mapped(layer.value, f), w, 1e-5), w, Product{}, false));
             });
  check_kind(FourierAttention<>::make(options, engine),
             [](const auto& layer, const Rows& u, const auto&, const Rows& f, const std::vector<double>& w) {
               const Rows q = normalized_by(mapped(layer.query, u), mapped(layer.query, f), w, 1e-5);
               return mapped(layer.output, double_loop(q, normalized(mapped(layer.key, f), w, 1e-5),
                                                       mapped(layer.value, f), w, Product{}, false));
             });
}

TEST_CASE("slice attention: tokens by the measure, softmax among tokens by number") {
  Engine engine(3);
  auto layer = SliceAttention<>::make(options, engine);
  CHECK(layer.slice.weight.shape() == Shape{channels, heads * slice_count});
  layer.log_temperature.mutable_data()[1] = 0.3;
  check_kind(layer, [](const auto& l, const Rows& u, const auto&, const Rows& f,
                       const std::vector<double>& w) { return slice_reference(l, u, f, w); });
}

TEST_CASE("axial attention goes along each axis by itself") {
  Engine engine(3);
  const auto layer = AxialAttention<3>::make(options, engine);
  REQUIRE(layer.axes.size() == 3);
  const Space d({{0.0, 1.0, 5}, {0.0, 2.0, 3}, {0.0, 1.0, 4}});
  const auto u = random_field(d, 2);
  const auto got = layer(u);
  const Shape lengths = d.shape();
  for (Index b = 0; b < 2; ++b) {
    const Rows x = sample_of(u, b);
    Rows expected = zeros(x.points, channels);
    for (Index axis = 0; axis < 3; ++axis) {
      const auto& part = layer.axes[static_cast<std::size_t>(axis)];
      const Index stride = axis == 0 ? lengths[1] * lengths[2] : axis == 1 ? lengths[2] : 1;
      for (Index i = 0; i < x.points; ++i) {
        const Index along = i / stride % lengths[axis];
        Rows points_of_line = zeros(lengths[axis], channels), here = zeros(1, channels);
        for (Index j = 0; j < lengths[axis]; ++j) {
          for (Index c = 0; c < channels; ++c) points_of_line(j, c) = x(i + (j - along) * stride, c);
        }
        for (Index c = 0; c < channels; ++c) here(0, c) = x(i, c);
        const Rows y =
            mapped(part.output,
                   double_loop(mapped(part.query, here), mapped(part.key, points_of_line),
                               mapped(part.value, points_of_line), d.axis_weights(axis), Softmax{}, true));
        for (Index c = 0; c < channels; ++c) expected(i, c) += y(0, c);
      }
    }
    check_rows(expected, sample_of(got, b));
  }
}

TEST_CASE("axial attention on a line is attention") {
  Engine engine(3);
  const auto layer = AxialAttention<1>::make(options, engine);
  const auto u = random_field(line(), 2);
  const auto a = layer(u), b = layer.axes[0](u);
  CHECK(std::equal(a.values().data(), a.values().data() + a.values().size(), b.values().data()));
  // A factor of two dimensions is one axis.
  const PointCloud<2> cloud(Box<2>{{0.0, 1.0}, {0.0, 1.0}}, {{0.1, 0.2}, {0.5, 0.7}, {0.9, 0.4}});
  const Discretization<ProductGrid<PointCloud<2>, UniformGrid<>>, ProductRule<MonteCarlo, Simpson>> d(
      {cloud, {0.0, 1.0, 5}});
  CHECK(AxialAttention<2>::make(options, engine)(random_field(d, 1)).values().shape() == Shape{1, 3, 5, 6});
}

TEST_CASE("a rule in the layer's type") {
  Engine engine(3);
  const auto u = random_field(plane(), 1);
  const Discretization<Plane::grid_type, Counting> counted(plane().grid());
  const auto same = [&](const auto& own, const auto& fields) {
    const auto a = own(u).values();
    const auto b =
        fields(Field<Discretization<Plane::grid_type, Counting>, double>(counted, u.values())).values();
    for (Index i = 0; i < a.size(); ++i) CHECK(a.data()[i] == doctest::Approx(b.data()[i]).epsilon(1e-13));
  };
  const auto both = [&]<class Own, class Fields>(const Own*, const Fields*) {
    Engine first(4), second(4);
    same(Own::make(options, first), Fields::make(options, second));
  };
  both(static_cast<LinearAttention<Counting>*>(nullptr), static_cast<LinearAttention<>*>(nullptr));
  both(static_cast<GalerkinAttention<Counting>*>(nullptr), static_cast<GalerkinAttention<>*>(nullptr));
  both(static_cast<FourierAttention<Counting>*>(nullptr), static_cast<FourierAttention<>*>(nullptr));
  both(static_cast<SliceAttention<Counting>*>(nullptr), static_cast<SliceAttention<>*>(nullptr));
  both(static_cast<AxialAttention<2, Counting>*>(nullptr), static_cast<AxialAttention<2>*>(nullptr));
}

TEST_CASE("in float, as cast and as made") {
  Engine engine(3);
  const auto u = random_field(plane(), 2);
  const auto near = [&](const auto& layer) {
    const auto a = layer(u).values();
    const auto b = cast<float>(layer)(cast<float>(u)).values();
    for (Index i = 0; i < a.size(); ++i)
      CHECK(static_cast<double>(b.data()[i]) == doctest::Approx(a.data()[i]).epsilon(1e-4).scale(1.0));
  };
  near(make_linear_attention(channels, heads, engine));
  near(make_softplus_attention(channels, heads, engine));
  near(make_galerkin_attention(channels, heads, engine));
  near(make_fourier_attention(channels, heads, engine));
  near(make_slice_attention(channels, heads, slice_count, engine));
  near(make_axial_attention<2>(channels, heads, engine));
  CHECK(make_galerkin_attention<Counting, float>(4, 2, engine).heads == 2);
}

TEST_CASE("the two products: any widths, any weights, a batch of 1") {
  Engine engine(3);
  const Index batch = 2, n = 40, a = 3, c = 17;
  const auto k = normal_array<double>({batch, n, heads * a}, 1.0, engine);
  const auto v = normal_array<double>({batch, n, heads * c}, 1.0, engine);
  const auto q = normal_array<double>({1, 9, heads * a}, 1.0, engine);
  Values w(Shape{n});
  for (Index j = 0; j < n; ++j) w.mutable_data()[j] = j % 3 == 2 ? 0.0 : j % 7 == 1 ? -0.5 : 1.0;
  const auto m = outer_integral(k, v, w, heads);
  REQUIRE(m.shape() == Shape{batch, heads, a, c});
  const auto y = apply_by_heads(q, m, heads);
  REQUIRE(y.shape() == Shape{batch, 9, heads * c});
  for (Index b = 0; b < batch; ++b) {
    for (Index i = 0; i < 9; ++i) {
      for (Index o = 0; o < heads * c; ++o) {
        double expected = 0;
        for (Index j = 0; j < n; ++j) {
          for (Index r = 0; r < a; ++r)
            expected += w(j) * q(0, i, o / c * a + r) * k(b, j, o / c * a + r) * v(b, j, o);
        }
        CHECK(y(b, i, o) == doctest::Approx(expected).epsilon(1e-12).scale(10.0));
      }
    }
  }
}

TEST_CASE("features are positive, and softmax does not overflow") {
  const Values x({6}, {-800.0, -1.0, 0.0, 0.5, 30.0, 800.0});
  const auto e = elu_plus_one(x), s = softplus(x), p = softmax(x);
  for (Index i = 0; i < 6; ++i) {
    const double t = x(i);
    CHECK(e(i) == doctest::Approx(t > 0 ? t + 1 : std::exp(t)).epsilon(1e-14));
    CHECK(s(i) == doctest::Approx(t > 40 ? t : std::log1p(std::exp(t))).epsilon(1e-14));
  }
  CHECK(p(5) == 1.0);
  CHECK(p(0) == 0.0);
}

TEST_CASE("swap_axes") {
  Engine engine(3);
  const auto x = normal_array<double>({2, 3, 4, 5}, 1.0, engine);
  const auto y = swap_axes(x, 3, 1), z = swap_axes(x, 1, 2);
  REQUIRE(y.shape() == Shape{2, 5, 4, 3});
  REQUIRE(z.shape() == Shape{2, 4, 3, 5});
  for (Index b = 0; b < 2; ++b) {
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 4; ++j) {
        for (Index k = 0; k < 5; ++k) {
          CHECK(y(b, k, j, i) == x(b, i, j, k));
          CHECK(z(b, j, i, k) == x(b, i, j, k));
        }
      }
    }
  }
  CHECK(swap_axes(x, 2, 2).data() == x.data());
  // Axes of one entry: nothing moves, unless two longer ones change their order.
  const auto flat_one = normal_array<double>({2, 1, 4}, 1.0, engine);
  CHECK(swap_axes(flat_one, 1, 2).data() == flat_one.data());
  CHECK(swap_axes(flat_one, 1, 2).shape() == Shape{2, 4, 1});
  const auto across = normal_array<double>({1, 3, 4}, 1.0, engine);
  const auto turned = swap_axes(across, 0, 2);
  REQUIRE(turned.shape() == Shape{4, 3, 1});
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j) CHECK(turned(j, i, 0) == across(0, i, j));
  }
  CHECK_THROWS_AS(swap_axes(x, 0, 4), std::invalid_argument);
}

TEST_CASE("an empty slice has a token of zero, and not of 0/0") {
  Engine engine(3);
  auto layer = SliceAttention<>::make(options, engine);
  for (Index h = 0; h < heads; ++h) layer.slice.bias.mutable_data()[h * slice_count] = -1e4;
  const auto u = random_field(line(), 1);
  const auto tokens = layer.tokens(u, layer.slices(u));
  for (Index c = 0; c < width; ++c) {
    CHECK(tokens(0, 0, 0, c) == 0.0);
    CHECK(std::isfinite(tokens(0, 1, 1, c)));
  }
  const auto v = layer(u);
  for (Index i = 0; i < v.values().size(); ++i) CHECK(std::isfinite(v.values().data()[i]));
}

TEST_CASE("what cannot be is an error") {
  Engine engine(3);
  CHECK_THROWS_AS(LinearAttention<>::make({.channels = 6, .heads = 4}, engine), std::invalid_argument);
  CHECK_THROWS_AS(GalerkinAttention<>::make({.channels = 6, .heads = 0}, engine), std::invalid_argument);
  CHECK_THROWS_AS(FourierAttention<>::make({.channels = 0, .heads = 1}, engine), std::invalid_argument);
  CHECK_THROWS_AS(SliceAttention<>::make({.channels = 6, .heads = 2, .slices = 0}, engine),
                  std::invalid_argument);
  CHECK_THROWS_AS(AxialAttention<2>::make({.channels = 6, .heads = 4}, engine), std::invalid_argument);
  CHECK_THROWS_AS(AxialAttention<2>{}(random_field(plane(), 1)), std::invalid_argument);

  const auto x = Values::full({1, 4, 2}, 1.0);
  const auto w = Values::full({4}, 1.0);
  CHECK_THROWS_AS(outer_integral(x, x, Values::full({3}, 1.0), 1), std::invalid_argument);
  CHECK_THROWS_AS(outer_integral(x, x, w, 3), std::invalid_argument);
  CHECK_THROWS_AS(outer_integral(x, Values::full({1, 5, 2}, 1.0), w, 1), std::invalid_argument);
  CHECK_THROWS_AS(apply_by_heads(x, Values::full({1, 2, 2, 2}, 1.0), 2), std::invalid_argument);
  CHECK_THROWS_AS(apply_by_heads(Values::full({3, 4, 2}, 1.0), Values::full({2, 1, 2, 2}, 1.0), 1),
                  std::invalid_argument);

  // Weights that cancel: the same values at all points, and the weights add up to nothing.
  const auto cloud = [](std::vector<double> weights) {
    return Discretization<ScatteredGrid, Given>(ScatteredGrid({0.0, 0.3, 0.6, 1.0}),
                                                Given{std::move(weights)});
  };
  const auto constant = [&](const auto& d) {
    return Field<std::remove_cvref_t<decltype(d)>, double>(d, Values::full({1, 4, channels}, 0.3));
  };
  const auto none = constant(cloud({1.0, -1.0, 2.0, -2.0})), nothing = constant(cloud({0.0, 0.0, 0.0, 0.0}));
  for (const auto& u : {none, nothing}) {
    CHECK_THROWS_AS(LinearAttention<>::make(options, engine)(u), std::invalid_argument);
    CHECK_THROWS_AS(GalerkinAttention<>::make(options, engine)(u), std::invalid_argument);
    CHECK_THROWS_AS(FourierAttention<>::make(options, engine)(u), std::invalid_argument);
    CHECK_THROWS_AS(SliceAttention<>::make(options, engine)(u), std::invalid_argument);
  }
  // Negative weights that do not cancel are weights.
  const auto u = constant(cloud({1.0, -0.5, 0.0, 0.5}));
  CHECK(std::isfinite(LinearAttention<>::make(options, engine)(u).values()(0, 0, 0)));
  CHECK(std::isfinite(SliceAttention<>::make(options, engine)(u).values()(0, 0, 0)));
}

TEST_CASE("values that are not numbers give outputs that are not, and no word about the rule") {
  Engine engine(3);
  auto u = random_field(line(), 1);
  u.mutable_array()(0, 2, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(LinearAttention<>::make(options, engine)(u).values()(0, 0, 0)));
  CHECK(std::isnan(GalerkinAttention<>::make(options, engine)(u).values()(0, 0, 0)));
  CHECK(std::isnan(SliceAttention<>::make(options, engine)(u).values()(0, 0, 0)));
}

TEST_CASE("features that vanish in the precision: the message is about the queries, not the weights") {
  Engine engine(3);
  auto layer = make_linear_attention<RuleOfField, float>(4, 2, engine);
  for (Index c = 0; c < 4; ++c) layer.query.bias.mutable_data()[c] = -300.0f;
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  const auto u = Field(d, Array<float>::full({1, 5, 4}, 0.3f));
  const auto message = support::message_of([&] { (void)layer(u); });
  INFO(message);
  CHECK(support::contains(message, "the features of a query, or those of all keys, vanish"));
  CHECK(support::contains(message, "use double"));
  CHECK_NOTHROW((void)cast<double>(layer)(cast<double>(u)));
  const auto cancel =
      Field(Discretization<ScatteredGrid, Given>(ScatteredGrid({0.0, 1.0}), Given{{1.0, -1.0}}),
            Array<float>::full({1, 2, 4}, 0.3f));
  CHECK(support::contains(
      support::message_of([&] { (void)make_linear_attention<RuleOfField, float>(4, 2, engine)(cancel); }),
      "negative weights cancel"));
}
