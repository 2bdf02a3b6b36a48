// A multipole integral is the same operator on more points: its coarse levels are defined by physical spacing.
#include <fredholm/neighbours.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include "../support/laws.hpp"

using namespace law_tests;

namespace {

auto multipole(double spacing, Index dimension = 1) {
  Engine engine(4);
  return MultipoleIntegral<>::make(
      {.dimension = dimension, .channels = 4, .spacing = spacing, .reach = 3.0, .levels = 3, .width = 8},
      engine);
}

/// Levels by index: the spacing is so many cells.
struct SpacingInCells {
  MultipoleIntegral<> layer;
  auto operator()(const AnyField auto& u) const {
    MultipoleIntegral<> now = layer;
    now.spacing = 8.0 / static_cast<double>(u.points() - 1);
    return now(u);
  }
};

const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};

}  // namespace

TEST_CASE("a multipole integral is the same operator on more points") {
  const auto reference = gauss(360);
  // Where the lattice lies on nodes, at the order of the rule.
  const auto aligned = lifted(multipole(0.125));
  check_slope(laws::refinement(aligned, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  const auto fine = on_uniform<Simpson>()(1025);
  check_slope(laws::refinement(aligned, smooth, on_uniform<Simpson>(), fine, sizes), 3.8, 4.3);
  // Elsewhere, at order 2.
  const auto anywhere = lifted(multipole(0.11));
  check_slope(laws::refinement(anywhere, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.2);
  const laws::RefinementOptions second{.sizes = {65, 129, 257}, .order = 2.0};
  check(laws::refinement(anywhere, smooth, on_uniform<Simpson>(), reference, second));
  check(laws::split(anywhere, smooth, gauss(40)));
  check(laws::permutation(anywhere, smooth, gauss(40)));
}

TEST_CASE("the lattice keeps the measure, and the mean place of each axis") {
  Engine engine(5);
  detail::Measure<2> fine;
  double weight = 0.0, first = 0.0;
  for (int i = 0; i < 200; ++i) {
    fine.points.push_back(uniform(engine)), fine.points.push_back(2.0 * uniform(engine));
    fine.weights.push_back(uniform(engine));
    weight += fine.weights.back(), first += fine.weights.back() * fine.points[fine.points.size() - 2];
  }
  fine.period[1] = 2.0;
  const auto coarse = detail::on_lattice(fine, Box<2>{{0.0, 1.0}, {0.0, 2.0}}, 0.3);
  CHECK(coarse.weights.size() == 4 * 7);
  for (std::size_t j = 0; j < coarse.weights.size(); ++j) {
    weight -= coarse.weights[j], first -= coarse.weights[j] * coarse.points[2 * j];
    CHECK(coarse.points[2 * j + 1] < 2.0 - 1e-12);  // the right end of a period is the left one
  }
  CHECK(std::abs(weight) < 1e-12);
  CHECK(std::abs(first) < 1e-12);
}

TEST_CASE("levels by index are another operator on more points") {
  const auto cells = lifted(SpacingInCells{multipole(0.125)});
  check_broken(laws::refinement(cells, smooth, on_uniform<Trapezoid>(), on_uniform<Simpson>()(1025), sizes));
  Engine engine(4);
  const auto counting = lifted(MultipoleIntegral<Counting>::make(
      {.channels = 4, .spacing = 0.125, .reach = 3.0, .levels = 3, .width = 8}, engine));
  check_broken(laws::refinement(counting, smooth, on_uniform<Trapezoid>(), gauss(360), sizes));
  check_broken(laws::split(counting, smooth, gauss(40)));
}

TEST_CASE("gradients by the field and by the kernels") {
  Engine engine(6);
  const Field u(graded(9), normal_array<double>({2, 9, 4}, 1.0, engine));
  check(laws::gradient(multipole(0.2), u));
  const Field v(gauss_square(3), normal_array<double>({1, 3, 3, 4}, 1.0, engine));
  check(laws::gradient(multipole(0.5, 2), v));
}
