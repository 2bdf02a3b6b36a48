// The encoder-decoder: one function on every target, and the order of the rule in the source.
#include "../support/transformer_laws.hpp"

using namespace transformer_laws;

TEST_CASE("gradients of the encoder-decoder") {
  Engine rng(4);
  const auto u = random_field(Line({0.0, 1.0, 9}), 2, 1, rng);
  const EncoderDecoderOptions few{
      .channels = 4, .heads = 2, .depth = 1, .decoder_depth = 2, .ratio = 1, .frequencies = 1};
  check(laws::gradient(curved, moved_to(make_encoder_decoder<1>(few, rng), gauss(5)), u));
  check(laws::gradient(
      curved, moved_to(make_encoder_decoder<1, MeasureNorm<>, RotaryPosition<>>(few, rng), gauss(5)), u));
}

TEST_CASE("an encoder-decoder converges in its source, at the order of the rule") {
  const auto target = gauss(20);
  const auto each = [&](const auto& model) { check_orders(at(model, target)); };
  each(encoder_decoder());
  each(encoder_decoder<MeasureNorm<>, RotaryPosition<>>());
}

TEST_CASE("the output of an encoder-decoder is one function, on every target") {
  const auto each = [](const auto& model) {
    const auto sensors = cloud_of(gauss(20));
    const auto u =
        sample(std::vector<std::function<double(double)>>{smooth, [](double x) { return x * x; }}, sensors);
    const auto fine = model(u, Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 33}));
    CHECK(fine.batch() == 2);
    const auto coarse = model(u, Line({0.0, 1.0, 9}));
    for (Index b = 0; b < 2; ++b) {
      for (Index j = 0; j < 9; ++j)
        CHECK(std::abs(coarse.values()(b, j, 0) - fine.values()(b, 4 * j, 0)) < 1e-13);
    }
    const auto one = model(u, cloud_of(Discretization<MidpointGrid<>, Midpoint>({0.0, 1.0, 1})));
    CHECK(std::abs(one.values()(1, 0, 0) - fine.values()(1, 16, 0)) < 1e-13);
    CHECK(gap(model(u).values(), model(u, sensors).values()) == 0.0);
    CHECK(gap(model.decode(model.encode(u), sensors).values(), model(u).values()) == 0.0);
    check(laws::permutation(model, smooth, gauss(20)));
    check(laws::split(model, smooth, gauss(20)));
  };
  each(encoder_decoder());
  each(encoder_decoder<MeasureNorm<>, RotaryPosition<>>());
  each(encoder_decoder<outside::MeanAttention<>, CoordinateEmbedding>());
}

TEST_CASE("counting fails in an encoder-decoder") {
  const auto broken = [](const auto& op) {
    const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};
    check_broken(laws::refinement(op, smooth, on_uniform<Trapezoid>(), gauss(160), sizes));
    check_broken(laws::refinement(op, smooth, on_uniform<Simpson>(), gauss(160), sizes));
  };
  const auto decoder = encoder_decoder<Counting>();
  broken(at(decoder, gauss(20)));
  check_broken(laws::split(decoder, smooth, gauss(20)));
}
