// DeepONet: a function as a sum of learned functions of the place, with coefficients that are functionals of
// the input.
//
//   G(u)_o(y) = sum_k b_ok(u) t_k(y) + b_o,   k = 1 ... p
//
// Lu, Jin, Pang, Zhang and Karniadakis (2021), equation 2; the trunk t is shared by all channels o of the
// output. The trunk is a perceptron of the physical coordinates, so the output is a function: `model(u,
// target)` takes its values on any discretization of the output's domain, which may be another one than the
// input's, and `model(u)` on the points of u. Which domain that is the model does not know: it answers
// anywhere, and outside the domain of training says nothing of use. What the model may be given is decided by
// the branch, a type:
//
//   make_deeponet<1>({.sensors = 100}, rng)          Sensors: b = B(u(x_1), ..., u(x_m)), a perceptron of the
//                                                    values at m points, the ordinary DeepONet. The points
//                                                    are part of the model: another number of them throws,
//                                                    other places give another operator.
//   make_deeponet<1, Integrals>({.functions = 32}, rng)
//                                                    b = B(c), c_k = int phi_k(x) . u(x) dmu(x), with a
//                                                    perceptron phi of the coordinates: any discretization,
//                                                    at the order of its rule.
//   make_deeponet<2, 1, Integrals, Tanh, float>(...) functions on a plane to functions on a line; activation,
//                                                    scalar
//
// Use it where the output is wanted at few or scattered points, or lives on another domain. The output is in
// the span of p functions, whatever u is: where solutions are moved about by what they depend on (fronts,
// waves), p grows, and an FNO or a transformer is the better choice. `branch_depth = 0` makes the branch, and
// with it the operator, affine in u.
//
// Two things to know in training. A loss over a batch is cut into tiles, each of which evaluates the trunk
// anew: say `whole(loss)` (autodiff/tiles.hpp), which costs the second thread and saves more. The functions
// that Integrals learns are seen at the points of training alone: take a grid that is finer than u asks for,
// or they grow into what it does not see.
#pragma once

#include <optional>
#include <vector>

#include <fredholm/autodiff/ops/swap_axes.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/rule_of_field.hpp>
#include <fredholm/layers/template_arguments.hpp>

namespace fredholm {

struct DeepOnetOptions {
  Index in = 1;            ///< channels of the input
  Index out = 1;           ///< channels of the output
  Index sensors = 100;     ///< points of the input, for Sensors
  Index functions = 32;    ///< learned functions that the input is integrated against, for Integrals
  Index basis = 40;        ///< p: terms of the sum
  Index width = 40;        ///< of all hidden layers
  Index branch_depth = 1;  ///< hidden layers of the branch
  Index trunk_depth = 2;   ///< hidden layers of the trunk, and of the functions that Integrals learns
  /// Fourier features of the coordinates for these perceptrons: k / 2 cycles over `length`, k = 1 ...
  /// frequencies, on each axis. A perceptron of x alone begins nearly linear in x, and its integrals say
  /// little about u: give Integrals a few.
  Index frequencies = 0;
  double length = 1.0;  ///< of the domains, in their own unit
};

/// A perceptron of the place: a discretization -> (points, outputs).
template <class Activation = Gelu, class Scalar = double>
struct PlaceNet {
  std::optional<FourierFeatures<Scalar>> waves;
  Mlp<Activation, Scalar> net;

  template <AnyDiscretization Discretization>
  Array<Scalar> operator()(const Discretization& d) const {
    Array<Scalar> x = coordinates<Scalar>(d).values();
    if (waves) x = concatenate(x, waves->features(d));
    return net(x.reshaped({d.size(), x.shape().back()}));
  }
};

/// Values at fixed points -> (batch, coefficients).
template <class Activation = Gelu, class Scalar = double>
struct SensorBranch {
  Index channels = 1;           // of the input
  Mlp<Activation, Scalar> net;  // of sensors x channels numbers

  Array<Scalar> operator()(const AnyField auto& u) const {
    const Index sensors = net.layers.front().weight.shape()[0] / channels;
    require(
        u.points() == sensors && u.channels() == channels, "a DeepONet with ", sensors, " sensors of ",
        channels, " channels was given a field of ", u.points(), " points and ", u.channels(),
        " channels. Its sensors are fixed: resample the field to them, or use make_deeponet<D, Integrals>, "
        "which takes every discretization.");
    return net(u.values().reshaped({u.batch(), sensors * channels}));
  }
};

/// Integrals against learned functions -> (batch, coefficients).
template <class Rule = RuleOfField, class Activation = Gelu, class Scalar = double>
struct IntegralBranch {
  PlaceNet<Activation, Scalar> functions;  // channels x functions, all of a channel together
  Mlp<Activation, Scalar> net;             // of the integrals

  Array<Scalar> operator()(const AnyField auto& u) const { return net(integrals_of(u)); }

  /// c_k = int phi_k . u dmu: (batch, functions), one matrix product for the batch.
  Array<Scalar> integrals_of(const AnyField auto& u) const {
    const Index points = u.points(), count = net.layers.front().weight.shape()[0];
    const Index channels = functions.net.layers.back().bias.shape()[0] / count;
    require(u.channels() == channels, "a DeepONet for inputs of ", channels,
            " channels was given a field of ", u.channels(), ".");
    const auto phi = functions(u.discretization());
    const auto weights = detail::layer_weights<Rule, Scalar>(u.discretization());
    const auto weighted = (phi * weights.reshaped({points, 1})).reshaped({points * channels, count});
    const auto values = u.values().reshaped({u.batch(), points * channels});
    return linear(values, weighted, Array<Scalar>::zeros({count}));
  }
};

/// Branches by name, for make_deeponet.
struct Sensors {
  template <class Activation, class Scalar>
  using branch = SensorBranch<Activation, Scalar>;
};
/// By the measure of the field, or by a rule of its own: IntegralsBy<Counting> sums over points.
template <class Rule>
struct IntegralsBy {
  template <class Activation, class Scalar>
  using branch = IntegralBranch<Rule, Activation, Scalar>;
};
using Integrals = IntegralsBy<RuleOfField>;

namespace detail {

template <class T>
struct IsBranch : std::false_type {};
template <>
struct IsBranch<Sensors> : std::true_type {};
template <class Rule>
struct IsBranch<IntegralsBy<Rule>> : std::true_type {};
template <class T>
struct IsNoBranch : std::bool_constant<!AnyScalar<T> && !IsBranch<T>::value> {};
template <class T, class Scalar>
inline constexpr bool is_activation = FusedActivation<T> || std::is_invocable_v<T, const Array<Scalar>&>;

}  // namespace detail

/// What DeepOnet<In, Out, ...> stands for: functions on In dimensions to functions on Out dimensions.
template <Index In, Index Out, class Branch, class Activation, class Scalar>
struct BasicDeepOnet {
  Branch branch;                       // u -> (batch, channels of the output x p)
  PlaceNet<Activation, Scalar> trunk;  // p
  Parameter<Scalar> bias;              // (channels of the output)

  /// On the points of u.
  template <AnyField Input>
  Input operator()(const Input& u) const {
    static_assert(
        In == Out,
        "a DeepONet whose output lives on a domain of another dimension is told where: model(u, d).");
    return (*this)(u, u.discretization());
  }

  /// On any points of the output's domain.
  template <AnyField Input, AnyDiscretization Target>
  Field<Target, Scalar> operator()(const Input& u, const Target& target) const {
    static_assert(std::remove_cvref_t<decltype(u.discretization())>::dimension == In,
                  "a DeepONet is given a field on a domain of another dimension than its own.");
    static_assert(Target::dimension == Out,
                  "a DeepONet is asked for values on a domain of another dimension than that of its output.");
    static_assert(std::is_same_v<typename Input::scalar_type, Scalar>,
                  "a model of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    const Index batch = u.batch(), out = bias.shape()[0];
    const auto t = trunk(target);
    const auto b = branch(u).reshaped({batch, out, t.shape(1)});
    const auto v = swap_axes(multiply_along(b, 2, t), 1, 2) + bias();
    return {target, v.reshaped(detail::field_shape(batch, target.shape(), out))};
  }
};

namespace detail {

template <class... Argument>
struct DeepOnetArguments {
  using Scalar = scalar_among<Argument...>;
  using Activation = first_that<IsNoBranch, Gelu, Argument...>;
  using Branch = typename first_that<IsBranch, Sensors, Argument...>::template branch<Activation, Scalar>;
  static_assert(
      (... && (!IsNoBranch<Argument>::value || is_activation<Argument, Scalar>)),
      "make_deeponet<D, ...>: an argument is neither a branch nor an activation nor a scalar. A rule is "
      "written IntegralsBy<Rule>.");
  static_assert(count_that<IsScalar, Argument...> <= 1 && count_that<IsNoBranch, Argument...> <= 1 &&
                    count_that<IsBranch, Argument...> <= 1,
                "make_deeponet<D, ...>: give at most one branch (Sensors, Integrals), one activation and one "
                "scalar.");
};

/// in, `depth` hidden layers, out.
inline std::vector<Index> widths_of(Index in, Index hidden, Index depth, Index out) {
  std::vector<Index> widths{in};
  widths.insert(widths.end(), static_cast<std::size_t>(depth), hidden);
  widths.push_back(out);
  return widths;
}

}  // namespace detail

/// DeepOnet<1, 1>, DeepOnet<2, 1, Integrals, Tanh, float>: a branch, an activation and a scalar, each of them
/// optional.
template <Index In, Index Out, class... Argument>
using DeepOnet = BasicDeepOnet<In, Out, typename detail::DeepOnetArguments<Argument...>::Branch,
                               typename detail::DeepOnetArguments<Argument...>::Activation,
                               typename detail::DeepOnetArguments<Argument...>::Scalar>;

template <Index In, Index Out, class... Argument>
DeepOnet<In, Out, Argument...> make_deeponet(const DeepOnetOptions& options, Engine& engine) {
  using Scalar = typename detail::DeepOnetArguments<Argument...>::Scalar;
  using Activation = typename detail::DeepOnetArguments<Argument...>::Activation;
  const auto& o = options;
  require(o.branch_depth >= 0 && o.trunk_depth >= 0 && o.basis >= 1 && o.in >= 1 && o.out >= 1,
          "make_deeponet: branch_depth is ", o.branch_depth, ", trunk_depth ", o.trunk_depth, ", basis ",
          o.basis, ", in ", o.in, " and out ", o.out,
          "; depths are not negative, and there is at least one function and one channel.");
  const auto net = [&](Index in, Index depth, Index out) {
    return make_mlp<Activation, Scalar>(detail::widths_of(in, o.width, depth, out), engine);
  };
  const auto place_net = [&]<Index D>(std::integral_constant<Index, D>, Index out) {
    PlaceNet<Activation, Scalar> place;
    if (o.frequencies != 0) place.waves = make_fourier_features<D, Scalar>(o.frequencies, o.length);
    place.net = net(D + 2 * D * o.frequencies, o.trunk_depth, out);
    return place;
  };
  DeepOnet<In, Out, Argument...> model;
  if constexpr (requires { model.branch.functions; }) {
    model.branch.functions = place_net(std::integral_constant<Index, In>(), o.in * o.functions);
    model.branch.net = net(o.functions, o.branch_depth, o.out * o.basis);
  } else {
    model.branch.channels = o.in;
    model.branch.net = net(o.in * o.sensors, o.branch_depth, o.out * o.basis);
  }
  model.trunk = place_net(std::integral_constant<Index, Out>(), o.basis);
  model.bias = Parameter<Scalar>(Shape{o.out});
  return model;
}

/// From functions to functions on the same domain, or on another of the same dimension.
template <Index D, class... Argument>
DeepOnet<D, D, Argument...> make_deeponet(const DeepOnetOptions& options, Engine& engine) {
  return make_deeponet<D, D, Argument...>(options, engine);
}

}  // namespace fredholm
