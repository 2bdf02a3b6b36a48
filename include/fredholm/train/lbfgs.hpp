// L-BFGS: quasi-Newton steps from the last few changes of parameters and gradient, with a strong Wolfe
// search.
//
//   d = -H g,   H from the last m pairs s = x' - x, y = g' - g by the two-loop recursion,
//               from H_0 = (s . y) / (y . y) I
//   x <- x + a d,   a by train/line_search.hpp
//
// For smooth losses that are the same at every step (all points, not batches), after some hundred steps of
// Adam. Memory 2 m P numbers, work 4 m P a step beside the
// evaluations. For a noisy loss take Adam or Soap; for few parameters (up to some thousand) and high accuracy
// SelfScaledBroyden or LevenbergMarquardt go much further.
//
//   Lbfgs lbfgs(model, {.history = 50});
//   Evaluation known;                          // saves the first evaluation of each step (train/step.hpp)
//   const StepResult step = lbfgs.step(model, objective, known);
//
// A step that finds no lower value is tried once more downhill, without the history; if this fails too,
// progress is false and the model is as it was. An Lbfgs is a model of buffers: save and load it beside the
// model to go on to the bit.
//
// Source: Nocedal and Wright (2006), algorithms 7.4 and 7.5, eq. 7.20; Liu and Nocedal (1989).
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/train/descent.hpp>

namespace fredholm {

struct LbfgsOptions {
  Index history = 20;  ///< m, the number of pairs
  LineSearchOptions search = {};
};

namespace detail {

/// The last m pairs, in a ring. A template, so that it costs a file that does not use it nothing.
template <class Real = double>
struct PairHistory {
  Buffer<Real> counts{Shape{3}};  ///< steps, pairs that are held, where the next one goes
  Buffer<Real> changes;           ///< s, (m, P)
  Buffer<Real> slopes;            ///< y, (m, P)

  PairHistory(Index history, Index parameters)
      : changes(Shape{history, parameters}), slopes(Shape{history, parameters}) {}

  Index room() const { return changes.shape()[0]; }
  Index parameters() const { return changes.shape()[1]; }
  Index count(Index which) const { return static_cast<Index>(counts.value().data()[which]); }
  Index held() const { return count(1); }

  Eigen::Map<const Eigen::VectorX<Real>> row(const Buffer<Real>& from, Index age) const {
    const Index at = (count(2) - 1 - age + room()) % room();
    return {from.value().data() + at * parameters(), parameters()};
  }

  void forget() { counts.mutable_data()[1] = 0; }

  void add(const Eigen::VectorX<Real>& s, const Eigen::VectorX<Real>& y) {
    const Index at = count(2);
    std::copy_n(s.data(), s.size(), changes.mutable_data() + at * parameters());
    std::copy_n(y.data(), y.size(), slopes.mutable_data() + at * parameters());
    counts.mutable_data()[2] = static_cast<Real>((at + 1) % room());
    counts.mutable_data()[1] = static_cast<Real>(std::min(held() + 1, room()));
  }

  /// -H g
  Eigen::VectorX<Real> direction(const Eigen::VectorX<Real>& gradient) const {
    Eigen::VectorX<Real> q = -gradient;
    if (held() == 0) return q;
    std::vector<Real> parts;
    for (Index age = 0; age < held(); ++age) {
      const auto s = row(changes, age), y = row(slopes, age);
      parts.push_back(s.dot(q) / s.dot(y));
      q -= parts.back() * y;
    }
    const auto last = row(slopes, 0);
    q *= row(changes, 0).dot(last) / last.squaredNorm();
    for (Index age = held() - 1; age >= 0; --age) {
      const auto s = row(changes, age), y = row(slopes, age);
      q += (parts[static_cast<std::size_t>(age)] - y.dot(q) / s.dot(y)) * s;
    }
    return q;
  }
};

inline void check(const LbfgsOptions& options) {
  require(options.history >= 1, "Lbfgs: history is ", options.history,
          ". Give at least 1; 10 to 50 are usual.");
  check(options.search);
}

}  // namespace detail

template <class Model>
class Lbfgs {
  static_assert(
      holds_leaves<Model>,
      "Lbfgs<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  LbfgsOptions options;

  explicit Lbfgs(const Model& model, LbfgsOptions given = {})
      : options(given), history_(checked(given).history, count_trained(model)) {}

  /// One step, with the value and the gradient at the model that the last one has left in `known`.
  template <class Objective>
  StepResult step(Model& model, const Objective& objective, Evaluation& known) {
    static_assert(
        AnyObjective<Objective, Model>,
        "Lbfgs::step: the objective is called with the model and returns an object with a value and a gradient of "
        "the type of the model, as value_and_gradient does.");
    detail::check(options);
    detail::require_count(model, history_.parameters(), "Lbfgs::step");
    StepResult result;
    result.evaluations = detail::evaluate_start(model, objective, known, "Lbfgs::step");
    result.value = known.value;
    result.gradient_norm = known.gradient.norm();
    if (result.gradient_norm == 0) return result;
    const Evaluation start = known;
    if (!search(model, objective, known, result)) return result;
    const Eigen::VectorXd s = known.parameters - start.parameters;
    const Eigen::VectorXd y = known.gradient - start.gradient;
    if (detail::is_curved(s, y)) history_.add(s, y);
    history_.counts.mutable_data()[0] += 1;
    return result;
  }

  /// The same, with an evaluation at the model first.
  template <class Objective>
  StepResult step(Model& model, const Objective& objective) {
    Evaluation unknown;
    return step(model, objective, unknown);
  }

  /// How many steps changed the model.
  Index steps() const { return history_.count(0); }

  /// Forgets the curvature, for a loss that is a different one.
  void restart() { history_.forget(); }

  /// The pairs and the number of steps, for checkpoints.
  static void visit(auto& self, auto&& f) {
    f("counts", self.history_.counts);
    f("changes", self.history_.changes);
    f("slopes", self.history_.slopes);
  }

 private:
  static const LbfgsOptions& checked(const LbfgsOptions& options) {
    detail::check(options);
    return options;
  }

  template <class Objective>
  bool search(Model& model, const Objective& objective, Evaluation& known, StepResult& result) {
    if (history_.held() > 0) {
      const Eigen::VectorXd direction = history_.direction(known.gradient);
      if (known.gradient.dot(direction) < 0 &&
          detail::descend(model, objective, known, direction, 1.0, options.search, result) > 0)
        return true;
      history_.forget();
      result.restarted = true;
    }
    const double first = std::min(1.0, 1.0 / result.gradient_norm);
    return detail::descend(model, objective, known, -known.gradient, first, options.search, result) > 0;
  }

  detail::PairHistory<> history_;
};

}  // namespace fredholm
