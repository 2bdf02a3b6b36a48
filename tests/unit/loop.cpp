// The training loop: it learns, it is the loop one would write, it stops where it must.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/train.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;

/// u -> a u + b at each point.
template <class Scalar = double>
struct Affine {
  Parameter<Scalar> slope{Shape{1}};
  Parameter<Scalar> offset{Shape{1}};
  auto operator()(const auto& u) const { return u * slope() + offset(); }
};

const auto loss = [](const auto& model, const auto& u, const auto& v) {
  return mean_squared_error(model(u), v);
};

template <class Scalar = double>
auto data(LoaderOptions options = {.batch = 4, .seed = 1}) {
  const Line d({0.0, 1.0, 9});
  Engine engine(3);
  const auto u = Field(d, normal_array<Scalar>({10, 9, 1}, 1.0, engine));
  return Loader(u, Scalar(2) * u - Scalar(0.5), options);
}

}  // namespace

TEST_CASE("it learns") {
  auto loader = data();
  Affine<> model;
  const History history = fit(model, loss, loader, {.epochs = 100, .learning_rate = 0.1, .quiet = true});
  CHECK(history.loss.size() == 100);
  CHECK(history.seconds.size() == 100);
  CHECK(history.loss.front() > 1);
  CHECK(history.loss.back() < 1e-6);
  CHECK(model.slope.value()(0) == doctest::Approx(2).epsilon(1e-3));
  CHECK(model.offset.value()(0) == doctest::Approx(-0.5).epsilon(1e-3));
}

TEST_CASE("an optimizer of one's own goes on where it stopped, and has its own weight decay") {
  auto loader = data();
  Affine<> model, other;
  const FitOptions options{.epochs = 60, .learning_rate = 0.1, .quiet = true};
  Adam adam(model);
  const History history = fit(model, loss, loader, options, adam);
  CHECK(adam.steps() == 180);
  loader.set_epoch(0);
  CHECK(fit(other, loss, loader, options).loss == history.loss);  // the same as an Adam made by fit
  CHECK(model.slope.value()(0) == other.slope.value()(0));
  loader.set_epoch(0);
  other = Affine<>{};
  CHECK(fit(other, loss, loader, options, Adam(other)).loss == history.loss);  // one that nobody keeps
  // A second schedule begins at its own start, and not at the end of the first, where the rate is 0.
  std::vector<Index> seen;
  FitOptions more = options;
  more.epochs = 2;
  more.schedule = [&seen](Index step) { return seen.push_back(step), 1e-3; };
  fit(model, loss, loader, more, adam);
  CHECK(seen == std::vector<Index>{0, 1, 2, 3, 4, 5});
  FitOptions with_decay = options;
  with_decay.weight_decay = 0.1;
  CHECK_THROWS_AS(fit(model, loss, loader, with_decay, adam), std::invalid_argument);
}

TEST_CASE("in float, over a vector of batches") {
  auto loader = data<float>();
  std::vector<std::remove_cvref_t<decltype(*loader.begin())>> batches;
  for (const auto& batch : loader) batches.push_back(batch);
  Affine<float> model;
  const auto history = fit(model, loss, batches, {.epochs = 100, .learning_rate = 0.1, .quiet = true});
  CHECK(history.loss.back() < 1e-5);
}

TEST_CASE("it is the loop that one would write") {
  auto loader = data();
  Affine<> model;
  const auto history = fit(model, loss, loader,
                           {.epochs = 3,
                            .learning_rate = 0.1,
                            .warmup = 0.4,
                            .weight_decay = 0.01,
                            .clip_norm = 0.5,
                            .quiet = true});
  auto same = data();
  Affine<> own;
  Adam adam(own, {.weight_decay = 0.01});
  const CosineDecay rate{.peak = 0.1, .steps = 9, .warmup_steps = 3};
  std::vector<double> losses;
  for (int epoch = 0; epoch < 3; ++epoch) {
    double total = 0;
    for (const auto& batch : same) {
      auto [value, gradient] = value_and_gradient(loss, own, batch.input, batch.output);
      clip_gradient(gradient, 0.5);
      adam.options.learning_rate = rate(adam.steps());
      adam.step(own, gradient);
      total += value * static_cast<double>(batch.input.batch());
    }
    losses.push_back(total / 10);
  }
  CHECK(model.slope.value()(0) == own.slope.value()(0));
  CHECK(model.offset.value()(0) == own.offset.value()(0));
  for (std::size_t i = 0; i < 3; ++i) CHECK(history.loss[i] == doctest::Approx(losses[i]).epsilon(1e-14));
}

TEST_CASE("a schedule of one's own, and an early stop") {
  auto loader = data();
  Affine<> model;
  std::vector<Index> steps;
  const auto schedule = [&steps](Index step) {
    steps.push_back(step);
    return 0.01;
  };
  const auto two = [](Index epoch, double) { return epoch < 1; };
  const auto history =
      fit(model, loss, loader, {.epochs = 50, .schedule = schedule, .after_epoch = two, .quiet = true});
  CHECK(history.loss.size() == 2);
  CHECK(steps == std::vector<Index>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a loss that is not finite stops it, and the model keeps its last good values") {
  auto batches = std::vector{*data().begin(), *data().begin()};
  Array<double> values = batches[1].output.values();
  values.mutable_data()[3] = std::numeric_limits<double>::quiet_NaN();
  batches[1].output = batches[1].output.with(values);
  Affine<> model;
  const auto train = [&] { fit(model, loss, batches, {.epochs = 3, .learning_rate = 0.1, .quiet = true}); };
  CHECK_THROWS_WITH_AS(train(), doctest::Contains("step 1 of epoch 0"), std::runtime_error);
  Affine<> one_step;
  auto first = std::vector{batches[0]};
  fit(one_step, loss, first, {.epochs = 1, .learning_rate = 0.1, .quiet = true});
  CHECK(std::isfinite(model.slope.value()(0)));
  CHECK(model.slope.value()(0) != 0);
  CHECK(model.slope.value()(0) == doctest::Approx(one_step.slope.value()(0)).epsilon(1e-6));
}

TEST_CASE("a gradient that is not finite names the parameter and the step") {
  auto loader = data();
  Affine<> model;
  const auto steep = [](const auto& net, const auto& u,
                        const auto& v) {  // sin(inf w) at w = 0: finite, its slope not
    return mean_squared_error(net.slope() * u, v) + sum(sin(net.offset() * 1e200 * 1e200));
  };
  const auto train = [&] { fit(model, steep, loader, {.epochs = 2, .quiet = true}); };
  CHECK_THROWS_WITH_AS(train(), doctest::Contains("infinity in offset"), std::runtime_error);
  CHECK_THROWS_WITH_AS(train(), doctest::Contains("step 0 of epoch 0"), std::runtime_error);
  CHECK(model.slope.value()(0) == 0);
  CHECK(model.offset.value()(0) == 0);
}

TEST_CASE("options that make no sense are refused") {
  auto loader = data();
  Affine<> model;
  const auto train = [&](FitOptions options) { fit(model, loss, loader, options); };
  CHECK_THROWS_AS(train({.epochs = 0}), std::invalid_argument);
  CHECK_THROWS_AS(train({.warmup = 2.0}), std::invalid_argument);
  CHECK_THROWS_AS(train({.clip_norm = -1.0}), std::invalid_argument);
}
