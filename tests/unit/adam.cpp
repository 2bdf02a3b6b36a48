// Adam against a computation by hand, its convergence, the decay of AdamW, what it refuses, and clipping.
#include <fredholm/train/adam.hpp>
#include <fredholm/train/clip.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

using namespace fredholm;

namespace {
long allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

struct Layer {
  Parameter<double> weight{Shape{2, 3}};
  Parameter<std::complex<float>> modes{Shape{2}};
  Buffer<double> kept{Shape{1}};
};

struct Net {
  std::vector<Layer> layers = std::vector<Layer>(2);
  Parameter<double> bias{Shape{1}};
  int depth = 2;
};

struct Point {
  Parameter<double> x{Array<double>({2}, {1.0, -2.0})};
};

struct Wide {
  Parameter<float> x{Array<float>::full({2500}, 1.0F)};
};

Point point(double a, double b) {
  Point result;
  result.x.set(Array<double>({2}, {a, b}));
  return result;
}

template <class Model>
Model filled(Model model, double value) {
  for_each_parameter(model, [value](auto& leaf) {
    using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
    leaf.set(Array<Real>::full(leaf.value().shape(), static_cast<Real>(value)));
  });
  return model;
}

}  // namespace

TEST_CASE("three steps by hand") {
  const AdamOptions options{
      .learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3, .weight_decay = 0.05};
  Point model;
  Adam adam(model, options);
  const double gradients[3] = {0.5, -2.0, 3.0};
  // The moments as sums over the past, not as recurrences.
  double p = 1.0;
  for (int t = 1; t <= 3; ++t) {
    double m = 0;
    double v = 0;
    for (int s = 1; s <= t; ++s) {
      m += 0.2 * std::pow(0.8, t - s) * gradients[s - 1];
      v += 0.1 * std::pow(0.9, t - s) * gradients[s - 1] * gradients[s - 1];
    }
    const double direction = (m / (1 - std::pow(0.8, t))) / (std::sqrt(v / (1 - std::pow(0.9, t))) + 1e-3);
    p = p - 0.1 * direction - 0.1 * 0.05 * p;
    adam.step(model, point(gradients[t - 1], 0.0));
    CHECK(model.x.value()(0) == doctest::Approx(p).epsilon(1e-14));
  }
  CHECK(adam.steps() == 3);
  CHECK(model.x.value()(1) == doctest::Approx(-2.0 * std::pow(0.995, 3)).epsilon(1e-14));  // decay alone
}

TEST_CASE("the first step has the length of the rate, whatever the scale of the gradient") {
  for (double scale : {1e-3, 1.0, 1e6}) {
    Point model;
    Adam adam(model, {.learning_rate = 0.25});
    adam.step(model, point(scale, -scale));
    CHECK(model.x.value()(0) == doctest::Approx(0.75).epsilon(1e-4));
    CHECK(model.x.value()(1) == doctest::Approx(-1.75).epsilon(1e-4));
  }
}

TEST_CASE("float parameters longer than a block") {
  Wide model;
  Adam adam(model, {.learning_rate = 0.5});
  adam.step(model, filled(model, 2.0));
  double worst = 0;
  for (Index i = 0; i < 2500; ++i) worst = std::max(worst, std::abs(double(model.x.value()(i)) - 0.5));
  CHECK(worst < 1e-6);
}

TEST_CASE("a quadratic is minimized") {
  Point model;
  Adam adam(model, {.learning_rate = 0.05});
  for (int t = 0; t < 4000; ++t) {
    adam.options.learning_rate = 0.05 * std::pow(0.997, t);
    adam.step(model, point(2 * (model.x.value()(0) - 3), 200 * (model.x.value()(1) + 1)));
  }
  CHECK(model.x.value()(0) == doctest::Approx(3).epsilon(1e-4));
  CHECK(model.x.value()(1) == doctest::Approx(-1).epsilon(1e-4));
}

TEST_CASE("the decay is decoupled from the moments") {
  // Without a gradient AdamW shrinks by 1 - rate * decay; a decay in the gradient would step by the rate.
  Point decayed;
  Adam adam(decayed, {.learning_rate = 0.1, .weight_decay = 0.01});
  adam.step(decayed, point(0, 0));
  CHECK(decayed.x.value()(0) == doctest::Approx(0.999).epsilon(1e-14));
  // With one, the two are added.
  Point both;
  Point plain;
  Adam with(both, {.learning_rate = 0.1, .weight_decay = 0.01});
  Adam without(plain, {.learning_rate = 0.1});
  with.step(both, point(3, -1));
  without.step(plain, point(3, -1));
  CHECK(both.x.value()(0) - plain.x.value()(0) == doctest::Approx(-0.001 * 1.0).epsilon(1e-10));
  CHECK(both.x.value()(1) - plain.x.value()(1) == doctest::Approx(-0.001 * -2.0).epsilon(1e-10));
}

TEST_CASE("models of several layers, complex parameters, buffers") {
  Net model;
  Adam adam(model, {.learning_rate = 0.1});
  adam.step(model, filled(model, -4.0));
  for_each_parameter(model, [](const auto& leaf) {
    for (Index i = 0; i < leaf.size(); ++i)
      CHECK(leaf.value().data()[i] == doctest::Approx(0.1).epsilon(1e-6));
  });
  CHECK(model.layers[0].kept.value()(0) == 0);
}

TEST_CASE("frozen parameters stay") {
  Net model;
  model.layers[1].weight.set_frozen(true);
  Adam adam(model, {.learning_rate = 0.1, .weight_decay = 0.1});
  Net gradient = filled(model, 1.0);
  gradient.layers[1].weight.set(Array<double>::full({2, 3}, std::nan("")));  // is not looked at
  adam.step(model, gradient);
  CHECK(model.layers[1].weight.value()(0, 0) == 0);
  CHECK(model.layers[1].modes.value()(0, 0) == doctest::Approx(-0.1));
}

TEST_CASE("a step allocates nothing") {
  Net model;
  Adam adam(model);
  const Net gradient = filled(model, 1.0);
  adam.step(model, gradient);
  const double* values = model.layers[0].weight.value().data();
  const long before = allocations;
  for (int t = 0; t < 10; ++t) adam.step(model, gradient);
  CHECK(allocations == before);
  CHECK(values == model.layers[0].weight.value().data());
}

TEST_CASE("a copy of the model keeps its values") {
  Point model;
  const Point before = model;
  Adam adam(model);
  adam.step(model, point(1, 1));
  CHECK(before.x.value()(0) == 1.0);
  CHECK(model.x.value()(0) != 1.0);
}

TEST_CASE("what is not finite is named, and nothing has changed") {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Net model = filled(Net{}, 1.0);
    Net other = model;
    Adam adam(model);
    Adam same(other);
    Net gradient = filled(model, 0.5);
    adam.step(model, gradient);
    same.step(other, gradient);
    Net broken = gradient;
    Array<double> values = broken.layers[1].weight.value();
    values.mutable_data()[4] = bad;
    broken.layers[1].weight.set(values);
    const auto try_it = [&] { adam.step(model, broken); };
    CHECK_THROWS_WITH_AS(try_it(), doctest::Contains("layers.1.weight"), std::runtime_error);
    CHECK(adam.steps() == 1);
    adam.step(model, gradient);
    same.step(other, gradient);
    zip_parameters(model, other, [](const auto& a, const auto& b) {
      for (Index i = 0; i < a.size(); ++i) CHECK(a.value().data()[i] == b.value().data()[i]);
    });
  }
}

TEST_CASE("the moments can be walked, for a checkpoint") {
  Point model;
  Adam adam(model);
  adam.step(model, point(1, 2));
  std::string paths;
  Adam restored(model);
  std::vector<Array<double>> values;
  for_each_leaf(adam, [&](const std::string& path, const auto& leaf) {
    paths += path + ' ';
    if constexpr (std::is_same_v<typename std::remove_cvref_t<decltype(leaf)>::real_type, double>) {
      values.push_back(leaf.value());
    }
  });
  CHECK(paths == "steps double.0.first double.0.second ");
  std::size_t next = 0;
  for_each_leaf(restored, [&](auto& leaf) {
    if constexpr (std::is_same_v<typename std::remove_cvref_t<decltype(leaf)>::real_type, double>) {
      leaf.set(values[next++]);
    }
  });
  Point other = model;
  adam.step(model, point(-1, 1));
  restored.step(other, point(-1, 1));
  CHECK(restored.steps() == 2);
  CHECK(model.x.value()(0) == other.x.value()(0));
}

TEST_CASE("what makes no sense is refused") {
  Point model;
  using Options = AdamOptions;
  CHECK_THROWS_AS(Adam(model, Options{.beta1 = 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(Adam(model, Options{.learning_rate = -1.0}), std::invalid_argument);
  CHECK_THROWS_AS(Adam(model, Options{.epsilon = 0.0}), std::invalid_argument);
  Net net;
  Adam adam(net);
  Net deeper;
  deeper.layers.emplace_back();
  CHECK_THROWS_AS(adam.step(deeper, deeper), std::invalid_argument);
  Net shallow;
  shallow.layers.pop_back();
  CHECK_THROWS_AS(adam.step(net, shallow), std::invalid_argument);
  CHECK(adam.steps() == 0);
}

TEST_CASE("clipping") {
  Point gradient = point(3, -4);
  CHECK(global_norm(gradient) == doctest::Approx(5));
  CHECK(clip_gradient(gradient, 10.0) == doctest::Approx(5));
  CHECK(gradient.x.value()(0) == 3);
  CHECK(clip_gradient(gradient, 1.0) == doctest::Approx(5));
  CHECK(gradient.x.value()(0) == doctest::Approx(0.6));
  CHECK(gradient.x.value()(1) == doctest::Approx(-0.8));
  CHECK_THROWS_AS(clip_gradient(gradient, 0.0), std::invalid_argument);

  Net net = filled(Net{}, 2.0);  // 2 (6 + 4) + 1 real numbers
  CHECK(clip_gradient(net, 1.0) == doctest::Approx(2 * std::sqrt(21.0)));
  CHECK(global_norm(net) == doctest::Approx(1));

  Point broken = point(std::nan(""), 1);
  CHECK(std::isnan(clip_gradient(broken, 1.0)));
  CHECK(broken.x.value()(1) == 1);
}

TEST_CASE("a gradient whose squares overflow is clipped all the same") {
  Point gradient{Parameter<double>(Array<double>({2}, std::vector<double>{3e200, 4e200}))};
  CHECK(clip_gradient(gradient, 1.0) == doctest::Approx(5e200));
  CHECK(global_norm(gradient) == doctest::Approx(1.0));
}
