// From points to edges and back, and functions that are computed again on the way back.
#include <fredholm/autodiff.hpp>
#include <fredholm/laws/gradient.hpp>
#include <fredholm/layers/mlp.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <vector>

using namespace fredholm;

namespace {

template <class Report>
void check(const Report& report) {
  INFO(report.message());
  CHECK(report.passed());
}

std::shared_ptr<const Edges> some_edges() {
  Edges edges;
  edges.sources = 5;
  edges.starts = {0, 3, 3, 4, 7};  // the second target has none
  edges.columns = {0, 2, 4, 1, 0, 1, 4};
  return std::make_shared<const Edges>(edges);
}

/// A perceptron of rows, by tiles of 3, 3 and 2.
struct ByTiles {
  Mlp<Tanh> mlp;
  auto operator()(const Array<double>& x) const {
    return recomputed(mlp, x, {0, 3, 6, 8}, [](const Mlp<Tanh>& m, const Array<double>& all, Index t) {
      Edges rows;
      rows.sources = 8;
      for (Index i = 3 * t; i < std::min<Index>(8, 3 * t + 3); ++i) {
        rows.columns.push_back(static_cast<std::int32_t>(i));
        rows.starts.push_back(rows.count());
      }
      return m(gather_rows(all, std::make_shared<const Edges>(rows)));
    });
  }
};

}  // namespace

TEST_CASE("gathered rows and sums over edges") {
  const auto edges = some_edges();
  Engine engine(1);
  const auto x = normal_array<double>({2, 5, 3}, 1.0, engine);
  const auto z = gather_rows(x, edges);
  REQUIRE(z.shape() == Shape{2, 7, 3});
  CHECK(z(1, 2, 1) == x(1, 4, 1));
  CHECK(z(0, 6, 2) == x(0, 4, 2));
  const Array<double> weights({7}, {1.0, 2.0, 3.0, 4.0, 5.0, -6.0, 7.0});
  const auto y = segment_sum(z, weights, edges);
  REQUIRE(y.shape() == Shape{2, 4, 3});
  CHECK(y(1, 0, 2) == doctest::Approx(x(1, 0, 2) + 2 * x(1, 2, 2) + 3 * x(1, 4, 2)));
  CHECK(y(0, 1, 0) == 0.0);
  CHECK(y(0, 3, 1) == doctest::Approx(5 * x(0, 0, 1) - 6 * x(0, 1, 1) + 7 * x(0, 4, 1)));
  check(laws::gradient({.linear = true}, [&](const auto& a) { return gather_rows(a, edges); }, x));
  check(laws::gradient({.linear = true}, [&](const auto& a) { return segment_sum(a, weights, edges); }, z));
  CHECK_THROWS_AS((void)gather_rows(y, edges), std::invalid_argument);
  CHECK_THROWS_AS((void)segment_sum(x, weights, edges), std::invalid_argument);
}

TEST_CASE("a matrix for each row") {
  Engine engine(2);
  const auto v = normal_array<double>({2, 4, 3}, 1.0, engine);
  for (Index batch : {1, 2}) {
    const auto matrices = normal_array<double>({batch, 4, 6}, 1.0, engine);
    const auto y = multiply_rows(v, matrices);
    REQUIRE(y.shape() == Shape{2, 4, 2});
    double expected = 0.0;
    for (Index i = 0; i < 3; ++i) expected += v(1, 2, i) * matrices(batch - 1, 2, i * 2 + 1);
    CHECK(y(1, 2, 1) == doctest::Approx(expected));
    check(laws::gradient([](const auto& a, const auto& b) { return multiply_rows(a, b); }, v, matrices));
  }
  CHECK_THROWS_AS((void)multiply_rows(v, normal_array<double>({1, 4, 5}, 1.0, engine)),
                  std::invalid_argument);
}

TEST_CASE("computed again, a function has the same value and the same gradient") {
  Engine engine(3);
  const ByTiles by_tiles{make_mlp<Tanh>({3, 5, 2}, engine)};
  const auto x = normal_array<double>({2, 8, 3}, 1.0, engine);
  const auto plain = by_tiles.mlp(x), tiled = by_tiles(x);
  for (Index i = 0; i < plain.size(); ++i) CHECK(plain.data()[i] == doctest::Approx(tiled.data()[i]));
  check(laws::gradient(by_tiles, x));

  const auto loss = [](const auto& model, const auto& a) { return sum(square(model(a))); };
  const auto [value, gradient] = value_and_gradient(whole(loss), by_tiles, x);
  const auto [plain_value, plain_gradient] = value_and_gradient(whole(loss), by_tiles.mlp, x);
  CHECK(static_cast<double>(value) == doctest::Approx(static_cast<double>(plain_value)));
  for (std::size_t l = 0; l < 2; ++l) {
    const auto& a = gradient.mlp.layers[l].weight.value();
    const auto& b = plain_gradient.layers[l].weight.value();
    for (Index i = 0; i < a.size(); ++i) CHECK(a.data()[i] == doctest::Approx(b.data()[i]));
  }
}

TEST_CASE("a frozen parameter stays a constant, and what is on the tape is not captured") {
  Engine engine(4);
  ByTiles by_tiles{make_mlp<Tanh>({3, 5, 2}, engine)};
  const auto x = normal_array<double>({1, 8, 3}, 1.0, engine);
  by_tiles.mlp.layers[0].weight.set_frozen(true);
  const auto loss = [](const auto& model, const auto& a) { return sum(square(model(a))); };
  const auto result = value_and_gradient(whole(loss), by_tiles, x);
  const auto& frozen = result.gradient.mlp.layers[0].weight.value();
  for (Index i = 0; i < frozen.size(); ++i) CHECK(frozen.data()[i] == 0.0);
  const auto& trained = result.gradient.mlp.layers[1].weight.value();
  CHECK(trained.data()[0] != 0.0);

  const auto captures = [](const auto& model, const Array<double>& a) {
    const auto outside = model.layers[0](a);
    return sum(recomputed(model, a, {0, 8}, [outside](const auto& m, const auto& b, Index) {
      return m.layers[0](b) + outside;
    }));
  };
  CHECK_THROWS_AS((void)value_and_gradient(whole(captures), make_mlp<Tanh>({3, 2}, engine), x),
                  std::logic_error);
}

TEST_CASE("a parameter that is captured throws, also where nothing else is on the tape") {
  struct Captures {
    Parameter<double> rate{Array<double>::full({1}, 0.5)};
    Array<double> operator()(const Array<double>& x) const {
      return recomputed(0, x, {0, 2, 4}, [this](int, const Array<double>& all, Index t) {
        return gather_rows(all, rows(2 * t)) * rate();
      });
    }
    static std::shared_ptr<const Edges> rows(Index begin) {
      Edges edges;
      edges.sources = 4;
      edges.columns = {static_cast<std::int32_t>(begin), static_cast<std::int32_t>(begin + 1)};
      edges.starts = {0, 1, 2};
      return std::make_shared<const Edges>(edges);
    }
  };
  Engine engine(3);
  const auto x = normal_array<double>({1, 4, 2}, 1.0, engine);
  const auto loss = [](const auto& model, const auto& u) { return mean(model(u)); };
  CHECK_THROWS_AS((void)value_and_gradient(loss, Captures{}, x), std::logic_error);
}

TEST_CASE("tiles and edges that do not fit are refused") {
  const auto x = Array<double>::zeros({1, 4, 2});
  const auto wide = [](int, const Array<double>&, Index t) { return Array<double>::zeros({1, 2, 3 - t}); };
  CHECK_THROWS_AS((void)recomputed(0, x, {0, 2, 4}, wide), std::invalid_argument);
  CHECK_THROWS_AS((void)recomputed(0, x, {1, 2}, wide), std::invalid_argument);
  Edges edges = *some_edges();
  CHECK_NOTHROW(check(edges));
  edges.columns[2] = 100;
  CHECK_THROWS_AS(check(edges), std::invalid_argument);
  edges = *some_edges();
  edges.starts[1] = 4;
  CHECK_THROWS_AS(check(edges), std::invalid_argument);
  edges = *some_edges();
  edges.order = {0, 1, 1, 3};
  CHECK_THROWS_AS(check(edges), std::invalid_argument);
}
