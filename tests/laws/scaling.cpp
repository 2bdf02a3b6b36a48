// Operators that commute with scaling: by construction, exactly; plain models not at all.
#include <fredholm/fredholm.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include "../support/laws.hpp"
#include "../support/messages.hpp"

using namespace law_tests;

namespace {

double positive(double x) { return std::exp(std::sin(3 * x) + 0.3 * x); }
double positive2(double x, double y) { return std::exp(std::sin(3 * x + y) + 0.3 * y); }
double wave(double x) { return std::sin(std::numbers::pi * x) + 0.2 * std::sin(3 * std::numbers::pi * x); }
double wave2(double x, double y) { return std::sin(2 * x + y) + 0.3 * x; }

using Line = Discretization<UniformGrid<>, Simpson>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
Line line() { return Line({0.0, 1.0, 33}); }
Plane plane() { return Plane({{1.0, 2.0, 9}, {-1.0, 2.0, 8}}); }

auto fno(std::uint64_t seed = 3) {
  Engine engine(seed);
  return make_fno<1>({.channels = 8, .modes = 4, .depth = 2}, engine);
}
auto fno2() {
  Engine engine(3);
  return make_fno<2>({.channels = 6, .modes = 2, .depth = 2}, engine);
}
auto transformer(double length = 1.0) {
  Engine engine(3);
  return make_transformer<1>({.channels = 16, .heads = 2, .depth = 1, .length = length}, engine);
}

/// A value that is none, and the rest as it is.
struct FirstIsNaN {
  template <AnyField Input>
  Input operator()(const Input& u) const {
    Array<double> v = u.values();
    v.mutable_data()[0] = std::numeric_limits<double>::quiet_NaN();
    return u.with(v);
  }
};

/// What a model answers that is told u at other points, too.
struct Product {
  auto operator()(const AnyField auto& u, const AnyField auto& known) const {
    return known.with(known.values() * known.values() * sum(integrals(u), 1).reshaped({u.batch(), 1, 1}));
  }
};

/// -u'' = f with u = 0 at both ends, in sines.
struct Poisson {
  auto operator()(const AnyField auto& f) const {
    const double length = f.discretization().box()[0].length();
    Engine engine(1);
    auto layer = make_spectral<1, Sine, double>(1, 1, 4, engine);
    auto weight = Array<double>(layer.weight.value().shape());
    for (Index k = 0; k < weight.size(); ++k)
      weight.mutable_data()[k] = std::pow(static_cast<double>(k + 1) * std::numbers::pi / length, -2.0);
    layer.weight.set(weight);
    return layer(f);
  }
};

/// u = int_0^1 dy / a(y): the head that a unit flux needs.
struct Resistance {
  auto operator()(const AnyField auto& a) const {
    return a.with(integrals(1.0 / a).reshaped({a.batch(), 1, 1}) + 0.0 * a.values());
  }
};

}  // namespace

TEST_CASE("the laws hold for what they are about") {
  check(laws::scaling(Resistance{}, positive, line(), {.degree = -1}));
  check_broken(laws::scaling(Resistance{}, positive, line(), {.degree = 1}));
  check(laws::scaling([](const auto& u) { return u * u; }, positive, line(), {.degree = 2}));
  check_broken(laws::scaling([](const auto& u) { return u * u + 1e-6; }, positive, line(), {.degree = 2}));
  check(laws::domain_scaling(Poisson{}, wave, line(), {.degree = 2}));
  check_broken(laws::domain_scaling(Poisson{}, wave, line(), {.degree = 1}));
  check(laws::domain_scaling([](const auto& u) { return derivative<0>(u); }, wave, line(), {.degree = -1}));
}

TEST_CASE("a law with too little evidence does not pass") {
  check_broken(laws::scaling([](const auto& u) { return 0.0 * u; }, positive, line(), {.degree = -1}));
  CHECK_THROWS_AS(laws::scaling(fno(), positive, line(), {.factors = {1.0}}), std::invalid_argument);
  CHECK_THROWS_AS(laws::scaling(fno(), positive, line(), {.factors = {}}), std::invalid_argument);
  CHECK_THROWS_AS(laws::scaling(fno(), positive, line(), {.factors = {-1.0, 2.0}}), std::invalid_argument);
}

TEST_CASE("a NaN fails the laws, whatever follows it") {
  check_broken(laws::scaling(FirstIsNaN{}, positive, line()));
  check_broken(laws::domain_scaling(FirstIsNaN{}, wave, line(), {.degree = 0}));
  CHECK(std::isnan(laws::scaling(FirstIsNaN{}, positive, line()).errors.front()));
  const auto same = [](const auto& u) { return u; };
  check(laws::scaling(same, positive, line()));
  check(laws::domain_scaling(same, wave, line(), {.degree = 0}));
}

TEST_CASE("plain models do not commute with scaling") {
  for (double degree : {-1.0, 0.0, 1.0}) {
    const laws::ScalingOptions options{.degree = degree, .tolerance = 1e-3};
    check_broken(laws::scaling(fno(), positive, line(), options));
    check_broken(laws::scaling(transformer(), positive, line(), options));
    check_broken(laws::domain_scaling(fno(), wave, line(), options));
    check_broken(laws::domain_scaling(transformer(), wave, line(), options));
  }
}

TEST_CASE("homogeneous models do, whatever their weights") {
  const Circle circle({0.0, 1.0, 16});
  const Gauss gauss({0.0, 1.0, 12});
  const auto each = [&](const auto& d) {
    check(laws::scaling(homogeneous<-1>(fno()), positive, d, {.degree = -1}));
    check(laws::scaling(homogeneous<-1, GeometricMean>(fno()), positive, d, {.degree = -1}));
    check(
        laws::scaling(homogeneous<0>(transformer(0.5)), positive, d, {.degree = 0}));  // closes on the circle
    check(laws::scaling(homogeneous<3>(fno(5)), wave, d, {.degree = 3}));
    check_broken(laws::scaling(homogeneous<-1>(fno()), positive, d, {.degree = 1}));
  };
  each(line()), each(circle), each(gauss);
  check(laws::scaling(homogeneous<-1>(fno2()), positive2, plane(), {.degree = -1}));
}

TEST_CASE("a batch is scaled function by function, and a function keeps its scale") {
  const auto model = homogeneous<-2>(fno());
  const auto u = sample(positive, line());
  const auto both = model(stack<Line, double>({u, 7.0 * u}));
  CHECK(static_cast<double>(distance<Linf>(slice_batch(both, 0, 1), model(u))) < 1e-13);
  CHECK(static_cast<double>(distance<Linf>(slice_batch(both, 1, 1), model(u) / 49.0)) < 1e-13);
  // A function of size 1 goes through the model as it is.
  const auto one = u / norm<L2>(u);
  CHECK(static_cast<double>(distance<Linf>(model(one), fno()(one))) < 1e-12);
  CHECK(GeometricMean::size_of(3.0 * u)(0) == doctest::Approx(3.0 * GeometricMean::size_of(u)(0)));
}

TEST_CASE("a DeepONet with values elsewhere") {
  Engine engine(4);
  const auto model = homogeneous<2>(make_deeponet<1, 2, Integrals>({.out = 2}, engine));
  const auto u = sample(positive, line());
  const auto v = model(u, plane()), w = model(3.0 * u, plane());
  CHECK(v.values().shape() == Shape{1, 9, 8, 2});
  CHECK(static_cast<double>(distance<Linf>(w, 9.0 * v)) < 1e-12);
}

TEST_CASE("u known at other points is in the unit of u") {
  const Gauss points({0.0, 1.0, 9});
  const auto u = sample(positive, line());
  const auto known = sample(wave, points);
  const auto commutes = [&](const auto& model, double degree) {
    const auto v = model(u, known), w = model(10.0 * u, 10.0 * known);
    const auto right = std::pow(10.0, degree) * v;
    return static_cast<double>(distance<Linf>(w, right)) < 1e-12 * static_cast<double>(norm<Linf>(right));
  };
  CHECK(commutes(homogeneous<1>(transformer()), 1));
  CHECK(commutes(homogeneous<-2>(transformer()), -2));
  CHECK_FALSE(commutes(transformer(), 1));
  // The quotient is the same of each: by hand, sample by sample.
  const auto model = homogeneous<0>(Product{});
  const auto two = stack<Line, double>({u, 3.0 * u});
  const auto v = model(two, stack<Gauss, double>({known, known}));
  const double size = RootMeanSquare::size_of(u)(0);
  const auto expected = Product{}(u, known) / (size * size * size);
  CHECK(static_cast<double>(distance<Linf>(slice_batch(v, 0, 1), expected)) < 1e-13);
  CHECK(static_cast<double>(distance<Linf>(slice_batch(v, 1, 1), expected / 9.0)) < 1e-13);
}

TEST_CASE("a root of a mean square in float, where the squares are none") {
  const auto plain = sample<float>(positive, line());
  const float size = RootMeanSquare::size_of(plain)(0);
  for (const float c : {1e20f, 1e-24f}) {
    const auto both = RootMeanSquare::size_of(stack<Line, float>({plain, c * plain}));
    CHECK(both(0) == doctest::Approx(size).epsilon(1e-6));
    CHECK(both(1) / c == doctest::Approx(size).epsilon(1e-6));
    Engine engine(3);
    const auto model = homogeneous<1>(make_fno<1, float>({.channels = 4, .modes = 3, .depth = 1}, engine));
    const auto v = model(plain), w = model(c * plain) / c;
    CHECK(static_cast<double>(distance<Linf>(v, w)) < 1e-5);
  }
}

TEST_CASE("models on a domain of length 1") {
  const laws::ScalingOptions poisson{.degree = 2}, slope{.degree = -1};
  check(laws::domain_scaling(on_unit_domain<2>(fno()), wave, line(), poisson));
  check(laws::domain_scaling(on_unit_domain<2>(transformer()), wave, Gauss({1.0, 3.0, 12}), poisson));
  check(laws::domain_scaling(on_unit_domain<-1>(fno()), wave, Circle({-1.0, 1.0, 16}), slope));
  check(laws::domain_scaling(on_unit_domain<2>(fno2()), wave2, plane(), poisson));
  const auto both = on_unit_domain<2>(homogeneous<1>(fno2()));
  check(laws::domain_scaling(both, wave2, plane(), poisson));
  check(laws::scaling(both, wave2, plane(), {.degree = 1}));
  // The shape of the box is not scaled away: the model is told of it.
  const auto u = sample(wave2, plane());
  const auto square = rescaled(plane(), Box<2>{{0.0, 1.0}, {0.0, 1.0}});
  const auto flat_box = on_unit_domain<0>(fno2())(u).values();
  const auto square_box = on_unit_domain<0>(fno2())(Field(square, u.values())).values();
  CHECK(std::abs(flat_box(0, 3, 3, 0) - square_box(0, 3, 3, 0)) > 1e-6);
}

TEST_CASE("the unit domain is made once, with what is kept on it, and does not keep itself") {
  const auto seen_on = [](const auto& d) {
    std::shared_ptr<const void> seen;
    const auto look = [&](const auto& u) {
      seen = u.discretization().owner();
      return u;
    };
    (void)UnitDomain<decltype(look), 0>{look}(sample(wave, d));
    return seen;
  };
  const Line two({0.0, 2.0, 9}), one({0.0, 1.0, 9});
  const auto first = seen_on(two), second = seen_on(two);
  CHECK(first == second);
  CHECK(first != two.owner());
  CHECK(seen_on(one) == one.owner());
  std::weak_ptr<const void> alive;
  {
    const Line inside({0.0, 1.0, 9});
    alive = inside.owner();
    CHECK(seen_on(inside) == alive.lock());
  }
  CHECK(alive.expired());
}

TEST_CASE("sizes are integrals: the order of the rule stays, and counting loses it") {
  const auto make = []<class Rule>(Rule) {
    return [](Index n) { return Discretization<UniformGrid<>, Rule>({0.0, 1.0, n}); };
  };
  const auto model = homogeneous<-1>(transformer());
  const Gauss reference({0.0, 1.0, 160});  // fine: a LayerNorm has poles near the interval
  check(laws::refinement(model, positive, make(Trapezoid{}), reference));
  check(laws::refinement(model, positive, make(Simpson{}), reference));
  check(laws::refinement(on_unit_domain<2>(transformer()), positive, make(Simpson{}), reference));
  check(laws::split(model, positive, Gauss({0.0, 1.0, 20})));
  check_broken(laws::refinement(model, positive, make(Counting{}), reference, {.order = 2.0}));
}

TEST_CASE("the gradient passes through the size") {
  Engine engine(6);
  const Field u(Line({0.0, 2.0, 7}), normal_array<double>({2, 7, 2}, 1.0, engine));
  const auto model = make_fno<1>({.in = 2, .channels = 3, .modes = 2, .depth = 1}, engine);
  check(laws::gradient(homogeneous<-1>(model), u));
  check(laws::gradient(homogeneous<2, GeometricMean>(model), exp(0.5 * u)));
  check(laws::gradient(on_unit_domain<2>(model), u));
}

TEST_CASE("what has no size is refused") {
  const auto u = sample(positive, line());
  const auto model = homogeneous<-1>(fno());
  const auto mean = homogeneous<-1, GeometricMean>(fno());
  CHECK_THROWS_AS(model(0.0 * u), std::invalid_argument);
  const auto bad = stack<Line, double>({u, 0.0 * u - 2.0});
  CHECK(support::contains(support::message_of([&] { (void)mean(bad); }), "a value of sample 1 is -2"));
  CHECK(support::contains(support::message_of([&] { (void)model(0.0 * u); }), "of size 0 (sample 0)"));
  CHECK_THROWS_AS(model(u / 0.0), std::invalid_argument);
}
