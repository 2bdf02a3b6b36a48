// Equations with derivatives: exact solutions, gradients, systems, unknown coefficients, one residual for a network and a grid.
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/on_grid.hpp>
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/physics/pino.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train/flat.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

using namespace fredholm;

namespace {

constexpr double nu = 0.1;

const auto burgers = [](const auto& net, const auto& points) {
  const auto u = derivatives<Dt, Dx, Dxx>(net, points);
  return u[Dt{}] + u.value() * u[Dx{}] - nu * u[Dxx{}];
};
/// A front that moves, an exact solution on the line.
const auto front = [](const auto& p) {
  const auto x = channel(p, 0), t = channel(p, 1);
  return 0.5 - tanh(5.0 * (x - 0.5 * t));
};
const auto as_front = [](const auto& net, const auto& points) {
  return values(net, points) - values(front, points);
};

using Inside =
    Discretization<ProductGrid<LegendreGrid<>, UniformGrid<>>, ProductRule<GaussLegendre, Simpson>>;
Inside inside() { return Inside({{-1.0, 1.0, 25}, {0.0, 1.0, 33}}); }

auto problem() {
  const auto d = inside();
  return make_problem(d.box(), term("equation", d, burgers),
                      term("start", initial(d), as_front, {.weight = 10}), term("walls", walls(d), as_front));
}

struct WithViscosity {
  Mlp<Tanh> net;
  Parameter<double> nu;
  auto operator()(const auto& p) const { return net(p); }
};

}  // namespace

TEST_CASE("the loss of an exact solution is zero to round-off, and that of a neighbour is not") {
  const Losses exact = losses(problem(), front);
  for (double integral : exact.integrals) CHECK(integral < 1e-24);
  const auto slower = [](const auto& p) {
    const auto x = channel(p, 0), t = channel(p, 1);
    return 0.5 - tanh(5.0 * (x - 0.49 * t));
  };
  CHECK(losses(problem(), slower)["equation"] > 1e-4);
}

TEST_CASE(
    "gradients of problems with derivatives, by the network and by a coefficient, for any number of threads") {
  const auto viscous = [](const auto& model, const auto& points) {
    const auto u = derivatives<Dt, Dx, Dxx>(model, points);
    return u[Dt{}] + u.value() * u[Dx{}] - model.nu() * u[Dxx{}];
  };
  const auto d = inside();
  const auto both = make_problem(
      term("equation", d, viscous), term("walls", walls(d), as_front, {.weight = 3}),
      data_term("sensors", sample([](double x, double t) { return x * t; }, sobol_points(d.box(), 50))));
  Engine engine(4);
  const WithViscosity model{make_mlp<Tanh>({2, 6, 6, 1}, engine),
                            Parameter<double>(Array<double>::full({1}, 0.3))};
  Workspace one(1);
  const auto result = value_and_gradient(one, both, model);
  const Eigen::VectorXd place = flatten(model), slope = flatten(result.gradient);
  for (int direction = 0; direction < 3; ++direction) {
    Eigen::VectorXd d0 = Eigen::VectorXd::Zero(place.size());
    for (Index i = 0; i < d0.size() && direction > 0; ++i) d0[i] = normal(engine);
    if (direction == 0) d0[d0.size() - 1] = 1;  // the coefficient alone
    d0 /= d0.norm();
    const auto at = [&](double step) {
      auto moved = model;
      assign(moved, place + step * d0);
      return losses(one, both, moved).total;
    };
    const double h = 1e-3;
    const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    CHECK(slope.dot(d0) == doctest::Approx(difference).epsilon(1e-7));
  }
  for (int threads : {2, 3}) {
    Workspace several(threads);
    const auto other = value_and_gradient(several, both, model);
    CHECK(other.value == result.value);
    CHECK(std::memcmp(flatten(other.gradient).data(), slope.data(),
                      static_cast<std::size_t>(slope.size()) * 8) == 0);
  }
}

TEST_CASE("two equations for two unknowns, and a complex field as two real ones") {
  // i h_t + h_xx / 2 = 0 is solved by exp(i (k x - k^2 t / 2)); h = u + i v
  const auto schroedinger = [](const auto& net, const auto& points) {
    const auto h = derivatives<Dt, Dxx>(net, points);
    const auto rate = h[Dt{}], curvature = h[Dxx{}];
    return concatenate(-channel(rate, 1) + 0.5 * channel(curvature, 0),
                       channel(rate, 0) + 0.5 * channel(curvature, 1));
  };
  const auto wave = [](double omega) {
    return [omega](const auto& p) {
      const auto phase = 2.0 * channel(p, 0) - omega * channel(p, 1);
      return concatenate(cos(phase), sin(phase));
    };
  };
  const auto both = make_problem(term("equation", inside(), schroedinger));
  CHECK(losses(both, wave(2.0)).total < 1e-26);
  CHECK(losses(both, wave(2.1)).total ==
        doctest::Approx(0.01 * 2.0).epsilon(1e-10));  // |0.1 h|^2 over the area 2
}

TEST_CASE("the residual of a network serves for a field on a grid, with the derivatives of the grid") {
  using Grid = Discretization<ProductGrid<ChebyshevGrid<>, ChebyshevGrid<>>, ClenshawCurtis>;
  const Grid d({{-1.0, 1.0, 64}, {0.0, 1.0, 32}});
  const auto u = sample([](double x, double t) { return 0.5 - std::tanh(3.0 * (x - 0.4 * t)); }, d);
  const auto moving = [](const auto& p) { return 0.5 - tanh(3.0 * (channel(p, 0) - 0.4 * channel(p, 1))); };
  const auto by_grid = burgers(on_grid(u), d);
  CHECK(distance<Linf>(by_grid, burgers(moving, d)) < 1e-7);
  CHECK(relative_error<L2>(by_grid, burgers(moving, d)) < 1e-8);
  const auto laplace = [](const auto& net, const auto& points) {
    const auto f = derivatives<Laplacian, SpaceLaplacian, Dxt>(net, points);
    return f[Laplacian{}] + 2.0 * f[SpaceLaplacian{}] + f[Dxt{}];
  };
  CHECK(relative_error<L2>(laplace(on_grid(u), d), laplace(moving, d)) < 1e-8);
  // Those below the ones asked for, as of a network.
  const auto third = derivatives<Dxxt>(on_grid(u), d);
  CHECK(relative_error<L2>(third[Dxx{}], derivatives<Dxx>(on_grid(u), d)[Dxx{}]) < 1e-15);
  CHECK(relative_error<L2>(third[Dt{}], derivatives<Dt>(on_grid(u), d)[Dt{}]) < 1e-15);
}
