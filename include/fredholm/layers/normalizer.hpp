// Inputs and outputs in units of their own spread, with statistics that belong to the functions and not to
// the grid.
//
//   m_c = (1 / (B |Omega|)) sum_b int u_bc,    s_c^2 = (1 / (B |Omega|)) sum_b int (u_bc - m_c)^2
//   normalizer(u) = (u - m) / s,   normalizer.inverse(v) = s v + m
//
// One number a channel: the integrals are the field's own, so that the same functions sampled on another grid
// have the same statistics, to the rule's error. (Statistics at every point, as the first FNO code took them,
// belong to one grid, and so does whatever was trained with them.) Mean and deviation are buffers: kept with
// the model, saved and loaded, cast, and not trained. A channel that is constant (to round-off) has s = 1.
//
//   auto model = normalized(make_fno<2, float>({.in = 1}, rng), input, output);   // decodes what it predicts
#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

template <class Scalar = double>
struct Normalizer {
  Buffer<Scalar> mean;       // (channels)
  Buffer<Scalar> deviation;  // (channels)

  template <AnyField Input>
  Input operator()(const Input& u) const {
    check(u);
    return u.with((u.values() - mean()) / deviation());
  }

  template <AnyField Input>
  Input inverse(const Input& v) const {
    check(v);
    return v.with(v.values() * deviation() + mean());
  }

 private:
  template <AnyField Input>
  void check(const Input& u) const {
    require(u.channels() == mean.size(), "a Normalizer of ", mean.size(), " channels was given a field of ",
            u.channels(), ".");
  }
};

/// The statistics of a batch. Throws std::invalid_argument if there is none, or no positive measure.
template <class Discretization, class Scalar>
Normalizer<Scalar> make_normalizer(const Field<Discretization, Scalar>& u) {
  const auto& weights = u.discretization().weights();
  const Index points = u.points(), channels = u.channels(), batch = u.batch();
  double total = 0.0;
  for (double w : weights) total += w;
  require(batch > 0 && total > 0.0, "make_normalizer: a batch of ", batch,
          " functions, with weights that add up to ", total, "; both must be positive.");
  const auto average = [&](const auto& term) {
    std::vector<double> sums(static_cast<std::size_t>(channels), 0.0);
    const Scalar* value = u.values().data();
    for (Index b = 0; b < batch; ++b) {
      for (Index j = 0; j < points; ++j) {
        for (std::size_t c = 0; c < sums.size(); ++c)
          sums[c] += weights[static_cast<std::size_t>(j)] * term(static_cast<double>(*value++), c);
      }
    }
    for (double& sum : sums) sum /= total * static_cast<double>(batch);
    return sums;
  };
  const auto mean = average([](double value, std::size_t) { return value; });
  const auto variance =
      average([&](double value, std::size_t c) { return (value - mean[c]) * (value - mean[c]); });
  Normalizer<Scalar> result{Buffer<Scalar>(Shape{channels}), Buffer<Scalar>(Shape{channels})};
  for (Index c = 0; c < channels; ++c) {
    const double v = variance[static_cast<std::size_t>(c)];
    require(v >= 0.0 || std::isnan(v), "make_normalizer: the variance of channel ", c, " is ", v,
            ": the rule has negative weights. Use a rule with positive ones.");
    result.mean.mutable_data()[c] = static_cast<Scalar>(mean[static_cast<std::size_t>(c)]);
    // The spread of a constant is round-off of its value; dividing by it would make noise of it.
    const double round_off =
        64 * std::numeric_limits<Scalar>::epsilon() * std::abs(mean[static_cast<std::size_t>(c)]);
    const double spread = std::sqrt(v);
    result.deviation.mutable_data()[c] = spread <= round_off ? Scalar{1} : static_cast<Scalar>(spread);
  }
  return result;
}

/// A model between two normalizers: it sees normalized inputs, and what it gives is decoded.
template <class Model, class Scalar = double>
struct Normalized {
  Normalizer<Scalar> input;
  Model model;
  Normalizer<Scalar> output;

  /// What follows u is the model's: points of model(u, target) as they are, a field normalized as u is.
  auto operator()(const AnyField auto& u, const auto&... further) const {
    return output.inverse(model(input(u), seen(further)...));
  }

 private:
  template <class Argument>
  decltype(auto) seen(const Argument& argument) const {
    if constexpr (AnyField<Argument>) {
      return input(argument);
    } else {
      return (argument);
    }
  }
};

/// With the statistics of training inputs and outputs.
template <class Model, class In, class Out, class Scalar>
Normalized<Model, Scalar> normalized(Model model, const Field<In, Scalar>& input,
                                     const Field<Out, Scalar>& output) {
  return {make_normalizer(input), std::move(model), make_normalizer(output)};
}

}  // namespace fredholm
