// Levenberg-Marquardt and the energy natural gradient: the normal equations of a linear problem in one step, quadratic
// convergence, both forms of the equations, and that they go on to the bit from a file.
#include <fredholm/train/checkpoint.hpp>
#include <fredholm/train/gauss_newton.hpp>
#include <fredholm/train/natural_gradient.hpp>

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;

namespace {

struct Point {
  Parameter<double> x;
  Parameter<double> rest{Array<double>({2}, {7.0, 8.0})};

  explicit Point(Index n) : x(Shape{n}) { rest.set_frozen(true); }
  static void visit(auto& self, auto&& f) {
    f("x", self.x);
    f("rest", self.rest);
  }
};

Point at(const Eigen::VectorXd& x) {
  Point point(x.size());
  assign(point, x);
  return point;
}

Eigen::VectorXd vector(std::initializer_list<double> values) {
  Eigen::VectorXd result(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

/// Residuals and their rows from a function of vectors, in blocks.
struct Problem {
  std::function<void(const Eigen::VectorXd& x, Eigen::VectorXd& r, RowMajor<double>& j)> function;
  Index rows;
  Index block = 16;

  double sum_of_squares(Workspace&, const Point& model) const {
    const Eigen::VectorXd x = flatten(model);
    Eigen::VectorXd r(rows);
    RowMajor<double> j(rows, x.size());
    function(x, r, j);
    return r.squaredNorm();
  }
  void residual_rows(Workspace&, const Point& model, const TakeRows& take) const {
    const Eigen::VectorXd x = flatten(model);
    Eigen::VectorXd r(rows);
    RowMajor<double> j(rows, x.size());
    function(x, r, j);
    for (Index i = 0; i < rows; i += block)
      take({j.data() + i * x.size(), r.data() + i, std::min(block, rows - i), x.size()});
  }
};
static_assert(AnyLeastSquares<Problem, Point>);
static_assert(!AnyLeastSquares<Problem, int>);

/// r = A x - b with random numbers.
Problem linear(Index rows, Index columns) {
  std::mt19937_64 rng(11);
  std::normal_distribution<double> normal;
  const auto draw = [&] { return normal(rng); };
  const RowMajor<double> a = RowMajor<double>::NullaryExpr(rows, columns, draw);
  const Eigen::VectorXd b = Eigen::VectorXd::NullaryExpr(rows, draw);
  return {[a, b](const auto& x, auto& r, auto& j) {
            r = a * x - b;
            j = a;
          },
          rows};
}

/// A exp(-B t) + C at times t, against exact values for (2, 1.5, 0.5).
Problem exponential(Index rows = 40) {
  return {[rows](const auto& x, auto& r, auto& j) {
            for (Index i = 0; i < rows; ++i) {
              const double t = 3.0 * static_cast<double>(i) / static_cast<double>(rows);
              const double e = std::exp(-x[1] * t);
              r[i] = x[0] * e + x[2] - (2 * std::exp(-1.5 * t) + 0.5);
              j.row(i) << e, -x[0] * t * e, 1;
            }
          },
          rows};
}
const Eigen::VectorXd solution = vector({2, 1.5, 0.5});

/// sin and products, with more parameters than a tile has columns.
Problem waves(Index rows, Index n) {
  return {[rows, n](const auto& x, auto& r, auto& j) {
            j.setZero();
            for (Index i = 0; i < rows; ++i) {
              r[i] = -0.3;
              for (Index k = 0; k < n; ++k) {
                const double c = std::cos(static_cast<double>((i * 37 + k * 101) % 1009));
                r[i] += c * std::sin(x[k]) / static_cast<double>(n);
                j(i, k) = c * std::cos(x[k]) / static_cast<double>(n);
              }
            }
          },
          rows};
}

}  // namespace

TEST_CASE("a linear problem is solved in one step without damping, and not with it") {
  for (Index n : {5, 300}) {
    const Problem problem = linear(n + 40, n);
    const auto slope = [&](const Point& model) {  // J^T r, against the size of its terms
      Eigen::VectorXd r(problem.rows);
      RowMajor<double> j(problem.rows, n);
      problem.function(flatten(model), r, j);
      return (j.transpose() * r).norm() / (j.norm() * r.norm());
    };
    Point model(n), damped(n), natural(n);
    const StepResult step = LevenbergMarquardt(model, {.damping = 1e-15}).step(model, problem);
    CHECK(step.progress);
    CHECK(slope(model) < 1e-12);
    CHECK(step.value == problem.sum_of_squares(*std::make_unique<Workspace>(1), model));
    EnergyNaturalGradient(natural, {.damping = 0}).step(natural, problem);
    CHECK(slope(natural) < 1e-12);
    LevenbergMarquardt(damped, {.damping = 0.1}).step(damped, problem);
    CHECK(slope(damped) > 1e-6);
  }
}

TEST_CASE("an exponential fit converges quadratically") {
  const Problem problem = exponential();
  const auto errors = [&](auto optimizer) {
    Point model = at(vector({1.5, 1.0, 0.8}));
    std::vector<double> result;
    for (int k = 0; k < 12 && optimizer.step(model, problem).progress; ++k)
      result.push_back((flatten(model) - solution).norm());
    return result;
  };
  const Point model(3);
  for (const auto& error :
       {errors(LevenbergMarquardt(model, {.damping = 1e-14})), errors(EnergyNaturalGradient(model))}) {
    REQUIRE(error.size() >= 4);
    CHECK(error.back() < 1e-13);
    int pairs = 0;
    for (std::size_t k = 0; k + 1 < error.size(); ++k) {
      if (error[k] > 0.1 || error[k + 1] < 1e-14) continue;
      CHECK(error[k + 1] < 3 * error[k] * error[k]);
      ++pairs;
    }
    CHECK(pairs >= 2);
  }
  // The negative control: steps whose lambda does not fall converge by a factor.
  const auto slow = errors(LevenbergMarquardt(model, {.damping = 0.1, .decrease = 0.999}));
  CHECK(slow.back() > 1e-6);
}

TEST_CASE("the gain decides on lambda: far from the solution the sum of squares falls at every step") {
  for (bool marquardt : {false, true}) {
    const Problem problem = exponential();
    Point model = at(vector({-3, 4, 2}));
    LevenbergMarquardt optimizer(model, {.marquardt = marquardt});
    double before = std::numeric_limits<double>::infinity();
    for (int k = 0; k < 100; ++k) {
      const StepResult step = optimizer.step(model, problem);
      CHECK(step.value <= before);
      before = step.value;
      if (!step.progress) break;
    }
    CHECK((flatten(model) - solution).norm() < 1e-12);
    CHECK(model.rest.value()(0) == 7.0);
  }
}

TEST_CASE("with Marquardt's scale a step does not depend on the units of the parameters") {
  const Problem problem = exponential();
  const Problem in_units = {[&](const auto& x, auto& r, auto& j) {
                              problem.function(x.cwiseProduct(vector({1e3, 1, 1e-2})), r, j);
                              j.col(0) *= 1e3;
                              j.col(2) *= 1e-2;
                            },
                            40};
  const auto difference = [&](bool marquardt) {
    Point a = at(vector({1, 1, 1})), b = at(vector({1e-3, 1, 1e2}));
    LevenbergMarquardt one(a, {.marquardt = marquardt}), two(b, {.marquardt = marquardt});
    for (int k = 0; k < 3; ++k) {
      one.step(a, problem);
      two.step(b, in_units);
    }
    return (flatten(a) - flatten(b).cwiseProduct(vector({1e3, 1, 1e-2}))).norm();
  };
  CHECK(difference(true) < 1e-10);
  CHECK(difference(false) > 1e-3);
}

TEST_CASE("the parameter form and the kernel form are one step") {
  using enum GaussNewtonForm;
  for (Index rows : {30, 290, 350}) {
    for (bool marquardt : {false, true}) {
      const Problem problem = waves(rows, 320);
      const auto after = [&](GaussNewtonForm form, Index block) {
        Problem cut = problem;
        cut.block = block;
        Point model = at(Eigen::VectorXd::LinSpaced(320, -1, 1));
        LevenbergMarquardt(model, {.damping = 1e-3, .marquardt = marquardt, .form = form}).step(model, cut);
        return flatten(model);
      };
      const Eigen::VectorXd by_parameters = after(parameters, 100);
      CHECK((by_parameters - after(kernel, 100)).norm() < 1e-10 * by_parameters.norm());
      CHECK((by_parameters - after(parameters, 7)).norm() < 1e-10 * by_parameters.norm());
      CHECK(after(automatic, 100) == (rows >= 320 ? by_parameters : after(kernel, 100)));
    }
  }
}

TEST_CASE("the form is chosen anew where the number of rows changes, and threads change no bit") {
  const auto run = [](int threads, bool fresh) {
    Workspace workspace(threads);
    Point model = at(Eigen::VectorXd::LinSpaced(280, -1, 1));
    LevenbergMarquardt optimizer(model);
    const support::Folder folder;
    for (Index rows : {300, 300, 50, 400}) {
      optimizer.step(workspace, model, waves(rows, 280));
      if (!fresh) continue;
      save(optimizer, folder / "lm.safetensors");
      optimizer = LevenbergMarquardt(model);
      load(optimizer, folder / "lm.safetensors");
    }
    CHECK(optimizer.steps() == 4);
    return flatten(model);
  };
  const Eigen::VectorXd one = run(1, false);
  CHECK(run(3, false) == one);
  CHECK(run(2, true) == one);  // from a file at each step
}

TEST_CASE("a file beside the model goes on to the bit") {
  const support::Folder folder;
  const Problem problem = exponential();
  const auto check = [&](auto optimizer) {
    auto fresh = optimizer;
    Point model = at(vector({-3, 4, 2}));
    for (int k = 0; k < 5; ++k) optimizer.step(model, problem);
    save(optimizer, folder / "optimizer.safetensors");
    Point again = model;
    for (int k = 0; k < 5; ++k) optimizer.step(model, problem);
    load(fresh, folder / "optimizer.safetensors");
    for (int k = 0; k < 5; ++k) fresh.step(again, problem);
    CHECK(flatten(model) == flatten(again));
    CHECK(fresh.steps() == optimizer.steps());
  };
  check(LevenbergMarquardt(Point(3)));
  check(EnergyNaturalGradient(Point(3)));
}

TEST_CASE("no progress leaves the model; a singular matrix is damped") {
  const Problem problem = exponential();
  Point model = at(solution);
  CHECK_FALSE(LevenbergMarquardt(model).step(model, problem).progress);
  Point wrong = at(vector({1, 1, 1}));
  const Problem upside = {[&](const auto& x, auto& r, auto& j) {
                            problem.function(x, r, j);
                            j *= -1;  // rows of another function
                          },
                          40};
  LevenbergMarquardt optimizer(wrong);
  for (int k = 0; k < 3; ++k) {
    const StepResult step = optimizer.step(wrong, upside);
    CHECK_FALSE(step.progress);
    CHECK(flatten(wrong) == vector({1, 1, 1}));
    CHECK(step.value == doctest::Approx(upside.sum_of_squares(*std::make_unique<Workspace>(1), wrong)));
  }
  CHECK(optimizer.steps() == 0);
  CHECK_FALSE(EnergyNaturalGradient(wrong).step(wrong, upside).progress);
  // Two equal columns and a zero one.
  const Problem singular = {[](const auto& x, auto& r, auto& j) {
                              r << x[0] + x[1] - 1, 2 * x[0] + 2 * x[1] - 2, x[0] + x[1] - 1, 0;
                              j << 1, 1, 0, 2, 2, 0, 1, 1, 0, 0, 0, 0;
                            },
                            4};
  for (bool marquardt : {false, true}) {
    Point point(3);
    LevenbergMarquardt lm(point, {.damping = 1e-18, .marquardt = marquardt});
    for (int k = 0; k < 3; ++k) lm.step(point, singular);
    CHECK((flatten(point) - vector({0.5, 0.5, 0})).norm() < 1e-7);
  }
  Point point(3);
  CHECK(EnergyNaturalGradient(point, {.damping = 0}).step(point, singular).progress);
  CHECK((flatten(point) - vector({0.5, 0.5, 0})).norm() < 1e-7);
}

TEST_CASE("a trial that throws leaves the model and lambda") {
  const auto check = [](auto make, double first_trial) {
    Problem problem = exponential();
    int calls = 0;
    const auto good = problem.function;
    problem.function = [&](const auto& x, auto& r, auto& j) {
      if (++calls == 4) throw std::runtime_error("stop");
      good(x, r, j);
      if (calls == 3) r *= first_trial;
    };
    Point model = at(vector({-3, 4, 2}));
    auto optimizer = make(model);
    CHECK_THROWS_AS(optimizer.step(model, problem), std::runtime_error);
    CHECK(flatten(model) == vector({-3, 4, 2}));
    const auto next = flatten(model);
    auto fresh = make(model);
    Point same = model;
    optimizer.step(model, exponential());
    fresh.step(same, exponential());
    CHECK(flatten(model) == flatten(same));
    CHECK(flatten(model) != next);
  };
  check([](const Point& model) { return LevenbergMarquardt(model); }, 100);  // no better: lambda is raised
  check([](const Point& model) { return EnergyNaturalGradient(model); },
        1e-3);  // better, and then a shorter one
}

TEST_CASE("what is wrong is named") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Point model = at(vector({1, 1, 1}));
  const auto message = [&](const Problem& problem) {
    try {
      LevenbergMarquardt(model).step(model, problem);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const Problem good = exponential();
  Problem bad = good;
  bad.function = [&](const auto& x, auto& r, auto& j) {
    good.function(x, r, j);
    r[21] = nan;
  };
  CHECK(support::contains(message(bad), "LevenbergMarquardt::step: residual 21 is nan"));
  bad.function = [&](const auto& x, auto& r, auto& j) {
    good.function(x, r, j);
    j(20, 1) = nan;
  };
  CHECK(support::contains(message(bad), "NaN or infinity in x"));
  CHECK(support::contains(message({[](const auto&, auto&, auto&) {}, 0}), "no residuals"));
  CHECK(flatten(model) == vector({1, 1, 1}));
  CHECK(support::contains(support::message_of([&] { LevenbergMarquardt(model, {.damping = 0}); }),
                          "damping is 0"));
  CHECK(support::contains(support::message_of([&] { EnergyNaturalGradient(model, {.halvings = -1}); }),
                          "halvings is -1"));
}
