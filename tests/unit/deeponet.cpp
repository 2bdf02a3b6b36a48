// DeepONets: the formula by hand, shapes, domains of other dimensions, what is refused, and that they learn.
#include <fredholm/fredholm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace fredholm;
using Line = Discretization<UniformGrid<>, Simpson>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;
using Plane = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Trapezoid>;

namespace {

Line line(Index n) { return Line({0.0, 1.0, n}); }
Plane plane() { return Plane({{0.0, 1.0, 4}, {0.0, 2.0, 5}}); }

template <class D>
Field<D, double> random_values(const D& d, Index batch, Index channels, Engine& engine) {
  return {d, normal_array<double>(detail::field_shape(batch, d.shape(), channels), 1.0, engine)};
}

/// A row of numbers through a perceptron with tanh, value by value.
std::vector<double> by_hand(const Mlp<Tanh>& net, std::vector<double> x) {
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    const auto weight = net.layers[l].weight.value();
    const auto bias = net.layers[l].bias.value();
    std::vector<double> y;
    for (Index o = 0; o < weight.shape(1); ++o) {
      double sum = bias(o);
      for (Index i = 0; i < weight.shape(0); ++i)
        sum += (l > 0 ? std::tanh(x[static_cast<std::size_t>(i)]) : x[static_cast<std::size_t>(i)]) *
               weight(i, o);
      y.push_back(sum);
    }
    x = y;
  }
  return x;
}

/// sum_k b_ok t_k(y) + b_o against the model, at all points of the target.
template <class Model, class Target>
void check_sum(const Model& model, const std::vector<std::vector<double>>& branch,
               const Field<Target, double>& v, Index p) {
  const auto& target = v.discretization();
  const Index out = v.channels();
  for (Index b = 0; b < v.batch(); ++b) {
    for (Index j = 0; j < target.size(); ++j) {
      const auto at = target.points().begin() + j * Target::dimension;
      const auto t = by_hand(model.trunk.net, std::vector<double>(at, at + Target::dimension));
      for (Index o = 0; o < out; ++o) {
        double sum = model.bias.value()(o);
        for (Index k = 0; k < p; ++k)
          sum += branch[static_cast<std::size_t>(b)][static_cast<std::size_t>(o * p + k)] *
                 t[static_cast<std::size_t>(k)];
        CHECK(v.values().data()[(b * target.size() + j) * out + o] == doctest::Approx(sum).epsilon(1e-12));
      }
    }
  }
}

template <class Model>
void check_that_it_learns(Model model) {
  const auto d = line(17);
  std::vector<std::function<double(double)>> in, out;
  for (double p : {0.1, 0.4, 0.8, 1.3}) {
    in.emplace_back([p](double x) { return std::sin(3 * x + p); });
    out.emplace_back([p](double x) { return std::cos(3 * x + p); });
  }
  const auto u = sample(in, d), v = sample(out, d);
  const auto loss = [](const auto& net, const auto& a, const auto& b) {
    return relative_error<L2>(net(a), b);
  };
  Workspace workspace(1);
  Adam adam(model, {.learning_rate = 1e-2});
  for (int step = 0; step < 150; ++step)
    adam.step(model, value_and_gradient(workspace, loss, model, u, v).gradient);
  CHECK(static_cast<double>(loss(model, u, v)) < 0.1);
}

}  // namespace

TEST_CASE("with sensors: the sum of the paper, from a line to a plane") {
  Engine engine(1);
  auto model = make_deeponet<1, 2, Tanh>(
      {.in = 2, .out = 3, .sensors = 7, .basis = 5, .width = 6, .branch_depth = 2}, engine);
  model.bias.set(normal_array<double>({3}, 1.0, engine));
  const auto u = random_values(line(7), 2, 2, engine);
  const auto v = model(u, plane());
  CHECK(v.values().shape() == Shape{2, 4, 5, 3});
  std::vector<std::vector<double>> branch;
  for (Index b = 0; b < 2; ++b) {
    const double* from = u.values().data() + b * 14;
    branch.push_back(by_hand(model.branch.net, std::vector<double>(from, from + 14)));
  }
  check_sum(model, branch, v, 5);
}

TEST_CASE("with integrals: from a plane to a line, any points") {
  Engine engine(2);
  const auto model = make_deeponet<2, 1, Integrals, Tanh>(
      {.in = 2, .out = 2, .functions = 3, .basis = 4, .width = 5, .branch_depth = 1}, engine);
  const auto d = plane();
  const auto u = random_values(d, 2, 2, engine);
  const auto v = model(u, Gauss({0.0, 3.0, 6}));
  CHECK(v.values().shape() == Shape{2, 6, 2});
  std::vector<std::vector<double>> branch;
  for (Index b = 0; b < 2; ++b) {
    std::vector<double> c(3, 0.0);
    for (Index j = 0; j < d.size(); ++j) {
      const auto at = d.points().begin() + 2 * j;
      const auto phi = by_hand(model.branch.functions.net, std::vector<double>(at, at + 2));
      for (Index i = 0; i < 2; ++i) {
        for (Index k = 0; k < 3; ++k)
          c[static_cast<std::size_t>(k)] += d.weights()[static_cast<std::size_t>(j)] *
                                            phi[static_cast<std::size_t>(i * 3 + k)] *
                                            u.values().data()[(b * d.size() + j) * 2 + i];
      }
    }
    branch.push_back(by_hand(model.branch.net, c));
  }
  check_sum(model, branch, v, 4);
}

TEST_CASE("a value belongs to a function and a place: neither the batch nor the other points matter") {
  Engine engine(3);
  const auto model = make_deeponet<1, Integrals>({.out = 2}, engine);
  const auto u = random_values(line(9), 3, 1, engine);
  const auto all = model(u, line(21)), few = model(slice_batch(u, 1, 1), line(11));
  for (Index j = 0; j < 11; ++j) {
    for (Index o = 0; o < 2; ++o)
      CHECK(few.values()(0, j, o) == doctest::Approx(all.values()(1, 2 * j, o)).epsilon(1e-13));
  }
  CHECK(model(u).values().shape() == Shape{3, 9, 2});
}

TEST_CASE(
    "with Fourier features of the place: half waves over the length, trunk and learned functions alike") {
  Engine engine(11);
  const auto model =
      make_deeponet<1, 2, Integrals>({.basis = 3, .trunk_depth = 0, .frequencies = 2, .length = 4.0}, engine);
  const auto phi = model.branch.functions(Line({0.0, 4.0, 5}));
  const auto weight = model.branch.functions.net.layers[0].weight.value();
  const auto bias = model.branch.functions.net.layers[0].bias.value();
  CHECK(weight.shape() == Shape{5, 32});
  CHECK(model.trunk.net.layers[0].weight.shape() == Shape{10, 3});
  const double pi = std::acos(-1.0);  // at x = 1: a quarter of the length
  const double x[] = {1.0, std::cos(pi / 4), std::cos(pi / 2), std::sin(pi / 4), std::sin(pi / 2)};
  double sum = bias(0);
  for (Index i = 0; i < 5; ++i) sum += x[i] * weight(i, 0);
  CHECK(phi(1, 0) == doctest::Approx(sum));
}

TEST_CASE("without a hidden layer in the branch the operator is affine") {
  Engine engine(4);
  const auto check = [&](const auto& model) {
    const auto u = random_values(line(9), 1, 1, engine), v = random_values(line(9), 1, 1, engine);
    const auto left = model(0.3 * u + 0.7 * v), right = 0.3 * model(u) + 0.7 * model(v);
    CHECK(static_cast<double>(distance<Linf>(left, right)) < 1e-13);
  };
  check(make_deeponet<1>({.sensors = 9, .branch_depth = 0}, engine));
  check(make_deeponet<1, Integrals>({.branch_depth = 0}, engine));
}

TEST_CASE("what a DeepONet refuses") {
  Engine engine(5);
  const auto model = make_deeponet<1>({.sensors = 9}, engine);
  const auto is_refused = [&](const auto& u, const char* words) {
    try {
      model(u);
      FAIL("nothing was thrown");
    } catch (const std::invalid_argument& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(words) != std::string::npos);
    }
  };
  is_refused(random_values(line(17), 1, 1, engine), "9 sensors of 1 channels was given a field of 17 points");
  is_refused(random_values(line(9), 1, 2, engine), "2 channels");
  is_refused(random_values(line(3), 1, 3, engine), "3 points");  // nine numbers all the same
  const auto of_one = make_deeponet<1, Integrals>({}, engine);
  CHECK_THROWS_AS(of_one(random_values(line(9), 1, 2, engine)), std::invalid_argument);
  CHECK_THROWS_AS(make_deeponet<1>({.sensors = 0}, engine), std::invalid_argument);
  CHECK_THROWS_AS(make_deeponet<1>({.basis = 0}, engine), std::invalid_argument);
  CHECK_THROWS_AS(make_deeponet<1>({.frequencies = -1}, engine), std::invalid_argument);
  CHECK_THROWS_AS(make_deeponet<1>({.branch_depth = -1}, engine), std::invalid_argument);
}

TEST_CASE("in float, and close to the same in double") {
  Engine engine(6);
  const auto model = make_deeponet<1, Integrals, float>({}, engine);
  static_assert(std::is_same_v<std::remove_const_t<decltype(model)>, DeepOnet<1, 1, float, Integrals>>);
  const auto u = random_values(line(9), 2, 1, engine);
  const auto v = cast<double>(model(cast<float>(u)));
  CHECK(static_cast<double>(distance<Linf>(v, cast<double>(model)(u))) < 1e-5);
}

TEST_CASE("they learn") {
  Engine engine(7);
  check_that_it_learns(make_deeponet<1>({.sensors = 17}, engine));
  check_that_it_learns(make_deeponet<1, Integrals>({}, engine));
}
