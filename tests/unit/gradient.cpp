// value_and_gradient: the same for any number of threads and tiles, and nothing is lost without a word.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;

Line line() { return Line({0.0, 1.0, 65}); }

Field<Line, double> batch(Index samples, std::uint64_t seed, Index channels = 1) {
  Engine engine(seed);
  return {line(), normal_array<double>({samples, 65, channels}, 1.0, engine)};
}

auto small_transformer() {
  Engine engine(5);
  return make_transformer<1>({.channels = 8, .heads = 2, .depth = 1}, engine);
}
auto small_mlp(Index in = 1) {
  Engine engine(6);
  return make_mlp<Tanh>({in, 6, 1}, engine);
}

const auto l2_loss = [](const auto& model, const auto& u, const auto& v) {
  return relative_error<L2>(model(u), v);
};

template <class Model>
bool same_bits(const Model& a, const Model& b) {
  bool same = true;
  zip_parameters(a, b, [&](const auto& x, const auto& y) {
    same = same && std::memcmp(x.value().data(), y.value().data(),
                               static_cast<std::size_t>(x.size()) * sizeof(*x.value().data())) == 0;
  });
  return same;
}
template <class Model>
double gap(const Model& a, const Model& b) {
  double largest = 0;
  zip_parameters(a, b, [&](const auto& x, const auto& y) {
    for (Index i = 0; i < x.size(); ++i)
      largest = std::max(largest, std::abs(x.value().data()[i] - y.value().data()[i]));
  });
  return largest;
}
template <class Model>
double largest(const Model& a) {
  double most = 0;
  for_each_parameter(a, [&](const auto& x) {
    for (Index i = 0; i < x.size(); ++i) most = std::max(most, std::abs(x.value().data()[i]));
  });
  return most;
}

/// The words of the logic_error that a call throws.
template <class F>
std::string words(F f) {
  try {
    f();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}
bool says(const std::string& text, const char* part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

struct CopiesItsLayers {
  std::vector<Linear<>> layers;
  auto operator()(auto u) const {
    for (auto layer : layers) u = layer(u);
    return u;
  }
};
struct HidesALayer {
  Linear<> open;
  std::unique_ptr<Linear<>> hidden;
  auto operator()(const auto& u) const { return (*hidden)(open(u)); }
  HidesALayer(Linear<> a, Linear<> b)
      : open(std::move(a)), hidden(std::make_unique<Linear<>>(std::move(b))) {}
  HidesALayer(const HidesALayer& other)
      : open(other.open), hidden(std::make_unique<Linear<>>(*other.hidden)) {}
  static void visit(auto& self, auto&& f) { f("open", self.open); }
};

}  // namespace

TEST_CASE("the same to the bit for any number of threads") {
  const auto model = small_transformer();
  const auto u = batch(37, 1), v = batch(37, 2);
  Workspace one(1);
  const auto [value, gradient] = value_and_gradient(one, l2_loss, model, u, v);
  CHECK(largest(gradient) > 0);
  for (int threads : {2, 3, 5}) {
    Workspace workspace(threads);
    for (int step = 0; step < 2; ++step) {
      const auto again = value_and_gradient(workspace, l2_loss, model, u, v);
      CHECK(again.value == value);
      CHECK(same_bits(again.gradient, gradient));
    }
  }
}

TEST_CASE("tiles and the whole agree") {
  const auto model = small_transformer();
  const auto u = batch(37, 1), v = batch(37, 2);
  const auto tiles = value_and_gradient(l2_loss, model, u, v);
  const auto all = value_and_gradient(whole(l2_loss), model, u, v);
  CHECK(std::abs(tiles.value - all.value) < 1e-13);
  CHECK(gap(tiles.gradient, all.gradient) < 1e-13 * (1 + largest(all.gradient)));
}

TEST_CASE("terms of a large leaf that wait for all lanes") {
  // 4 samples a tile keep 2048 coefficients each way, a quarter of the weights: of the two terms of a tile one waits
  // and one does not. 8 samples (the whole) keep too many.
  Engine engine(7);
  const Discretization<PeriodicGrid<>, Trapezoid> circle({0.0, 1.0, 64});
  const Field u(circle, normal_array<double>({8, 64, 1}, 1.0, engine));
  const Field v(circle, normal_array<double>({8, 64, 1}, 1.0, engine));
  const auto model = make_fno<1>({.channels = 32, .modes = 8, .depth = 2}, engine);
  const auto twice = [](const auto& m, const auto& in, const auto& out) {
    const auto& r = m.blocks[0].spectral.weight();  // has terms at once, too
    return relative_error<L2>(m(m(in)), out) + mean(r * r);
  };
  const auto all = value_and_gradient(whole(twice), model, u, v);
  Workspace one(1);
  const auto tiles = value_and_gradient(one, twice, model, u, v);
  CHECK(gap(tiles.gradient, all.gradient) < 1e-13 * (1 + largest(all.gradient)));
  for (int threads : {1, 2, 3}) {
    Workspace workspace(threads);
    for (int step = 0; step < 2; ++step)
      CHECK(same_bits(value_and_gradient(workspace, twice, model, u, v).gradient, tiles.gradient));
  }
  CHECK_THROWS(value_and_gradient(
      one,
      [&](const auto& m, const auto& in, const auto& out) {
        twice(m, in, out);
        throw std::runtime_error("");
        return twice(m, in, out);
      },
      model, u, v));
  CHECK(same_bits(value_and_gradient(one, twice, model, u, v).gradient, tiles.gradient));
  const auto taken = one.taken_from_system();
  CHECK(same_bits(value_and_gradient(one, twice, model, u, v).gradient, tiles.gradient));
  CHECK(one.taken_from_system() == taken);
}

TEST_CASE("a batch of 1 is shared, other batches do not go together") {
  const auto model = small_mlp();
  const auto u = batch(20, 1), one = batch(1, 2);
  const auto shared = value_and_gradient(l2_loss, model, u, one);
  const auto all = value_and_gradient(whole(l2_loss), model, u, one);
  CHECK(std::abs(shared.value - all.value) < 1e-13);
  CHECK(gap(shared.gradient, all.gradient) < 1e-12);
  CHECK_THROWS_AS(value_and_gradient(l2_loss, model, u, batch(19, 2)), std::invalid_argument);
}

TEST_CASE("arrays are cut along their first axis") {
  Engine engine(3);
  const auto model = small_mlp(3);
  const Array<double> x = normal_array<double>({1001, 3}, 1.0, engine);
  const auto loss = [](const auto& net, const Array<double>& rows) { return mean(square(net(rows))); };
  const auto tiles = value_and_gradient(loss, model, x);
  const auto all = value_and_gradient(whole(loss), model, x);
  CHECK(std::abs(tiles.value - all.value) < 1e-12);
  CHECK(gap(tiles.gradient, all.gradient) < 1e-12);
}

TEST_CASE("points cut into clouds add up to the whole") {
  const auto model = small_mlp(2);
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Simpson> points(
      {{0.0, 1.0, 41}, {0.0, 2.0, 43}});
  const auto loss = [](const auto& net, const auto& d) {
    return integrate(square(net(coordinates<double>(d))));
  };
  const auto all = value_and_gradient(whole(loss), model, points);
  Workspace one(1), three(3);
  const auto tiles = value_and_gradient(one, loss, model, points);
  CHECK(std::abs(tiles.value - all.value) < 1e-13 * (1 + std::abs(all.value)));
  CHECK(gap(tiles.gradient, all.gradient) < 1e-12 * (1 + largest(all.gradient)));
  CHECK(same_bits(value_and_gradient(three, loss, model, points).gradient, tiles.gradient));
}

TEST_CASE("a layer may sample coordinates, and a loss may hold fields of its own") {
  const auto model = small_mlp(2);
  const auto u = batch(1, 1), target = batch(1, 2);
  const auto loss = [&](const auto& net, const auto& v) {
    const auto x = net(CoordinateEmbedding{}(v));
    const auto y =
        net(v.with(concatenate(v.values(), sample([](double t) { return t; }, v.discretization()).values())));
    return distance<L2>(x + y, target);
  };
  const auto twice = [&](const auto& net, const auto& v) {
    return distance<L2>(2.0 * net(CoordinateEmbedding{}(v)), target);
  };
  const auto a = value_and_gradient(loss, model, u), b = value_and_gradient(twice, model, u);
  CHECK(std::abs(a.value - b.value) < 1e-14);
  CHECK(largest(b.gradient) > 0);
  CHECK(gap(a.gradient, b.gradient) < 1e-13);
}

TEST_CASE("a copy of a layer is not in the model") {
  Engine engine(1);
  const CopiesItsLayers model{{make_linear(1, 2, engine), make_linear(2, 1, engine)}};
  const auto loss = [](const auto& net, const auto& u) { return norm<L2>(net(u)); };
  CHECK(
      says(words([&] { value_and_gradient(loss, model, batch(2, 1)); }), "for (const auto& layer : layers)"));
}

TEST_CASE("a parameter that the walk does not reach throws") {
  Engine engine(1);
  const HidesALayer model(make_linear(1, 2, engine), make_linear(2, 1, engine));
  const auto loss = [](const auto& net, const auto& u) { return norm<L2>(net(u)); };
  CHECK(says(words([&] { value_and_gradient(loss, model, batch(2, 1)); }), "is not in the model"));
  const Linear<> captured = make_linear(1, 1, engine);
  const auto other = [captured](const auto& net, const auto& u) { return norm<L2>(captured(net(u))); };
  CHECK(says(words([&] { value_and_gradient(other, small_mlp(), batch(2, 1)); }), "say detach(model)"));
}

TEST_CASE("detach: a teacher is a constant, and a gradient stops") {
  const auto student = small_mlp();
  const auto teacher = detach(small_mlp());
  const auto u = batch(3, 1);
  const auto loss = [&](const auto& net, const auto& v) { return norm<L2>(2.0 * net(v) - teacher(v)); };
  const auto target = teacher(u);
  const auto same = [](const auto& net, const auto& v, const auto& t) { return norm<L2>(2.0 * net(v) - t); };
  CHECK(gap(value_and_gradient(loss, student, u).gradient,
            value_and_gradient(same, student, u, target).gradient) < 1e-15);
  const auto frozen = value_and_gradient(same, teacher, u, target);
  CHECK(largest(frozen.gradient) == 0);
  const auto stopped = [](const auto& net, const auto& v) { return norm<L2>(detach(net(v))); };
  const auto none_left = value_and_gradient(stopped, student, u);
  CHECK(none_left.value > 0);
  CHECK(largest(none_left.gradient) == 0);
}

TEST_CASE("what would lose a gradient throws, and everything can be used afterwards") {
  const auto model = small_mlp();
  const auto u = batch(40, 1);
  const auto loss = [](const auto& net, const auto& v) { return norm<L2>(net(v)); };
  for (int threads : {1, 3}) {
    Workspace workspace(threads);
    const auto before = value_and_gradient(workspace, loss, model, u);
    const auto thrown = [&](const auto& bad) {
      return words([&] { value_and_gradient(workspace, bad, model, u); });
    };

    CHECK(says(thrown([&](const auto& net, const auto& v) {
                 const auto inner = value_and_gradient(loss, net, v);
                 return norm<L2>(net(v)) + inner.value;
               }),
               "tapes do not nest"));
    CHECK(says(thrown([](const auto& net, const auto& v) {
                 return Number<double>(static_cast<double>(norm<L2>(net(v))));
               }),
               "number on the tape"));
    CHECK(says(thrown([](const auto& net, const auto& v) {
                 const auto y = net(v);
                 return norm<L2>(y) + y.values()(0, 0, 0);
               }),
               "array on the tape"));
    CHECK_THROWS_AS(value_and_gradient(
                        workspace,
                        [](const auto& net, const auto& v) {
                          const auto y = net(v);
                          return norm<L2>(y) + y.array()(0, 0, 0);
                        },
                        model, u),
                    std::logic_error);
    CHECK(says(thrown([](const auto& net, const auto& v) {
                 const auto y = net(v);
                 if (y.points() > 0) throw std::logic_error("a loss of one's own");
                 return norm<L2>(y);
               }),
               "a loss of one's own"));
    CHECK_FALSE(recording());

    const auto after = value_and_gradient(workspace, loss, model, u);
    CHECK(after.value == before.value);
    CHECK(same_bits(after.gradient, before.gradient));
  }
}

TEST_CASE("a value that outlived its tile or its call is no constant") {
  const auto model = small_mlp();
  const auto u = batch(40, 1);
  Workspace workspace(1);
  Array<double> kept;
  bool first = true;
  const auto loss = [&](const auto& net, const auto& v) {
    const auto y = net(v);
    if (first) {
      kept = y.values();
      first = false;
      return norm<L2>(y);
    }
    return norm<L2>(y) + mean(kept);
  };
  CHECK(says(words([&] { value_and_gradient(workspace, loss, model, u); }), "another tape"));  // another tile
  CHECK(says(words([&] { value_and_gradient(workspace, loss, model, batch(1, 1)); }),
             "another tape"));  // another call
  const auto detached = [&](const auto& net, const auto& v) { return norm<L2>(net(v)) + mean(detach(kept)); };
  CHECK_NOTHROW(value_and_gradient(workspace, detached, model, u));
}

TEST_CASE("in the steady state no memory comes from the system") {
  auto model = small_transformer();
  const auto u = batch(37, 1), v = batch(37, 2);
  const auto taken_after = [&](int threads, int steps) {
    Workspace workspace(threads);
    Adam adam(model, {.learning_rate = 1e-3});
    for (int step = 0; step < steps; ++step) {
      auto [value, gradient] = value_and_gradient(workspace, l2_loss, model, u, v);
      adam.step(model, gradient);
    }
    return workspace.taken_from_system();
  };
  const auto taken = taken_after(1, 2);
  CHECK(taken > 0);
  CHECK(taken_after(1, 6) == taken);
  // How many lanes are at work at once, and how many gradients wait for their turn, is a matter of luck.
  CHECK(taken_after(2, 200) <= 2 * taken + static_cast<std::size_t>(Workspace::max_lanes));
}

TEST_CASE("an array that is written to is copied first if it is shared") {
  Array<double> a = Array<double>::full({3}, 1.0);
  const double* place = a.data();
  CHECK(a.mutable_data() == place);
  const Array<double> b = a;
  CHECK(b.data() == a.data());
  a.mutable_data()[0] = 2.0;
  CHECK(b(0) == 1.0);
  CHECK(a(0) == 2.0);
  CHECK(b.data() == place);
  const Array<double> rows = slice_batch(a.reshaped({3, 1}), 1, 2);
  CHECK(rows.data() == a.data() + 1);  // shared
  a.mutable_data()[1] = 5.0;
  CHECK(rows(0, 0) == 1.0);
  auto model = small_mlp();
  const auto before = model;
  model.layers[0].bias.mutable_data()[0] += 1.0;
  CHECK(gap(model, before) == doctest::Approx(1.0));
}

TEST_CASE("vjp: parameters are constants, shapes are checked") {
  const auto model = small_mlp();
  const auto u = batch(2, 1);
  const auto v = batch(2, 2);
  const auto a = vjp(model, u, v);
  CHECK(a.values().shape() == u.values().shape());
  CHECK(std::abs(vjp([](const auto& f) { return 3.0 * f; }, u, v).values()(0, 3, 0) -
                 3.0 * v.values()(0, 3, 0)) < 1e-15);
  CHECK_THROWS_AS(vjp(model, u, batch(3, 2)), std::invalid_argument);
}

TEST_CASE("a workspace serves models of different sizes in turn") {
  // As many parameters in each, of other sizes: a lane that sat out a call must not keep the other's layout.
  struct Model {
    Parameter<double> weight, bias;
  };
  Engine engine(3);
  const auto make = [&engine](Index width) {
    return Model{Parameter<double>(normal_array<double>({1, width}, 1.0, engine)),
                 Parameter<double>(normal_array<double>({width}, 1.0, engine))};
  };
  const auto loss = [](const auto& m, const auto& x) {
    return mean(square(linear(x, m.weight(), m.bias())));
  };
  const Array<double> many = normal_array<double>({4000, 1}, 1.0, engine);
  const Array<double> few = normal_array<double>({2, 1}, 1.0, engine);
  Workspace kept(2);
  const Model small = make(2);
  const Model large = make(500);
  (void)value_and_gradient(kept, loss, small, many);
  (void)value_and_gradient(kept, loss, large, few);
  const auto result = value_and_gradient(kept, loss, large, many);
  const auto fresh = value_and_gradient(loss, large, many);
  CHECK(result.value == fresh.value);
  CHECK(std::equal(result.gradient.weight.value().data(), result.gradient.weight.value().data() + 500,
                   fresh.gradient.weight.value().data()));
}

namespace {

struct OneWeight {
  Parameter<double> p;
};

}  // namespace

TEST_CASE("weights that come from a parameter have no gradient, and say so") {
  const OneWeight model{Parameter<double>(Array<double>::full({3}, 1.0))};
  Engine engine(1);
  const auto x = normal_array<double>({1, 3, 2}, 1.0, engine);
  const auto with = [&](const auto& f) {
    return value_and_gradient([&](const auto& m) { return sum(f(m.p())); }, model);
  };
  CHECK_THROWS_AS(with([&](const auto& w) { return weighted_sum(x, w); }), std::logic_error);
  CHECK_THROWS_AS(with([&](const auto& w) { return attention(x, x, x, exp(w), 1); }), std::logic_error);
  CHECK_THROWS_AS(with([&](const auto& w) { return attention_pool(x, x, w); }), std::logic_error);
  CHECK_THROWS_AS(with([&](const auto& w) {
                    const auto ones = Array<double>::full({2}, 1.0);
                    return measure_norm(x, w, ones, ones, 1e-5);
                  }),
                  std::logic_error);
}

TEST_CASE("predict in a loss would lose the gradient on its threads") {
  const auto model = small_mlp();
  const auto u = sample([](double x) { return x; }, Line({0.0, 1.0, 9}));
  CHECK_THROWS_AS(
      value_and_gradient([](const auto& m, const auto& v) { return mean(predict(m, v).values()); }, model, u),
      std::logic_error);
}

TEST_CASE("tapes do not nest, whichever thread they run on") {
  const auto model = small_mlp();
  const auto u = sample([](double x) { return x; }, Line({0.0, 1.0, 9}));
  const auto inner = [](const auto& m, const auto& v) { return mean(m(v).values()); };
  Workspace other(4);
  for (int i = 0; i < 50; ++i) {
    CHECK_THROWS_AS(value_and_gradient(
                        [&](const auto& m, const auto& v) {
                          static_cast<void>(value_and_gradient(other, inner, model, u));
                          return inner(m, v);
                        },
                        model, u),
                    std::logic_error);
  }
}

TEST_CASE("an array on the tape is not written to") {
  const OneWeight model{Parameter<double>(Array<double>::full({3}, 1.0))};
  CHECK_THROWS_AS(value_and_gradient(
                      [](const auto& m) {
                        auto y = 2.0 * m.p();
                        y.mutable_data()[0] = 0.0;
                        return sum(y);
                      },
                      model),
                  std::logic_error);
}

TEST_CASE("shapes that do not fit are refused before anything is read") {
  const auto zeros = [](Shape shape) { return Array<double>::zeros(shape); };
  const auto scalar = sum(zeros({4}), 0);
  CHECK(scalar.rank() == 0);
  CHECK_THROWS_AS(stack(std::vector{scalar, scalar}), std::invalid_argument);
  CHECK_THROWS_AS(slice_channels(scalar, 0, 1), std::invalid_argument);
  CHECK_THROWS_AS(concatenate(scalar, scalar), std::invalid_argument);
  CHECK_THROWS_AS(concatenate(zeros({2, 3, 4, 1}), zeros({2, 6, 2, 1})), std::invalid_argument);
  CHECK(concatenate(zeros({0, 3, 1}), zeros({1, 3, 2})).shape() == Shape{0, 3, 3});
  CHECK_THROWS_AS(linear(zeros({2, 3}), zeros({3, 64}), zeros({1})), std::invalid_argument);
  CHECK_THROWS_AS(layer_norm(zeros({2, 3}), zeros({3}), zeros({1}), 1e-5), std::invalid_argument);
  CHECK_THROWS_AS(zeros({4}).reshaped({-2, -2}), std::invalid_argument);
  CHECK_THROWS_AS(zeros({-3}), std::invalid_argument);
  CHECK_THROWS_AS(zeros({1L << 40, 1L << 40}), std::invalid_argument);
}

TEST_CASE("a variance that negative weights made negative is a constant") {
  const OneWeight model{Parameter<double>(Array<double>({1, 3, 1}, std::vector<double>{0.0, 1.0, 0.3}))};
  const Array<double> weights({3}, std::vector<double>{2.0, -1.0, 0.5});
  const Array<double> one = Array<double>::full({1}, 1.0), c({1, 3, 1}, std::vector<double>{1.0, 2.0, -1.0});
  const auto loss = [&](const auto& m) { return sum(c * measure_norm(m.p(), weights, one, one, 1e-2)); };
  const auto gradient = value_and_gradient(loss, model).gradient.p.value();
  for (Index i = 0; i < 3; ++i) {
    auto above = model, below = model;
    const double h = 1e-6;
    above.p.mutable_data()[i] += h, below.p.mutable_data()[i] -= h;
    const double slope = static_cast<double>(loss(above) - loss(below)) / (2 * h);
    CHECK(gradient(0, i, 0) == doctest::Approx(slope).epsilon(1e-6));
  }
}
