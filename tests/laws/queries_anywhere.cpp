// Queries anywhere: a transformer at other points than those of its input.
#include "../support/transformer_laws.hpp"

using namespace transformer_laws;

TEST_CASE("gradients of queries at other points") {
  Engine rng(4);
  const auto u = random_field(Line({0.0, 1.0, 9}), 2, 1, rng);
  const TransformerOptions small{.channels = 4, .heads = 2, .depth = 2, .frequencies = 1};
  check(laws::gradient(curved, moved_to(make_transformer<1>(small, rng), gauss(5)), u));
  check(laws::gradient(curved, moved_to(make_transformer<1, MeasureNorm<>>(small, rng), gauss(5)), u));
  check(laws::gradient(curved, moved_to(make_transformer<1, RotaryPosition<>>(small, rng), gauss(5)), u));
  const auto known = random_field(gauss(5), 2, 1, rng);
  check(laws::gradient(curved, make_transformer<1>(small, rng), u, known));
}

TEST_CASE("queries at other points converge at the order of the rule") {
  const auto target = gauss(20);
  const auto each = [&](const auto& model) { check_orders(at(model, target)); };
  each(transformer());
  each(transformer<MeasureNorm<>>());
  each(transformer<RotaryPosition<>>());
}

TEST_CASE("at the points of u, and at some of them, queries say what the model says") {
  const auto each = [](const auto& model) {
    const Line d({0.0, 1.0, 33});
    const auto u =
        sample(std::vector<std::function<double(double)>>{smooth, [](double x) { return x * x; }}, d);
    const auto v = model(u);
    CHECK(gap(model(u, d).values(), v.values()) < 1e-12);
    const auto coarse = model(u, Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 9}));
    for (Index b = 0; b < 2; ++b) {
      for (Index j = 0; j < 9; ++j)
        CHECK(std::abs(coarse.values()(b, j, 0) - v.values()(b, 4 * j, 0)) < 1e-12);
    }
    // On a cloud, u is to be known at the target.
    const Cloud sensors = cloud_of(gauss(20)), others = cloud_of(gauss(7));
    const auto w = model(sample(smooth, sensors), sample(smooth, others));
    CHECK(gap(w.values(), model(sample(smooth, gauss(20)), sample(smooth, gauss(7))).values()) < 1e-12);
    CHECK(gap(model(sample(smooth, sensors), sensors).values(), model(sample(smooth, sensors)).values()) <
          1e-12);
    CHECK_THROWS_AS(model(sample(smooth, sensors), others), std::invalid_argument);
  };
  each(transformer());
  each(transformer<MeasureNorm<>>());
  each(transformer<RotaryPosition<>>());
  each(transformer<outside::MeanAttention<>>());
  each(transformer<Counting>());  // other points than those of u count nothing
}

TEST_CASE("queries in two dimensions") {
  Engine rng(7);
  const auto model = make_transformer<2, MeasureNorm<>>(
      {.channels = 8, .heads = 2, .depth = 2, .frequencies = 2, .length = 0.5}, rng);
  const Plane d({{0.0, 1.0, 9}, {0.0, 1.0, 8}});
  const auto u = sample(smooth2, d);
  CHECK(gap(model(u, d).values(), model(u).values()) < 1e-12);
  const auto coarse = model(u, Plane({{0.0, 1.0, 3}, {0.0, 1.0, 4}}));
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j)
      CHECK(std::abs(coarse.values()(0, i, j, 0) - model(u).values()(0, 4 * i, 2 * j, 0)) < 1e-12);
  }
}

TEST_CASE("counting fails at other points, too") {
  const auto broken = [](const auto& op) {
    const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};
    check_broken(laws::refinement(op, smooth, on_uniform<Trapezoid>(), gauss(160), sizes));
    check_broken(laws::refinement(op, smooth, on_uniform<Simpson>(), gauss(160), sizes));
  };
  const auto counting = transformer<Counting>();
  broken(at(counting, gauss(20)));
  const auto norm = transformer<MeasureNorm<Counting>>();
  broken(at(norm, gauss(20)));
}

TEST_CASE("a loss at the points of its target is cut along the batch, and its points are left whole") {
  Engine rng(5);
  const Line d({0.0, 1.0, 129});
  const auto target = cloud_of(gauss(10));
  const auto u = random_field(d, 7, 1, rng);
  const auto v = random_field(target, 7, 1, rng);
  const auto loss = [](const auto& net, const auto& a, const auto& b) {
    return mean(square((net(a, b.discretization()) - b).values()));
  };
  const auto with_points = [](const auto& net, const auto& a, const auto& points, const auto& b) {
    return mean(square((net(a, points) - b).values()));
  };
  const auto each = [&](const auto& model) {
    const auto cut = value_and_gradient(loss, model, u, v),
               uncut = value_and_gradient(whole(loss), model, u, v);
    const auto beside = value_and_gradient(with_points, model, u, target, v);
    CHECK(cut.value == doctest::Approx(uncut.value).epsilon(1e-12));
    CHECK(beside.value == cut.value);
    const auto& bias = cut.gradient.project.layers.back().bias.value();
    CHECK(bias(0) == doctest::Approx(uncut.gradient.project.layers.back().bias.value()(0)).epsilon(1e-10));
    CHECK(bias(0) == beside.gradient.project.layers.back().bias.value()(0));
    CHECK(bias(0) != 0.0);
  };
  each(transformer());
}
