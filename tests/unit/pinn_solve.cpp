// The loop: what it does between steps, when it ends, what it says, and that a run that was stopped goes on to the bit.
#include <fredholm/train/adam.hpp>
#include <fredholm/train/lbfgs.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "../support/messages.hpp"
#include "../support/solving.hpp"

using namespace fredholm;
using support::box;
using support::contains;
using support::message_of;

namespace {

auto network() { return support::network(7); }
const auto fit_wave = [](const auto& net, const auto& points) {
  return net(coordinates(points)) - sample([](double x, double t) { return std::sin(3 * x + t); }, points);
};
const auto fit_zero = [](const auto& net, const auto& points) { return net(coordinates(points)); };

/// With all that changes: causal weights, points drawn anew.
auto moving_problem() {
  const Discretization<UniformGrid<>, Simpson> line({0.0, 1.0, 9});
  return make_problem(
      resampled(term("equation", sobol_points(box, 100), fit_wave, {.causal = Causal{.slabs = 4}})),
      term("start", initial(box, line), fit_zero, {.weight = 0.1}));
}
}  // namespace

TEST_CASE("a run that was stopped goes on to the bit") {
  // It stops between two updates of the causal factors: those of step 12 are the file's.
  const SolveOptions options{
      .steps = 20, .resample_every = 7, .balance_every = 10, .causal_every = 5, .quiet = true};
  const auto adam = [](const auto& m) { return Adam(m, {.learning_rate = 1e-2}); };
  const auto lbfgs = [](const auto& m) { return Lbfgs(m, {.history = 5}); };
  support::resumes(moving_problem, adam, 7, options, 12, 5);
  support::resumes(moving_problem, lbfgs, 7, options, 12, 5);
}

TEST_CASE("a file of another problem is refused, and all is as it was") {
  const support::Folder folder;
  CheckpointFile file{folder / "run.safetensors", 10};
  const auto with = [](double level) {
    const auto fit = [level](const auto& net, const auto& points) {
      return net(coordinates(points)) - level;
    };
    return make_problem(term("fit", sobol_points(box, 100), fit));
  };
  auto net = network();
  auto problem = with(1.0);
  Adam adam(net);
  solve(problem, net, adam, {.steps = 20, .quiet = true}, file);
  auto other = with(2.0);
  auto fresh = network();
  Adam beginning(fresh);
  const double before = losses(other, fresh).total;
  const std::string text =
      message_of([&] { solve(other, fresh, beginning, {.steps = 40, .quiet = true}, file); });
  CHECK(contains(text, "was written with a loss of "));
  CHECK(contains(text, "{.same_loss = false}"));
  CHECK(losses(other, fresh).total == before);
  CHECK(beginning.steps() == 0);
  file.same_loss = false;
  CHECK(solve(other, fresh, beginning, {.steps = 40, .quiet = true}, file).steps == 20);
}

TEST_CASE("causal factors are those of the model at every causal_every-th step, and stay between") {
  const auto make = [] {
    return make_problem(term("equation", sobol_points(box, 100), fit_wave, {.causal = Causal{.slabs = 4}}));
  };
  const auto factors_at = [&](const auto& model) {
    Workspace workspace;
    auto problem = make();
    update_causal(workspace, problem, model);
    return std::get<0>(problem.terms).factors;
  };
  auto problem = make();
  auto net = network();
  Adam adam(net, {.learning_rate = 1e-2});
  std::vector<std::vector<double>> used;
  std::vector<decltype(net)> models{net};  // before each step
  const auto look = [&](Index, double) {
    used.push_back(std::get<0>(problem.terms).factors);
    models.push_back(net);
    return true;
  };
  solve(problem, net, adam, {.steps = 10, .causal_every = 4, .after_step = look, .quiet = true});
  REQUIRE(used.size() == 10);
  for (std::size_t step = 0; step < 10; ++step) {
    CHECK(used[step] == factors_at(models[step / 4 * 4]));
    if (step % 4 != 0) CHECK(used[step] != factors_at(models[step]));
  }
}

TEST_CASE("the history has the losses of the terms by name, and why it ended") {
  const auto points = sobol_points(box, 200);
  auto problem =
      make_problem(term("fit", points, fit_wave), term("nothing", points, fit_zero, {.weight = 1e-3}));
  auto net = network();
  Lbfgs lbfgs(net);
  const auto history = solve(problem, net, lbfgs, {.steps = 25, .quiet = true});
  CHECK(history.names == std::vector<std::string>{"fit", "nothing"});
  CHECK(history.ended == "all steps are done");
  CHECK(history.steps == 25);
  REQUIRE(history.records.size() == 4);  // 0, 10, 20, 25
  CHECK(history.records[3].step == 25);
  CHECK(history.records[3].loss < 0.1 * history.records[0].loss);
  for (const auto& record : history.records)
    CHECK(record.loss == doctest::Approx(record.integrals[0] + 1e-3 * record.integrals[1]));
  CHECK(history.loss == losses(problem, net).total);

  CHECK(solve(problem, net, lbfgs, {.steps = 5, .tolerance = 1e3, .quiet = true}).ended ==
        "the loss is within the tolerance");
  CHECK(solve(problem, net, lbfgs, {.steps = 5, .seconds = 1e-9, .quiet = true}).ended == "the time is over");
  Index calls = 0;
  const auto after = [&calls](Index, double) { return ++calls < 3; };
  CHECK(solve(problem, net, lbfgs, {.steps = 50, .after_step = after, .quiet = true}).ended ==
        "after_step said so");
  CHECK(calls == 3);
  Adam adam(net);
  solve(problem, net, adam,
        {.steps = 3,
         .schedule = [](Index step) { return 0.5 / (1.0 + static_cast<double>(step)); },
         .quiet = true});
  CHECK(adam.options.learning_rate == doctest::Approx(0.5 / 3));
}

TEST_CASE("NaN in the loss names the step, the term and the point, and the last checkpoint stands") {
  // A root that leaves its domain once the network has moved far enough.
  const auto root = [](const auto& net, const auto& points) {
    return sqrt(net(coordinates(points)) + 0.8) + 5.0;
  };
  const auto points = sobol_points(box, 100);
  const auto check = [&](auto make) {
    auto problem = make_problem(term("fit", points, fit_zero, {.weight = 1e-3}), term("root", points, root));
    auto net = network();
    auto optimizer = make(net);
    const support::Folder folder;
    const CheckpointFile checkpoint{folder / "run.safetensors", 1};
    std::string text;
    try {
      solve(problem, net, optimizer, {.steps = 2000, .quiet = true}, checkpoint);
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    INFO(text);
    CHECK(contains(text, "solve: in step "));
    CHECK(contains(text, "term \"root\" is "));
    CHECK(contains(text, "at point "));
    auto good = network();
    auto other = make(good);
    auto again = make_problem(term("fit", points, fit_zero, {.weight = 1e-3}), term("root", points, root));
    CHECK(checkpoint.load(again, good, other) >= 1);
    bool finite = true;
    for_each_parameter(good, [&finite](const auto& leaf) {
      for (Index i = 0; i < leaf.size(); ++i) finite = finite && std::isfinite(leaf.value().data()[i]);
    });
    CHECK(finite);
  };
  check([](const auto& m) { return Adam(m, {.learning_rate = 0.05}); });
}

TEST_CASE(
    "a problem that after_step changes is stepped down as it is now, and stuck is the end of one that stays") {
  const auto points = sobol_points(box, 50);
  const auto constant = [](const auto&, const auto& some) {
    return sample([](double, double) { return 1.0; }, some);
  };
  auto problem =
      make_problem(term("zero", points, fit_zero, {.weight = 0}), term("constant", points, constant));
  auto net = network();
  Lbfgs lbfgs(net);
  CHECK(solve(problem, net, lbfgs, {.steps = 30, .quiet = true}).steps == 1);
  Index calls = 0;
  const auto switch_on = [&](Index, double) {
    if (++calls == 1) std::get<0>(problem.terms).weight = 1;
    return calls < 12;
  };
  const auto nothing = [](Index, double) { return true; };
  CHECK(solve(problem, net, lbfgs, {.steps = 30, .after_step = nothing, .quiet = true}).steps == 2);
  solve(problem, net, lbfgs, {.steps = 30, .after_step = switch_on, .quiet = true});
  CHECK(calls == 12);
  CHECK(losses(problem, net)["zero"] < 0.1 * losses(problem, network())["zero"]);

  std::get<0>(problem.terms).weight = 0.5;
  Lbfgs again(net);
  net = network();
  double last = 0;
  const auto heavier = [&](Index step, double loss) {
    if (step == 3) std::get<0>(problem.terms).weight = 500;
    last = loss;
    return step < 4;
  };
  solve(problem, net, again, {.steps = 10, .after_step = heavier, .quiet = true});
  CHECK(last == losses(problem, net).total);  // and not below it by the old weight
}

TEST_CASE("options that make no sense are refused") {
  auto problem = make_problem(term("fit", sobol_points(box, 10), fit_zero));
  auto net = network();
  Adam adam(net);
  CHECK(contains(message_of([&] { solve(problem, net, adam, {.steps = 0}); }), "steps is 0"));
  CHECK(contains(message_of([&] { solve(problem, net, adam, {.resample_every = 5}); }),
                 "no term can be resampled"));
}
