// The loop with second-order methods: to the bit after a stop, and NaN where a step begins.
#include <fredholm/train/broyden.hpp>
#include <fredholm/train/gauss_newton.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "../support/messages.hpp"
#include "../support/solving.hpp"

using namespace fredholm;
using support::box;
using support::contains;

namespace {

auto network() { return support::network(5); }
const auto transport = [](const auto& net, const auto& points) {
  const auto u = derivatives<Dt, Dx>(net, points);
  return u[Dt{}] + u[Dx{}];
};
const auto start = [](const auto& net, const auto& points) {
  return values(net, points) - sample([](double x, double) { return std::sin(3 * x); }, points);
};

auto problem() {
  const Discretization<UniformGrid<>, Simpson> line({0.0, 1.0, 9});
  return make_problem(resampled(term("equation", sobol_points(box, 60), transport)),
                      term("start", initial(box, line), start, {.weight = 10}));
}

}  // namespace

TEST_CASE("a run of a second-order method that was stopped goes on to the bit") {
  const SolveOptions options{.steps = 20, .resample_every = 6, .quiet = true};
  const auto lm = [](const auto& m) { return LevenbergMarquardt(m); };
  const auto broyden = [](const auto& m) { return SelfScaledBroyden(m); };
  support::resumes(problem, lm, 5, options, 11, 50);  // the file is written at the end
  support::resumes(problem, broyden, 5, options, 11, 50);
}

TEST_CASE("NaN where a step begins is named with the step and the term") {
  const auto check = [](auto make) {
    bool broken = false;
    const auto breaks = [&broken](const auto& net, const auto& points) {
      return values(net, points) * (broken ? std::numeric_limits<double>::quiet_NaN() : 1.0);
    };
    auto two = make_problem(term("fine", sobol_points(box, 30), transport),
                            term("breaks", sobol_points(box, 20), breaks));
    auto net = network();
    auto optimizer = make(net);
    auto last = net;
    std::string text;
    try {
      // Resampling is what makes the loss another one between steps: here it is another one by hand.
      solve(two, net, optimizer, {.steps = 3, .quiet = true});
      last = net;
      broken = true;
      solve(two, net, optimizer, {.steps = 3, .quiet = true});
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    INFO(text);
    CHECK(contains(text, "solve: in step 0 (from 0): "));
    CHECK(contains(text, "term \"breaks\" is "));
    CHECK(contains(text, "at point 0, (0, 0)"));
    CHECK(support::same_bits(net, last));
  };
  check([](const auto& m) { return LevenbergMarquardt(m); });
  check([](const auto& m) { return SelfScaledBroyden(m); });
}
