// Every operation, layer and model: its adjoint is the transpose of its derivative.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws/gradient.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace fredholm;
using Values = Array<double>;

namespace {

void check(const laws::GradientReport& report) {
  INFO(report.message());
  CHECK(report.passed());
}

Engine rng(3);

Values normals(Shape shape) { return normal_array<double>(shape, 1.0, rng); }
/// Between 0.5 and 1.5: for logarithms and roots, and to divide by.
Values positive(Shape shape) {
  Values x = uniform_array<double>(shape, 0.5, rng);
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] += 1.0;
  return x;
}
/// At least 0.1 away from zero: for what has a kink there.
Values away_from_zero(Shape shape) {
  Values x = normals(shape);
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] += x.data()[i] < 0 ? -0.1 : 0.1;
  return x;
}

using Line = Discretization<UniformGrid<>, Simpson>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
/// With walls along x and y, and along y alone.
using Walls = Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>>, ProductRule<Simpson, GaussLegendre>>;
using Channel =
    Discretization<ProductGrid<PeriodicGrid<>, LegendreGrid<>>, ProductRule<Trapezoid, GaussLegendre>>;

Line line() { return Line({0.0, 2.0, 11}); }
Circle circle() { return Circle({0.0, 1.0, 12}); }
Gauss gauss() { return Gauss({-1.0, 1.0, 9}); }
Plane plane() { return Plane({{0.0, 1.0, 7}, {0.0, 2.0, 8}}); }
Walls walls() { return Walls({{0.0, 1.0, 7}, {0.0, 2.0, 8}}); }
Channel channel() { return Channel({{0.0, 1.0, 8}, {0.0, 2.0, 7}}); }

template <class D>
Field<D, double> random_field(const D& d, Index batch, Index channels) {
  return {d, normals(detail::field_shape(batch, d.shape(), channels))};
}

/// x^3 with the adjoint of x^2.
Values wrong_cube(const Values& x) {
  Values y(x.shape());
  flat(y.mutable_data(), x.size()) = flat(x.data(), x.size()).cube();
  return record(
      y,
      [x](Tape& tape, const double* dy) { tape.add(x, 2.0 * flat(x.data(), x.size()) * flat(dy, x.size())); },
      x);
}

/// 2 x with an adjoint that overwrites what is there.
Values overwriting(const Values& x) {
  Values y(x.shape());
  flat(y.mutable_data(), x.size()) = 2.0 * flat(x.data(), x.size());
  return record(
      y,
      [x](Tape& tape, const double* dy) {
        tape.accumulate(x, [&](double* dx) { flat(dx, x.size()) = 2.0 * flat(dy, x.size()); });
      },
      x);
}

/// 2 x with an adjoint that adds to what is not there yet.
Values adding_to_nothing(const Values& x) {
  Values y(x.shape());
  flat(y.mutable_data(), x.size()) = 2.0 * flat(x.data(), x.size());
  return record(
      y,
      [x](Tape& tape, const double* dy) {
        tape.accumulate(x, [&](double* dx, bool) { flat(dx, x.size()) += 2.0 * flat(dy, x.size()); });
      },
      x);
}

/// p x with an adjoint that leaves every second entry of a fresh adjoint as it is.
struct HalfSet {
  Parameter<double> p;
  Values operator()(const Values& x) const {
    const Values q = p();
    Values y(x.shape());
    flat(y.mutable_data(), x.size()) = flat(q.data(), x.size()) * flat(x.data(), x.size());
    return record(
        y,
        [x, q](Tape& tape, const double* dy) {
          tape.add(x, flat(q.data(), x.size()) * flat(dy, x.size()));
          tape.accumulate(q, [&](double* dq, bool accumulate) {
            for (Index i = 0; i < x.size(); ++i) {
              if (accumulate || i % 2 == 0) dq[i] = (accumulate ? dq[i] : 0.0) + x.data()[i] * dy[i];
            }
          });
        },
        x, q);
  }
};

}  // namespace

TEST_CASE("functions of each value") {
  const Values x = normals({3, 5}), y = positive({3, 5}), z = away_from_zero({3, 5});
  check(laws::gradient([](const Values& a) { return exp(a); }, x));
  check(laws::gradient([](const Values& a) { return log(a); }, y));
  check(laws::gradient([](const Values& a) { return sqrt(a); }, y));
  check(laws::gradient([](const Values& a) { return square(a); }, x));
  check(laws::gradient([](const Values& a) { return abs(a); }, z));
  check(laws::gradient([](const Values& a) { return tanh(a); }, x));
  check(laws::gradient([](const Values& a) { return sin(a); }, x));
  check(laws::gradient([](const Values& a) { return cos(a); }, x));
  check(laws::gradient([](const Values& a) { return sigmoid(a); }, x));
  check(laws::gradient([](const Values& a) { return relu(a); }, z));
  check(laws::gradient([](const Values& a) { return silu(a); }, x));
  check(laws::gradient([](const Values& a) { return gelu(a); }, x));
}

TEST_CASE("arithmetic with every way to repeat") {
  const std::vector<std::pair<Shape, Shape>> pairs{
      {{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4}, {4}},       {{4}, {2, 3, 4}},       {{2, 3, 4}, {1}},
      {{2, 3, 4}, {}},        {{2, 3, 1}, {2, 3, 4}}, {{1, 3, 4}, {2, 3, 4}}, {{2, 1, 4}, {1, 3, 1}},
      {{3, 1}, {2, 3, 4}},    {{2, 1, 1}, {3, 4}},    {{1, 1}, {2, 2}},       {{}, {}}};
  for (const auto& [left, right] : pairs) {
    const Values a = normals(left), b = positive(right);
    check(laws::gradient({.linear = true}, [](const Values& x, const Values& y) { return x + y; }, a, b));
    check(laws::gradient({.linear = true}, [](const Values& x, const Values& y) { return x - y; }, a, b));
    check(laws::gradient([](const Values& x, const Values& y) { return x * y; }, a, b));
    check(laws::gradient([](const Values& x, const Values& y) { return x / y; }, a, b));
  }
  const Values a = positive({3, 4});
  check(laws::gradient({.linear = true}, [](const Values& x) { return 2.0 - (x + 1) * 3.0 / 4 - -x; }, a));
  check(laws::gradient([](const Values& x) { return 2.0 / x + 1.0 + (1.0 - x) * x; }, a));
  check(laws::gradient([](const Values& x) { return x * x + x / x; }, a));
}

TEST_CASE("numbers") {
  const Values a = positive({3, 4}), b = positive({5});
  check(laws::gradient(
      [](const Values& x, const Values& y) {
        return sum(x) * mean(y) - sum(y) / mean(x) + 2.0 * sum(x) - 1.0 / sum(y);
      },
      a, b));
  check(laws::gradient(
      [](const Values& x, const Values& y) {
        return x * sum(y) + x / mean(y) - sum(y) * x + (x - mean(x)) + (x + sum(y));
      },
      a, b));
}

TEST_CASE("sums and maxima") {
  const Values x = normals({2, 3, 4});
  check(laws::gradient({.linear = true}, [](const Values& a) { return sum(a); }, x));
  check(laws::gradient({.linear = true}, [](const Values& a) { return mean(a); }, x));
  for (Index axis = 0; axis < 3; ++axis) {
    check(laws::gradient({.linear = true}, [axis](const Values& a) { return sum(a, axis); }, x));
  }
  const Values w = normals({3});
  check(laws::gradient({.linear = true}, [w](const Values& a) { return weighted_sum(a, w); }, x));
  check(laws::gradient({.step = 1e-5}, [](const Values& a) { return max_per_sample(a); }, x));
}

TEST_CASE("arrays put together and taken apart") {
  const Values x = normals({3, 4, 5}), y = normals({3, 4, 2}), one = normals({1, 4, 2});
  const laws::GradientOptions linear{.linear = true};
  check(laws::gradient(linear, [](const Values& a) { return slice_channels(a, 1, 3); }, x));
  check(laws::gradient(linear, [](const Values& a) { return slice_batch(a, 1, 2); }, x));
  check(laws::gradient(linear, [](const Values& a, const Values& b) { return concatenate(a, b); }, x, y));
  check(laws::gradient(linear, [](const Values& a, const Values& b) { return concatenate(a, b); }, x, one));
  check(laws::gradient(linear, [](const Values& a, const Values& b) { return concatenate(a, b); }, one, x));
  check(laws::gradient(
      linear, [](const Values& a, const Values& b) { return stack<double>({a, b, a}); }, x,
      normals({1, 4, 5})));
  check(laws::gradient(linear, [](const Values& a) { return a.reshaped({12, 5}); }, x));
}

TEST_CASE("linear maps") {
  const Values x = normals({2, 3, 4}), w = normals({4, 5}), b = normals({5});
  check(laws::gradient([](const Values& a, const Values& m, const Values& c) { return linear(a, m, c); }, x,
                       w, b));
  const AxisMap banded{4, 3, 2, {0, 0, 1, 1}, {1, 2, -3, 4, 5, 6, -7, 8}};
  for (Index axis = 0; axis < 3; ++axis) {
    const Index n = x.shape(axis);
    std::vector<double> entries;
    for (Index i = 0; i < 6 * n; ++i) entries.push_back(normal(rng));
    const AxisMap dense = AxisMap::dense(6, n, entries);
    check(laws::gradient({.linear = true}, [&](const Values& a) { return apply_along(a, axis, dense); }, x));
  }
  check(laws::gradient({.linear = true}, [&](const Values& a) { return apply_along(a, 1, banded); }, x));
}

TEST_CASE("a trained matrix along an axis") {
  Engine own(5);  // the tests below keep their numbers
  const Shape shape{2, 3, 4};
  const Values x = normal_array<double>(shape, 1.0, own);
  for (Index axis = 0; axis < 3; ++axis) {
    const Values matrix = normal_array<double>({5, shape[axis]}, 1.0, own);
    check(laws::gradient([&](const Values& a, const Values& m) { return multiply_along(a, axis, m); }, x,
                         matrix));
    CHECK_THROWS_AS(multiply_along(x, axis, x.reshaped({4, 6})), std::invalid_argument);
  }
}

TEST_CASE("normalizations") {
  check(laws::gradient(  // registers of channels and of rows, and what is left of both
      [](const Values& a, const Values& s, const Values& t) { return layer_norm(a, s, t, 1e-5); },
      normals({2, 6, 21}), positive({21}), normals({21})));
  const Values x = normals({2, 6, 4}), scale = positive({4}), shift = normals({4}), w = positive({6});
  check(laws::gradient(
      [](const Values& a, const Values& s, const Values& t) { return layer_norm(a, s, t, 1e-5); }, x, scale,
      shift));
  check(laws::gradient(
      [w](const Values& a, const Values& s, const Values& t) { return measure_norm(a, w, s, t, 1e-5); }, x,
      scale, shift));
}

TEST_CASE("attention") {
  const Values w = positive({7});
  for (Index heads : {1, 2, 6}) {
    const Values q = normals({2, 5, 6}), k = normals({2, 7, 6}), v = normals({2, 7, 6});
    check(laws::gradient(
        [&](const Values& a, const Values& b, const Values& c) { return attention(a, b, c, w, heads); }, q, k,
        v));
    check(laws::gradient([&](const Values& a, const Values& b) { return attention_pool(a, b, w); },
                         normals({2, 7, heads}), v));
  }
}

TEST_CASE("mode mixing") {
  check(laws::gradient([](const Values& c, const Values& r) { return mix(c, r, -1); }, normals({2, 3, 4}),
                       normals({3, 4, 5})));
  check(laws::gradient([](const Values& c, const Values& r) { return mix(c, r, c.rank() - 2); },
                       normals({2, 6, 4}), normals({2, 3, 4, 5})));
  check(laws::gradient([](const Values& c, const Values& r) { return mix(c, r, -1); }, normals({2, 3, 2, 4}),
                       normals({3, 2, 4, 1})));
  check(laws::gradient([](const Values& c, const Values& r) { return mix(c, r, c.rank() - 2); },
                       normals({2, 3, 4, 4}), normals({2, 3, 2, 4, 1})));
  check(laws::gradient([](const Values& c, const Values& r) { return mix(c, r, c.rank() - 2); },
                       normals({1, 2, 3, 4, 2}), normals({2, 2, 3, 2, 2, 3})));
}

TEST_CASE("transforms between points and modes") {
  const laws::GradientOptions linear{.linear = true};
  const auto both_ways = [&]<class Basis, class D>(Basis, const D& d, const auto& kept) {
    for (const bool forward : {true, false}) {
      const auto sums = std::make_shared<const detail::ModeSums<double>>(
          detail::mode_sums<double, Basis>(d, kept, forward));
      check(laws::gradient(
          linear, [&](const Values& x) { return detail::gather_modes(x, sums); },
          normals(detail::field_shape(2, d.shape(), 3))));
      check(laws::gradient(
          linear, [&](const Values& c) { return detail::scatter_modes(c, sums); },
          normals(detail::field_shape(2, sums->modes(), 3))));
    }
  };
  using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;
  const detail::Spectrum<2> two{{2, 3}, {}};
  const detail::Spectrum<3> three{{2, 3, 2}, {}};
  both_ways(Fourier{}, plane(), two);
  both_ways(ProductBasis<Sine, Fourier>{}, plane(), two);
  both_ways(Legendre{}, plane(), two);
  both_ways(Fourier{}, Torus({{0.0, 1.0, 5}, {0.0, 1.0, 6}, {0.0, 2.0, 4}}), three);
  both_ways(Fourier{}, part_of_points(plane(), 3, 40), two);
}

TEST_CASE("a spectral block is its parts, and its adjoint theirs") {
  const auto compare = [](const auto& u, const auto& spectral, Index in, Index out) {
    Engine engine(5);
    const auto skip = make_linear(in, out, engine);
    const auto fused = [&](const auto& k, const auto& w, const auto& x) {
      return k.template block<detail::GeluOf>(x, w.weight(), w.bias());
    };
    const auto parts = [&](const auto& k, const auto& w, const auto& x) { return gelu(k(x) + w(x)); };
    const auto a = fused(spectral, skip, u), b = parts(spectral, skip, u);
    CHECK(static_cast<double>(distance<Linf>(a, b)) < 1e-13);
    struct Both {
      std::remove_cvref_t<decltype(spectral)> k;
      Linear<> w;
    };
    const auto loss_of = [](const auto& f) {
      return [f](const auto& model, const auto& x) { return mean(square(f(model.k, model.w, x).values())); };
    };
    const Both model{spectral, skip};
    const auto one = value_and_gradient(loss_of(fused), model, u),
               other = value_and_gradient(loss_of(parts), model, u);
    zip_parameters(one.gradient, other.gradient, [](const std::string& path, const auto& g, const auto& h) {
      CAPTURE(path);
      double gap = 0;
      for (Index i = 0; i < g.size(); ++i)
        gap = std::max(gap, std::abs(g.value().data()[i] - h.value().data()[i]));
      CHECK(gap < 1e-13);
    });
    check(laws::gradient([&](const auto& x) { return fused(detach(spectral), detach(skip), x); }, u));
  };
  Engine engine(9);
  compare(random_field(circle(), 3, 4), make_spectral<1>(4, 5, 3, engine), 4, 5);
  {  // without an activation, in float, and with what is frozen
    const auto spectral = make_spectral<1, float>(4, 5, 3, engine);
    const auto skip = make_linear<float>(4, 5, engine);
    const auto u = cast<float>(random_field(circle(), 3, 4));
    CHECK(static_cast<double>(
              distance<Linf>(spectral.template block<detail::Unchanged>(u, skip.weight(), skip.bias()),
                             spectral(u) + skip(u))) < 1e-5);
    const auto k = make_spectral<1>(4, 5, 3, engine);
    const auto w = make_linear(4, 5, engine);
    const auto v = random_field(circle(), 3, 4);
    check(laws::gradient(
        [&](const auto& x) {
          return detach(k).template block<detail::Unchanged>(x, w.weight.value(), w.bias.value());
        },
        v));
    check(laws::gradient(
        [&, kept = detach(k)](const auto& a) {
          return kept.template block<detail::GeluOf>(v, a, w.bias.value());
        },
        w.weight.value()));
  }
  compare(random_field(plane(), 2, 3), make_spectral<2>(3, 3, {2, 3}, engine), 3, 3);
  compare(random_field(plane(), 2, 3), make_spectral<2, Sine, Fourier>(3, 2, {3, 2}, engine), 3, 2);
  compare(random_field(walls(), 2, 3), make_spectral<2, Legendre>(3, 3, 3, engine), 3, 3);
  compare(random_field(part_of_points(plane(), 3, 40), 2, 3), make_spectral<2>(3, 3, {2, 3}, engine), 3, 3);
}

TEST_CASE("integrals, norms and distances of fields") {
  const auto one = random_field(line(), 1, 1);
  check(laws::gradient({.linear = true}, [](const auto& u) { return integrate(u); }, one));
  const auto each = [](const auto& d) {
    const auto a = random_field(d, 3, 2), b = random_field(d, 3, 2), c = random_field(d, 1, 2);
    check(laws::gradient({.linear = true}, [](const auto& u) { return integrals(u); }, a));
    check(laws::gradient([](const auto& u, const auto& v) { return inner_products(u, v); }, a, c));
    check(laws::gradient([](const auto& u) { return norm<L1>(u); },
                         a.with(away_from_zero(a.values().shape()))));
    check(laws::gradient([](const auto& u) { return norm<L2>(u); }, a));
    check(laws::gradient({.step = 1e-5}, [](const auto& u) { return norm<Linf>(u); }, a));
    check(laws::gradient([](const auto& u) { return norms<H1>(u); }, a));
    check(laws::gradient([](const auto& u, const auto& v) { return distance<L2>(u, v); }, a, b));
    check(laws::gradient([](const auto& u, const auto& v) { return relative_error<L2>(u, v); }, a, b));
    check(laws::gradient([](const auto& u, const auto& v) { return relative_error<H1>(u, v); }, a, c));
  };
  each(line()), each(circle()), each(gauss()), each(plane());
}

TEST_CASE("fields moved, derived and integrated by another rule") {
  const laws::GradientOptions linear{.linear = true};
  const auto u = random_field(line(), 2, 3);
  const Gauss inside({0.0, 2.0, 6});
  check(laws::gradient(linear, [&](const auto& f) { return resample(f, inside); }, u));
  check(laws::gradient(linear, [](const auto& f) { return resample(f, std::vector<double>{0.1, 1.3}); }, u));
  check(laws::gradient(linear, [](const auto& f) { return derivative<0>(f); }, u));
  check(laws::gradient(linear, [](const auto& f) { return with_rule<Trapezoid>(f); }, u));
  check(laws::gradient(linear, [](const auto& f) { return derivative<0>(f); }, random_field(circle(), 2, 3)));
  check(laws::gradient(
      linear, [](const auto& f) { return derivative<0>(f); }, random_field(Circle({0.0, 1.0, 512}), 1, 1)));
  check(laws::gradient(linear, [](const auto& f) { return derivative<0>(f); }, random_field(gauss(), 2, 3)));
  const auto p = random_field(plane(), 2, 2);
  check(laws::gradient(linear, [](const auto& f) { return derivative<0>(f); }, p));
  check(laws::gradient(linear, [](const auto& f) { return derivative<1>(f); }, p));
  check(laws::gradient(
      linear, [](const auto& f) { return resample(f, Plane({{0.0, 1.0, 5}, {0.0, 2.0, 6}})); }, p));
  check(laws::gradient(
      linear,
      [](const auto& f) { return resample(f, std::vector<std::array<double, 2>>{{0.1, 1.3}, {0.9, 0.2}}); },
      p));
}

TEST_CASE("layers") {
  const auto each = [](const auto& layer, Index channels) {
    check(laws::gradient(layer, random_field(line(), 2, channels)));
    check(laws::gradient(layer, random_field(gauss(), 1, channels)));
    check(laws::gradient(layer, random_field(plane(), 2, channels)));
  };
  each(make_linear(3, 2, rng), 3);
  each(make_mlp<Gelu>({3, 4, 2}, rng), 3);
  each(make_mlp<Tanh>({3, 4, 2}, rng), 3);
  each(make_mlp<Silu>({3, 4, 2}, rng), 3);
  each(make_mlp<Sin>({3, 4, 2}, rng), 3);
  each(CoordinateEmbedding{}, 3);
  check(laws::gradient(make_fourier_features<2>(3), random_field(plane(), 2, 1)));
  check(laws::gradient(make_random_features<1>(3, 1.0, rng), random_field(line(), 2, 1)));
  each(make_layer_norm(4), 4);
  each(make_measure_norm(3), 3);
  each(make_measure_norm<Counting>(3), 3);
  each(make_attention(4, 2, rng), 4);
  each(make_attention<Counting>(4, 2, rng), 4);
  each(AttentionPooling<>{make_mlp<Gelu>({3, 4, 2}, rng), make_mlp<Gelu>({3, 4, 4}, rng)}, 3);
}

TEST_CASE_TEMPLATE("spectral convolutions", Basis, Fourier, Sine, Cosine, Legendre, Chebyshev) {
  const auto one = make_spectral<1, Basis, double>(2, 3, 3, rng);
  check(laws::gradient(one, random_field(line(), 2, 2)));
  if constexpr (Basis::complex) check(laws::gradient(one, random_field(circle(), 2, 2)));
  check(laws::gradient(one, random_field(gauss(), 2, 2)));
  check(laws::gradient(
      one,
      random_field(Discretization<UniformGrid<>, Given>({0.0, 1.0, 7}, Given{{1, 2, 3, 4, 3, 2, 1}}), 2, 2)));
  const auto two = make_spectral<2, Basis, double>(2, 3, 2, rng);
  if constexpr (Basis::complex) check(laws::gradient(two, random_field(plane(), 2, 2)));
  check(laws::gradient(two, random_field(walls(), 2, 2)));
}

namespace {

struct Elsewhere {
  SpectralConvolution<1> layer;
  auto operator()(const AnyField auto& u) const {
    const Interval domain = u.discretization().box()[0];
    return layer(u, Discretization<UniformGrid<>, Trapezoid>({domain.left, domain.right, 6}));
  }
};

}  // namespace

TEST_CASE("mixed bases, padding, another discretization for the output") {
  auto mixed = make_spectral<2, Fourier, Chebyshev>(2, 3, {2, 3}, rng);
  check(laws::gradient(mixed, random_field(channel(), 2, 2)));
  mixed.padding = {0.3, 0.0};
  check(laws::gradient(mixed, random_field(channel(), 2, 2)));
  check(laws::gradient(make_spectral<2, Sine, Fourier>(2, 1, {3, 2}, rng), random_field(plane(), 2, 2)));
  check(laws::gradient(Elsewhere{make_spectral<1>(2, 3, 3, rng)}, random_field(line(), 2, 2)));
}

TEST_CASE("activations on a finer grid, normalizers") {
  check(laws::gradient(Dealiased<Gelu, 2>{}, random_field(circle(), 2, 2)));
  check(laws::gradient(Dealiased<Gelu, 2, 2>{}, random_field(circle(), 2, 2)));
  check(laws::gradient(Dealiased<Tanh, 3>{}, random_field(gauss(), 2, 2)));
  const auto u = random_field(line(), 2, 2);
  check(laws::gradient(normalized(make_linear(2, 2, rng), u, u), u));
}

TEST_CASE("models") {
  check(laws::gradient(make_fno<2, Fourier, Chebyshev>({.channels = 3,
                                                        .modes = {2, 3},
                                                        .depth = 2,
                                                        .lift_ratio = 2,
                                                        .mlp_ratio = 0.5,
                                                        .position = Position::periodic},
                                                       rng),
                       random_field(channel(), 2, 1)));
  check(laws::gradient(make_fno<1, Dealiased<Gelu, 2>>(
                           {.channels = 3, .modes = 3, .depth = 2, .position = Position::none}, rng),
                       random_field(circle(), 2, 1)));
  const auto transformer = make_transformer<1>({.in = 2, .channels = 4, .heads = 2, .depth = 2}, rng);
  check(laws::gradient(transformer, random_field(line(), 2, 2)));
  check(laws::gradient(make_transformer<2>({.channels = 4, .heads = 2, .depth = 1, .frequencies = 2}, rng),
                       random_field(plane(), 2, 1)));
  check(laws::gradient(make_fno<1>({.in = 2, .channels = 3, .modes = 3, .depth = 2}, rng),
                       random_field(line(), 2, 2)));
  check(laws::gradient(make_fno<1, Sine>({.channels = 3, .modes = 3, .depth = 2}, rng),
                       random_field(gauss(), 2, 1)));
  check(
      laws::gradient(make_fno<2>({.channels = 3, .modes = 2, .depth = 2}, rng), random_field(plane(), 2, 1)));
}

TEST_CASE("wrong adjoints fail") {
  const Values x = normals({3, 4});
  CHECK_FALSE(laws::gradient(wrong_cube, x).passed());
  CHECK_FALSE(laws::gradient(overwriting, x).passed());
  for (const Index n : {3, 64, 5000}) {
    CAPTURE(n);
    CHECK_FALSE(laws::gradient(adding_to_nothing, normals({n})).passed());
    CHECK_FALSE(laws::gradient(HalfSet{Parameter<double>(normals({n}))}, normals({n})).passed());
  }
  CHECK_FALSE(laws::gradient([](const Values& a) { return detach(a) * a; }, x).passed());
  CHECK_FALSE(laws::gradient({.linear = true}, [](const Values& a) { return exp(a); }, x).passed());
  CHECK_FALSE(laws::gradient({.linear = true}, [](const Values& a) { return square(a); }, x).passed());
}
