// Where a point is, told to a layer in physical coordinates, never in indices.
//
//   NoPosition             u(x) -> u(x)
//   CoordinateEmbedding    u(x) -> (u(x), x)
//   FourierFeatures        u(x) -> (u(x), cos 2 pi B x, sin 2 pi B x),   B (D, frequencies), in cycles per
//                          unit of length
//
// They append channels and know nothing of the grid: the same x gives the same channels everywhere. The
// frequencies are a Buffer, kept with the model and not trained. make_fourier_features takes 1/2, 1, 3/2, ...
// cycles over a length, along each axis in turn (the functions that separate variables on a box). On a
// periodic axis every frequency must be a whole number of cycles over the period, or the features jump where
// it closes and the rule loses its order: give half the period as `length`. Random ones as in Tancik et al.
// (2020) are made by make_random_features, for what is not periodic. What only the difference of two points
// is to tell is a RotaryPosition (layers/rotary.hpp).
//
// `make<D>(frequencies, length)` and `channels<D>()`, how many channels are appended, are what a model asks
// for that is put together by type (operators/transformer.hpp): an embedding of your own has them too.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>

#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/periods.hpp>

namespace fredholm {

namespace detail {

/// On a periodic axis a wave must close: half a cycle jumps there, and every rule falls to order 1.
template <class Scalar, class Discretization>
void require_whole_cycles(const char* what, const Buffer<Scalar>& frequency, const Discretization& d) {
  const auto periods = periods_of(d);
  const Index count = frequency.shape()[1];
  for (Index axis = 0; axis < Discretization::dimension; ++axis) {
    const double period = periods[static_cast<std::size_t>(axis)];
    for (Index k = 0; period != 0.0 && k < count; ++k) {
      const double cycles = period * static_cast<double>(frequency.value().data()[axis * count + k]);
      require(std::abs(cycles - std::round(cycles)) <= 1e-5 * std::max(1.0, std::abs(cycles)), what,
              " has a frequency of ", cycles, " cycles over the period ", period, " of coordinate ", axis,
              ", and jumps where the period closes. Give make_fno the period as length, {.length = ", period,
              "}, and all others half of it, {.length = ", 0.5 * period, "}.");
    }
  }
}

}  // namespace detail

/// What a model over D coordinates may be told positions by.
template <class Layer, Index D>
concept AnyPosition = requires(const Layer& layer, Index frequencies, double length) {
  { Layer::template make<D>(frequencies, length) } -> std::same_as<Layer>;
  { layer.template channels<D>() } -> std::same_as<Index>;
};

struct NoPosition {
  template <Index D>
  static NoPosition make(Index, double) {
    return {};
  }
  template <Index D>
  Index channels() const {
    return 0;
  }
  template <AnyField Input>
  Input operator()(const Input& u) const {
    return u;
  }
};

struct CoordinateEmbedding {
  template <Index D>
  static CoordinateEmbedding make(Index, double) {
    return {};
  }
  template <Index D>
  Index channels() const {
    return D;
  }

  auto operator()(const AnyField auto& u) const {
    using Scalar = typename std::remove_cvref_t<decltype(u)>::scalar_type;
    return u.with(concatenate(u.values(), coordinates<Scalar>(u.discretization()).values()));
  }
};

template <class Scalar = double>
struct FourierFeatures {
  Buffer<Scalar> frequency;  // (D, frequencies)

  /// k / 2 cycles over `length`, k = 1 ... count, along each axis.
  template <Index D>
  static FourierFeatures make(Index count, double length) {
    require(count >= 0 && length > 0.0, "make_fourier_features: ", count, " frequencies over a length of ",
            length, "; give no negative number of them, and a positive length.");
    Array<Scalar> frequency = Array<Scalar>::zeros({D, D * count});
    for (Index a = 0; a < D; ++a) {
      for (Index k = 0; k < count; ++k) {
        frequency.mutable_data()[a * D * count + a * count + k] =
            static_cast<Scalar>(static_cast<double>(k + 1) / (2.0 * length));
      }
    }
    return {Buffer<Scalar>(frequency)};
  }
  template <Index D>
  Index channels() const {
    return 2 * frequency.shape()[1];
  }

  template <AnyField Input>
  Input operator()(const Input& u) const {
    return u.with(concatenate(u.values(), features(u.discretization())));
  }

  /// (1, points..., 2 frequencies)
  template <class Discretization>
  Array<Scalar> features(const Discretization& d) const {
    const Index dimension = frequency.shape()[0];
    const Index count = frequency.shape()[1];
    require(dimension == Discretization::dimension, "Fourier features in ", dimension,
            " coordinates are asked for on a domain of ", Discretization::dimension, ".");
    detail::require_whole_cycles("a Fourier feature", frequency, d);
    Array<Scalar> result(detail::field_shape(1, d.shape(), 2 * count));
    Scalar* out = result.mutable_data();
    for (Index j = 0; j < d.size(); ++j) {
      for (Index f = 0; f < count; ++f) {
        double phase = 0.0;
        for (Index a = 0; a < dimension; ++a) {
          phase += static_cast<double>(frequency.value().data()[a * count + f]) *
                   d.points()[static_cast<std::size_t>(j * dimension + a)];
        }
        out[j * 2 * count + f] = static_cast<Scalar>(std::cos(2.0 * std::numbers::pi * phase));
        out[j * 2 * count + count + f] = static_cast<Scalar>(std::sin(2.0 * std::numbers::pi * phase));
      }
    }
    return result;
  }
};

/// k / 2 cycles over `length`, k = 1 ... count, along each axis; on a periodic axis give half the period as
/// `length`.
template <Index D, class Scalar = double>
FourierFeatures<Scalar> make_fourier_features(Index count, double length = 1.0) {
  return FourierFeatures<Scalar>::template make<D>(count, length);
}

/// Normal frequencies with the given standard deviation, in cycles per unit of length.
template <Index D, class Scalar = double>
FourierFeatures<Scalar> make_random_features(Index count, double deviation, Engine& engine) {
  require(count >= 0, "make_random_features: ", count, " frequencies; give 0 or more.");
  return {Buffer<Scalar>(normal_array<Scalar>({D, count}, deviation, engine))};
}

}  // namespace fredholm
