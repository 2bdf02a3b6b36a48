// The strong Wolfe search, L-BFGS and the self-scaled updates: what they satisfy, how fast they are on a quadratic and on
// Rosenbrock's function, and that they go on to the bit from a file.
#include <fredholm/train/broyden.hpp>
#include <fredholm/train/checkpoint.hpp>
#include <fredholm/train/lbfgs.hpp>
#include <fredholm/train/line_search.hpp>

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;

namespace {

/// A point of R^n, in two parameters and one that may be frozen.
struct Point {
  Parameter<double> head, tail;
  Parameter<float> rest{Shape{1}};

  explicit Point(Index n = 4) : head(Shape{n / 2}), tail(Shape{n - n / 2}) { rest.set_frozen(true); }
  static void visit(auto& self, auto&& f) {
    f("head", self.head);
    f("rest", self.rest);
    f("tail", self.tail);
  }
};

struct Answer {
  double value;
  Point gradient;
};

/// An objective from a function of vectors that returns the value and writes the gradient.
template <class Function>
auto objective_of(Function function) {
  return [function](const Point& model) {
    const Eigen::VectorXd x = flatten(model);
    Eigen::VectorXd gradient(x.size());
    const double value = function(x, gradient);
    Answer answer{value, model};
    assign(answer.gradient, gradient);
    return answer;
  };
}

double rosenbrock(const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
  gradient.setZero();
  double value = 0;
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    value += 100 * a * a + b * b;
    gradient[i] += -400 * x[i] * a - 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return value;
}

Point at(const Eigen::VectorXd& x) {
  Point point(x.size());
  assign(point, x);
  return point;
}

/// A symmetric matrix with the eigenvalues 1 to `condition`, equally spaced in the logarithm.
Eigen::MatrixXd hessian(Index n, double condition) {
  std::mt19937_64 rng(3);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd a =
      Eigen::VectorXd::LinSpaced(n, 0, std::log(condition)).array().exp().matrix().asDiagonal();
  for (int k = 0; k < 4; ++k) {  // Householder reflections
    Eigen::VectorXd v = Eigen::VectorXd::NullaryExpr(n, [&] { return normal(rng); });
    v.normalize();
    a -= 2 * v * (v.transpose() * a).eval();
    a -= 2 * (a * v).eval() * v.transpose();
  }
  return 0.5 * (a + a.transpose());
}

template <class Optimizer, class Objective>
Index steps_until(Optimizer& optimizer, Point& model, const Objective& objective, double gradient_norm,
                  Index most) {
  Evaluation known;
  for (Index k = 0; k < most; ++k) {
    const StepResult step = optimizer.step(model, objective, known);
    if (!step.progress || known.gradient.norm() <= gradient_norm) return k + 1;
  }
  return most + 1;
}

}  // namespace

TEST_CASE("the search satisfies the strong Wolfe conditions") {
  // Functions 1 to 6 of More and Thuente (1994).
  using F = double (*)(double, double&);
  const auto yanai = [](double a, double b1, double b2, double& slope) {
    const double g1 = std::sqrt(1 + b1 * b1) - b1, g2 = std::sqrt(1 + b2 * b2) - b2;
    const double p = std::sqrt((1 - a) * (1 - a) + b2 * b2), q = std::sqrt(a * a + b1 * b1);
    slope = -g1 * (1 - a) / p + g2 * a / q;
    return g1 * p + g2 * q;
  };
  std::vector<std::function<double(double, double&)>> functions{
      F([](double a, double& slope) {
        slope = (a * a - 2) / ((a * a + 2) * (a * a + 2));
        return -a / (a * a + 2);
      }),
      F([](double a, double& slope) {
        const double c = a + 0.004;
        slope = 5 * std::pow(c, 4) - 8 * std::pow(c, 3);
        return std::pow(c, 5) - 2 * std::pow(c, 4);
      }),
      [&](double a, double& slope) { return yanai(a, 0.001, 0.001, slope); },
      [&](double a, double& slope) { return yanai(a, 0.01, 0.001, slope); },
      [&](double a, double& slope) { return yanai(a, 0.001, 0.01, slope); }};
  for (const auto& f : functions) {
    for (double curvature : {0.9, 0.1}) {
      for (double first : {1e-3, 1e-1, 10.0, 1e3}) {
        double slope = 0;
        const double value = f(0, slope);
        const auto found = line_search(
            [&](double a) {
              double here = 0;
              const double result = f(a, here);
              return LinePoint{a, result, here};
            },
            value, slope, first, {.curvature = curvature});
        double end = 0;
        const double lower = f(found.point.length, end);
        CHECK(found.wolfe);
        CHECK(lower <= value + 1e-4 * found.point.length * slope);
        CHECK(std::abs(end) <= curvature * std::abs(slope));
        CHECK(lower == found.point.value);
      }
    }
  }
}

TEST_CASE("a search goes back from NaN, stays at 0 where nothing is lower, and goes on in round-off") {
  const auto root = [](double a) {  // 1 - sqrt(a (1 - a)) is NaN beyond 1
    return LinePoint{a, -a + 1.5 * a * a + 0 * std::sqrt(1 - a), -1 + 3 * a + 0 * std::sqrt(1 - a)};
  };
  const auto found = line_search(root, 0, -1, 100);
  CHECK(found.wolfe);
  CHECK(found.point.length < 2.0 / 3);
  const auto rising = line_search([](double a) { return LinePoint{a, a, -1}; }, 0, -1, 1);  // a wrong slope
  CHECK_FALSE(rising.wolfe);
  CHECK(rising.point.length == 0);
  // The change of the value is 1e-18 of it: only the slope knows the way.
  const auto flat = [](double a) { return LinePoint{a, 1e3 + 1e-15 * (a * a - 2 * a), 1e-15 * (2 * a - 2)}; };
  const auto small = line_search(flat, 1e3, -2e-15, 0.01, {.curvature = 0.1});
  CHECK(small.wolfe);
  CHECK(small.point.length == doctest::Approx(1).epsilon(0.1));
  CHECK(support::contains(support::message_of([&] { line_search(flat, 1e3, 1, 0.1); }), "the slope is 1"));
  CHECK(support::contains(support::message_of([&] { line_search(flat, 1e3, -1, 1, {.curvature = 1.5}); }),
                          "curvature is 1.5"));
}

TEST_CASE("a quadratic in n dimensions ends after n steps with an exact search") {
  constexpr Index n = 20;
  const Eigen::MatrixXd mild = hessian(n, 1e2), steep = hessian(n, 1e4);
  const auto quadratic = [](const Eigen::MatrixXd& a) {
    return objective_of([&a](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
      gradient = a * x;
      return 0.5 * x.dot(gradient);
    });
  };
  const Point start = at(Eigen::VectorXd::Ones(n));
  const auto steps = [&](auto optimizer, const Eigen::MatrixXd& a) {
    Point model = start;
    return steps_until(optimizer, model, quadratic(a), 1e-8, 200);
  };
  const LineSearchOptions exact{.decrease = 1e-8, .curvature = 1e-7};
  using enum BroydenUpdate;
  // A few steps more for round-off: conjugate directions lose it by the condition, and the scaled updates sooner.
  CHECK(steps(Lbfgs(start, {.history = n, .search = exact}), steep) <= n + 4);
  CHECK(steps(SelfScaledBroyden(start, {.update = bfgs, .search = exact}), steep) <= n + 4);
  CHECK(steps(SelfScaledBroyden(start, {.update = self_scaled_bfgs, .search = exact}), mild) <= n + 4);
  CHECK(steps(SelfScaledBroyden(start, {.search = exact}), mild) <= n + 4);
  // Negative controls: with three pairs, and with none (steepest descent), it does not.
  CHECK(steps(Lbfgs(start, {.history = 3, .search = exact}), steep) > 2 * n);
  Point slow = start;
  Lbfgs forgetful(slow, {.search = exact});
  for (int k = 0; k < 200; ++k) {
    forgetful.restart();
    forgetful.step(slow, quadratic(steep));
  }
  CHECK((steep * flatten(slow)).norm() > 1e-4);
}

TEST_CASE("Rosenbrock's function to 1e-12") {
  const auto objective = objective_of(rosenbrock);
  const Eigen::Vector4d start(-1.2, 1, -1.2, 1);
  const auto error = [&](auto optimizer) {
    Point model = at(start);
    Evaluation known;
    for (int k = 0; k < 200; ++k) {
      if (!optimizer.step(model, objective, known).progress) break;
    }
    CHECK(known.parameters == flatten(model));
    CHECK(model.rest.value()(0) == 0.0F);
    return (flatten(model) - Eigen::Vector4d::Ones()).norm();
  };
  const Point model = at(start);
  CHECK(error(Lbfgs(model)) < 1e-12);
  CHECK(error(SelfScaledBroyden(model, {.update = BroydenUpdate::bfgs})) < 1e-12);
  CHECK(error(SelfScaledBroyden(model, {.update = BroydenUpdate::self_scaled_bfgs})) < 1e-12);
  CHECK(error(SelfScaledBroyden(model)) < 1e-12);
}

TEST_CASE("every update satisfies H y = s and stays positive definite") {
  const auto objective = objective_of(rosenbrock);
  for (auto update :
       {BroydenUpdate::bfgs, BroydenUpdate::self_scaled_bfgs, BroydenUpdate::self_scaled_broyden}) {
    Point model = at(Eigen::VectorXd::Constant(12, -0.7));
    SelfScaledBroyden optimizer(model, {.update = update});
    Evaluation known;
    for (int k = 0; k < 30; ++k) {
      const Eigen::VectorXd before = flatten(model);
      const auto gradient = objective(model).gradient;
      optimizer.step(model, objective, known);
      const Eigen::VectorXd s = flatten(model) - before;
      const Eigen::VectorXd y = known.gradient - flatten(gradient);
      const Eigen::MatrixXd h = optimizer.inverse_hessian();
      CHECK((h * y - s).norm() < 1e-9 * h.norm() * y.norm());
      // Positive definite: elimination meets positive pivots alone.
      Eigen::MatrixXd rest = h;
      double least = 1;
      for (Index i = 0; i < 12; ++i) {
        least = std::min(least, rest(i, i));
        rest.bottomRightCorner(11 - i, 11 - i) -=
            rest.col(i).tail(11 - i) * rest.row(i).tail(11 - i) / rest(i, i);
      }
      CHECK(least > 0);
    }
  }
}

TEST_CASE("the pass over a packed matrix is the update and the products, for one lane and for eight") {
  for (Index n : {1, 7, 33, 700}) {
    std::mt19937_64 rng(5);
    std::normal_distribution<double> normal;
    const auto random = [&] { return Eigen::VectorXd::NullaryExpr(n, [&] { return normal(rng); }).eval(); };
    const Eigen::VectorXd u = random(), s = random(), x = random(), y = random();
    Eigen::MatrixXd a(n, n);
    std::vector<double> packed;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j <= i; ++j) packed.push_back(a(i, j) = a(j, i) = normal(rng));
    }
    a = 0.5 * a + 2 * u * u.transpose() + 3 * (u * s.transpose() + s * u.transpose()) - s * s.transpose();
    Eigen::VectorXd ax(n), ay(n);
    detail::PackedPass<>(packed.data(), n, {0.5, 2, 3, -1}, {u.data(), s.data(), x.data(), y.data()})
        .run(ax.data(), ay.data());
    const double round_off = 1e-15 * a.norm() * std::sqrt(static_cast<double>(n));
    CHECK((ax - a * x).norm() < round_off * x.norm());
    CHECK((ay - a * y).norm() < round_off * y.norm());
    CHECK(std::abs(packed.back() - a(n - 1, n - 1)) < round_off);
  }
}

TEST_CASE("k steps, a file and k steps are 2k steps to the bit") {
  const support::Folder folder;
  const auto objective = objective_of(rosenbrock);
  const auto check = [&](auto optimizer, const std::string& name) {
    Point model = at(Eigen::VectorXd::Constant(10, -0.6));
    auto fresh = optimizer;
    Evaluation known;
    for (int k = 0; k < 9; ++k) optimizer.step(model, objective, known);
    save(optimizer, folder / (name + ".safetensors"));
    save(model, folder / (name + "_model.safetensors"));
    for (int k = 0; k < 9; ++k) optimizer.step(model, objective, known);

    Point again(10);
    load(fresh, folder / (name + ".safetensors"));
    load(again, folder / (name + "_model.safetensors"));
    CHECK(fresh.steps() == 9);
    for (int k = 0; k < 9; ++k) fresh.step(again, objective);
    CHECK(flatten(again) == flatten(model));
    CHECK(fresh.steps() == 18);
  };
  const Point model(10);
  check(Lbfgs(model, {.history = 5}), "lbfgs");
  check(SelfScaledBroyden(model), "broyden");
}

TEST_CASE("an evaluation that is known is not computed again, and a changed model is noticed") {
  const auto objective = objective_of(rosenbrock);
  Point model = at(Eigen::Vector4d(-1.2, 1, -1.2, 1));
  Lbfgs optimizer(model);
  Evaluation known;
  const StepResult first = optimizer.step(model, objective, known);
  CHECK(first.value == objective(model).value);
  Lbfgs twin = optimizer;
  Point other = model;
  const StepResult with = optimizer.step(model, objective, known);
  const StepResult without = twin.step(other, objective);
  CHECK(without.evaluations == with.evaluations + 1);
  CHECK(flatten(model) == flatten(other));
  assign(model, Eigen::Vector4d(0, 1, 2, 3));
  const StepResult moved = optimizer.step(model, objective, known);
  Eigen::VectorXd gradient(4);
  rosenbrock(Eigen::Vector4d(0, 1, 2, 3), gradient);
  CHECK(moved.gradient_norm == gradient.norm());
}

TEST_CASE("a step that finds nothing lower says so, and the model is as it was") {
  const auto wrong = objective_of([](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    gradient = -x;  // the slope of another function
    return x.squaredNorm();
  });
  const Eigen::Vector4d start(1, 2, 3, 4);
  Point model = at(start);
  Lbfgs lbfgs(model);
  SelfScaledBroyden broyden(model);
  for (const StepResult& step : {lbfgs.step(model, wrong), broyden.step(model, wrong)}) {
    CHECK_FALSE(step.progress);
    CHECK(step.value == 30);
    CHECK(flatten(model) == start);
  }
  CHECK(lbfgs.steps() == 0);
  // At a minimum there is nothing to do.
  Point minimum = at(Eigen::Vector4d::Ones());
  const auto objective = objective_of(rosenbrock);
  CHECK_FALSE(Lbfgs(minimum).step(minimum, objective).progress);
}

TEST_CASE("what is wrong is named") {
  Point model = at(Eigen::Vector4d(1, 2, 3, 4));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto runtime_message = [&](auto function) {
    try {
      function();
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto in_gradient = objective_of([nan](const Eigen::VectorXd&, Eigen::VectorXd& gradient) {
    gradient << 1, 2, 3, nan;
    return 1.0;
  });
  const auto in_value = objective_of([nan](const Eigen::VectorXd&, Eigen::VectorXd& gradient) {
    gradient.setOnes();
    return nan;
  });
  Lbfgs lbfgs(model);
  SelfScaledBroyden broyden(model);
  CHECK(support::contains(runtime_message([&] { lbfgs.step(model, in_gradient); }),
                          "Lbfgs::step: the gradient has NaN or infinity in tail"));
  CHECK(support::contains(runtime_message([&] { broyden.step(model, in_value); }),
                          "SelfScaledBroyden::step: the loss is nan"));
  CHECK(flatten(model) == Eigen::Vector4d(1, 2, 3, 4));
  const auto objective = objective_of(rosenbrock);
  CHECK(support::contains(support::message_of([&] { Lbfgs(model, {.history = 0}); }), "history is 0"));
  CHECK(support::contains(support::message_of([&] { SelfScaledBroyden(model, {.most_parameters = 3}); }),
                          "the model has 4 numbers"));
  Point frozen = model;
  frozen.head.set_frozen(true);
  CHECK(support::contains(support::message_of([&] { lbfgs.step(frozen, objective); }),
                          "the model has 2 numbers that are not frozen, and this optimizer was made for 4"));
}
