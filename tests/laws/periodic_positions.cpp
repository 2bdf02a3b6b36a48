// Positions round a period: with whole numbers of cycles the trapezoid rule stays spectral; half a cycle is of order 1.
#include <numbers>

#include "../support/messages.hpp"
#include "../support/transformer_laws.hpp"

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

/// A position of a user's own that jumps where the period closes.
struct HalfCycle {
  template <Index D>
  static HalfCycle make(Index, double) {
    return {};
  }
  template <Index D>
  Index channels() const {
    return 1;
  }
  auto operator()(const AnyField auto& u) const {
    const auto x = coordinates<double>(u.discretization());
    return u.with(concatenate(u.values(), cos(x * (std::numbers::pi / period)).values()));
  }
};

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

TEST_CASE("the period as length: a cycle does not close, and that is said") {
  const auto u = sample(wave, circle(16));
  const auto says = [&](const auto& net) {
    const auto message = support::message_of([&] { (void)net(u); });
    return support::contains(message, "0.5 cycles over the period 2") &&
           support::contains(message, "{.length = 1}");
  };
  CHECK(says(model<RotaryPosition<>>(period)));
  CHECK(says(model<FourierFeatures<>>(period)));
  CHECK(says(decoder<RotaryPosition<>>(period)));
  CHECK(says(decoder<FourierFeatures<>>(period)));
}

TEST_CASE("half a cycle, by a position that does not ask: order 1") {
  check_first_order(model<HalfCycle>(1.0));
}

namespace {

/// The data are periodic; a channel with x itself is not.
auto fno(Position position) {
  Engine rng(7);
  return make_fno<1>({.channels = 8, .modes = 8, .depth = 2, .position = position, .length = period}, rng);
}

}  // namespace

TEST_CASE("an FNO that is told nothing or cos and sin of x: spectral; that is told x: order 1") {
  check_spectral(fno(Position::none));
  check_spectral(fno(Position::periodic));
  check_first_order(fno(Position::coordinates));
}

TEST_CASE("on a torus, too, the trapezoid rule has every order") {
  Engine rng(7);
  const auto op = make_fno<2>({.channels = 6, .modes = 4, .depth = 2, .position = Position::none}, rng);
  const auto torus = [](Index n) {
    return Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>(
        {{0.0, 1.0, n}, {0.0, 1.0, n}});
  };
  const auto u = [](double x, double y) {
    return std::exp(std::sin(2 * std::numbers::pi * x) + 0.5 * std::cos(2 * std::numbers::pi * (x + y)));
  };
  check(laws::refinement(op, u, torus, torus(64), {.sizes = {16, 24, 33, 40}}));
}
