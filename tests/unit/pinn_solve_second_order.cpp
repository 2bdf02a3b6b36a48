// The loop with second-order methods: to the bit after a stop, and NaN where a step begins.
#include <fredholm/checkpoint.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train/broyden.hpp>
#include <fredholm/train/gauss_newton.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;

namespace {

const Box<2> box{{0.0, 1.0}, {0.0, 2.0}};

auto network() {
  Engine engine(4);
  return make_mlp<Tanh>({2, 5, 1}, engine);
}
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

template <class Model>
bool same_bits(const Model& a, const Model& b) {
  const Eigen::VectorXd x = flatten(a), y = flatten(b);
  return std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(double)) == 0;
}

std::filesystem::path file(const char* name) {
  const auto path = std::filesystem::temp_directory_path() / name;
  std::filesystem::remove(path);
  return path;
}

template <class Make>
void resumes(const char* name, Make make) {
  const auto options = [](Index steps) {
    return SolveOptions{.steps = steps, .resample_every = 6, .quiet = true};
  };
  auto through = network();
  auto all = problem();
  auto optimizer = make(through);
  const double before = losses(all, through).total;
  CHECK(solve(all, through, optimizer, options(20)).loss < before);

  const CheckpointFile checkpoint{file(name), 50};  // written at the end
  auto stopped = network(), resumed = network();
  auto first = make(stopped), second = make(resumed);
  auto first_half = problem(), second_half = problem();
  solve(first_half, stopped, first, options(11), checkpoint);
  CHECK(solve(second_half, resumed, second, options(20), checkpoint).steps == 9);
  CHECK(same_bits(resumed, through));
  std::filesystem::remove(checkpoint.path);
}

}  // namespace

TEST_CASE("a run of a second-order method that was stopped goes on to the bit") {
  resumes("fredholm_solve_lm.safetensors", [](const auto& m) { return LevenbergMarquardt(m); });
  resumes("fredholm_solve_broyden.safetensors", [](const auto& m) { return SelfScaledBroyden(m); });
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
    CHECK(same_bits(net, last));
  };
  check([](const auto& m) { return LevenbergMarquardt(m); });
  check([](const auto& m) { return SelfScaledBroyden(m); });
}
