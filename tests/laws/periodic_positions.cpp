// Positions round a period: with whole numbers of cycles the trapezoid rule stays spectral, and with half cycles it is of order 1.
#include "../support/transformer_laws.hpp"

#include <numbers>

using namespace transformer_laws;

namespace {

constexpr double period = 2.0;
double wave(double x) { return std::exp(std::sin(2 * std::numbers::pi * x / period)); }
const auto circle = [](Index n) { return Discretization<PeriodicGrid<>, Trapezoid>({0.0, period, n}); };

template <class... Argument>
auto model(double length) {
  Engine rng(7);
  return make_transformer<1, Argument...>(
      {.channels = 16, .heads = 2, .depth = 2, .frequencies = 3, .length = length}, rng);
}
template <class... Argument>
auto decoder(double length) {
  Engine rng(7);
  return make_encoder_decoder<1, Argument...>(
      {.channels = 16, .heads = 2, .depth = 1, .decoder_depth = 1, .frequencies = 3, .length = length}, rng);
}

const laws::RefinementOptions sizes{.sizes = {64, 128, 256}};

void check_spectral(const auto& op) { check(laws::refinement(op, wave, circle, circle(512), sizes)); }
/// As soon as a cycle does not close.
void check_first_order(const auto& op) {
  check_broken(laws::refinement(op, wave, circle, circle(2048), sizes));
  check_slope(laws::refinement(op, wave, circle, circle(2048), {.sizes = {64, 128, 256}, .order = 1.0}), 0.8,
              1.3);
}

}  // namespace

TEST_CASE("half the period as length: spectral") {
  check_spectral(model<RotaryPosition<>>(period / 2));
  check_spectral(model<FourierFeatures<>>(period / 2));
  check_spectral(decoder<RotaryPosition<>>(period / 2));
  check_spectral(decoder<FourierFeatures<>>(period / 2));
}

TEST_CASE("the period as length: order 1") {
  check_first_order(model<RotaryPosition<>>(period));
  check_first_order(model<FourierFeatures<>>(period));
  check_first_order(decoder<RotaryPosition<>>(period));
  check_first_order(decoder<FourierFeatures<>>(period));
}
