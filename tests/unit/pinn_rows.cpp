// The rows of a problem: their squares are the loss, their product the gradient; Levenberg-Marquardt solves Poisson's equation.
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train/gauss_newton.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;

namespace {

constexpr double pi = std::numbers::pi;
using Square = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;

const auto exact = [](const auto& p) { return sin(pi * channel(p, 0)) * sin(pi * channel(p, 1)); };
const auto poisson = [](const auto& net, const auto& points) {
  const auto u = derivatives<Laplacian>(net, points);
  return u[Laplacian{}] + 2 * pi * pi * values(exact, points);
};
const auto zero = [](const auto& net, const auto& points) { return values(net, points); };

Square square(Index n) { return Square({{0.0, 1.0, n}, {0.0, 1.0, n}}); }

auto network(Index width) {
  Engine engine(1);
  return make_mlp<Tanh>({2, width, 1}, engine);
}

/// Zero on the boundary, whatever the network.
struct Clamped {
  Mlp<Tanh> net;
  auto operator()(const auto& p) const {
    const auto x = channel(p, 0), y = channel(p, 1);
    return x * (1.0 - x) * y * (1.0 - y) * net(p);
  }
};

struct Rows {
  Eigen::VectorXd residual, gradient;
  std::vector<Index> blocks;
};
/// r and 2 J^T r
template <class Problem, class Model>
Rows rows_of(Workspace& workspace, const Problem& problem, const Model& model) {
  Rows result;
  std::vector<double> r;
  result.gradient = Eigen::VectorXd::Zero(count_trained(model));
  problem.residual_rows(workspace, model, [&](const ResidualRows& block) {
    r.insert(r.end(), block.residual, block.residual + block.rows);
    result.blocks.push_back(block.rows);
    for (Index i = 0; i < block.rows; ++i) {
      for (Index p = 0; p < block.parameters; ++p)
        result.gradient[p] += 2 * block.residual[i] * block.jacobian[i * block.parameters + p];
    }
  });
  result.residual = Eigen::Map<const Eigen::VectorXd>(r.data(), static_cast<Index>(r.size()));
  return result;
}

}  // namespace

TEST_CASE("the squares of the rows add up to the loss, and J^T r is half the gradient") {
  const auto mean = [](const auto& net, const auto& points) { return integrate(values(net, points)) - 0.3; };
  const auto two = [](const auto& net, const auto& points) {
    const auto u = derivatives<Dx, Dy>(net, points);
    return concatenate(u[Dx{}], u.value() * u[Dy{}]);
  };
  const auto d = square(21);  // 441 points, two tiles
  auto problem = make_problem(
      term("poisson", d, poisson), term("walls", boundary(square(5)), zero, {.weight = 7}),
      term("mean", square(4), whole(mean), {.weight = 2}), term("two", square(3), two),
      term("whole", square(3), whole(two)),
      data_term("data", sample([](double x, double y) { return x - y; }, sobol_points(d.box(), 9))));
  std::get<0>(problem.terms).factors.assign(441, 0.5);
  std::get<0>(problem.terms).factors[400] = 0.0;
  auto net = network(5);
  net.layers.front().bias.set_frozen(true);
  Workspace workspace(2);
  const Rows rows = rows_of(workspace, problem, net);
  CHECK(rows.blocks == std::vector<Index>{220, 221, 20, 1, 18, 18, 9});
  const auto result = value_and_gradient(workspace, problem, net);
  CHECK(rows.residual.squaredNorm() == doctest::Approx(result.value).epsilon(1e-12));
  CHECK(problem.sum_of_squares(workspace, net) == doctest::Approx(result.value).epsilon(1e-12));
  const Eigen::VectorXd gradient = flatten_gradient(net, result.gradient);
  REQUIRE(rows.gradient.size() == gradient.size());
  CHECK((rows.gradient - gradient).norm() < 1e-11 * gradient.norm());
  Workspace one(1), three(3);
  CHECK(rows_of(one, problem, net).gradient == rows.gradient);
  CHECK(rows_of(three, problem, net).residual == rows.residual);
}

TEST_CASE("weights below 0 are no least squares, and the term is named") {
  const Discretization<UniformGrid<>, Given> d({0.0, 1.0, 3}, {{1.0, -0.5, 1.0}});
  const auto problem = make_problem(term("bad", d, zero));
  Engine engine(1);
  const auto net = make_mlp<Tanh>({1, 3, 1}, engine);
  Workspace workspace(1);
  CHECK(contains(message_of([&] { rows_of(workspace, problem, net); }),
                 "term \"bad\": the weight of point 1 of tile 0 is -0.5"));
  CHECK(contains(message_of([&] { losses(workspace, problem, net); }), "point 1 of tile 0 is -0.5"));
  CHECK(contains(message_of([&] { value_and_gradient(workspace, problem, net); }),
                 "point 1 of tile 0 is -0.5"));
}

TEST_CASE("Levenberg-Marquardt solves Poisson's equation") {
  const auto inside = square(12);
  auto problem = make_problem(inside.box(), term("equation", inside, poisson));
  Clamped net{network(32)};
  // Errors below 3e-6 from the seeds 1 to 4; damped by the diagonal 3e-6 to 5e-5 in as many steps.
  LevenbergMarquardt lm(net, {.marquardt = false});
  const SolveHistory history = solve(problem, net, lm, {.steps = 150, .tolerance = 1e-9, .quiet = true});
  const auto fine = square(30);
  MESSAGE(history.ended << " after " << history.steps << " steps, loss " << history.loss
                        << ", relative error "
                        << relative_error<L2>(values(net, fine), values(exact, fine)).value());
  CHECK(relative_error<L2>(values(net, fine), values(exact, fine)) < 1e-5);
}
