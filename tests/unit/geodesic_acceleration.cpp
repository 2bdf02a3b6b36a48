// The second-order part of Levenberg-Marquardt's steps: order three where plain steps have two, the same in
// every form of the equations, and the residuals of a problem that it is made from.
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train/gauss_newton.hpp>

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;

namespace {

struct Point {
  Parameter<double> x;
};

Point at(std::vector<double> x) {
  const auto n = static_cast<Index>(x.size());
  return {Parameter<double>(Array<double>({n}, x))};
}

/// r_i = exp(x_i + x_(i+1) / 3) - 1 + x_i^2 / 2, with x_n = x_0: zero at 0, where its slopes are regular.
struct Ring {
  Index rows;

  std::vector<double> residuals(Workspace&, const Point& model) const { return residual(model); }
  double sum_of_squares(Workspace&, const Point& model) const {
    double sum = 0;
    for (double r : residual(model)) sum += r * r;
    return sum;
  }
  void residual_rows(Workspace&, const Point& model, const TakeRows& take) const {
    const auto n = model.x.size();
    const std::vector<double> r = residual(model);
    RowMajor<double> j = RowMajor<double>::Zero(rows, n);
    for (Index i = 0; i < rows; ++i) {
      const double e = power(model, i);
      j(i, i % n) += e + model.x.value()(i % n);
      j(i, (i + 1) % n) += e / 3;
    }
    for (Index i = 0; i < rows; i += 3)
      take({j.data() + i * n, r.data() + i, std::min<Index>(3, rows - i), n});
  }

 private:
  static double power(const Point& model, Index i) {
    const auto& x = model.x.value();
    return std::exp(x(i % x.size()) + x((i + 1) % x.size()) / 3);
  }
  std::vector<double> residual(const Point& model) const {
    std::vector<double> r;
    for (Index i = 0; i < rows; ++i) {
      const double x = model.x.value()(i % model.x.size());
      r.push_back(power(model, i) - 1 + x * x / 2);
    }
    return r;
  }
};

/// The same equations without the third member.
struct Silent {
  Ring ring;
  double sum_of_squares(Workspace& w, const Point& model) const { return ring.sum_of_squares(w, model); }
  void residual_rows(Workspace& w, const Point& model, const TakeRows& take) const {
    ring.residual_rows(w, model, take);
  }
};
static_assert(HasResiduals<Ring, Point> && !HasResiduals<Silent, Point>);

double distance(const Point& model) { return flatten(model).norm(); }

/// The same equations with other residuals in the third member.
struct Spoilt : Silent {
  std::vector<double> wrong;
  std::vector<double> residuals(Workspace&, const Point&) const { return wrong; }
};

using Square = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;
const auto flow = [](const auto& net, const auto& points) {
  const auto u = derivatives<Dx, Dy>(net, points);
  return concatenate(u[Dx{}], u.value() * u[Dy{}]);
};
const auto edge = [](const auto& net, const auto& points) { return values(net, points); };

/// p of e_2 / e_1 = (e_1 / e_0)^p, for steps that are hardly damped.
double order(bool acceleration) {
  Point model = at({0.15, -0.1, 0.05});
  LevenbergMarquardt lm(model, {.damping = 1e-14, .acceleration = acceleration});
  const double e0 = distance(model);
  lm.step(model, Ring{3});
  const double e1 = distance(model);
  lm.step(model, Ring{3});
  const double e2 = distance(model);
  return std::log(e2 / e1) / std::log(e1 / e0);
}

}  // namespace

TEST_CASE("steps with acceleration converge with order three, plain ones with order two") {
  CHECK(std::abs(order(false) - 2) < 0.25);
  CHECK(std::abs(order(true) - 3) < 0.25);
}

TEST_CASE("a problem without residuals takes plain steps, to the bit") {
  Point plain = at({0.15, -0.1, 0.05}), silent = plain, accelerated = plain;
  LevenbergMarquardt(plain, {.acceleration = false}).step(plain, Ring{3});
  LevenbergMarquardt(silent).step(silent, Silent{{3}});
  LevenbergMarquardt(accelerated).step(accelerated, Ring{3});
  CHECK(flatten(plain) == flatten(silent));
  CHECK(flatten(plain) != flatten(accelerated));
}

TEST_CASE("an acceleration that is too long, or NaN, is left out") {
  // r = exp(x) - 1 from far below: the linear step overshoots, and its curvature is larger still.
  struct {
    std::vector<double> residuals(Workspace&, const Point& m) const { return {std::exp(m.x.value()(0)) - 1}; }
    double sum_of_squares(Workspace& w, const Point& m) const { return std::pow(residuals(w, m)[0], 2); }
    void residual_rows(Workspace& w, const Point& m, const TakeRows& take) const {
      const double r = residuals(w, m)[0], j = std::exp(m.x.value()(0));
      take({&j, &r, 1, 1});
    }
  } steep;
  Point plain = at({-1.2}), accelerated = plain;
  LevenbergMarquardt(plain, {.damping = 1e-14, .acceleration = false}).step(plain, steep);
  const StepResult step = LevenbergMarquardt(accelerated, {.damping = 1e-14}).step(accelerated, steep);
  CHECK(step.progress);
  CHECK_FALSE(step.accelerated);
  CHECK(flatten(plain) == flatten(accelerated));

  Point same = at({0.15, -0.1, 0.05}), other = same;
  LevenbergMarquardt(same, {.acceleration = false}).step(same, Ring{3});
  const StepResult nan = LevenbergMarquardt(other).step(other, Spoilt{{{3}}, {NAN, 0, 0}});
  CHECK(nan.progress);
  CHECK_FALSE(nan.accelerated);
  CHECK(flatten(same) == flatten(other));
}

TEST_CASE("where F does not fall at the bent step the plain one is taken") {
  struct Arc {  // r = arctan(x); the third member is wrong, so that the step is bent too far
    double pull = 0;
    static double at(const Point& m) { return std::atan(m.x.value()(0)); }
    std::vector<double> residuals(Workspace&, const Point& m) const { return {at(m) + pull}; }
    double sum_of_squares(Workspace&, const Point& m) const { return at(m) * at(m); }
    void residual_rows(Workspace&, const Point& m, const TakeRows& take) const {
      const double x = m.x.value()(0), r = at(m), j = 1 / (1 + x * x);
      take({&j, &r, 1, 1});
    }
  };
  // The plain step goes from 1.35 to -1.28, and a / 2 = -100 pull / j is -0.3 of its length more.
  Point plain = at({1.35}), bent = plain;
  LevenbergMarquardt(plain, {.damping = 1e-14, .acceleration = false}).step(plain, Arc{});
  const double d = flatten(plain)[0] - 1.35, exact = std::atan(1.35 + 0.1 * d) - std::atan(1.35);
  const double slope = 1 / (1 + 1.35 * 1.35), wanted = -0.6 * d * slope;  // r'', so that a is 0.6 d
  const double pull = wanted * 0.1 * 0.1 / 2 - (exact - 0.1 * slope * d);
  const StepResult step = LevenbergMarquardt(bent, {.damping = 1e-14}).step(bent, Arc{pull});
  CHECK(step.progress);
  CHECK_FALSE(step.accelerated);
  CHECK(step.evaluations == 5);  // rows and sum, residuals, the bent place, the plain one
  CHECK(flatten(bent) == flatten(plain));
}

TEST_CASE("too few residuals are named, and the model and lambda stay") {
  const Point start = at({0.15, -0.1, 0.05});
  Point model = start;
  LevenbergMarquardt lm(model);
  lm.step(model, Ring{3});
  const double damping = lm.damping();
  const auto place = flatten(model);
  const std::string message = support::message_of([&] { lm.step(model, Spoilt{{{3}}, {0, 0}}); });
  CHECK(support::contains(message, "residuals gives 2 numbers, and residual_rows 3 rows"));
  CHECK(flatten(model) == place);
  CHECK(lm.damping() == damping);
}

TEST_CASE("the second solution is the same with kept rows, rows asked for again, and residuals as unknowns") {
  Workspace workspace;
  constexpr Index rows_of_other = 5;
  const auto second = [&](const Ring& ring, GaussNewtonForm form, Index keep) {
    const Point model = at({0.15, -0.1, 0.05, 0.2, 0.1, -0.2, 0.3, 0.1, 0.0});
    detail::NormalEquations<> equations;
    equations.collect(ring, workspace, model, form, "test", keep);
    const Eigen::VectorXd scale = Eigen::VectorXd::LinSpaced(9, 1.0, 2.0);
    const Eigen::VectorXd d = equations.solve(1e-3, scale, workspace.team());
    const auto change = [](Index begin, const auto& r, const auto& slope) -> Eigen::VectorXd {
      return r + 2 * slope + Eigen::VectorXd::Constant(r.size(), static_cast<double>(begin));
    };
    CHECK(equations.rows_kept() == (equations.is_kernel() || ring.rows * 9 <= keep));
    const Eigen::VectorXd result = equations.solve_again(ring, workspace, model, d, change);
    detail::NormalEquations<> assigned;
    assigned.collect(Ring{2}, workspace, model, form, "test", keep);
    assigned = equations;  // copies are empty
    CHECK((assigned.rows() == 0 && !assigned.rows_kept()));
    CHECK(detail::NormalEquations<>(equations).rows() == 0);
    if (!equations.rows_kept()) {
      const std::string message = support::message_of(
          [&] { equations.solve_again(Ring{rows_of_other}, workspace, model, d, change); });
      CHECK(support::contains(message, "residual_rows gives"));
    }
    return result;
  };
  constexpr auto parameters = GaussNewtonForm::parameters, automatic = GaussNewtonForm::automatic;
  for (Index rows : {7, 20}) {  // 20: the form changes after some blocks
    const Ring ring{rows};
    const auto reference = second(ring, parameters, 0);
    const auto close = [&](const Eigen::VectorXd& found, double tolerance) {
      return (found - reference).norm() < tolerance * reference.norm();
    };
    CHECK(close(second(ring, parameters, 1000), 1e-13));
    CHECK(close(second(ring, parameters, rows * 9 - 1), 1e-13));  // one number too large to be kept
    CHECK(close(second(ring, GaussNewtonForm::kernel, 0), 1e-9));
    CHECK(close(second(ring, automatic, 1000), 1e-9));
    CHECK(close(second(ring, automatic, 0), 1e-9));
  }
}

TEST_CASE("an accelerated step is the same in both forms, for any number of threads, and to float's digits") {
  const auto place = [](GaussNewtonForm form) {
    Point model = at({0.15, -0.1, 0.05, 0.2});
    CHECK(LevenbergMarquardt(model, {.form = form}).step(model, Ring{4}).accelerated);
    return flatten(model);
  };
  CHECK((place(GaussNewtonForm::parameters) - place(GaussNewtonForm::kernel)).norm() < 1e-12);

  const Square d({{0.0, 1.0, 21}, {0.0, 1.0, 21}});
  const auto problem = make_problem(term("flow", d, flow), term("edge", boundary(d), edge));
  const auto steps = [&](int threads) {
    Engine engine(1);
    auto net = make_mlp<Tanh>({2, 9, 1}, engine);
    LevenbergMarquardt lm(net);
    Workspace workspace(threads);
    bool accelerated = false;
    for (int k = 0; k < 5; ++k) accelerated |= lm.step(workspace, net, problem).accelerated;
    CHECK(accelerated);
    return flatten(net);
  };
  CHECK(steps(1) == steps(4));

  Engine engine(1);
  auto single = make_mlp<Tanh, float>({2, 9, 1}, engine);
  const auto float_problem = make_problem(term("edge", boundary(d), edge));
  LevenbergMarquardt lm(single);
  for (int k = 0; k < 20; ++k) lm.step(single, float_problem);
  CHECK(losses(float_problem, single).total < 1e-10);
}

TEST_CASE("a problem gives the residuals of its rows, in their order") {
  const Square d({{0.0, 1.0, 21}, {0.0, 1.0, 21}});  // two tiles
  const auto mean = [](const auto& net, const auto& points) { return integrate(values(net, points)) - 0.3; };
  const auto problem = make_problem(term("flow", d, flow), term("edge", boundary(d), edge, {.weight = 7}),
                                    term("mean", d, whole(mean), {.weight = 3}));
  Engine engine(1);
  const auto net = make_mlp<Tanh>({2, 9, 1}, engine);
  Workspace workspace(2);
  std::vector<double> expected;
  problem.residual_rows(workspace, net, [&](const ResidualRows& rows) {
    expected.insert(expected.end(), rows.residual, rows.residual + rows.rows);
  });
  const std::vector<double> found = problem.residuals(workspace, net);
  REQUIRE(found.size() == expected.size());
  double largest = 0, sum = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(found[i] - expected[i]));
    sum += found[i] * found[i];
  }
  CHECK(largest < 1e-14);
  CHECK(std::abs(sum - problem.sum_of_squares(workspace, net)) < 1e-12 * sum);
}
