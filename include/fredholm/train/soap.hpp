// SOAP: Adam in the eigenbasis of the second moments of the gradient.
//
//   L <- b2 L + (1 - b2) G G^T,   R <- b2 R + (1 - b2) G^T G              of a weight's gradient G, (m, n)
//   L = U . U^T,  R = V . V^T     eigenbases, renewed every `refresh` steps by one power iteration,
//                                 U <- qr(L U)
//   M <- b1 M + (1 - b1) G,       S <- b2 S + (1 - b2) (U^T G V)^2        elementwise
//   W <- W - rate U [ (U^T M V) / (1 - b1^t) / (sqrt(S / (1 - b2^t)) + epsilon) ] V^T - rate weight_decay W
//
// Adam treats every number on its own, and so depends on the coordinates; this one does not change if a
// layer's inputs or outputs are turned. For operators and physics-informed networks that are trained on
// batches: fewer steps than Adam, 2 to 10 times lower losses in the papers, for about (m + n) / batch more
// work and 2 (m^2 + n^2) more numbers a weight. Where the loss is the same at every step, Lbfgs,
// SelfScaledBroyden and LevenbergMarquardt go further.
//
// Every axis of a parameter with two axes or more gets its factor, spectral weights as well (their real and
// imaginary planes are two samples of one factor). Axes longer than `longest_side` keep their coordinates;
// vectors (biases) are stepped by Adam. The first call finds the bases and changes nothing. Frozen parameters
// stay as they are; one that is no longer frozen begins then, with its own t and bases. A Soap is a model of
// buffers: save and load it beside the model to go on to the bit.
//
// Sources: Vyas et al. (2025), SOAP: improving and stabilizing Shampoo using Adam, algorithm 3; Wang et al.
// (2025), Gradient alignment in physics-informed neural networks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/train/adam.hpp>
#include <fredholm/train/eigenbasis.hpp>
#include <fredholm/train/finite.hpp>

namespace fredholm {

struct SoapOptions {
  double learning_rate = 3e-3;
  double beta1 = 0.95;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  double weight_decay = 0;
  Index refresh = 10;        ///< steps between two renewals of the bases
  Index longest_side = 512;  ///< longer axes are not turned
};

namespace detail {

/// y = Q x along an axis, the rows of Q a basis, or Q^T x if `back`.
template <class Real>
void turn(const AxisView& view, const Real* q, bool back, const Real* x, Real* y) {
  using In = linalg::Block<const Real>;
  using Out = linalg::Block<Real>;
  const Index n = view.length;
  if (view.inner == 1) {
    const In from(x, view.outer, n);
    return back ? linalg::multiply<Real>(from, {q, n, n}, Out(y, view.outer, n))
                : linalg::multiply_nt<Real>(from, {q, n, n}, Out(y, view.outer, n));
  }
  for (Index b = 0; b < view.outer; ++b) {
    const In from(x + b * n * view.inner, n, view.inner);
    const Out to(y + b * n * view.inner, n, view.inner);
    back ? linalg::multiply_tn<Real>({q, n, n}, from, to) : linalg::multiply<Real>({q, n, n}, from, to);
  }
}

/// factor <- keep factor + share (sum over the other axes of x x^T)
template <class Real>
void add_moment(const AxisView& view, const Real* x, double keep, double share, Real* factor) {
  const Index n = view.length;
  Array<Real> moment(Shape{n, n});
  const linalg::Block<Real> to(moment.mutable_data(), n, n);
  if (view.inner == 1) {
    const linalg::Block<const Real> from(x, view.outer, n);
    linalg::multiply_tn<Real>(from, from, to);
  } else {
    for (Index b = 0; b < view.outer; ++b) {
      const linalg::Block<const Real> from(x + b * n * view.inner, n, view.inner);
      linalg::multiply_nt<Real>(from, from, to, b > 0);
    }
  }
  auto kept = flat(factor, n * n);
  kept = static_cast<Real>(keep) * kept + static_cast<Real>(share) * flat(moment.data(), n * n);
}

/// A leaf of n x n as a matrix of double.
template <class Real>
RowMajor<double> square_of(const Buffer<Real>& leaf) {
  const Index n = leaf.shape()[0];
  RowMajor<double> result(n, n);
  std::copy_n(leaf.value().data(), n * n, result.data());
  return result;
}

template <class Real>
void set_square(Buffer<Real>& leaf, const RowMajor<double>& values) {
  std::transform(values.data(), values.data() + values.size(), leaf.mutable_data(),
                 [](double value) { return static_cast<Real>(value); });
}

/// x[outer, j, inner] <- x[outer, order[j], inner]
template <class Real>
void reorder(const AxisView& view, const std::vector<Index>& order, Real* x) {
  std::vector<Real> old(x, x + view.outer * view.length * view.inner);
  for (Index b = 0; b < view.outer; ++b) {
    for (Index j = 0; j < view.length; ++j) {
      const Index from = b * view.length + order[static_cast<std::size_t>(j)];
      std::copy_n(old.data() + from * view.inner, view.inner, x + (b * view.length + j) * view.inner);
    }
  }
}

/// What Soap keeps of an axis.
template <class Real>
struct SoapSide {
  Buffer<Real> factor;
  Buffer<Real> basis;
  Index axis = 0;
};

/// What Soap keeps of a parameter: M, S and its axes, of which vectors have none.
template <class Real>
struct SoapState {
  Buffer<Real> first;
  Buffer<Real> second;
  std::vector<SoapSide<Real>> sides;
  Buffer<double> calls{Shape{1}};  // in which the parameter was not frozen

  /// x in the eigenbases, or back.
  Array<Real> turned(const Real* x, bool back) const {
    const Shape& shape = first.value().shape();
    Array<Real> from(shape), to(shape);
    std::copy_n(x, first.size(), from.mutable_data());
    for (const auto& side : sides) {
      turn(AxisView(shape, side.axis), side.basis.value().data(), back, from.data(), to.mutable_data());
      std::swap(from, to);
    }
    return from;
  }

  /// The first gradient: the bases.
  void begin(const Real* gradient) {
    for (auto& side : sides) {
      const AxisView view(first.value().shape(), side.axis);
      add_moment(view, gradient, 0, 1, side.factor.mutable_data());
      set_square(side.basis, eigenbasis(square_of(side.factor)));
    }
  }

  /// The factors, and the bases if it is time.
  void learn(const Real* gradient, double beta, bool renew) {
    for (auto& side : sides) {
      const AxisView view(first.value().shape(), side.axis);
      add_moment(view, gradient, beta, 1 - beta, side.factor.mutable_data());
      if (!renew) continue;
      const RenewedBasis<double> renewed = renewed_basis(square_of(side.factor), square_of(side.basis));
      set_square(side.basis, renewed.basis);
      reorder(view, renewed.order, second.mutable_data());
    }
  }
};

inline void check(const SoapOptions& options) {
  const auto is_decay = [](double beta) { return beta >= 0 && beta < 1; };
  require(is_decay(options.beta1) && is_decay(options.beta2), "Soap: beta1 is ", options.beta1,
          " and beta2 is ", options.beta2, ". Both lie in [0, 1).");
  require(options.epsilon > 0, "Soap: epsilon is ", options.epsilon, ". Give epsilon > 0.");
  require(options.learning_rate >= 0 && options.weight_decay >= 0, "Soap: learning_rate is ",
          options.learning_rate, " and weight_decay is ", options.weight_decay, ". Neither is negative.");
  require(options.refresh >= 1, "Soap: refresh is ", options.refresh, ". Give at least 1 step; 10 is usual.");
  require(options.longest_side >= 0, "Soap: longest_side is ", options.longest_side,
          ". Give a length, or 0 for Adam.");
}

inline AdamOptions adam_options(const SoapOptions& options) {
  return {options.learning_rate, options.beta1, options.beta2, options.epsilon, options.weight_decay};
}

}  // namespace detail

template <class Model>
class Soap {
  static_assert(holds_leaves<Model>,
                "Soap<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  SoapOptions options;

  /// For this model, or another with parameters of the same shapes.
  explicit Soap(const Model& model, SoapOptions given = {}) : options(given) {
    detail::check(options);
    for_each_parameter(model, [this]<class Leaf>(const Leaf& leaf) {
      using Real = typename Leaf::real_type;
      const Shape shape = leaf.value().shape();
      detail::SoapState<Real> state{Buffer<Real>(shape), Buffer<Real>(shape), {}, Buffer<double>(Shape{1})};
      const Index first = is_complex<typename Leaf::value_type> ? 1 : 0;  // the planes are no axis
      for (Index axis = first; shape.size() - first > 1 && axis < shape.size(); ++axis) {
        const Index n = shape[axis];
        if (n < 2 || n > options.longest_side) continue;
        state.sides.push_back({Buffer<Real>(Shape{n, n}), Buffer<Real>(Shape{n, n}), axis});
      }
      states_of<Real>().push_back(std::move(state));
    });
  }

  /// One step down the gradient; the first call finds the bases alone. If there is NaN or infinity in the
  /// gradient nothing is changed, and the exception names the parameter.
  void step(Model& model, const Model& gradient) {
    detail::check(options);
    look_at(model, gradient);
    *calls_.mutable_data() += 1;
    std::size_t position[2] = {0, 0};
    zip_parameters(model, gradient, [&]<class Leaf>(Leaf& leaf, const Leaf& slope) {
      using Real = typename Leaf::real_type;
      auto& state = states_of<Real>()[position[std::is_same_v<Real, float> ? 0 : 1]++];
      if (leaf.frozen()) return;
      const Real* g = slope.value().data();
      const auto t = static_cast<Index>((*state.calls.mutable_data() += 1) - 1);
      if (t == 0) return state.begin(g);
      if (state.sides.empty()) {
        const detail::AdamStep update(detail::adam_options(options), static_cast<double>(t));
        update(leaf.mutable_data(), state.first.mutable_data(), state.second.mutable_data(), g, leaf.size());
        return;
      }
      update(state, leaf.mutable_data(), g, static_cast<double>(t));
      state.learn(g, options.beta2, t % options.refresh == 0);
    });
  }

  /// How many times step was called.
  Index steps() const { return static_cast<Index>(*calls_.value().data()); }

  /// The moments, the factors and the bases, for checkpoints.
  static void visit(auto& self, auto&& f) {
    f("steps", self.calls_);
    f("single", std::get<0>(self.states_));
    f("double", std::get<1>(self.states_));
  }

 private:
  template <class Real>
  using States = std::vector<detail::SoapState<Real>>;

  template <class Real>
  States<Real>& states_of() {
    return std::get<States<Real>>(states_);
  }

  template <class Real>
  void update(detail::SoapState<Real>& state, Real* p, const Real* g, double t) const {
    const Index count = state.first.size();
    auto m = flat(state.first.mutable_data(), count);
    auto v = flat(state.second.mutable_data(), count);
    m = static_cast<Real>(options.beta1) * m + static_cast<Real>(1 - options.beta1) * flat(g, count);
    const Array<Real> turned = state.turned(g, false);
    v = static_cast<Real>(options.beta2) * v +
        static_cast<Real>(1 - options.beta2) * flat(turned.data(), count).square();
    Array<Real> step = state.turned(m.data(), false);
    const double first = 1 - std::pow(options.beta1, t), second = 1 - std::pow(options.beta2, t);
    auto direction = flat(step.mutable_data(), count);
    direction /= static_cast<Real>(1 / std::sqrt(second)) * v.sqrt() + static_cast<Real>(options.epsilon);
    const Array<Real> back = state.turned(step.data(), true);
    auto values = flat(p, count);
    values = static_cast<Real>(1 - options.learning_rate * options.weight_decay) * values -
             static_cast<Real>(options.learning_rate / first) * flat(back.data(), count);
  }

  void look_at(const Model& model, const Model& gradient) {
    std::size_t position[2] = {0, 0};
    bool finite = true;
    zip_parameters(
        model, gradient, [&]<class Leaf>(const std::string& path, const Leaf& leaf, const Leaf& slope) {
          using Real = typename Leaf::real_type;
          const auto& states = states_of<Real>();
          const std::size_t at = position[std::is_same_v<Real, float> ? 0 : 1]++;
          require(
              at < states.size() && states[at].first.value().shape() == leaf.value().shape(),
              "Soap::step: the parameters have other shapes than those of the model that this Soap was made for. ",
              path, " has now the shape ", leaf.value().shape(), ".");
          finite = finite && (leaf.frozen() || detail::all_finite(slope.value()));
        });
    require(position[0] == std::get<0>(states_).size() && position[1] == std::get<1>(states_).size(),
            "Soap::step: there are ", position[0] + position[1],
            " parameters, fewer than in the model that this Soap was made for.");
    if (!finite) detail::throw_not_finite(model, gradient, "Soap::step");
  }

  std::tuple<States<float>, States<double>> states_;
  Buffer<double> calls_{Shape{1}};
};

}  // namespace fredholm
