// A physics-informed loss: its integrals by the rules of the points, its gradient, its errors. Residuals here are of values
// alone; those with derivatives are in pinn_equations.cpp.
#include <fredholm/core/cast.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train/flat.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

using Inside =
    Discretization<ProductGrid<LegendreGrid<>, UniformGrid<>>, ProductRule<GaussLegendre, Simpson>>;

Inside inside() { return Inside({{0.0, 1.0, 25}, {0.0, 2.0, 41}}); }

auto network(Index out = 1) {
  Engine engine(4);
  return make_mlp<Tanh>({2, 7, out}, engine);
}

const auto wave = [](double x, double t) { return std::sin(3 * x + t) * std::exp(x); };
const auto fit_wave = [](const auto& net, const auto& points) {
  return square(net(coordinates(points))) - sample(wave, points);
};
const auto fit_zero = [](const auto& net, const auto& points) { return net(coordinates(points)); };

auto two_terms() {
  const auto d = inside();
  return make_problem(term("equation", d, fit_wave), term("start", initial(d), fit_zero, {.weight = 10}),
                      term("walls", walls(d), fit_wave, {.weight = 0.5}));
}

template <class Model>
bool same_bits(const Model& a, const Model& b) {
  const Eigen::VectorXd x = flatten(a), y = flatten(b);
  return x.size() == y.size() &&
         std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE(
    "the loss is the weighted sum of the integrals of the squared residuals, by the rules of the points") {
  const auto problem = two_terms();
  const auto net = network();
  const auto d = inside();
  const auto square_of = [&](const auto& residual, const auto& points) {
    return integrate(square(residual(net, points))).value();
  };
  const Losses found = losses(problem, net);
  CHECK(found["equation"] == doctest::Approx(square_of(fit_wave, d)).epsilon(1e-13));
  CHECK(found["start"] == doctest::Approx(square_of(fit_zero, initial(d))).epsilon(1e-13));
  CHECK(found["walls"] == doctest::Approx(square_of(fit_wave, walls(d))).epsilon(1e-13));
  CHECK(found.total == doctest::Approx(found["equation"] + 10 * found["start"] + 0.5 * found["walls"]));
  CHECK(value_and_gradient(problem, net).value == doctest::Approx(found.total).epsilon(1e-14));
  CHECK(contains(message_of([&] { found["wall"]; }), "no term called \"wall\""));
}

TEST_CASE("the gradient of a problem is the slope of its loss") {
  auto problem = two_terms();
  std::get<0>(problem.terms).factors.assign(25 * 41, 0.3);  // of points
  std::get<0>(problem.terms).factors[17] = 4.0;
  const auto net = network();
  Workspace workspace(1);
  const auto [value, gradient] = value_and_gradient(workspace, problem, net);
  const Eigen::VectorXd place = flatten(net), slope = flatten(gradient);
  Engine engine(9);
  for (int direction = 0; direction < 3; ++direction) {
    Eigen::VectorXd d(place.size());
    for (Index i = 0; i < d.size(); ++i) d[i] = normal(engine);
    d /= d.norm();
    const auto at = [&](double step) {
      auto moved = net;
      assign(moved, place + step * d);
      return losses(workspace, problem, moved).total;
    };
    const double h = 1e-3;
    const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    CHECK(slope.dot(d) == doctest::Approx(difference).epsilon(1e-8));
  }
}

TEST_CASE("value and gradient are the same to the bit for any number of threads") {
  const auto problem = two_terms();
  const auto net = network();
  Workspace one(1);
  const auto first = value_and_gradient(one, problem, net);
  const auto again = value_and_gradient(one, problem, net);
  CHECK(first.value == again.value);
  CHECK(same_bits(first.gradient, again.gradient));
  for (int threads : {2, 3}) {
    Workspace several(threads);
    const auto other = value_and_gradient(several, problem, net);
    CHECK(first.value == other.value);
    CHECK(same_bits(first.gradient, other.gradient));
    CHECK(losses(several, problem, net).total == losses(one, problem, net).total);
  }
}

TEST_CASE("the loss converges to the exact one at the order of the rule that the points carry") {
  // r = wave - u for the same smooth, not periodic function whatever the points are: int r^2 with an error of the rule's order
  const auto net = network();
  const auto loss = [&](const auto& points) {
    return losses(make_problem(term("fit", points, fit_wave)), net).total;
  };
  using Gauss = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
  using Lines = ProductGrid<UniformGrid<>, UniformGrid<>>;
  const double exact = loss(Gauss({{0.0, 1.0, 30}, {0.0, 2.0, 30}}));
  const auto order = [&](auto make, Index n) {
    const double coarse = std::abs(loss(make(n)) - exact), fine = std::abs(loss(make(2 * n - 1)) - exact);
    return std::log2(coarse / fine);
  };
  const auto trapezoid = [](Index n) {
    return Discretization<Lines, Trapezoid>({{0.0, 1.0, n}, {0.0, 2.0, n}});
  };
  const auto simpson = [](Index n) { return Discretization<Lines, Simpson>({{0.0, 1.0, n}, {0.0, 2.0, n}}); };
  CHECK(order(trapezoid, 17) == doctest::Approx(2).epsilon(0.05));
  CHECK(order(simpson, 17) == doctest::Approx(4).epsilon(0.1));
  CHECK(std::abs(loss(Gauss({{0.0, 1.0, 14}, {0.0, 2.0, 14}})) - exact) < 1e-11 * exact);
  // The negative control: random points, n^-1/2 in the root mean square over seeds.
  const auto random = [&](Index n) {
    double total = 0;
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
      Engine engine(seed);
      const double e = loss(random_points(Box<2>{{0.0, 1.0}, {0.0, 2.0}}, n, engine)) - exact;
      total += e * e / 16;
    }
    return std::sqrt(total);
  };
  CHECK(std::log2(random(64) / random(4096)) / 6 == doctest::Approx(0.5).epsilon(0.25));
}

TEST_CASE("a system of equations is a residual of several channels") {
  const auto net = network(2);
  const auto d = inside();
  const auto both = [](const auto& u, const auto& points) { return u(coordinates(points)); };
  const auto one = [](Index channel) {
    return [channel](const auto& u, const auto& points) {
      return slice_channels(u(coordinates(points)), channel, 1);
    };
  };
  const double together = losses(make_problem(term("both", d, both)), net).total;
  const double apart = losses(make_problem(term("first", d, one(0)), term("second", d, one(1))), net).total;
  CHECK(together == doctest::Approx(apart).epsilon(1e-13));
}

TEST_CASE("whole residuals see all points as they were made, and may be a constraint on an integral") {
  const auto net = network();
  const auto d = inside();
  const auto slope = [](const auto& u, const auto& points) { return derivative<0>(u(coordinates(points))); };
  const auto mean = [](const auto& u, const auto& points) { return integrate(u(coordinates(points))) - 1.0; };
  const auto problem = make_problem(term("slope", d, whole(slope)), term("mean", d, whole(mean)));
  const Losses found = losses(problem, net);
  CHECK(found["slope"] == doctest::Approx(integrate(square(derivative<0>(net(coordinates(d))))).value()));
  const double i = integrate(net(coordinates(d)));
  CHECK(found["mean"] == doctest::Approx((i - 1) * (i - 1)));
  const auto result = value_and_gradient(problem, net);
  const double slope_of_bias = [&] {
    auto moved = net;
    const auto at = [&](double step) {
      Eigen::VectorXd x = flatten(net);
      x[x.size() - 1] += step;
      assign(moved, x);
      return losses(problem, moved).total;
    };
    return (at(1e-4) - at(-1e-4)) / 2e-4;
  }();
  CHECK(flatten(result.gradient)[flatten(net).size() - 1] == doctest::Approx(slope_of_bias).epsilon(1e-7));
}

TEST_CASE("an unknown coefficient is a parameter like any other") {
  struct WithCoefficient {
    Mlp<Tanh> net;
    Parameter<double> k;
  };
  const WithCoefficient model{network(), Parameter<double>(Array<double>({1}, std::vector<double>{0.7}))};
  const auto residual = [](const auto& m, const auto& points) {
    return m.k() * m.net(coordinates(points)) - sample(wave, points);
  };
  const auto problem = make_problem(term("fit", inside(), residual));
  const auto result = value_and_gradient(problem, model);
  auto moved = model;
  const auto at = [&](double k) {
    moved.k.mutable_data()[0] = k;
    return losses(problem, moved).total;
  };
  CHECK(*result.gradient.k.value().data() == doctest::Approx((at(0.701) - at(0.699)) / 0.002).epsilon(1e-9));
}

TEST_CASE("data are compared at their own points, in whichever tile these are") {
  const auto net = network();
  const auto cloud = sobol_points(Box<2>{{0.0, 1.0}, {0.0, 2.0}}, 1000);
  const auto data = sample(wave, cloud);
  const auto exact = [](const auto& p) {  // the wave of a field of coordinates
    const auto x = slice_channels(p, 0, 1), t = slice_channels(p, 1, 1);
    return sin(3.0 * x + t) * exp(x);
  };
  CHECK(losses(make_problem(data_term("samples", data)), exact).total < 1e-28);
  const double misfit = integrate(square(net(coordinates(cloud)) - data));
  CHECK(losses(make_problem(data_term("samples", data)), net).total ==
        doctest::Approx(misfit).epsilon(1e-13));
  CHECK(contains(message_of([&] { losses(make_problem(data_term("samples", data)), network(2)); }),
                 "the model has 2 channels and the data have 1"));
}

TEST_CASE("a problem of a float network is computed in float") {
  const auto net = network();
  const auto fit = [](const auto& u, const auto& points) {
    return u(coordinates<float>(points)) - sample<float>(wave, points);
  };
  const auto as_double = [](const auto& u, const auto& points) {
    return u(coordinates(points)) - sample(wave, points);
  };
  const auto d = inside();
  const auto result = value_and_gradient(make_problem(term("fit", d, fit)), cast<float>(net));
  static_assert(std::is_same_v<decltype(result), const ValueAndGradient<float, Mlp<Tanh, float>>>);
  CHECK(result.value ==
        doctest::Approx(losses(make_problem(term("fit", d, as_double)), net).total).epsilon(1e-5));
}

TEST_CASE("what is wrong is said with the term, the value and the remedy") {
  const auto net = network();
  const auto d = inside();
  CHECK(contains(message_of([&] { term("", d, fit_zero); }), "the name is empty"));
  CHECK(contains(message_of([&] { term("walls", d, fit_zero, {.weight = -1}); }),
                 "term \"walls\": weight is -1"));
  CHECK(contains(message_of([&] { make_problem(term("a", d, fit_zero), term("a", d, fit_zero)); }),
                 "two terms are called \"a\""));
  CHECK(contains(
      message_of([&] { make_problem(Box<2>{{0.0, 1.0}, {0.0, 1.0}}, term("equation", d, fit_zero)); }),
      "term \"equation\": point 21 has coordinate 1 = 1.05, outside of the domain, which has [0, 1]"));
  const auto shrunk = [](const auto& u, const auto&) {
    return u(coordinates(Inside({{0.0, 1.0, 3}, {0.0, 1.0, 3}})));
  };
  CHECK(contains(message_of([&] { losses(make_problem(term("bad", d, shrunk)), net); }),
                 "term \"bad\": the residual has batch 1 and 9 points"));
  CHECK(contains(
      message_of([&] { value_and_gradient(make_problem(term("off", d, fit_zero, {.weight = 0})), net); }),
      "every term has the weight 0"));
  // NaN is named with its term and its point
  const auto root = [](const auto& u, const auto& points) {
    return 0.0 * u(coordinates(points)) + sample([](double x, double) { return std::sqrt(0.5 - x); }, points);
  };
  const auto problem = make_problem(term("fine", d, fit_zero), term("root", d, root));
  CHECK(std::isnan(losses(problem, net).total));
  std::string text;
  try {
    require_finite(problem, net);
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  INFO(text);
  CHECK(contains(text, "term \"root\" is "));
  CHECK(contains(text, "at point 533, (0.56"));
  CHECK_FALSE(contains(text, "fine"));
}
