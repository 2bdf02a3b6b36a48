// Queries on one discretization, keys and values on another: the integral is that of the keys.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
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

/// The formula, in two loops.
template <class Rule, class U, class F>
Values by_loops(const Attention<Rule>& layer, const U& u, const F& f, const std::vector<double>& weights) {
  const auto rows = [](const auto& v) { return v.values().reshaped({v.batch(), v.points(), v.channels()}); };
  const Values q = layer.query(rows(u)), k = layer.key(rows(f)), v = layer.value(rows(f));
  const Index channels = q.shape(2), width = channels / layer.heads;
  Values out(q.shape());
  for (Index b = 0; b < q.shape(0); ++b) {
    for (Index i = 0; i < q.shape(1); ++i) {
      for (Index c = 0; c < channels; ++c) {
        double above = 0.0, below = 0.0;
        for (Index j = 0; j < k.shape(1); ++j) {
          double score = 0.0;
          for (Index d = c / width * width; d < c / width * width + width; ++d)
            score += q(b, i, d) * k(b, j, d);
          const double p =
              weights[static_cast<std::size_t>(j)] * std::exp(score / std::sqrt(static_cast<double>(width)));
          above += p * v(b, j, c), below += p;
        }
        out.mutable_data()[(b * q.shape(1) + i) * channels + c] = above / below;
      }
    }
  }
  return layer.output(out);
}

/// Cross-attention to a field that is given: an operator of that field, with values on fixed points.
template <class Rule>
struct AtFixedPoints {
  Linear<> lift;
  Attention<Rule> attention;
  Field<Gauss, double> query;
  auto operator()(const AnyField auto& f) const { return attention(query, lift(f)); }
};

}  // namespace

TEST_CASE("cross-attention is a ratio of two integrals over the points of the keys") {
  Engine rng(1);
  const auto u = random_field(Gauss({0.0, 1.0, 6}), 2, 6, rng);
  const auto f = random_field(Line({0.0, 1.0, 11}), 2, 6, rng);
  const auto layer = make_attention(6, 2, rng);
  const auto v = layer(u, f);
  CHECK(v.discretization() == u.discretization());
  CHECK(gap(v.values(), by_loops(layer, u, f, f.discretization().weights())) < 1e-13);
  const auto counting = make_attention<Counting>(6, 2, rng);
  CHECK(gap(counting(u, f).values(), by_loops(counting, u, f, std::vector<double>(11, 1.0))) < 1e-13);
  const auto p = random_field(Plane({{0.0, 1.0, 5}, {0.0, 1.0, 4}}), 2, 6, rng);
  const Values flat_rows = layer(p, f).values().reshaped({2, 20, 6});
  CHECK(gap(flat_rows, by_loops(layer, p, f, f.discretization().weights())) < 1e-13);
  CHECK(gap(layer(u, p).values(), by_loops(layer, u, p, p.discretization().weights())) < 1e-13);
}

TEST_CASE("from a field to itself it is self-attention, to the bit") {
  Engine rng(2);
  const auto u = random_field(Line({0.0, 1.0, 21}), 2, 8, rng);
  const auto layer = make_attention(8, 4, rng);
  CHECK(gap(layer(u, u).values(), layer(u).values()) == 0.0);
}

TEST_CASE("a query does not see the others") {
  Engine rng(3);
  const auto u = random_field(Line({0.0, 1.0, 21}), 1, 8, rng);
  const auto f = random_field(Gauss({0.0, 1.0, 6}), 1, 8, rng);
  const auto layer = make_attention(8, 4, rng);
  const auto all = layer(u, f);
  const auto part = part_of_points(u.discretization(), 7, 5);
  const Field<std::remove_const_t<decltype(part)>, double> taken(
      part, Values({1, 5, 8}, std::vector<double>(u.values().data() + 7 * 8, u.values().data() + 12 * 8)));
  const auto values = layer(taken, f);
  for (Index j = 0; j < 5; ++j) {
    for (Index c = 0; c < 8; ++c)
      CHECK(std::abs(values.values()(0, j, c) - all.values()(0, j + 7, c)) < 1e-14);
  }
}

TEST_CASE("a batch of 1 is repeated, on either side") {
  Engine rng(4);
  const Gauss g({0.0, 1.0, 6});
  const Line l({0.0, 1.0, 41});
  const auto layer = make_attention(8, 2, rng);
  const auto u = random_field(g, 1, 8, rng), u3 = stack(std::vector{u, u, u});
  const auto f = random_field(l, 3, 8, rng);
  CHECK(gap(layer(u, f).values(), layer(u3, f).values()) == 0.0);
  const auto f1 = slice_batch(f, 1, 1);
  const auto w = random_field(g, 3, 8, rng);
  CHECK(gap(layer(w, f1).values(), layer(w, stack(std::vector{f1, f1, f1})).values()) == 0.0);
  CHECK_THROWS_AS(layer(random_field(g, 2, 8, rng), f), std::invalid_argument);
}

TEST_CASE("gradients by queries, by what is attended to, and by parameters") {
  Engine rng(5);
  const Gauss g({0.0, 1.0, 5});
  const Line l({0.0, 1.0, 7});
  const Values w = weights_of(l);
  for (const auto& [left, right] : {std::pair<Index, Index>{2, 2}, {1, 3}, {3, 1}}) {
    check(laws::gradient(make_attention(4, 2, rng), random_field(g, left, 4, rng),
                         random_field(l, right, 4, rng)));
    check(laws::gradient(
        [&](const Values& q, const Values& k, const Values& v) { return attention(q, k, v, w, 2); },
        normal_array<double>({left, 5, 4}, 1.0, rng), normal_array<double>({right, 7, 4}, 1.0, rng),
        normal_array<double>({right, 7, 4}, 1.0, rng)));
  }
}

TEST_CASE("it converges in the points that are attended to, at the order of their rule") {
  Engine rng(6);
  const auto smooth = [](double x) { return std::exp(x) * std::sin(3 * x) + 0.3; };
  const Gauss points({0.0, 1.0, 12}), reference({0.0, 1.0, 60});
  const auto query = random_field(points, 1, 8, rng);
  const auto with = [&](auto rule) {
    Engine own(7);
    auto lift = make_linear(1, 8, own);
    return AtFixedPoints<decltype(rule)>{std::move(lift), make_attention<decltype(rule)>(8, 2, own), query};
  };
  const auto model = with(RuleOfField{});
  const auto trapezoid = [](Index n) { return Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, n}); };
  const auto simpson = [](Index n) { return Line({0.0, 1.0, n}); };
  const auto gauss = [](Index n) { return Gauss({0.0, 1.0, n}); };
  const laws::RefinementOptions sizes{.sizes = {33, 65, 129}};
  const auto second = laws::refinement(model, smooth, trapezoid, reference, sizes);
  const auto fourth = laws::refinement(model, smooth, simpson, reference, sizes);
  check(second), check(fourth);
  CHECK(*second.observed_order < 2.1);
  CHECK(*fourth.observed_order < 4.2);
  check(laws::refinement(model, smooth, gauss, reference, {.sizes = {12, 24}}));
  // A point of weight w made two, with a third and two thirds of it, is the same measure.
  const Gauss one({0.0, 1.0, 9});
  std::vector<std::array<double, 1>> points_twice;
  std::vector<double> weights;
  for (std::size_t j = 0; j < 9; ++j) {
    for (const double share : {1.0 / 3.0, 2.0 / 3.0}) {
      points_twice.push_back({one.points()[j]});
      weights.push_back(share * one.weights()[j]);
    }
  }
  const Discretization<PointCloud<1>, Given> twice(PointCloud<1>(one.box(), points_twice), Given{weights});
  CHECK(gap(model(sample(smooth, one)).values(), model(sample(smooth, twice)).values()) < 1e-13);
  // Counting points is another integral.
  CHECK_FALSE(laws::refinement(with(Counting{}), smooth, simpson, reference, sizes).passed());
  CHECK_FALSE(laws::refinement(with(Counting{}), smooth, trapezoid, reference, sizes).passed());
}

TEST_CASE("MeasureNorm by the mean and variance of another field") {
  Engine rng(8);
  const auto u = random_field(Gauss({0.0, 1.0, 6}), 2, 3, rng);
  const auto f = random_field(Line({0.0, 2.0, 11}), 2, 3, rng);
  auto norm = make_measure_norm(3);
  norm.scale.set(normal_array<double>({3}, 1.0, rng));
  norm.shift.set(normal_array<double>({3}, 1.0, rng));
  CHECK(gap(norm(u, u).values(), norm(u).values()) < 1e-13);
  const auto v = norm(u, f);
  for (Index b = 0; b < 2; ++b) {
    for (Index c = 0; c < 3; ++c) {
      double mean = 0.0, variance = 0.0;
      const auto& w = f.discretization().weights();
      for (Index j = 0; j < 11; ++j) mean += w[static_cast<std::size_t>(j)] * f.values()(b, j, c) / 2.0;
      for (Index j = 0; j < 11; ++j)
        variance += w[static_cast<std::size_t>(j)] * std::pow(f.values()(b, j, c) - mean, 2) / 2.0;
      for (Index i = 0; i < 6; ++i) {
        const double expected =
            (u.values()(b, i, c) - mean) / std::sqrt(variance + 1e-5) * norm.scale.value()(c) +
            norm.shift.value()(c);
        CHECK(v.values()(b, i, c) == doctest::Approx(expected).epsilon(1e-12));
      }
    }
  }
  check(laws::gradient(norm, u, f));
}
