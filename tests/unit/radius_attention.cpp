// Attention along edges and over balls: the forward against double loops, adjoints against differences.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws/gradient.hpp>
#include <fredholm/neighbours.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;

namespace {

/// Every row another number of sources; some weights are zero, some negative.
struct Case {
  std::shared_ptr<const Edges> edges;
  Array<double> q, k, v, weights;
  Index heads;

  Case(Index batch, Index targets, Index sources, Index head_count, Index width, std::uint64_t seed = 3)
      : heads(head_count) {
    Engine engine(seed);
    auto made = std::make_shared<Edges>();
    made->sources = sources;
    std::vector<double> values;
    for (Index i = 0; i < targets; ++i) {
      for (Index j = 0; j < sources; ++j) {
        if ((i * 7 + j * 3) % 5 > 1 + i % 2 && j != i % sources) continue;
        made->columns.push_back(static_cast<std::int32_t>(j));
        const Index kind = made->count() % 9;
        values.push_back(kind == 4 ? 0.0 : kind == 7 ? -0.05 : 0.2 + uniform(engine));
      }
      made->starts.push_back(made->count());
    }
    edges = made;
    const Shape count{made->count()};
    weights = Array<double>(count, std::move(values));
    const Index channels = heads * width;
    q = normal_array<double>({batch, targets, channels}, 1.0, engine);
    k = normal_array<double>({batch, sources, channels}, 1.0, engine);
    v = normal_array<double>({batch, sources, channels}, 1.0, engine);
  }

  std::vector<double> formula() const {
    const Index channels = q.shape(2), width = channels / heads;
    std::vector<double> out;
    for (Index b = 0; b < q.shape(0); ++b) {
      for (Index i = 0; i < q.shape(1); ++i) {
        for (Index c = 0; c < channels; ++c) {
          double above = 0.0, below = 0.0;
          for (Index e = edges->begin(i); e < edges->end(i); ++e) {
            double score = 0.0;
            for (Index d = c / width * width; d < (c / width + 1) * width; ++d)
              score += q(b, i, d) * k(b, edges->column(e), d);
            const double p = weights(e) * std::exp(score / std::sqrt(static_cast<double>(width)));
            above += p * v(b, edges->column(e), c);
            below += p;
          }
          out.push_back(above / below);
        }
      }
    }
    return out;
  }
};

template <class T>
double largest_difference(const Array<T>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == std::ssize(b));
  double largest = 0.0;
  for (Index i = 0; i < a.size(); ++i) {
    const double gap = std::abs(static_cast<double>(a.data()[i]) - b[static_cast<std::size_t>(i)]);
    if (!(gap <= largest)) largest = gap;
  }
  return largest;
}

std::vector<double> list(const Array<double>& a) { return {a.data(), a.data() + a.size()}; }

auto cloud(Index n, Engine& engine) {
  std::vector<std::array<double, 2>> points(static_cast<std::size_t>(n));
  for (auto& point : points) point = {uniform(engine), uniform(engine)};
  return Discretization<PointCloud<2>, MonteCarlo>(PointCloud<2>(Box<2>(), points));
}

template <class Report>
void check(const Report& report) {
  INFO(report.message());
  CHECK(report.passed());
}

}  // namespace

TEST_CASE("attention along edges is the formula") {
  for (const Case& p :
       {Case(1, 5, 7, 1, 1), Case(2, 9, 20, 2, 3), Case(1, 30, 45, 3, 8), Case(2, 3, 150, 1, 37)}) {
    const auto expected = p.formula();
    CHECK(largest_difference(edge_attention(p.q, p.k, p.v, p.weights, p.edges, p.heads), expected) < 1e-12);
    const auto single = edge_attention(converted<float>(p.q), converted<float>(p.k), converted<float>(p.v),
                                       converted<float>(p.weights), p.edges, p.heads);
    CHECK(largest_difference(single, expected) < 2e-4);
  }
}

TEST_CASE("and so are its adjoints") {
  for (const Case& p : {Case(2, 6, 9, 2, 3), Case(1, 4, 40, 1, 17)}) {
    check(laws::gradient([&](const auto& q, const auto& k,
                             const auto& v) { return edge_attention(q, k, v, p.weights, p.edges, p.heads); },
                         p.q, p.k, p.v));
  }
}

TEST_CASE("scores far apart, and a source without weight whatever its score") {
  Case p(1, 5, 12, 1, 4);
  flat(p.q.mutable_data(), p.q.size()) *= 300.0;
  const auto out = edge_attention(p.q, p.k, p.v, p.weights, p.edges, 1);
  for (Index i = 0; i < out.size(); ++i) CHECK(std::isfinite(out.data()[i]));
  auto line = std::make_shared<Edges>();
  line->sources = 2, line->starts = {0, 2}, line->columns = {0, 1};
  const Array<double> q({1, 1, 1}, {1.0}), k({1, 2, 1}, {1e300, 0.0}), v({1, 2, 1}, {7.0, 3.0});
  CHECK(edge_attention(q, k, v, Array<double>({2}, {0.0, 1.0}), line, 1)(0, 0, 0) == 3.0);
  const auto message =
      support::message_of([&] { (void)edge_attention(q, v, v, Array<double>({2}, {0.0, 0.0}), line, 1); });
  CHECK(support::contains(message, "no source with a weight"));
}

TEST_CASE("a ball that holds the whole domain is attention") {
  Engine engine(5);
  const auto d = cloud(90, engine);
  const Field u(d, normal_array<double>({2, 90, 8}, 1.0, engine));
  const auto whole = make_attention<RuleOfField, double>(8, 2, engine);
  RadiusAttention<> local{whole.query, whole.key, whole.value, whole.output, 2, 2.0, Window::sharp};
  CHECK(largest_difference(local(u).values(), list(whole(u).values())) < 1e-12);
  local.radius = 0.3;
  CHECK(largest_difference(local(u).values(), list(whole(u).values())) > 1e-2);
}

TEST_CASE("over balls on a torus, against a double loop") {
  using Torus = Discretization<ProductGrid<PeriodicGrid<>, PeriodicGrid<>>, Trapezoid>;
  const Torus d({{0.0, 1.0, 7}, {0.0, 2.0, 9}});
  Engine engine(6);
  const Field u(d, normal_array<double>({1, 7, 9, 2}, 1.0, engine));
  for (Window window : {Window::bump, Window::quartic, Window::sharp}) {
    auto layer = RadiusAttention<>::make({.channels = 2, .heads = 1, .radius = 0.45}, engine);
    layer.window = window;
    const Array<double> rows = u.values().reshaped({1, 63, 2});
    const auto q = layer.query(rows), k = layer.key(rows), v = layer.value(rows);
    Array<double> mixed = Array<double>::zeros({1, 63, 2});
    for (Index i = 0; i < 63; ++i) {
      double below = 0.0;
      for (Index j = 0; j < 63; ++j) {
        double square = 0.0;
        for (Index a = 0; a < 2; ++a) {
          const double period = a == 0 ? 1.0 : 2.0;
          const double gap = std::abs(d.points()[static_cast<std::size_t>(2 * i + a)] -
                                      d.points()[static_cast<std::size_t>(2 * j + a)]);
          square += std::pow(std::min(gap, period - gap), 2);
        }
        const double s2 = square / (0.45 * 0.45);
        if (s2 > 1.0) continue;
        const double chi = window == Window::sharp     ? 1.0
                           : window == Window::quartic ? std::pow(1.0 - s2, 4)
                                                       : std::exp(1.0 - 1.0 / (1.0 - s2));
        const double p = d.weights()[static_cast<std::size_t>(j)] * chi *
                         std::exp((q(0, i, 0) * k(0, j, 0) + q(0, i, 1) * k(0, j, 1)) / std::sqrt(2.0));
        below += p;
        for (Index c = 0; c < 2; ++c) mixed.mutable_data()[2 * i + c] += p * v(0, j, c);
      }
      for (Index c = 0; c < 2; ++c) mixed.mutable_data()[2 * i + c] /= below;
    }
    CHECK(largest_difference(layer(u).values(), list(layer.output(mixed))) < 1e-12);
  }
}

TEST_CASE("queries from one field, keys and values from another") {
  Engine engine(7);
  const auto sensors = cloud(200, engine);
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid> grid(
      {{0.0, 1.0, 6}, {0.0, 1.0, 5}});
  const Field u(grid, normal_array<double>({1, 6, 5, 4}, 1.0, engine));
  const Field f(sensors, normal_array<double>({1, 200, 4}, 1.0, engine));
  auto layer = RadiusAttention<>::make({.channels = 4, .heads = 2, .radius = 0.3}, engine);
  const auto v = layer(u, f);
  CHECK(v.discretization() == grid);
  check(laws::gradient(layer, u, f));
  // A constant stays what it is: a mean over the ball.
  layer.value.weight.set(Array<double>::zeros({4, 4}));
  const auto same = layer(u, f).values();
  for (Index j = 0; j < 30; ++j) CHECK(same.data()[4 * j] == doctest::Approx(same.data()[0]).epsilon(1e-12));

  layer.radius = 1e-3;
  const auto message = support::message_of([&] { (void)layer(u, f); });
  CHECK(support::contains(message, "the ball of radius 0.001 around point 0 at (0, 0) holds no point"));
}

TEST_CASE("a batch of 1 is repeated") {
  Engine engine(12);
  const Discretization<UniformGrid<>, Simpson> here({0.0, 1.0, 5}), there({0.0, 1.0, 9});
  const Field one(here, normal_array<double>({1, 5, 4}, 1.0, engine));
  const Field many(there, normal_array<double>({3, 9, 4}, 1.0, engine));
  const auto layer = RadiusAttention<>::make({.channels = 4, .heads = 2, .radius = 0.3}, engine);
  const auto gap = [](const auto& a, const auto& b) { return static_cast<double>(distance<Linf>(a, b)); };
  const auto from_many = layer(one, many), from_one = layer(many, one);
  REQUIRE(from_many.batch() == 3);
  REQUIRE(from_one.batch() == 3);
  for (Index b = 0; b < 3; ++b) {
    CHECK(gap(slice_batch(from_many, b, 1), layer(one, slice_batch(many, b, 1))) < 1e-14);
    CHECK(gap(slice_batch(from_one, b, 1), layer(slice_batch(many, b, 1), one)) < 1e-14);
  }
  const auto report = laws::gradient(layer, one, many);
  INFO(report.message());
  CHECK(report.passed());
  const Field two(here, normal_array<double>({2, 5, 4}, 1.0, engine));
  CHECK_THROWS_AS((void)layer(two, many), std::invalid_argument);
}

TEST_CASE("gradients by the field and by the parameters, over any rule") {
  Engine engine(8);
  const Discretization<ScatteredGrid, Trapezoid> d(ScatteredGrid({0.0, 0.1, 0.15, 0.3, 0.35, 0.5, 0.8, 1.0}));
  const Field u(d, normal_array<double>({2, 8, 4}, 1.0, engine));
  check(laws::gradient(RadiusAttention<>::make({.channels = 4, .heads = 2, .radius = 0.25}, engine), u));
  check(laws::gradient(RadiusAttention<Counting>::make({.channels = 4, .heads = 1, .radius = 0.25}, engine),
                       u));
}

TEST_CASE("in single precision it is the same to round-off") {
  Engine engine(9);
  const auto d = cloud(300, engine);
  const Field u(d, normal_array<double>({1, 300, 8}, 1.0, engine));
  const auto layer = RadiusAttention<>::make({.channels = 8, .heads = 2, .radius = 0.2}, engine);
  CHECK(largest_difference(cast<float>(layer)(cast<float>(u)).values(), list(layer(u).values())) < 1e-5);
}

TEST_CASE("options that make no sense") {
  Engine engine(10);
  using Layer = RadiusAttention<>;
  CHECK_THROWS_AS((void)Layer::make({.channels = 6, .heads = 4}, engine), std::invalid_argument);
  CHECK_THROWS_AS((void)Layer::make({.channels = 8, .heads = 4, .radius = 0.0}, engine),
                  std::invalid_argument);
}

TEST_CASE("a ball wider than half of a period is refused") {
  Engine engine(7);
  const Discretization<PeriodicGrid<>, Trapezoid> d({0.0, 1.0, 12});
  const Field u(d, normal_array<double>({1, 12, 2}, 1.0, engine));
  const auto layer = [&](double radius) {
    return RadiusAttention<>::make({.channels = 2, .heads = 1, .radius = radius}, engine);
  };
  CHECK_NOTHROW((void)layer(0.5)(u));
  CHECK_THROWS_AS((void)layer(0.6)(u), std::invalid_argument);
}
