// Operators that commute with scaling: by construction, exactly; plain models not at all.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace fredholm;

namespace {

template <class R>
void check(const R& report) {
  INFO(report.message());
  CHECK(report.passed());
}
template <class R>
void check_broken(const R& report) {
  INFO(report.message());
  CHECK_FALSE(report.passed());
}

double positive(double x) { return std::exp(std::sin(3 * x) + 0.3 * x); }
double positive2(double x, double y) { return std::exp(std::sin(3 * x + y) + 0.3 * y); }
double wave(double x) { return std::sin(std::numbers::pi * x) + 0.2 * std::sin(3 * std::numbers::pi * x); }
double wave2(double x, double y) { return std::sin(2 * x + y) + 0.3 * x; }

using Line = Discretization<UniformGrid<>, Simpson>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
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
auto transformer() {
  Engine engine(3);
  return make_transformer<1>({.channels = 16, .heads = 2, .depth = 1}, engine);
}

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
    check(laws::scaling(homogeneous<0>(transformer()), positive, d, {.degree = 0}));
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
  CHECK_THROWS_AS(mean(u - 2.0), std::invalid_argument);
  CHECK_THROWS_AS(model(u / 0.0), std::invalid_argument);
}
