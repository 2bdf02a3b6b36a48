// Queries and keys turned by the coordinates of their points: a score knows the difference of two points alone.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
using Values = Array<double>;

template <class R>
void check(const R& report) {
  INFO(report.message());
  CHECK(report.passed());
}

template <class D>
Field<D, double> random_field(const D& d, Index batch, Index channels, Engine& rng) {
  return {d, normal_array<double>(detail::field_shape(batch, d.shape(), channels), 1.0, rng)};
}

double gap(const Values& a, const Values& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0.0;
  for (Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

/// Cosines and sines of random angles.
Values random_turn(Index n, Index pairs, Engine& rng) {
  Values turn(Shape{n, 2 * pairs});
  for (Index j = 0; j < n; ++j) {
    for (Index p = 0; p < pairs; ++p) {
      const double angle = 6.0 * uniform(rng);
      turn.mutable_data()[j * 2 * pairs + p] = std::cos(angle);
      turn.mutable_data()[j * 2 * pairs + pairs + p] = std::sin(angle);
    }
  }
  return turn;
}

struct Turned {
  Attention<> attention;
  RotaryPosition<> position;
  auto operator()(const AnyField auto& u) const { return attention(u, u, position); }
  auto operator()(const AnyField auto& u, const AnyField auto& f) const { return attention(u, f, position); }
};

double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }

}  // namespace

TEST_CASE("pairs of channels are turned, the others stay") {
  Engine rng(1);
  const Values x = normal_array<double>({2, 3, 10}, 1.0, rng), turn = random_turn(3, 2, rng);
  const Values y = rotate(x, turn, 2);
  for (Index b = 0; b < 2; ++b) {
    for (Index j = 0; j < 3; ++j) {
      for (Index h = 0; h < 2; ++h) {
        for (Index p = 0; p < 2; ++p) {
          const double c = turn(j, p), s = turn(j, 2 + p), first = x(b, j, 5 * h + p),
                       second = x(b, j, 5 * h + 2 + p);
          CHECK(y(b, j, 5 * h + p) == doctest::Approx(c * first - s * second).epsilon(1e-15));
          CHECK(y(b, j, 5 * h + 2 + p) == doctest::Approx(s * first + c * second).epsilon(1e-15));
        }
        CHECK(y(b, j, 5 * h + 4) == x(b, j, 5 * h + 4));
      }
    }
  }
  CHECK(sum(square(y)).value() == doctest::Approx(sum(square(x)).value()).epsilon(1e-14));
  Values back = turn;
  for (Index j = 0; j < 3; ++j) {
    for (Index p = 2; p < 4; ++p) back.mutable_data()[j * 4 + p] *= -1.0;
  }
  CHECK(gap(rotate(y, back, 2), x) < 1e-15);
}

TEST_CASE("the adjoint of a rotation is the opposite one") {
  Engine rng(2);
  for (Index heads : {1, 2}) {
    const Values turn = random_turn(5, 2, rng);
    check(laws::gradient(
        {.linear = true}, [&](const Values& x) { return rotate(x, turn, heads); },
        normal_array<double>({2, 5, 10}, 1.0, rng)));
  }
}

TEST_CASE("a score depends on the difference of the points") {
  Engine rng(3);
  const Gauss g({0.0, 1.0, 5});
  const auto position = make_rotary_position<1>(2, 0.7);
  const Values q = normal_array<double>({1, 5, 4}, 1.0, rng), k = normal_array<double>({1, 5, 4}, 1.0, rng);
  const Values turned_q = position.rotate(q, g, 1), turned_k = position.rotate(k, g, 1);
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < 5; ++j) {
      double score = 0.0, expected = 0.0;
      for (Index c = 0; c < 4; ++c) score += turned_q(0, i, c) * turned_k(0, j, c);
      const double difference =
          g.points()[static_cast<std::size_t>(j)] - g.points()[static_cast<std::size_t>(i)];
      for (Index p = 0; p < 2; ++p) {
        // k / 2 cycles over 0.7
        const double angle = 2 * std::numbers::pi * static_cast<double>(p + 1) / 1.4 * difference;
        const double q1 = q(0, i, p), q2 = q(0, i, 2 + p), k1 = k(0, j, p), k2 = k(0, j, 2 + p);
        expected += std::cos(angle) * (q1 * k1 + q2 * k2) + std::sin(angle) * (q2 * k1 - q1 * k2);
      }
      CHECK(score == doctest::Approx(expected).epsilon(1e-13));
    }
  }
}

TEST_CASE("attention with a rotary position: gradients, and a cross-attention too") {
  Engine rng(4);
  const auto position = make_rotary_position<1>(2);
  const auto layer = make_attention(8, 2, rng);
  const auto u = random_field(Gauss({0.0, 1.0, 5}), 2, 8, rng);
  const auto f = random_field(Line({0.0, 1.0, 7}), 2, 8, rng);
  check(laws::gradient(Turned{layer, position}, u));
  check(laws::gradient(Turned{layer, position}, u, f));
  check(laws::gradient(Turned{layer, make_rotary_position<2>(1)},
                       random_field(Plane({{0.0, 1.0, 3}, {0.0, 2.0, 4}}), 2, 8, rng)));
  CHECK(gap(layer(u, u, position).values(), layer(u).values()) > 1e-3);
  CHECK(gap(layer(u, u, make_rotary_position<1>(0)).values(), layer(u).values()) == 0.0);
}

TEST_CASE("a transformer with rotary positions alone commutes with shifts of the domain") {
  const auto shifted_gap = [](const auto& model) {
    const double shift = 5.25;
    const auto here = model(sample(smooth, Line({0.0, 1.0, 33})));
    const auto there =
        model(sample([&](double x) { return smooth(x - shift); }, Line({shift, 1.0 + shift, 33})));
    return gap(here.values(), there.values());
  };
  Engine rng(5);
  CHECK(shifted_gap(make_transformer<1, RotaryPosition<>>({.channels = 16, .heads = 2, .depth = 2}, rng)) <
        1e-11);
  CHECK(shifted_gap(make_transformer<1>({.channels = 16, .heads = 2, .depth = 2}, rng)) > 1e-3);
  // It is told more than nothing: without a position, a transformer commutes with every rearrangement.
  const auto mirrored_gap = [](const auto& model) {
    const Line d({0.0, 1.0, 33});
    const auto u = model(sample(smooth, d)), v = model(sample([](double x) { return smooth(1 - x); }, d));
    double largest = 0.0;
    for (Index j = 0; j < 33; ++j)
      largest = std::max(largest, std::abs(u.values()(0, j, 0) - v.values()(0, 32 - j, 0)));
    return largest;
  };
  CHECK(mirrored_gap(make_transformer<1, NoPosition>({.channels = 16, .heads = 2, .depth = 2}, rng)) < 1e-12);
  CHECK(mirrored_gap(make_transformer<1, RotaryPosition<>>({.channels = 16, .heads = 2, .depth = 2}, rng)) >
        1e-3);
}

TEST_CASE("whole cycles over a period: it commutes with shifts round the circle, and half cycles throw") {
  Engine rng(6);
  const auto layer = make_attention(8, 2, rng);
  const Circle circle({0.0, 3.0, 24});
  const auto u = random_field(circle, 1, 8, rng);
  const auto shift = [&](const auto& v) {
    Values moved(v.values().shape());
    for (Index j = 0; j < 24; ++j)
      std::copy_n(v.values().data() + j * 8, 8, moved.mutable_data() + (j + 7) % 24 * 8);
    return v.with(moved);
  };
  const auto commutes = [&](const auto& position) {
    return gap(layer(shift(u), shift(u), position).values(), shift(layer(u, u, position)).values());
  };
  CHECK(commutes(make_rotary_position<1>(2, 1.5)) < 1e-13);  // 1 and 2 cycles over 3
  CHECK_THROWS_AS((void)commutes(make_rotary_position<1>(2, 3.0)), std::invalid_argument);  // 1/2 and 1
}

TEST_CASE("angles are taken once for a discretization and a list of frequencies") {
  const Line d({0.0, 1.0, 9});
  const auto one = make_rotary_position<1>(2), other = make_rotary_position<1>(3),
             same = make_rotary_position<1>(2);
  CHECK(one.turn(d).data() == same.turn(d).data());
  CHECK(one.turn(d).data() != other.turn(d).data());
  CHECK(other.turn(d).shape() == Shape{9, 6});
  // Writing to the table copies it.
  auto table = one.turn(d);
  table.mutable_data()[0] = 7.0;
  CHECK(one.turn(d)(0, 0) == 1.0);
  const auto rounded = make_rotary_position<1, float>(2).turn(d);
  const auto exact = one.turn(d);
  for (Index i = 0; i < exact.size(); ++i)
    CHECK(std::abs(static_cast<double>(rounded.data()[i]) - exact.data()[i]) < 1e-7);
}

TEST_CASE("what cannot be turned is refused") {
  Engine rng(7);
  const auto layer = make_attention(8, 2, rng);
  const auto u = random_field(Line({0.0, 1.0, 9}), 1, 8, rng);
  CHECK_THROWS_AS(layer(u, u, make_rotary_position<2>(1)), std::invalid_argument);
  CHECK_THROWS_AS(layer(u, u, make_rotary_position<1>(3)), std::invalid_argument);  // 6 channels of 4
  CHECK_THROWS_AS(rotate(normal_array<double>({2, 9, 8}, 1.0, rng), random_turn(8, 2, rng), 2),
                  std::invalid_argument);
  CHECK_THROWS_AS(
      (make_transformer<2, RotaryPosition<>>({.channels = 32, .heads = 4, .frequencies = 4}, rng)),
      std::invalid_argument);
  CHECK_THROWS_AS((make_transformer<1, RotaryPosition<>>({.length = 0.0}, rng)), std::invalid_argument);
}
