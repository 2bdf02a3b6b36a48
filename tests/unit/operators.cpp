// Transformers and Fourier neural operators: shapes, options, what is refused, and that they learn.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using Line = Discretization<UniformGrid<>, Simpson>;

namespace {

double smooth(double x) { return std::exp(x) * std::sin(3 * x); }

template <class Model>
void check_that_it_learns(Model model) {
  const Line d({0.0, 1.0, 17});
  std::vector<double> phases{0.1, 0.4, 0.8, 1.3};
  std::vector<std::function<double(double)>> in, out;
  for (double p : phases) {
    in.emplace_back([p](double x) { return std::sin(3 * x + p); });
    out.emplace_back([p](double x) { return std::cos(3 * x + p); });
  }
  const auto u = sample(in, d), v = sample(out, d);
  const auto loss = [](const auto& net, const auto& a, const auto& b) {
    return relative_error<L2>(net(a), b);
  };
  Workspace workspace(1);
  Adam adam(model, {.learning_rate = 1e-2});
  for (int step = 0; step < 60; ++step)
    adam.step(model, value_and_gradient(workspace, loss, model, u, v).gradient);
  CHECK(static_cast<double>(loss(model, u, v)) < 0.1);
}

}  // namespace

TEST_CASE("channels in and out, and the count of parameters") {
  Engine engine(1);
  const auto transformer = make_transformer<1>(
      {.in = 2, .out = 3, .channels = 8, .heads = 2, .depth = 2, .frequencies = 3}, engine);
  const Line d({0.0, 1.0, 9});
  const auto u = sample([](double x) { return std::array{x, 1 - x}; }, d);
  CHECK(transformer(u).channels() == 3);
  const Index attention = 4 * (8 * 8 + 8), mlp = 8 * 16 + 16 + 16 * 8 + 8, norm = 16;
  CHECK(count_parameters(transformer) ==
        (2 + 6) * 8 + 8 + 2 * (attention + mlp + 2 * norm) + norm + 8 * 16 + 16 + 16 * 3 + 3);
  const auto fno = make_fno<1>({.in = 2, .out = 3, .channels = 8, .modes = 4, .depth = 2}, engine);
  CHECK(fno(u).channels() == 3);
  CHECK(count_parameters(fno) == 3 * 8 + 8 + 2 * (2 * 4 * 64 + 64 + 8) + 8 * 16 + 16 + 16 * 3 + 3);
}

TEST_CASE("one seed gives one model") {
  Engine a(4), b(4);
  const auto u = sample(smooth, Line({0.0, 1.0, 9}));
  CHECK(make_fno<1>({.channels = 4, .modes = 3}, a)(u).values()(0, 5, 0) ==
        make_fno<1>({.channels = 4, .modes = 3}, b)(u).values()(0, 5, 0));
}

TEST_CASE("each sample of a batch is treated by itself") {
  Engine engine(1);
  const Line d({0.0, 1.0, 9});
  const std::vector<std::function<double(double)>> functions{smooth, [](double x) { return x; },
                                                             [](double x) { return -smooth(x); }};
  const auto each = [&](const auto& model) {
    const auto all = model(sample(functions, d));
    const auto second = model(sample(functions[1], d));
    for (std::size_t j = 0; j < 9; ++j)
      CHECK(all.array()(1, j, 0) == doctest::Approx(second.array()(0, j, 0)).epsilon(1e-13));
  };
  each(make_transformer<1>({.channels = 8, .heads = 2, .depth = 2}, engine));
  each(make_fno<1>({.channels = 8, .modes = 3, .depth = 2}, engine));
}

TEST_CASE("what makes no model is refused") {
  Engine engine(1);
  CHECK_THROWS_AS(make_transformer<1>({.depth = 0}, engine), std::invalid_argument);
  CHECK_THROWS_AS(make_transformer<1>({.channels = 6, .heads = 4}, engine), std::invalid_argument);
  const auto says = [](const auto& make, const char* words) {
    const auto message = support::message_of(make);
    INFO(message);
    CHECK(support::contains(message, words));
  };
  says([&] { (void)make_transformer<1>({.heads = -4}, engine); },
       "make_transformer: 32 channels are not split evenly into -4 heads. Give at least one head");
  says([&] { (void)make_transformer<1, RotaryPosition<>>({.heads = 0}, engine); },
       "into 0 heads. Give at least one");
  says([&] { (void)make_attention(0, 1, engine); }, "make_attention: 0 channels");
  says([&] { (void)make_layer_norm(0); }, "make_layer_norm: 0 channels; give at least one");
  says([&] { (void)make_measure_norm(-1); }, "make_measure_norm: -1 channels; give at least one");
  CHECK_THROWS_AS(make_fno<1>({.depth = 0}, engine), std::invalid_argument);
  const auto fno = make_fno<1>({.in = 2, .channels = 4, .modes = 3, .depth = 1}, engine);
  CHECK_THROWS_AS(fno(sample(smooth, Line({0.0, 1.0, 9}))), std::invalid_argument);
}

TEST_CASE("a wrong number of channels is said at the door of a transformer") {
  Engine engine(1);
  const auto one = sample(smooth, Line({0.0, 1.0, 9})), other = sample(smooth, Line({0.0, 1.0, 5}));
  const auto two = one.with(concatenate(one.values(), one.values()));
  const auto says = [](const auto& call, const char* words) {
    const auto message = support::message_of(call);
    INFO(message);
    CHECK(support::contains(message, words));
  };
  const auto plain = make_transformer<1>({.channels = 8, .heads = 2, .depth = 1}, engine);
  const auto turned =
      make_transformer<1, RotaryPosition<>>({.in = 2, .channels = 8, .heads = 1, .depth = 1}, engine);
  const auto decoder = make_encoder_decoder<1>({.channels = 8, .heads = 2, .depth = 1}, engine);
  says([&] { (void)plain(two); }, "a transformer of 1 channels in was given a field of 2");
  says([&] { (void)turned(one); }, "a transformer of 2 channels in was given a field of 1");
  says([&] { (void)turned(two, other); }, "a transformer of 2 channels in was given a field of 1");
  says([&] { (void)decoder(two); }, "an encoder-decoder of 1 channels in was given a field of 2");
  says([&] { (void)Transformer<1>()(one); }, "a transformer without parameters is applied");
}

TEST_CASE("float models follow double ones") {
  Engine engine(1);
  const Line d({0.0, 1.0, 33});
  const auto u = sample(smooth, d);
  const auto each = [&](const auto& model) {
    const auto exact = model(u);
    const auto rounded = cast<double>(cast<float>(model)(cast<float>(u)));
    CHECK(static_cast<double>(relative_error<Linf>(rounded, exact)) < 1e-4);
    CHECK(static_cast<double>(relative_error<Linf>(rounded, exact)) > 0);
  };
  each(make_transformer<1>({.channels = 8, .heads = 2, .depth = 2}, engine));
  each(make_fno<1>({.channels = 8, .modes = 3, .depth = 2}, engine));
  each(make_fno<1, Legendre>({.channels = 8, .modes = 3, .depth = 2}, engine));
}

TEST_CASE("models learn a derivative") {
  Engine engine(1);
  check_that_it_learns(make_transformer<1>({.channels = 8, .heads = 2, .depth = 1}, engine));
  check_that_it_learns(make_fno<1>({.channels = 8, .modes = 4, .depth = 2}, engine));
}

TEST_CASE("a model prints") {
  Engine engine(1);
  std::ostringstream out;
  print(make_fno<1>({.channels = 4, .modes = 3, .depth = 2}, engine), out);
  CHECK(out.str().find("blocks.1.spectral") != std::string::npos);
}
