// Operators that commute with a group: by construction, exactly; plain models not at all.
#include <fredholm/fredholm.hpp>

#include <cmath>
#include <numbers>

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
Square square(Index n = 9) { return Square({{0.0, 1.0, n}, {0.0, 1.0, n}}); }

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

/// -u(-x), of a group that is written by a user.
struct OddMirror {
  static constexpr Index order = 2;
  static auto apply(Index g, const AnyField auto& u) { return g == 0 ? u : -1.0 * mirrored(u); }
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
};

/// A quarter turn, forwards only: undone in the wrong direction.
struct WrongWayBack {
  static constexpr Index order = 4;
  static auto apply(Index g, AnyField auto u) {
    for (Index i = 0; i < g; ++i) u = swapped(mirrored(u, 0));
    return u;
  }
  static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
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
  check(laws::symmetry<SquareSymmetries>([](const auto& u) { return u * u; }, lopsided2, square()));
  check(laws::symmetry<Mirrors<0>>([](const auto& u) { return u * integrals(u)(0, 0); }, lopsided, line()));
  // A derivative is odd under a reflection, and its square is even.
  check(laws::symmetry<Mirrors<0>>([](const auto& u) { return square(derivative<0>(u)); }, lopsided, line()));
  check_broken(laws::symmetry<Mirrors<0>>([](const auto& u) { return derivative<0>(u); }, lopsided, line()));
  check_broken(laws::symmetry<Mirrors<0>>(Antiderivative{}, lopsided, line()));
  check(laws::symmetry<OddMirror>([](const auto& u) { return u * derivative<0>(u); }, lopsided, line()));
}

TEST_CASE("Darcy's flow in a square has all of its symmetries") {
  const auto flow = [](const auto& a) { return darcy(a, 1.0); };
  check(laws::symmetry<SquareSymmetries>(flow, lopsided2, square(), {.tolerance = 1e-8}));
  // A source that is larger on one side is as it is when the coefficient is turned.
  const auto driven = [](const auto& a) {
    return darcy(a, sample([](double x, double) { return x; }, a.discretization()));
  };
  check_broken(laws::symmetry<SquareSymmetries>(driven, lopsided2, square(), {.tolerance = 1e-3}));
}

TEST_CASE("plain models have none") {
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  check_broken(laws::symmetry<Mirrors<0>>(fno(), lopsided, line(), loose));
  check_broken(laws::symmetry<OddMirror>(fno(), lopsided, Circle({0.0, 1.0, 16}), loose));
  check_broken(laws::symmetry<SquareSymmetries>(fno2(), lopsided2, square(), loose));
  check_broken(laws::symmetry<SquareSymmetries>(transformer2(), lopsided2, square(), loose));
}

TEST_CASE("equivariant ones have it, whatever their weights, grid and rule") {
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, line()));
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, Circle({-1.0, 1.0, 16})));
  check(laws::symmetry<Mirrors<0>>(equivariant<Mirrors<0>>(fno()), lopsided, gauss(12)));
  check(laws::symmetry<OddMirror>(equivariant<OddMirror>(fno()), lopsided, line()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(fno2()), lopsided2, square()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(transformer2()), lopsided2, square()));
  check(laws::symmetry<SquareSymmetries>(equivariant<SquareSymmetries>(fno2()), lopsided2,
                                         Nodes({{-1.0, 1.0, 7}, {-1.0, 1.0, 7}})));
  const Strip strip({{0.0, 2.0, 9}, {0.0, 1.0, 8}});
  check(laws::symmetry<Mirrors<0, 1>>(equivariant<Mirrors<0, 1>>(fno2()), lopsided2, strip));
  // One mirror does not give the other, and a wrong way back gives nothing.
  const laws::SymmetryOptions loose{.tolerance = 1e-3};
  check_broken(laws::symmetry<Mirrors<1>>(equivariant<Mirrors<0>>(fno2()), lopsided2, strip, loose));
  check_broken(
      laws::symmetry<SquareSymmetries>(equivariant<WrongWayBack>(fno2()), lopsided2, square(), loose));
}

TEST_CASE("it does not depend on the grid more than the model does") {
  const auto family = [](Index n) { return square(n); };
  check(laws::refinement(equivariant<SquareSymmetries>(fno2()), lopsided2, family,
                         Nodes({{0.0, 1.0, 24}, {0.0, 1.0, 24}}), {.sizes = {9, 17, 33}}));
}

TEST_CASE("an operator that has the symmetry stays as it is") {
  const auto u = sample(lopsided2, square());
  const auto plain = [](const auto& v) { return v * v; };
  const auto mean = equivariant<SquareSymmetries>(plain);
  CHECK(static_cast<double>(distance<Linf>(mean(u), plain(u))) < 1e-13);
  // and a mean of a mean is the mean
  const auto once = equivariant<SquareSymmetries>(fno2()), twice = once;
  CHECK(static_cast<double>(distance<Linf>(equivariant<SquareSymmetries>(twice)(u), once(u))) < 1e-13);
}

TEST_CASE(
    "its error is at most the mean of the model's errors over the group, in a norm that the group keeps") {
  const auto model = fno2();
  const auto mean = equivariant<SquareSymmetries>(model);
  const auto u = sample(lopsided2, square());
  const auto v = sample([](double x, double y) { return std::sin(2 * x) * y + 0.5; }, square());
  double errors = 0.0;
  for (Index g = 0; g < SquareSymmetries::order; ++g) {
    errors += static_cast<double>(
        distance<L2>(model(SquareSymmetries::apply(g, u)), SquareSymmetries::apply(g, v)));
  }
  const double of_mean = static_cast<double>(distance<L2>(mean(u), v));
  CHECK(of_mean < errors / 8);
}

TEST_CASE("gradients pass through it, to the parameters and to the input") {
  Engine engine(5);
  const auto model =
      equivariant<SquareSymmetries>(make_fno<2>({.channels = 4, .modes = 2, .depth = 1}, engine));
  check(laws::gradient(model, sample(lopsided2, square(5))));
}

TEST_CASE("a law with too little evidence does not pass") {
  const auto same = [](const auto& u) { return u; };
  check_broken(laws::symmetry<Mirrors<0>>(same, [](double x) { return x * (1 - x); }, line()));
  check_broken(laws::symmetry<SquareSymmetries>(same, [](double x, double y) { return x * y; }, square()));
  check_broken(laws::symmetry<Mirrors<0>>([](const auto& u) { return 0.0 * u; }, lopsided, line()));
}

TEST_CASE("a grid without the symmetry is refused") {
  const Square oblong({{0.0, 1.0, 5}, {0.0, 2.0, 5}});
  const auto model = equivariant<SquareSymmetries>(fno2());
  CHECK_THROWS_AS(model(sample(lopsided2, oblong)), std::invalid_argument);
  CHECK_THROWS_AS(equivariant<Mirrors<1>>(fno())(sample(lopsided, line())), std::invalid_argument);
}
