// What changes the weights and the points of a problem between steps: causal weights, balance, resampling.
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/balance.hpp>
#include <fredholm/physics/pinn/causal.hpp>
#include <fredholm/physics/pinn/resampling.hpp>
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

const Box<2> box{{0.0, 1.0}, {0.0, 2.0}};

auto network() {
  Engine engine(4);
  return make_mlp<Tanh>({2, 7, 1}, engine);
}

/// A residual of its own, whatever the network says.
auto given(auto f) {
  return [f](const auto&, const auto& points) { return sample(f, points); };
}

}  // namespace

TEST_CASE("causal factors are exp(-epsilon times the mean squares of the slabs before)") {
  using Lines = Discretization<ProductGrid<UniformGrid<>, MidpointGrid<>>, ProductRule<Trapezoid, Midpoint>>;
  const Lines d({{0.0, 1.0, 5}, {0.0, 2.0, 40}});
  auto problem =
      make_problem(term("equation", d, given([](double, double t) { return std::sqrt(t < 1.0 ? 2.0 : 0.5); }),
                        {.causal = Causal{.slabs = 4, .epsilon = 0.3}}));
  Workspace workspace;
  CHECK(smallest_causal(problem) == 1);
  CHECK(update_causal(workspace, problem, network()));
  const auto& factors = std::get<0>(problem.terms).factors;
  const double expected[4] = {1.0, std::exp(-0.6), std::exp(-1.2), std::exp(-1.35)};
  for (std::size_t j = 0; j < 40; ++j) CHECK(factors[j] == doctest::Approx(expected[j / 10]).epsilon(1e-13));
  CHECK(smallest_causal(problem) == doctest::Approx(expected[3]));
  double loss = 0;  // each slab has the measure 1/2
  for (int i = 0; i < 4; ++i) loss += 0.5 * expected[i] * (i < 2 ? 2.0 : 0.5);
  CHECK(losses(problem, network()).total == doctest::Approx(loss).epsilon(1e-13));
}

TEST_CASE("balanced terms pull with the same force") {
  const auto values = [](const auto& net, const auto& points) { return net(coordinates(points)); };
  const auto large = [](const auto& net, const auto& points) { return 1000.0 * net(coordinates(points)); };
  const auto d = sobol_points(box, 64);
  auto problem = make_problem(term("small", d, values), term("large", d, large),
                              term("nothing", d, given([](double, double) { return 1.0; })));
  Workspace workspace;
  const auto net = network();
  const auto before = gradient_norms(workspace, problem, net);
  CHECK(before[1] == doctest::Approx(1e6 * before[0]));
  balance(workspace, problem, net, {.keep = 0});
  const double total = before[0] + before[1];
  CHECK(std::get<0>(problem.terms).weight * before[0] == doctest::Approx(total));
  CHECK(std::get<1>(problem.terms).weight * before[1] == doctest::Approx(total));
  CHECK(std::get<2>(problem.terms).weight == 1);  // pulls at nothing
  CHECK(contains(message_of([&] { balance(workspace, problem, net, {.keep = 1}); }), "keep is 1"));
}

TEST_CASE("resampled points lie where the residual is large") {
  const auto front = [](double x, double) { return x < 0.25 ? 3.0 : 0.0; };
  auto problem =
      make_problem(resampled(term("equation", sobol_points(box, 400), given(front)), {.constant = 1}));
  Workspace workspace;
  const auto& points = std::get<0>(problem.terms).points;
  const auto part = [&] {
    int count = 0;
    for (Index j = 0; j < points.size(); ++j)
      count += points.points()[static_cast<std::size_t>(2 * j)] < 0.25;
    return count / 400.0;
  };
  CHECK(part() == 0.25);
  CHECK(resample(workspace, problem, network(), 1));
  CHECK(points.size() == 400);
  CHECK(part() ==
        doctest::Approx(0.625).epsilon(0.03));  // p = 5 on a quarter, 1 elsewhere: 5/8 of the points
  const auto drawn = points.points();
  resample(workspace, problem, network(), 1);
  CHECK(points.points() == drawn);
  resample(workspace, problem, network(), 2);
  CHECK(points.points() != drawn);
}

TEST_CASE("with unbiased weights the expectation of the loss is the integral; without, it is not") {
  const auto bump = [](double x, double t) { return std::exp(-20 * (x - 0.3) * (x - 0.3)) * (1 + t); };
  using Fine = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
  const double exact =
      losses(make_problem(term("e", Fine({{0.0, 1.0, 40}, {0.0, 2.0, 4}}), given(bump))), network()).total;
  Workspace workspace;
  const auto mean_of = [&](bool unbiased) {
    double total = 0;
    for (Index round = 1; round <= 100; ++round) {
      auto problem =
          make_problem(resampled(term("e", sobol_points(box, 100), given(bump)), {.unbiased = unbiased}));
      resample(workspace, problem, network(), round);
      total += losses(problem, network()).total;
    }
    return total / 100;
  };
  CHECK(mean_of(true) == doctest::Approx(exact).epsilon(0.01));
  CHECK(mean_of(false) > 1.2 * exact);
}

TEST_CASE("candidates for a wall are drawn where the user says") {
  const Discretization<UniformGrid<>, Simpson> times({0.0, 2.0, 41});
  const auto wall = face(box, 0, Side::lower, times);
  const auto slope = given([](double, double t) { return t; });
  CHECK(contains(message_of([&] { resampled(term("wall", wall, slope)); }),
                 "term \"wall\" do not fill their box"));
  const auto draw = [](Index n, Engine& engine) {
    return face(box, 0, Side::lower, random_points(Box<1>{{0.0, 2.0}}, n, engine));
  };
  auto problem = make_problem(resampled(term("wall", wall, slope), {.draw = draw}));
  Workspace workspace;
  resample(workspace, problem, network(), 1);
  const auto& points = std::get<0>(problem.terms).points;
  CHECK(points.size() == 41);
  double mean = 0;
  for (std::size_t j = 0; j < 41; ++j) {
    CHECK(points.points()[2 * j] == 0.0);
    mean += points.points()[2 * j + 1] / 41;
  }
  CHECK(mean > 1.05);  // 7/6 for p = t + 1
}

TEST_CASE("walls are no interior, though their measure may be the same; data have no candidates") {
  const Discretization<UniformGrid<>, Simpson> times({0.0, 2.0, 5});
  const Box<2> strip{{-1.0, 1.0}, {0.0, 2.0}};
  const auto rim = join(face(strip, 0, Side::lower, times), face(strip, 0, Side::upper, times));
  double measure = 0;
  for (double weight : rim.weights()) measure += weight;
  REQUIRE(measure == doctest::Approx(strip.measure()));
  const auto one = given([](double, double) { return 1.0; });
  CHECK(contains(message_of([&] { resampled(term("walls", rim, one)); }),
                 "term \"walls\" do not fill their box"));
  const auto numbered = [](const auto& net, const auto& points, Index) { return net(coordinates(points)); };
  auto problem = make_problem(resampled(term("sensors", sobol_points(strip, 8), numbered)));
  Workspace workspace;
  CHECK(contains(message_of([&] { resample(workspace, problem, network(), 1); }),
                 "takes the numbers of points"));
}

TEST_CASE("two terms draw candidates of their own, and NaN in one leaves the points of all") {
  const auto flat = given([](double, double) { return 1.0; });
  auto two = make_problem(resampled(term("a", sobol_points(box, 30), flat)),
                          resampled(term("b", sobol_points(box, 30), flat)));
  Workspace workspace;
  resample(workspace, two, network(), 1);
  CHECK(std::get<0>(two.terms).points.points() != std::get<1>(two.terms).points.points());
  const auto nan = given([](double, double) { return std::nan(""); });
  auto bad = make_problem(resampled(term("a", sobol_points(box, 30), flat)),
                          resampled(term("b", sobol_points(box, 30), nan)));
  CHECK_THROWS_AS(resample(workspace, bad, network(), 1), std::runtime_error);
  CHECK(std::get<0>(bad.terms).points.points() == sobol_points(box, 30).points());
}

TEST_CASE("u = const satisfies the equation and is held back by the initial condition that comes first") {
  const auto points = sobol_points(box, 64);
  const auto missed = given([](double, double) { return 2.0; });
  const auto satisfied = given([](double, double) { return 0.0; });
  const auto smallest = [&](const std::string& after) {
    auto problem = make_problem(
        term("equation", points, satisfied, {.causal = Causal{.slabs = 4, .epsilon = 0.5, .after = after}}),
        term("initial", points, missed, {.weight = 3}));
    Workspace workspace;
    update_causal(workspace, problem, network());
    return smallest_causal(problem);
  };
  CHECK(smallest("") == 1);
  CHECK(smallest("initial") == doctest::Approx(std::exp(-0.5 * 3 * 4)));
  CHECK(contains(message_of([&] { smallest("start"); }), "it has causal weights after \"start\""));
  auto number = make_problem(
      term("mean", points, whole([](const auto& u, const auto& p) { return integrate(u(coordinates(p))); }),
           {.causal = Causal{}}));
  CHECK(contains(message_of([&] { losses(number, network()); }), "a Number, which has no time"));
}

TEST_CASE("a term that is off is not balanced, nor one whose gradient is round-off") {
  const auto d = sobol_points(box, 16);
  const auto values = [](const auto& net, const auto& points) { return net(coordinates(points)); };
  const auto tiny = [](const auto& net, const auto& points) { return 1e-8 * net(coordinates(points)); };
  auto problem =
      make_problem(term("on", d, values), term("off", d, values, {.weight = 0}), term("tiny", d, tiny));
  Workspace workspace;
  balance(workspace, problem, network(), {.keep = 0});
  CHECK(std::get<0>(problem.terms).weight == doctest::Approx(1));
  CHECK(std::get<1>(problem.terms).weight == 0);
  CHECK(std::get<2>(problem.terms).weight == 1);
  std::get<0>(problem.terms).weight = -2;
  CHECK(contains(message_of([&] { losses(problem, network()); }), "the weight of the term is -2"));
}
