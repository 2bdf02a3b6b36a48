// Operators that commute with a group: by construction, exactly; plain models not at all.
#include <fredholm/fredholm.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "../support/laws.hpp"
#include "../support/messages.hpp"

using namespace law_tests;

namespace {

double lopsided(double x) { return std::exp(x) * std::sin(3 * x) + 1.3; }
double lopsided2(double x, double y) { return std::exp(x) * std::sin(3 * x + y * y) + 2.0 * y + 1.3; }

using Line = Discretization<UniformGrid<>, Simpson>;
using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using Square = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Simpson>;
using Nodes = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
using Strip = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;
Line line() { return Line({0.0, 1.0, 17}); }
Square on_square(Index n = 9) { return Square({{0.0, 1.0, n}, {0.0, 1.0, n}}); }

auto fno() {
  Engine engine(3);
  return make_fno<1>({.channels = 8, .modes = 4, .depth = 2}, engine);
}
auto fno2() {
  Engine engine(3);
  return make_fno<2>({.channels = 6, .modes = 2, .depth = 2}, engine);
}
auto transformer2() {
  Engine engine(3);
  return make_transformer<2>({.channels = 16, .heads = 2, .depth = 1}, engine);
}

/// u -> -u, of a group that is written by a user.
struct Signs {
  static constexpr Index elements = 2;
  static auto apply(Index g, const AnyField auto& u) { return g == 0 ? u : -1.0 * u; }
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
};

/// Quarter turns, each of them undone in the wrong direction, or not at all.
struct Turns {
  static constexpr Index elements = 4;
  static auto apply(Index g, AnyField auto u) {
    for (Index i = 0; i < g; ++i) u = swapped(mirrored(u, 0));
    return u;
  }
  static auto undo(Index g, const AnyField auto& u) { return apply((4 - g) % 4, u); }
};
struct WrongWayBack : Turns {
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
};
struct NoWayBack : Turns {
  static auto undo(Index, const AnyField auto& u) { return u; }
};
struct NoIdentity : Turns {
  static auto apply(Index g, const AnyField auto& u) { return Turns::apply(g + 1, u); }
  static auto undo(Index g, const AnyField auto& u) { return Turns::undo((g + 1) % 4, u); }
};

/// A quarter turn without the others, and a mirror image that stands twice.
struct OneTurn : Turns {
  static constexpr Index elements = 2;
};
struct MirrorTwice {
  static constexpr Index elements = 3;
  static auto apply(Index g, const AnyField auto& u) { return g == 0 ? u : mirrored(u, 0); }
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
};

/// Translations around a period by quarters of it.
struct Quarters {
  static constexpr Index elements = 4;
  static auto apply(Index g, const AnyField auto& u) { return rolled(u, 0, g * u.points() / 4); }
  static auto undo(Index g, const AnyField auto& u) { return apply(-g, u); }
};

/// int_0^x u
struct Antiderivative {
  auto operator()(const AnyField auto& u) const {
    auto v = u.values();
    const auto& x = u.discretization().nodes(0);
    double total = 0.0;
    for (Index i = 0; i < u.points(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (i > 0) total += 0.5 * (x[at] - x[at - 1]) * (u.values().data()[i] + u.values().data()[i - 1]);
      v.mutable_data()[i] = total;
    }
    return u.with(v);
  }
};

}  // namespace

TEST_CASE("the law holds for what it is about") {
  check(laws::symmetry<SquareSymmetries>([](const auto& u) { return u * u; }, lopsided2, on_square()));
  check(laws::symmetry<Mirrors<0>>([](const auto& u) { return u * integrals(u)(0, 0); }, lopsided, line()));
  // A derivative is odd under a reflection, and its square is even.
  check(laws::symmetry<Mirrors<0>>([](const auto& u) { return square(derivative<0>(u)); }, lopsided, line()));
  check_broken(laws::symmetry<Mirrors<0>>([](const auto& u) { return derivative<0>(u); }, lopsided, line()));
  check_broken(laws::symmetry<Mirrors<0>>(Antiderivative{}, lopsided, line()));
  check(laws::symmetry<OddMirror<>>([](const auto& u) { return u * derivative<0>(u); }, lopsided, line()));
}

TEST_CASE("Darcy's flow in a square has all of its symmetries") {
  const auto flow = [](const auto& a) { return darcy(a); };
  check(laws::symmetry<SquareSymmetries>(flow, lopsided2, on_square(), {.tolerance = 1e-8}));
  // A source that is larger on one side is as it is when the coefficient is turned.
  const auto driven = [](const auto& a) {
    return darcy(a, sample([](double x, double) { return x; }, a.discretization()));
  };
  check_broken(laws::symmetry<SquareSymmetries>(driven, lopsided2, on_square(), {.tolerance = 1e-3}));
}

TEST_CASE("plain models have none") {
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  check_broken(laws::symmetry<Mirrors<0>>(fno(), lopsided, line(), loose));
  check_broken(laws::symmetry<OddMirror<>>(fno(), lopsided, Circle({0.0, 1.0, 16}), loose));
  check_broken(laws::symmetry<SquareSymmetries>(fno2(), lopsided2, on_square(), loose));
  check_broken(laws::symmetry<SquareSymmetries>(transformer2(), lopsided2, on_square(), loose));
}

TEST_CASE("equivariant ones have it, whatever their weights, grid and rule") {
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, line()));
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, Circle({-1.0, 1.0, 16})));
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, gauss(12)));
  check(laws::symmetry<OddMirror<>>(equivariant<OddMirror<>>(fno()), lopsided, line()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(fno2()), lopsided2, on_square()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(transformer2()), lopsided2,
                                         on_square()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(fno2()), lopsided2,
                                         Nodes({{-1.0, 1.0, 7}, {-1.0, 1.0, 7}})));
  const Strip strip({{0.0, 2.0, 9}, {0.0, 1.0, 8}});
  check(laws::symmetry<Mirrors<0, 1>>(equivariant<Mirrors<0, 1>>(fno2()), lopsided2, strip));
  check(laws::symmetry<Signs>(equivariant<Signs>(fno()), lopsided, line()));
  check(laws::symmetry<Turns>(equivariant<Turns>(fno2()), lopsided2, on_square()));
  // One mirror does not give the other, and turns no mirrors.
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  check_broken(laws::symmetry<Mirrors<1>>(equivariant<Mirrors<0>>(fno2()), lopsided2, strip, loose));
  check_broken(laws::symmetry<SquareSymmetries>(equivariant<Turns>(fno2()), lopsided2, on_square(), loose));
}

TEST_CASE("what is no group is found out, by an operator that has all symmetries") {
  const auto op = [](const auto& u) { return u * u; };
  check(laws::symmetry<Turns>(op, lopsided2, on_square()));
  const auto says = [](const laws::SymmetryReport& report, const std::string& words) {
    INFO(report.message());
    CHECK_FALSE(report.passed());
    CHECK(support::contains(report.message(), words));
    for (const double error : report.errors) CHECK(error < 1e-12);
  };
  const laws::SymmetryOptions loose{.tolerance = 0.5};  // is of the operator, not of the group
  says(laws::symmetry<WrongWayBack>(op, lopsided2, on_square(), loose),
       "`undo` does not take back what `apply` does to u, for element 1");
  says(laws::symmetry<NoWayBack>(op, lopsided2, on_square(), loose),
       "`undo` does not take back what `apply` does to op(u), for element 3");
  says(laws::symmetry<NoIdentity>(op, lopsided2, on_square(), loose), "element 0 moves u");
  says(laws::symmetry<OneTurn>(op, lopsided2, on_square(), loose),
       "element 1 after element 1 is no element: that is no group");
  says(laws::symmetry<MirrorTwice>(op, lopsided2, on_square(), loose), "elements 1 and 2 do the same to u");
}

TEST_CASE("nor does the mean over what is no group commute with it") {
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  const auto broken = [&](const auto& report) {
    check_broken(report);
    CHECK(*std::max_element(report.errors.begin(), report.errors.end()) > 1e-3);
  };
  broken(laws::symmetry<Turns>(equivariant<NoWayBack>(fno2()), lopsided2, on_square(), loose));
  broken(laws::symmetry<Turns>(equivariant<WrongWayBack>(fno2()), lopsided2, on_square(), loose));
  broken(laws::symmetry<OneTurn>(equivariant<OneTurn>(fno2()), lopsided2, on_square(), loose));
}

TEST_CASE("outermost: what the mean of the data does behind the model is not odd") {
  const auto u = sample(lopsided, line());
  const auto v = stack<Line, double>({u, 2.0 * u});
  check(laws::symmetry<OddMirror<>>(equivariant<OddMirror<>>(normalized(fno(), v, v)), lopsided, line()));
  check_broken(laws::symmetry<OddMirror<>>(normalized(equivariant<OddMirror<>>(fno()), v, v), lopsided,
                                           line(), {.tolerance = 1e-3}));
}

TEST_CASE("an FNO without positions commutes with translations, where the weights are equal") {
  Engine engine(3);
  const auto model = make_fno<1>({.channels = 8, .modes = 4, .depth = 2, .position = Position::none}, engine);
  check(laws::symmetry<Quarters>(model, lopsided, Circle({0.0, 1.0, 16})));
  // Around a period Simpson's weights are 2/3 and 4/3: a quarter of 12 points takes one for the other.
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  check_broken(laws::symmetry<Quarters>(model, lopsided,
                                        Discretization<PeriodicGrid<>, Simpson>({0.0, 1.0, 12}), loose));
  check_broken(laws::symmetry<Quarters>(fno(), lopsided, Circle({0.0, 1.0, 16}), loose));
}

TEST_CASE("it does not depend on the grid more than the model does") {
  const auto family = [](Index n) { return on_square(n); };
  check(laws::refinement(equivariant<SquareSymmetries>(fno2()), lopsided2, family,
                         Nodes({{0.0, 1.0, 24}, {0.0, 1.0, 24}}), {.sizes = {9, 17, 33}}));
}

TEST_CASE("an operator that has the symmetry stays as it is") {
  const auto u = sample(lopsided2, on_square());
  const auto plain = [](const auto& v) { return v * v; };
  const auto mean = equivariant<SquareSymmetries>(plain);
  CHECK(static_cast<double>(distance<Linf>(mean(u), plain(u))) < 1e-13);
  // and a mean of a mean is the mean
  const auto once = equivariant<SquareSymmetries>(fno2());
  CHECK(static_cast<double>(distance<Linf>(equivariant<SquareSymmetries>(once)(u), once(u))) < 1e-13);
}

TEST_CASE("it is the mean over the images, moved back, of each function of a batch in each channel") {
  Engine engine(3);
  const auto model = make_fno<2>({.in = 3, .out = 2, .channels = 6, .modes = 2, .depth = 1}, engine);
  const auto values = normal_array<double>({2, 9, 9, 3}, 1.0, engine);
  const Field u(on_square(), values);
  auto expected = 0.0 * model(u);
  for (const bool diagonal : {false, true}) {
    for (const bool left : {false, true}) {
      for (const bool down : {false, true}) {
        auto moved = u;
        if (left) moved = mirrored(moved, 0);
        if (down) moved = mirrored(moved, 1);
        if (diagonal) moved = swapped(moved);
        auto v = model(moved);
        if (diagonal) v = swapped(v);
        if (down) v = mirrored(v, 1);
        if (left) v = mirrored(v, 0);
        expected = expected + v / 8.0;
      }
    }
  }
  const auto symmetric = equivariant<SquareSymmetries>(model);
  CHECK(static_cast<double>(distance<Linf>(symmetric(u), expected)) < 1e-13);
  const auto single = cast<float>(symmetric)(cast<float>(u));
  static_assert(std::is_same_v<decltype(single)::scalar_type, float>);
  CHECK(static_cast<double>(distance<Linf>(cast<double>(single), expected)) < 1e-4);
  // Its error is at most the mean of the model's over the images of a pair.
  const auto v = Field(on_square(), normal_array<double>({2, 9, 9, 2}, 1.0, engine));
  double errors = 0.0;
  for (Index g = 0; g < SquareSymmetries::elements; ++g) {
    errors += static_cast<double>(
        distance<L2>(model(SquareSymmetries::apply(g, u)), SquareSymmetries::apply(g, v)));
  }
  CHECK(static_cast<double>(distance<L2>(symmetric(u), v)) < errors / 8);
}

TEST_CASE("gradients pass through it, to the parameters and to the input") {
  Engine engine(5);
  const auto model =
      equivariant<SquareSymmetries>(make_fno<2>({.channels = 4, .modes = 2, .depth = 1}, engine));
  check(laws::gradient(model, sample(lopsided2, on_square(5))));
}

TEST_CASE("a law with too little evidence does not pass") {
  const auto same = [](const auto& u) { return u; };
  check_broken(laws::symmetry<Mirrors<0>>(same, [](double x) { return x * (1 - x); }, line()));
  check_broken(laws::symmetry<SquareSymmetries>(same, [](double x, double y) { return x * y; }, on_square()));
  check_broken(laws::symmetry<Mirrors<0>>([](const auto& u) { return 0.0 * u; }, lopsided, line()));
  check_broken(laws::symmetry<Mirrors<0>>(same, [](double) { return 0.0; }, line()));
  check_broken(laws::symmetry<Mirrors<0>>([](const auto& u) { return u / 0.0; }, lopsided, line()));
}

TEST_CASE("a grid without the symmetry is refused") {
  using support::contains, support::message_of;
  const auto model = equivariant<SquareSymmetries>(fno2());
  const auto words = [&](const auto& d) { return message_of([&] { model(sample(lopsided2, d)); }); };
  CHECK(contains(words(Square({{0.0, 1.0, 5}, {0.0, 2.0, 5}})), "axis 0 is [0, 1] and axis 1 is [0, 2]"));
  CHECK(contains(words(Square({{0.0, 1.0, 5}, {0.0, 1.0, 7}})), "axis 0 has 5 points and axis 1 has 7"));
  const auto points = [](double second) { return ScatteredGrid({0.0, second, 0.75}, Interval{0.0, 1.0}); };
  const Discretization<ProductGrid<ScatteredGrid, ScatteredGrid>, Trapezoid> apart(
      {points(0.25), points(0.5)});
  CHECK(contains(message_of([&] { swapped(sample(lopsided2, apart)); }),
                 "point 1 of axis 0 is 0.25 and of axis 1 0.5"));
  // Ends that differ by rounding are the same.
  const Square rounded({{0.0, 0.3, 5}, {0.0, 0.1 + 0.2, 5}});
  check(laws::symmetry<SquareSymmetries>(model, lopsided2, rounded));
  const auto u = sample(lopsided2, on_square());
  CHECK(contains(message_of([&] { SquareSymmetries::apply(8, u); }),
                 "the elements 0 to 7, and was asked for 8"));
  CHECK(contains(message_of([&] { Mirrors<0>::undo(-1, u); }), "was asked for -1"));
}
