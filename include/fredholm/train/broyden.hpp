// Self-scaled quasi-Newton methods: the whole inverse Hessian, scaled down before each update.
//
//   x <- x + a d,  d = -H g,  a by a strong Wolfe search;   s = x' - x,  y = g' - g
//   H <- 1/tau [ H - (H y)(H y)^T / (y . H y) + phi (y . H y) v v^T ] + s s^T / (y . s)
//   v = s / (y . s) - H y / (y . H y)
//
// with b = (s . H^-1 s) / (y . s) = -a (s . g) / (y . s),  h = (y . H y) / (y . s),  c = b h - 1 >= 0,  n
// parameters, and
//
//   bfgs                  tau = 1, phi = 1
//   self_scaled_bfgs      tau = min(1, 1/b), phi = 1
//   self_scaled_broyden   phi = (1 - theta) / (1 + c theta)
//                         theta = max(theta_-, min(theta_+, (1 - b) / b))
//                         rho = min(1, h (1 - sqrt(c / (1 + c))))
//                         theta_- = (rho - 1) / c,  theta_+ = 1 / rho
//                         sigma = 1 + c theta,
//                         tau = min(1, 1/b) min(sigma^(1/(1-n)), 1/theta)          if theta > 0
//                               min(min(1, 1/b) sigma^(1/(1-n)), sigma)            otherwise
//
// Every one of them satisfies H y = s and keeps H positive definite. The last has the highest published
// accuracies of physics-informed networks (some hundred to three thousand parameters), in many thousand
// steps; before it a thousand steps of Adam. LevenbergMarquardt takes fewer and dearer steps, Lbfgs
// is for more parameters.
//
// Memory P (P + 1) / 2 numbers (36 MB for P = 3000), and a step reads and writes them once: the update of a
// step is applied in the pass that multiplies for the next. H is kept where points are drawn anew, as it
// should be; `known = {}` then.
//
// Sources: Urban, Stefanou and Pons (2025), Unveiling the optimization process of physics informed neural
// networks, and its published code, which takes tau = h / sigma at the first update; Kiyani et al. (2025),
// Optimizing the optimizer for PINNs and KANs; tau and theta are of Al-Baali (1998).
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/train/descent.hpp>
#include <fredholm/train/packed_symmetric.hpp>

namespace fredholm {

enum class BroydenUpdate { bfgs, self_scaled_bfgs, self_scaled_broyden };

struct BroydenOptions {
  BroydenUpdate update = BroydenUpdate::self_scaled_broyden;
  bool scale_first = true;  ///< the identity, at the first update, to the size of the curvature that was seen
  Index most_parameters = 20000;  ///< more are refused: 1.6 GB
  LineSearchOptions search = {};
};

namespace detail {

inline void check(const BroydenOptions& options, Index parameters) {
  require(parameters <= options.most_parameters, "SelfScaledBroyden: the model has ", parameters,
          " numbers that are not frozen, and the inverse Hessian would take ",
          packed_size(parameters) / (1 << 27), " GB. Take Lbfgs, or raise most_parameters, which is ",
          options.most_parameters, ".");
  check(options.search);
}

/// What the formulas above take of a step.
struct BroydenStep {
  double b, h, ys;
  Index parameters;
  bool first;  // of an H that is the identity, to be scaled
};

/// tau and phi.
struct BroydenFactors {
  double tau = 1, phi = 1;
};

inline BroydenFactors broyden_factors(BroydenUpdate update, const BroydenStep& step) {
  const double n = static_cast<double>(step.parameters);
  if (update != BroydenUpdate::self_scaled_broyden) {
    if (step.first) return {step.h, 1};
    return {update == BroydenUpdate::bfgs ? 1.0 : std::min(1.0, 1 / step.b), 1};
  }
  const double c = std::max(step.b * step.h - 1, 1e-15);  // not negative but for round-off
  const double rho = std::min(1.0, step.h * (1 - std::sqrt(c / (1 + c))));
  const double theta = std::max((rho - 1) / c, std::min(1 / rho, (1 - step.b) / step.b));
  const double sigma = 1 + c * theta;
  const double phi = (1 - theta) / sigma;
  if (step.first) return {step.h / sigma, phi};
  const double root = step.parameters == 1 ? 1.0 : std::pow(sigma, 1 / (1 - n));
  const double oren = std::min(1.0, 1 / step.b);
  return {theta > 0 ? oren * std::min(root, 1 / theta) : std::min(oren * root, sigma), phi};
}

/// The update of H by s and u = H y as multiples of u u^T, u s^T + s u^T and s s^T.
inline SymmetricUpdate broyden_update(const BroydenFactors& by, double yu, double ys) {
  return {1 / by.tau, (by.phi - 1) / yu / by.tau, -by.phi / ys / by.tau,
          by.phi * yu / ys / ys / by.tau + 1 / ys};
}

}  // namespace detail

template <class Model>
class SelfScaledBroyden {
  static_assert(
      holds_leaves<Model>,
      "SelfScaledBroyden<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  BroydenOptions options;

  explicit SelfScaledBroyden(const Model& model, BroydenOptions given = {})
      : options(given), parameters_(checked(given, count_trained(model))) {
    restart();
  }

  /// One step, with the value and the gradient at the model that the last one has left in `known`.
  template <class Objective>
  StepResult step(Model& model, const Objective& objective, Evaluation& known) {
    static_assert(
        AnyObjective<Objective, Model>,
        "SelfScaledBroyden::step: the objective is called with the model and returns an object with a value and a "
        "gradient of the type of the model, as value_and_gradient does.");
    detail::check(options, parameters_);
    detail::require_count(model, parameters_, "SelfScaledBroyden::step");
    StepResult result;
    result.evaluations = detail::evaluate_start(model, objective, known, "SelfScaledBroyden::step");
    result.value = known.value;
    result.gradient_norm = known.gradient.norm();
    if (result.gradient_norm == 0) return result;
    aim(known.gradient);
    const Evaluation start = known;
    double length = descend(model, objective, known, updates() == 0, result);
    if (length == 0 && updates() > 0) {
      restart();
      result.restarted = true;
      aim(known.gradient);
      length = descend(model, objective, known, true, result);
    }
    if (length == 0) return result;
    counts_.mutable_data()[0] += 1;
    learn(start, known, length);
    return result;
  }

  /// The same, with an evaluation at the model first.
  template <class Objective>
  StepResult step(Model& model, const Objective& objective) {
    Evaluation unknown;
    return step(model, objective, unknown);
  }

  /// How many steps changed the model.
  Index steps() const { return static_cast<Index>(counts_.value().data()[0]); }

  /// H, (P, P).
  Eigen::MatrixXd inverse_hessian() {
    const Eigen::VectorXd zero = Eigen::VectorXd::Zero(parameters_);
    pass(zero, zero);
    Eigen::MatrixXd result(parameters_, parameters_);
    const double* from = inverse_.value().data();
    for (Index i = 0; i < parameters_; ++i) {
      for (Index j = 0; j <= i; ++j) result(i, j) = result(j, i) = *from++;
    }
    return result;
  }

  /// Forgets the curvature: H is the identity again.
  void restart() {
    double* const to = inverse_.mutable_data();
    std::fill_n(to, inverse_.size(), 0.0);
    for (Index i = 0; i < parameters_; ++i) to[detail::packed_size(i) + i] = 1;
    set_pending({});
    counts_.mutable_data()[1] = 0;
    counts_.mutable_data()[2] = 0;
  }

  /// H, the update that waits for the next pass, and the number of steps, for checkpoints.
  static void visit(auto& self, auto&& f) {
    f("counts", self.counts_);
    f("inverse", self.inverse_);
    f("update", self.update_);
    f("vectors", self.vectors_);
  }

 private:
  enum Vector : Index { hy, change, direction, aimed_by };

  static Index checked(const BroydenOptions& options, Index parameters) {
    detail::check(options, parameters);
    return parameters;
  }

  Index updates() const { return static_cast<Index>(counts_.value().data()[1]); }

  Eigen::Map<const Eigen::VectorXd> vector(Vector which) const {
    return {vectors_.value().data() + which * parameters_, parameters_};
  }
  void set(Vector which, const Eigen::VectorXd& values) {
    std::copy_n(values.data(), parameters_, vectors_.mutable_data() + which * parameters_);
  }

  detail::SymmetricUpdate pending() const {
    const double* from = update_.value().data();
    return {from[0], from[1], from[2], from[3]};
  }
  void set_pending(const detail::SymmetricUpdate& update) {
    double* const to = update_.mutable_data();
    to[0] = update.scale, to[1] = update.uu, to[2] = update.us, to[3] = update.ss;
  }

  struct Products {
    Eigen::VectorXd x, y;
  };

  /// H x and H y, after the update that was waiting.
  Products pass(const Eigen::VectorXd& x, const Eigen::VectorXd& y) {
    Products result{Eigen::VectorXd(parameters_), Eigen::VectorXd(parameters_)};
    detail::PackedPass<>(inverse_.mutable_data(), parameters_, pending(),
                         {vector(hy).data(), vector(change).data(), x.data(), y.data()})
        .run(result.x.data(), result.y.data());
    set_pending({});
    return result;
  }

  /// The direction -H g, unless it is known from the last update.
  void aim(const Eigen::VectorXd& gradient) {
    if (counts_.value().data()[2] == 1 && vector(aimed_by) == gradient) return;
    set_aim(-pass(gradient, gradient).x, gradient);
  }
  void set_aim(const Eigen::VectorXd& towards, const Eigen::VectorXd& gradient) {
    set(direction, towards);
    set(aimed_by, gradient);
    counts_.mutable_data()[2] = 1;
  }

  template <class Objective>
  double descend(Model& model, const Objective& objective, Evaluation& known, bool steepest,
                 StepResult& result) const {
    const Eigen::VectorXd towards = vector(direction);
    if (!(known.gradient.dot(towards) < 0)) return 0;  // H is not positive definite any more, by round-off
    const double first = steepest ? std::min(1.0, 1.0 / result.gradient_norm) : 1.0;
    return detail::descend(model, objective, known, towards, first, options.search, result);
  }

  /// The update by a step, which waits for the next pass, and the direction that it gives.
  void learn(const Evaluation& start, const Evaluation& end, double length) {
    const Eigen::VectorXd s = end.parameters - start.parameters;
    const Eigen::VectorXd y = end.gradient - start.gradient;
    counts_.mutable_data()[2] = 0;
    if (!detail::is_curved(s, y)) return;
    const Products products = pass(y, end.gradient);
    const Eigen::VectorXd& u = products.x;
    const double ys = y.dot(s), yu = y.dot(u), b = -length * s.dot(start.gradient) / ys;
    const auto factors = detail::broyden_factors(
        options.update, {b, yu / ys, ys, parameters_, updates() == 0 && options.scale_first});
    const auto update = detail::broyden_update(factors, yu, ys);
    if (!(yu > 0 && b > 0 && factors.tau > 0) || !std::isfinite(update.uu + update.us + update.ss)) return;
    set_pending(update);
    set(hy, u);
    set(change, s);
    counts_.mutable_data()[1] += 1;
    const double ug = u.dot(end.gradient), sg = s.dot(end.gradient);
    set_aim(-(update.scale * products.y + (update.uu * ug + update.us * sg) * u +
              (update.us * ug + update.ss * sg) * s),
            end.gradient);
  }

  Index parameters_;
  Buffer<double> counts_{Shape{3}};  ///< steps, updates since the identity, whether the direction holds
  Buffer<double> inverse_{Shape{detail::packed_size(parameters_)}};
  Buffer<double> update_{Shape{4}};
  Buffer<double> vectors_{Shape{4, parameters_}};  ///< H y, s, the direction, the gradient that it belongs to
};

}  // namespace fredholm
