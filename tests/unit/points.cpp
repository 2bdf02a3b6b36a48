// Points in a box and on its boundary: where they are, and at which rate integrals over them converge.
#include <fredholm/space.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

using Line = Discretization<LegendreGrid<>, GaussLegendre>;
using Square =
    Discretization<ProductGrid<LegendreGrid<>, UniformGrid<>>, ProductRule<GaussLegendre, Simpson>>;

const auto wave = [](double x, double y) { return std::exp(x) * std::cos(2.0 * y + x); };
/// of the wave over [0, 1] x [0, 2]
double integral_of_wave() {
  using Fine = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
  return integrate(sample(wave, Fine({{0.0, 1.0, 30}, {0.0, 2.0, 30}})));
}

/// The slope of the root mean square error over some seeds, between 2^from and 2^to points.
template <class Make>
double order(Make make, int from, int to) {
  const double exact = integral_of_wave();
  const auto error = [&](int power) {
    double total = 0;
    for (std::uint64_t seed = 1; seed <= 32; ++seed) {
      const double e = integrate(sample(wave, make(Index{1} << power, seed))) - exact;
      total += e * e;
    }
    return std::sqrt(total / 32);
  };
  return std::log2(error(from) / error(to)) / (to - from);
}

const Box<2> box{{0.0, 1.0}, {0.0, 2.0}};

}  // namespace

TEST_CASE("Sobol's sequence is the published one") {
  const Box<6> unit{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}};
  const auto points = sobol_points(unit, 1000).points();
  // scipy.stats.qmc.Sobol(6, scramble=False), which has the same direction numbers
  const double fourth[6] = {0.375, 0.375, 0.625, 0.875, 0.375, 0.125};
  const double last[6] = {0.1572265625, 0.9091796875, 0.0810546875, 0.9892578125, 0.9677734375, 0.8447265625};
  for (std::size_t a = 0; a < 6; ++a) {
    CHECK(points[a] == 0.0);
    CHECK(points[4 * 6 + a] == fourth[a]);
    CHECK(points[999 * 6 + a] == last[a]);
  }
}

TEST_CASE("Sobol's points are one in each slice of every axis, scrambled or not") {
  for (const auto& points : {sobol_points(box, 64), sobol_points(box, 64, 5)}) {
    for (std::size_t a = 0; a < 2; ++a) {
      std::set<int> slices;
      for (std::size_t i = 0; i < 64; ++i)
        slices.insert(static_cast<int>(points.points()[2 * i + a] / (a == 0 ? 1.0 : 2.0) * 64));
      CHECK(slices.size() == 64);
    }
  }
  CHECK(sobol_points(box, 64, 5).points() == sobol_points(box, 64, 5).points());
  CHECK(sobol_points(box, 64, 5).points() != sobol_points(box, 64, 6).points());
  CHECK(contains(message_of([] { sobol_points(box, 0); }), "at least 1 point, and was asked for 0"));
}

TEST_CASE("a Latin hypercube has one point in each slice of every axis") {
  Engine engine(3);
  const auto points = latin_hypercube_points(box, 50, engine);
  for (std::size_t a = 0; a < 2; ++a) {
    std::set<int> slices;
    for (std::size_t i = 0; i < 50; ++i)
      slices.insert(static_cast<int>(points.points()[2 * i + a] / (a == 0 ? 1.0 : 2.0) * 50));
    CHECK(slices.size() == 50);
  }
}

TEST_CASE("the error of random points falls as n^-1/2, that of Sobol's much faster") {
  const auto random = [](Index n, std::uint64_t seed) {
    Engine engine(seed);
    return random_points(box, n, engine);
  };
  const auto hypercube = [](Index n, std::uint64_t seed) {
    Engine engine(seed);
    return latin_hypercube_points(box, n, engine);
  };
  const auto sobol = [](Index n, std::uint64_t seed) { return sobol_points(box, n, seed); };
  CHECK(order(random, 6, 12) == doctest::Approx(0.5).epsilon(0.2));
  CHECK(order(hypercube, 6, 12) == doctest::Approx(0.5).epsilon(0.2));  // of a function that is no sum of two
  CHECK(order(sobol, 6, 12) > 1.2);
  const double exact = integral_of_wave();  // the plain sequence, one draw: about 1/n
  const auto plain = [&](Index n) { return std::abs(integrate(sample(wave, sobol_points(box, n))) - exact); };
  CHECK(std::log2(plain(1 << 6) / plain(1 << 12)) / 6 > 0.8);
}

TEST_CASE("faces carry the integral over the surface, in coordinates of the domain") {
  const Line line({0.0, 1.0, 12});
  const auto top = face(box, 1, Side::upper, line);
  static_assert(std::is_same_v<decltype(top), const WeightedPoints<2>>);
  CHECK(top.box() == box);
  for (std::size_t j = 0; j < 12; ++j) CHECK(top.points()[2 * j + 1] == 2.0);
  const double exact = integrate(sample([](double x) { return wave(x, 2.0); }, line));
  CHECK(integrate(sample(wave, top)).value() == doctest::Approx(exact).epsilon(1e-14));

  const Square inside({{0.0, 1.0, 12}, {0.0, 2.0, 41}});
  const auto left = face(inside, 0, Side::lower);
  CHECK(left.size() == 41);
  const Discretization<UniformGrid<>, Simpson> times({0.0, 2.0, 41});
  CHECK(integrate(sample(wave, left)).value() ==
        doctest::Approx(integrate(sample([](double t) { return wave(0.0, t); }, times)).value()));
  CHECK(left == face(box, 0, Side::lower, times));

  const auto start = initial(inside);
  CHECK(start == initial(box, line));
  CHECK(start.points()[1] == 0.0);
  const auto sum = [](const auto& d) {
    double total = 0;
    for (double w : d.weights()) total += w;
    return total;
  };
  CHECK(sum(boundary(inside)) == doctest::Approx(6.0));
  CHECK(sum(walls(inside)) == doctest::Approx(4.0));
  CHECK(boundary(inside) == join(left, face(inside, 0, Side::upper), start, face(inside, 1, Side::upper)));
  CHECK(sum(face(Box<1>{{0.0, 3.0}}, 0, Side::upper)) == 1.0);
  CHECK(face(Box<1>{{0.0, 3.0}}, 0, Side::upper).points().front() == 3.0);
}

TEST_CASE("the divergence theorem holds in three dimensions") {
  using Cube = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
  const Cube cube({{0.0, 1.0, 6}, {-1.0, 1.0, 6}, {0.0, 2.0, 6}});
  // F = (x^2 y, y^3 z, x z^2), div F = 2 x y + 3 y^2 z + 2 x z
  const double inside = integrate(
      sample([](double x, double y, double z) { return 2 * x * y + 3 * y * y * z + 2 * x * z; }, cube));
  const auto flux = [&](Index axis, Side side) {
    const double sign = side == Side::upper ? 1.0 : -1.0;
    const auto normal = [&](std::array<double, 3> p) {
      const double f[3] = {p[0] * p[0] * p[1], p[1] * p[1] * p[1] * p[2], p[0] * p[2] * p[2]};
      return sign * f[axis];
    };
    return integrate(sample(normal, face(cube, axis, side))).value();
  };
  double outside = 0;
  for (Index axis = 0; axis < 3; ++axis) outside += flux(axis, Side::lower) + flux(axis, Side::upper);
  CHECK(outside == doctest::Approx(inside).epsilon(1e-13));
}

TEST_CASE("what is wrong with points is said with the value and the remedy") {
  const Line longer({0.0, 1.5, 8});
  CHECK(contains(message_of([&] { face(box, 1, Side::lower, longer); }),
                 "outside of the domain, which has [0, 1]"));
  CHECK(contains(message_of([&] { face(box, 2, Side::lower, longer); }), "axis 2 of a box with 2 axes"));
  const Square inside({{0.0, 1.0, 12}, {0.0, 2.0, 41}});
  const auto lid = points_where(boundary(inside), [](double, double y) { return y == 2.0; });
  CHECK(lid.size() == 12 + 2 * 1);  // the upper face, and the ends of the sides
  CHECK(contains(message_of([&] { points_where(inside, [](std::array<double, 2> p) { return p[0] < 0; }); }),
                 "holds at none of the 492 points"));
  CHECK(
      contains(message_of([&] { join(initial(inside), initial(Square({{0.0, 2.0, 12}, {0.0, 2.0, 41}}))); }),
               "different domains"));
}
