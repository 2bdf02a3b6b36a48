// The encoder-decoder in training: how its loss is cut, that it learns, and what is refused.
#include "../support/messages.hpp"
#include "../support/transformer_laws.hpp"

using namespace transformer_laws;

TEST_CASE("a loss of an encoder-decoder is cut along the batch, and its points are left whole") {
  Engine rng(5);
  const Line d({0.0, 1.0, 129});
  const auto target = cloud_of(gauss(10));
  const auto u = random_field(d, 7, 1, rng);
  const auto v = random_field(target, 7, 1, rng);
  const auto loss = [](const auto& net, const auto& a, const auto& b) {
    return mean(square((net(a, b.discretization()) - b).values()));
  };
  const auto with_points = [](const auto& net, const auto& a, const auto& points, const auto& b) {
    return mean(square((net(a, points) - b).values()));
  };
  const auto each = [&](const auto& model) {
    const auto cut = value_and_gradient(loss, model, u, v),
               uncut = value_and_gradient(whole(loss), model, u, v);
    const auto beside = value_and_gradient(with_points, model, u, target, v);
    CHECK(cut.value == doctest::Approx(uncut.value).epsilon(1e-12));
    CHECK(beside.value == cut.value);
    const auto& bias = cut.gradient.project.layers.back().bias.value();
    CHECK(bias(0) == doctest::Approx(uncut.gradient.project.layers.back().bias.value()(0)).epsilon(1e-10));
    CHECK(bias(0) == beside.gradient.project.layers.back().bias.value()(0));
    CHECK(bias(0) != 0.0);
  };
  each(encoder_decoder());
}

TEST_CASE("an encoder-decoder learns from scattered sensors to other points") {
  Engine rng(2);
  auto model =
      make_encoder_decoder<1, float>({.channels = 16, .heads = 2, .depth = 1, .decoder_depth = 1}, rng);
  std::vector<std::array<double, 1>> places;
  for (int j = 0; j < 24; ++j) places.push_back({uniform(rng)});
  const Cloud sensors(PointCloud<1>(gauss(1).box(), places), Given{std::vector<double>(24, 1.0 / 24)});
  std::vector<std::function<double(double)>> in, out;
  for (const double p : {0.1, 0.4, 0.8, 1.3}) {
    in.emplace_back([p](double x) { return std::sin(3 * x + p); });
    out.emplace_back([p](double x) { return std::cos(3 * x + p); });
  }
  const auto u = sample<float>(in, sensors);
  const auto v = sample<float>(out, Line({0.0, 1.0, 17}));
  const auto loss = [](const auto& net, const auto& a, const auto& b) {
    return relative_error<L2>(net(a, b.discretization()), b);
  };
  Workspace workspace(1);
  Adam adam(model, {.learning_rate = 1e-2});
  for (int step = 0; step < 100; ++step)
    adam.step(model, value_and_gradient(workspace, loss, model, u, v).gradient);
  CHECK(static_cast<double>(loss(model, u, v)) < 0.1);
  CHECK(static_cast<double>(loss(model, u, sample<float>(out, gauss(30)))) < 0.15);
}

TEST_CASE("what makes no model is refused") {
  Engine rng(1);
  CHECK_THROWS_AS(make_encoder_decoder<1>({.depth = 0}, rng), std::invalid_argument);
  CHECK_THROWS_AS(make_encoder_decoder<1>({.decoder_depth = 0}, rng), std::invalid_argument);
  CHECK_THROWS_AS((make_transformer<1, RotaryPosition<>>({.heads = 8}, rng)), std::invalid_argument);
  const auto says = [](const auto& make, const char* words) {
    const auto message = support::message_of(make);
    INFO(message);
    CHECK(support::contains(message, words));
  };
  const EncoderDecoderOptions none{.frequencies = 0};
  const char* one_query = "frequencies is 0, and without one all points of the target are one query";
  says([&] { (void)make_encoder_decoder<1>(none, rng); }, one_query);
  says([&] { (void)make_encoder_decoder<1, RotaryPosition<>>(none, rng); }, one_query);
  CHECK_NOTHROW((void)make_encoder_decoder<1, CoordinateEmbedding>(none, rng));
  says([&] { (void)make_encoder_decoder<1>({.heads = 0}, rng); },
       "make_encoder_decoder: 32 channels are not split evenly into 0 heads. Give at least one head");
}

TEST_CASE("a target beyond the domain of u is refused, and a part of it is not") {
  const auto model = encoder_decoder();
  const auto u = sample(smooth, Line({0.0, 1.0, 9}));
  const auto message = [&](const auto& target) {
    return support::message_of([&] { (void)model(u, target); });
  };
  const char* words =
      "is asked for values on [0, 2], and u lives on [0, 1]. Give a target within the domain of u.";
  CHECK(support::contains(message(Gauss({0.0, 2.0, 5})), words));
  CHECK_THROWS_AS(model(u, Gauss({-0.1, 1.0, 5})), std::invalid_argument);
  CHECK_THROWS_AS(model.decode(model.encode(u), Gauss({0.0, 1.1, 5})), std::invalid_argument);
  CHECK(message(Gauss({0.25, 0.75, 5})) == "no error");
  CHECK(message(Gauss({0.0, 0.1 + 0.2 + 0.7 + 1e-16, 5})) == "no error");  // round-off
}
