// Adam and AdamW: gradient descent with a step size for each parameter.
//
//   m <- b1 m + (1 - b1) g,    v <- b2 v + (1 - b2) g^2
//   p <- p - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon) - rate * weight_decay * p
//
// The first choice for every model here. Physics-informed losses with few parameters go further with
// second-order steps after it. The rate is an option and may change between steps: adam.options.learning_rate
// = schedule(t) (train/schedule.hpp).
//
// The weight decay is decoupled (AdamW): it does not pass through the moments. Complex parameters are stepped
// as their real and imaginary parts. Frozen parameters stay as they are. An Adam is itself a model of
// buffers: save and load it beside the model to go on with a training.
//
// Sources: Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019), algorithm 2, with the decay
// scaled by the rate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/train/finite.hpp>

namespace fredholm {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

namespace detail {

/// What Adam keeps of one parameter, as long as its array.
template <class Real>
struct AdamMoments {
  Buffer<Real> first;
  Buffer<Real> second;
};

/// The numbers of one step, the same for all parameters.
struct AdamStep {
  double beta1, beta2, rate, root_scale, epsilon, keep;

  AdamStep(const AdamOptions& options, double t)
      : beta1(options.beta1),
        beta2(options.beta2),
        rate(options.learning_rate / (1.0 - std::pow(beta1, t))),
        root_scale(1.0 / std::sqrt(1.0 - std::pow(beta2, t))),
        epsilon(options.epsilon),
        keep(1.0 - options.learning_rate * options.weight_decay) {}

  /// In blocks that stay in the first cache, so that each array is read and written once.
  template <class Real>
  void operator()(Real* p, Real* m, Real* v, const Real* g, Index count) const {
    constexpr Index block = 1024;
    for (Index begin = 0; begin < count; begin += block) {
      const Index length = std::min(block, count - begin);
      update(flat(p + begin, length), flat(m + begin, length), flat(v + begin, length),
             flat(g + begin, length));
    }
  }

 private:
  template <class Values, class Gradient>
  void update(Values p, Values m, Values v, Gradient g) const {
    using Real = typename Values::Scalar;
    m = static_cast<Real>(beta1) * m + static_cast<Real>(1.0 - beta1) * g;
    v = static_cast<Real>(beta2) * v + static_cast<Real>(1.0 - beta2) * g.square();
    p = static_cast<Real>(keep) * p -
        static_cast<Real>(rate) * m / (static_cast<Real>(root_scale) * v.sqrt() + static_cast<Real>(epsilon));
  }
};

inline void check(const AdamOptions& options) {
  const auto is_decay = [](double beta) { return beta >= 0 && beta < 1; };
  require(is_decay(options.beta1) && is_decay(options.beta2), "Adam: beta1 is ", options.beta1,
          " and beta2 is ", options.beta2, ". Both lie in [0, 1).");
  require(options.epsilon > 0, "Adam: epsilon is ", options.epsilon, ". Give epsilon > 0.");
  require(options.learning_rate >= 0 && options.weight_decay >= 0, "Adam: learning_rate is ",
          options.learning_rate, " and weight_decay is ", options.weight_decay, ". Neither is negative.");
}

}  // namespace detail

template <class Model>
class Adam {
  static_assert(holds_leaves<Model>,
                "Adam<Model>: this is no model; there is no Parameter to be found in it. See core/tree.hpp.");

 public:
  AdamOptions options;

  /// For this model, or another with parameters of the same shapes.
  explicit Adam(const Model& model, AdamOptions given = {}) : options(given) {
    detail::check(options);
    for_each_parameter(model, [this](const auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      const Shape shape = leaf.value().shape();
      moments_of<Real>().push_back({Buffer<Real>(shape), Buffer<Real>(shape)});
      slots_.push_back({shape});
    });
  }

  /// One step down the gradient. If there is NaN or infinity in it nothing is changed, and the exception
  /// names the parameter. Allocates nothing, unless another model shares the values of this one.
  void step(Model& model, const Model& gradient) {
    detail::check(options);
    look_at(model);
    look_at_gradient(model, gradient);
    *steps_.mutable_data() += 1;
    const detail::AdamStep update(options, static_cast<double>(steps()));
    std::size_t slot = 0;
    std::size_t singles = 0;
    std::size_t doubles = 0;
    for_each_parameter(model, [&](auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      std::size_t& position = std::is_same_v<Real, float> ? singles : doubles;
      auto& moments = moments_of<Real>()[position++];
      const Slot& found = slots_[slot++];
      if (found.frozen) return;
      update(leaf.mutable_data(), moments.first.mutable_data(), moments.second.mutable_data(),
             static_cast<const Real*>(found.gradient), leaf.size());
    });
  }

  /// How many steps were taken.
  Index steps() const { return static_cast<Index>(*steps_.value().data()); }

  /// The moments and the number of steps, for checkpoints.
  static void visit(auto& self, auto&& f) {
    f("steps", self.steps_);
    f("single", std::get<0>(self.moments_));
    f("double", std::get<1>(self.moments_));
  }

 private:
  template <class Real>
  using Moments = std::vector<detail::AdamMoments<Real>>;

  /// A parameter, in the order of the walk. The last two are of the step that runs.
  struct Slot {
    Shape shape;
    bool frozen = false;
    const void* gradient = nullptr;
  };

  template <class Real>
  Moments<Real>& moments_of() {
    return std::get<Moments<Real>>(moments_);
  }

  template <class Leaf>
  Slot& next(std::size_t& slot, const Leaf& leaf) {
    require(slot < slots_.size() && slots_[slot].shape == leaf.value().shape(),
            "Adam::step: the parameters have other shapes than those of the model that this Adam was made "
            "for. Parameter ",
            slot, " has now the shape ", leaf.value().shape(), ".");
    return slots_[slot++];
  }

  void require_all(std::size_t slots) const {
    require(slots == slots_.size(), "Adam::step: there are ", slots,
            " parameters, and this Adam was made for a model with ", slots_.size(), ".");
  }

  void look_at(const Model& model) {
    std::size_t slot = 0;
    for_each_parameter(model, [&](const auto& leaf) { next(slot, leaf).frozen = leaf.frozen(); });
    require_all(slot);
  }

  void look_at_gradient(const Model& model, const Model& gradient) {
    std::size_t slot = 0;
    bool finite = true;
    for_each_parameter(gradient, [&](const auto& leaf) {
      Slot& here = next(slot, leaf);
      here.gradient = leaf.value().data();
      finite = finite && (here.frozen || detail::all_finite(leaf.value()));
    });
    require_all(slot);
    if (!finite) detail::throw_not_finite(model, gradient, "Adam::step");
  }

  std::tuple<Moments<float>, Moments<double>> moments_;
  std::vector<Slot> slots_;
  Buffer<double> steps_{Shape{1}};
};

}  // namespace fredholm
