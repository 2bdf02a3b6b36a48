// A layer, a grid and a rule of a user's, outside of the library's namespace, in a model with a gradient.
#include <fredholm/fredholm.hpp>
#include <fredholm/laws/gradient.hpp>
#include <fredholm/laws/invariance.hpp>
#include <fredholm/laws/quadrature.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace outside {

using fredholm::AnyField;
using fredholm::Index;

template <class Scalar = double>
struct Residual {
  fredholm::Linear<Scalar> inner;
  auto operator()(const AnyField auto& u) const { return u + gelu(inner(u)); }
};

/// Points that crowd at the left end: x_i = (i / (n - 1))^2.
class SquareGrid {
 public:
  static constexpr Index dimension = 1;
  explicit SquareGrid(Index n) : n_(n) {}
  Index size() const { return n_; }
  fredholm::Box<1> box() const { return fredholm::Box<1>(fredholm::Interval{0.0, 1.0}); }
  std::vector<double> points() const {
    std::vector<double> x;
    for (Index i = 0; i < n_; ++i) {
      const long double t = static_cast<long double>(i) / static_cast<long double>(n_ - 1);
      x.push_back(static_cast<double>(t * t));
    }
    return x;
  }
  friend bool operator==(const SquareGrid&, const SquareGrid&) = default;

 private:
  Index n_;
};

/// Simpson's rule in t, where x = t^2: w_i = s_i 2 t_i.
struct SquareSimpson {
  template <class Grid>
  static constexpr bool legal = std::is_same_v<Grid, SquareGrid>;
  static constexpr int order = 4;
  static Index degree(Index) { return 1; }
  std::vector<double> weights(const auto& grid) const {
    const Index n = grid.size();
    const long double h = 1.0L / static_cast<long double>(n - 1);
    std::vector<double> w;
    for (Index i = 0; i < n; ++i) {
      const long double simpson = i == 0 || i == n - 1 ? h / 3 : i % 2 == 1 ? 4 * h / 3 : 2 * h / 3;
      w.push_back(static_cast<double>(simpson * 2 * static_cast<long double>(i) * h));
    }
    return w;
  }
  friend bool operator==(const SquareSimpson&, const SquareSimpson&) = default;
};

struct Model {
  fredholm::Transformer<1> transformer;
  Residual<> last;
  auto operator()(const AnyField auto& u) const { return last(transformer(u)); }
};

}  // namespace outside

using namespace fredholm;
using Own = Discretization<outside::SquareGrid, outside::SquareSimpson>;

namespace {

outside::Model make_model() {
  Engine engine(1);
  auto transformer = make_transformer<1>({.channels = 4, .heads = 2, .depth = 1}, engine);
  return {std::move(transformer), {make_linear(1, 1, engine)}};
}
double smooth(double x) { return std::exp(x) * std::sin(3 * x) + 0.3; }

template <class R>
void check(const R& report) {
  INFO(report.message());
  CHECK(report.passed());
}

}  // namespace

TEST_CASE("the grid and the rule are an integral") {
  check(laws::quadrature<outside::SquareSimpson>(
      [](Index n) { return outside::SquareGrid(n % 2 == 0 ? n + 1 : n); }));
}

TEST_CASE("a model with a layer of one's own has its gradient, on a grid of one's own") {
  const auto model = make_model();
  const auto u = sample(smooth, Own(outside::SquareGrid(13)));
  check(laws::gradient(model, u));
  auto loss = [](const auto& net, const auto& v) { return norm<L2>(net(v)); };
  auto moving = model;
  Adam adam(moving, {.learning_rate = 1e-2});
  const double before = value_and_gradient(loss, moving, u).value;
  for (int step = 0; step < 20; ++step) adam.step(moving, value_and_gradient(loss, moving, u).gradient);
  CHECK(value_and_gradient(loss, moving, u).value < before);
  int names = 0;
  for_each_parameter(model,
                     [&](const std::string& path, const auto&) { names += path == "last.inner.weight"; });
  CHECK(names == 1);
}

TEST_CASE("and is one operator on it and on Gauss's points") {
  const auto model = make_model();
  const Discretization<LegendreGrid<>, GaussLegendre> reference({0.0, 1.0, 80});
  const auto make = [](Index n) { return Own(outside::SquareGrid(n)); };
  const auto report =
      laws::refinement(model, smooth, make, reference, {.sizes = {65, 129, 257}, .tolerance = 0.3});
  check(report);
}
