// What the laws of transformers, of queries at other points and of encoder-decoders share: discretizations, functions, checks,
// and parts of a model as a user would write them.
#pragma once

#include <fredholm/fredholm.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "laws.hpp"

namespace outside {

using namespace fredholm;

/// A user's attention: the mean of the values over the domain, gated at each point. Not a softmax, no base class.
template <class Scalar = double>
struct MeanAttention {
  Linear<Scalar> gate;
  Linear<Scalar> value;

  static MeanAttention make(const AttentionOptions& options, Engine& engine) {
    auto gate = make_linear<Scalar>(options.channels, options.channels, engine);
    return {std::move(gate), make_linear<Scalar>(options.channels, options.channels, engine)};
  }
  auto operator()(const AnyField auto& u) const { return (*this)(u, u); }
  auto operator()(const AnyField auto& u, const AnyField auto& f) const {
    const Array<Scalar> values = value(f.values()).reshaped({f.batch(), f.points(), f.channels()});
    const Array<Scalar> mean = weighted_sum(values, weights_of<Scalar>(f.discretization()));
    const Shape rows{u.batch(), u.points(), u.channels()};
    const Array<Scalar> out =
        sigmoid(gate(u.values())).reshaped(rows) * mean.reshaped({f.batch(), 1, f.channels()});
    return u.with(out.reshaped(u.values().shape()));
  }
};

/// A user's norm, with the scale of the whole function: no mean is taken away.
template <class Scalar = double>
struct SizeNorm {
  Parameter<Scalar> scale;
  static SizeNorm make(Index channels) {
    return {Parameter<Scalar>(Array<Scalar>::full({channels}, Scalar{1}))};
  }
  auto operator()(const AnyField auto& u) const { return u.with(u.values() / Scalar{2} * scale()); }
};

/// A user's position: the first coordinate squared.
struct SquarePosition {
  template <Index D>
  static SquarePosition make(Index, double) {
    return {};
  }
  template <Index D>
  Index channels() const {
    return 1;
  }
  auto operator()(const AnyField auto& u) const {
    using Scalar = typename std::remove_cvref_t<decltype(u)>::scalar_type;
    const auto x = slice_channels(coordinates<Scalar>(u.discretization()), 0, 1);
    return u.with(concatenate(u.values(), square(x).values()));
  }
};

}  // namespace outside

namespace transformer_laws {

using namespace law_tests;

using Line = Discretization<UniformGrid<>, Simpson>;
using Cloud = Discretization<PointCloud<1>, Given>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;

/// LayerNorm over few channels bends sharply: at the usual step of 1e-3 differences of order 4 are off by up to 4e-6, and by
/// 16 times less at each half of it.
inline const laws::GradientOptions curved{.step = 2.5e-4};

inline Cloud cloud_of(const auto& d) {
  return laws::detail::cloud_of(d, laws::detail::as_they_are(d.size()));
}

template <class D>
Field<D, double> random_field(const D& d, Index batch, Index channels, Engine& rng) {
  return {d, normal_array<double>(detail::field_shape(batch, d.shape(), channels), 1.0, rng)};
}

inline double gap(const Array<double>& a, const Array<double>& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0.0;
  for (Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

template <class... Argument>
auto transformer() {
  Engine rng(7);
  return make_transformer<1, Argument...>({.channels = 16, .heads = 2, .depth = 2}, rng);
}
template <class... Argument>
auto encoder_decoder() {
  Engine rng(7);
  return make_encoder_decoder<1, Argument...>({.channels = 16, .heads = 2, .depth = 2}, rng);
}

/// model(u, target) as an operator of u.
template <class Model>
auto at(const Model& model, const auto& target) {
  return [&model, target](const auto& u) { return model(u, target); };
}

template <class Operator>
void check_orders(const Operator& op) {
  const auto reference = gauss(160);
  const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};
  check_slope(laws::refinement(op, smooth, on_uniform<Trapezoid>(), reference, sizes), 1.9, 2.1);
  check_slope(laws::refinement(op, smooth, on_uniform<Simpson>(), reference, sizes), 3.8, 4.2);
  check(laws::refinement(op, smooth, make_gauss, reference, {.sizes = {65, 129}}));
}

/// The same as a model, with its parameters.
template <class Model>
struct At {
  Model model;
  Gauss target;
  static void visit(auto& self, auto&& f) { f("model", self.model); }
  auto operator()(const AnyField auto& u) const { return model(u, target); }
};
template <class Model>
At<Model> moved_to(Model model, const Gauss& target) {
  return {std::move(model), target};
}

}  // namespace transformer_laws
