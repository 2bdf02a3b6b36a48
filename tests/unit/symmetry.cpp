// Fields moved by symmetries: values where they belong, groups that close, solutions that stay solutions.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws/gradient.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;
using Square = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid>;

template <class F>
double gap(const F& u, const F& v) {
  return static_cast<double>(distance<Linf>(u, v));
}

/// mirrored(u) is u(left + right - x), on the points of any grid that is its own image.
template <class D>
void check_mirror(const D& d) {
  const auto u = sample([](double x) { return std::exp(x) * std::sin(2 * pi * x); }, d);
  const Interval domain = d.box()[0];
  const auto v = sample(
      [&](double x) {
        // The right end of a period is its left one.
        const double image = domain.left + domain.right - x;
        const bool wraps = family_of<typename D::grid_type> == Family::periodic && x == domain.left;
        const double at = wraps ? domain.left : image;
        return std::exp(at) * std::sin(2 * pi * at);
      },
      d);
  CHECK(gap(mirrored(u), v) < 1e-12);
  CHECK(gap(mirrored(mirrored(u)), u) == 0);
}

template <class Group, class F>
void check_group(const F& u) {
  CHECK(gap(Group::apply(0, u), u) == 0);
  for (Index g = 0; g < Group::elements; ++g) {
    const F moved = Group::apply(g, u);
    CHECK(gap(Group::undo(g, moved), u) == 0);
    CHECK(gap(Group::apply(g, Group::undo(g, u)), u) == 0);
    // Each element once, and every product is one of them.
    for (Index h = 0; h < Group::elements; ++h) {
      CHECK((gap(Group::apply(h, u), moved) == 0) == (g == h));
      int found = 0;
      for (Index k = 0; k < Group::elements; ++k)
        found += gap(Group::apply(k, u), Group::apply(h, moved)) == 0 ? 1 : 0;
      CHECK(found == 1);
    }
  }
}

}  // namespace

TEST_CASE("mirrored takes the value at the other side, on every symmetric grid") {
  for (const Index n : {8, 9}) {
    check_mirror(Discretization<PeriodicGrid<>, Trapezoid>({-1.0, 2.0, n}));
    check_mirror(Discretization<UniformGrid<>, Trapezoid>({-1.0, 2.0, n}));
    check_mirror(Discretization<MidpointGrid<>, Midpoint>({-1.0, 2.0, n}));
    check_mirror(Discretization<LegendreGrid<>, GaussLegendre>({-1.0, 2.0, n}));
    check_mirror(Discretization<ChebyshevGrid<>, ClenshawCurtis>({-1.0, 2.0, n}));
  }
}

TEST_CASE("swapped exchanges the axes of a square, rolled goes around a period") {
  const Square d({{0.0, 1.0, 5}, {0.0, 1.0, 5}});
  const auto u = sample([](double x, double y) { return x + 10 * y * y; }, d);
  CHECK(gap(swapped(u), sample([](double x, double y) { return y + 10 * x * x; }, d)) < 1e-14);
  CHECK(gap(swapped(mirrored(u, 0)), mirrored(swapped(u), 1)) == 0);

  const Torus t({{0.0, 1.0, 8}, {0.0, 2.0, 6}});
  const auto wave = [](double x, double y) { return std::sin(2 * pi * x) + std::cos(pi * y); };
  const auto w = sample(wave, t);
  const auto moved = sample([&](double x, double y) { return wave(x, y - 2 * 2.0 / 6); }, t);
  CHECK(gap(rolled(w, 1, 2), moved) < 1e-14);
  CHECK(gap(rolled(rolled(w, 0, 3), 0, -11), w) == 0);
}

TEST_CASE("a flow that is moved by a symmetry is a flow: reflection, rotation, translation") {
  const Torus d({{0.0, 1.0, 32}, {0.0, 1.0, 32}});
  const auto force = sample(
      [](double x, double y) { return 0.5 * (std::sin(2 * pi * (x + y)) + std::cos(2 * pi * (x + y))); }, d);
  Engine engine(3);
  const auto start =
      sample(random_fields<2>(
                 1, {.ends = Ends::periodic, .sigma = 30, .tau = 5, .modes = 6, .drop_mean = true}, engine),
             d);
  const auto flow = [&](const auto& w) {
    return navier_stokes(w, force, {.viscosity = 1e-2, .times = {0.5}, .step = 0.05});
  };
  const auto end = flow(start);
  const auto turn = [](const auto& w) { return rolled(mirrored(mirrored(w, 0), 1), 0, 8); };
  const auto reflect = [](const auto& w) { return -1.0 * rolled(swapped(w), 0, 16); };
  const auto shift = [](const auto& w) { return rolled(rolled(w, 0, 5), 1, -5); };
  CHECK(gap(flow(turn(start)), turn(end)) < 1e-11);
  CHECK(gap(flow(reflect(start)), reflect(end)) < 1e-11);
  CHECK(gap(flow(shift(start)), shift(end)) < 1e-11);
  // Negative control: the force tells one axis of translations from the other.
  CHECK(gap(flow(rolled(start, 0, 5)), rolled(end, 0, 5)) > 1e-3);
}

TEST_CASE("far from the origin a grid has its symmetries to the rounding of its points") {
  const Discretization<PeriodicGrid<>, Trapezoid> d({1e6, 1e6 + 1, 63});
  const auto u = sample([](double x) { return x - 1e6; }, d);
  CHECK(gap(rolled(rolled(u, 0, 20), 0, -20), u) == 0);
  CHECK(gap(mirrored(mirrored(u)), u) == 0);
}

TEST_CASE("what has no symmetry is refused with its reason") {
  const Discretization<ScatteredGrid, Trapezoid> d(ScatteredGrid({0.0, 0.2, 1.0}, Interval{0.0, 1.0}));
  const auto u = sample([](double x) { return x; }, d);
  CHECK_THROWS_AS(mirrored(u), std::invalid_argument);
  CHECK_THROWS_AS(rolled(u, 0, 1), std::invalid_argument);
  CHECK_THROWS_AS(mirrored(u, 1), std::invalid_argument);
  // Three quarters of a period, and points that look like one: only a PeriodicGrid says that it goes around.
  const Discretization<ScatteredGrid, Trapezoid> open(
      ScatteredGrid({0.0, 0.25, 0.5, 0.75}, Interval{0.0, 1.0}));
  CHECK_THROWS_AS(mirrored(sample([](double x) { return x; }, open)), std::invalid_argument);
  CHECK_THROWS_AS(rolled(sample([](double x) { return x; }, open), 0, 1), std::invalid_argument);
  const Square oblong({{0.0, 1.0, 5}, {0.0, 2.0, 5}});
  CHECK_THROWS_AS(swapped(sample([](double x, double) { return x; }, oblong)), std::invalid_argument);
}

TEST_CASE("take: entries of an axis in another order, again or not at all") {
  Array<double> x(Shape{2, 3, 2});
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<double>(i);
  const auto y = take(x, {2, 0, 0, 1}, 1);
  CHECK(y.shape() == Shape{2, 4, 2});
  const std::vector<double> expected{4, 5, 0, 1, 0, 1, 2, 3, 10, 11, 6, 7, 6, 7, 8, 9};
  for (Index i = 0; i < y.size(); ++i) CHECK(y.data()[i] == expected[static_cast<std::size_t>(i)]);
  CHECK(take(x, {}, 2).size() == 0);
  CHECK_THROWS_AS(take(x, {0}, 3), std::invalid_argument);
  CHECK_THROWS_AS(take(x, {0, 3}, 1), std::invalid_argument);
  CHECK_THROWS_AS(take(x, {-1}, 1), std::invalid_argument);
}

TEST_CASE("moves are operations of the tape: permutations, whose adjoints move back") {
  const laws::GradientOptions linear{.linear = true};
  const auto check = [](const auto& report) {
    INFO(report.message());
    CHECK(report.passed());
  };
  const auto u = sample([](double x, double y) { return std::exp(x) * std::sin(3 * y + x); },
                        Torus({{0.0, 1.0, 6}, {0.0, 1.0, 6}}));
  check(laws::gradient(linear, [](const auto& v) { return mirrored(v, 1); }, u));
  check(laws::gradient(linear, [](const auto& v) { return swapped(v); }, u));
  check(laws::gradient(linear, [](const auto& v) { return rolled(v, 0, 2); }, u));
  check(laws::gradient(linear, [](const Array<double>& x) { return take(x, {5, 0, 0, 3}, 2); }, u.values()));
}

TEST_CASE("groups: closed, with inverses, and no element twice") {
  const auto f = [](double x, double y) { return std::exp(x) * std::sin(3 * y + x); };
  check_group<SquareSymmetries>(sample(f, Square({{0.0, 1.0, 4}, {0.0, 1.0, 4}})));
  check_group<Mirrors<0, 1>>(sample(f, Torus({{0.0, 1.0, 5}, {0.0, 2.0, 4}})));
  check_group<Mirrors<1>>(sample(f, Torus({{0.0, 1.0, 5}, {0.0, 2.0, 4}})));
}

TEST_CASE("augmented batches: the same every time, each sample changed by itself, pairs kept together") {
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  Array<double> values = Array<double>::zeros({12, 5, 1});
  for (Index i = 0; i < values.size(); ++i) values.mutable_data()[i] = static_cast<double>(i);
  const Field u(d, values);
  const auto make = [&](std::uint64_t seed) {
    return augmented(Loader(u, u, {.batch = 5, .seed = 1}),
                     [](const auto& sample, Engine& engine) {
                       return engine() % 2 == 0 ? sample
                                                : Batch{mirrored(sample.input), mirrored(sample.output)};
                     },
                     {.seed = seed});
  };
  const auto first_values = [](auto& batches) {
    std::vector<double> seen;
    for (const auto& batch : batches) {
      for (Index i = 0; i < batch.input.batch(); ++i) {
        const double left = batch.input.values()(i, 0, 0), right = batch.input.values()(i, 4, 0);
        CHECK(std::abs(left - right) == 4);
        CHECK(batch.output.values()(i, 0, 0) == left);
        seen.push_back(left);
      }
    }
    return seen;
  };
  auto one = make(1), again = make(1), other = make(2);
  CHECK(std::size(one) == 3);
  const auto epoch = first_values(one);
  REQUIRE(epoch.size() == 12);
  CHECK(epoch == first_values(again));
  CHECK(epoch != first_values(other));
  CHECK(epoch != first_values(one));  // the next epoch
  const auto mirrored_ones =
      std::count_if(epoch.begin(), epoch.end(), [](double x) { return std::fmod(x, 5.0) == 4; });
  CHECK(mirrored_ones > 0);
  CHECK(mirrored_ones < 12);
}

TEST_CASE("random elements: all of them, the same for input and output, and the same every time") {
  const Square d({{0.0, 1.0, 4}, {0.0, 1.0, 4}});
  const auto one = sample([](double x, double y) { return std::exp(x) * std::sin(3 * y + x); }, d);
  const auto u = stack(std::vector(64, one));
  const auto seen = [&](std::uint64_t seed) {
    std::vector<Index> elements;
    for (const auto& batch :
         augmented(Loader(u, 3.0 * u, {.batch = 5}), random_element<SquareSymmetries>, {.seed = seed})) {
      CHECK(gap(3.0 * batch.input, batch.output) == 0);
      for (Index i = 0; i < batch.input.batch(); ++i) {
        for (Index g = 0; g < SquareSymmetries::elements; ++g) {
          if (gap(slice_batch(batch.input, i, 1), SquareSymmetries::apply(g, one)) == 0)
            elements.push_back(g);
        }
      }
    }
    return elements;
  };
  const auto elements = seen(1);
  REQUIRE(elements.size() == 64);
  for (Index g = 0; g < SquareSymmetries::elements; ++g)
    CHECK(std::find(elements.begin(), elements.end(), g) != elements.end());
  CHECK(seen(1) == elements);
  CHECK(seen(2) != elements);
}

TEST_CASE("below: each number as often as any other") {
  Engine engine(1);
  std::vector<int> count(6);
  for (int i = 0; i < 60000; ++i) ++count[below(6, engine)];
  for (const int c : count) CHECK(std::abs(c - 10000) < 500);  // five standard deviations
}
