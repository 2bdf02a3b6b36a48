// Rotary positions: where two points are to each other, told to the scores of an attention.
//
//   s(x, y) = (R(x) q) . (R(y) k) / sqrt(d) = q . R(y - x) k / sqrt(d),   R(x): pair p turned by 2 pi f_p . x
//
// f (D, pairs) in cycles per unit of length, x in physical coordinates, never in indices. The score depends
// on x - y alone: a model that hears of positions in no other way commutes with shifts of the domain. Use it
// where a law is the same everywhere; where the place itself matters (walls, a coefficient that is not an
// input), use FourierFeatures.
//
// On a periodic axis every f_p must be a whole number of cycles over the period: give half the period as
// `length`. Then the model commutes with shifts round the circle, too. Half a cycle jumps where the period
// closes, which costs the rule its order, and throws.
//
// The rotation is smooth in x and multiplies no values, so that the order of an attention stays that of its
// rule. Su et al. (2021), section 3.2, with coordinates in the place of the positions of words.
#pragma once

#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <fredholm/autodiff/ops/rotate.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/layers/embedding.hpp>

namespace fredholm {

template <class Scalar = double>
struct RotaryPosition {
  Buffer<Scalar> frequency;  // (D, pairs)

  /// k / 2 cycles over `length`, k = 1 ... count, along each axis in turn: D * count pairs.
  template <Index D>
  static RotaryPosition make(Index count, double length) {
    return {make_fourier_features<D, Scalar>(count, length).frequency};
  }

  /// Nothing is appended: the position goes to the attention.
  template <Index D>
  Index channels() const {
    return 0;
  }
  template <AnyField Input>
  Input operator()(const Input& u) const {
    return u;
  }

  /// q (batch, points, C) of an attention with so many heads, turned.
  template <class Discretization>
  Array<Scalar> rotate(const Array<Scalar>& q, const Discretization& d, Index heads) const {
    return fredholm::rotate(q, turn(d), heads);
  }

  /// (points, 2 pairs): cosines, then sines. The angles are taken in double, once for each discretization.
  template <class Discretization>
  Array<Scalar> turn(const Discretization& d) const {
    const Index dimension = frequency.shape()[0], pairs = frequency.shape()[1];
    require(dimension == Discretization::dimension, "a rotary position in ", dimension,
            " coordinates is asked for on a domain of ", Discretization::dimension, ".");
    detail::require_whole_cycles("a rotary position", frequency, d);
    const Scalar* f = frequency.value().data();
    const auto made = [&] {
      std::vector<Scalar> table;
      table.reserve(static_cast<std::size_t>(d.size() * 2 * pairs));
      for (Index j = 0; j < d.size(); ++j) {
        const auto angle = [&](Index p) {
          double cycles = 0.0;
          for (Index a = 0; a < dimension; ++a)
            cycles += static_cast<double>(f[a * pairs + p]) *
                      d.points()[static_cast<std::size_t>(j * dimension + a)];
          return 2.0 * std::numbers::pi * cycles;
        };
        for (Index p = 0; p < pairs; ++p) table.push_back(static_cast<Scalar>(std::cos(angle(p))));
        for (Index p = 0; p < pairs; ++p) table.push_back(static_cast<Scalar>(std::sin(angle(p))));
      }
      return table;
    };
    // The frequencies are in the name: two models on one discretization keep two tables.
    const auto* bytes = reinterpret_cast<const char*>(f);
    const std::string name =
        "rotary " + std::string(bytes, static_cast<std::size_t>(frequency.size()) * sizeof(Scalar));
    const auto kept = d.template derived<std::vector<Scalar>>(name, made);
    // Never written to: the discretization holds the memory too, so an array that wants to write copies it
    // first.
    auto* values = const_cast<Scalar*>(kept->data());
    return Array<Scalar>(Shape{d.size(), 2 * pairs}, std::shared_ptr<Scalar>(kept, values));
  }
};

/// k / 2 cycles over `length`, k = 1 ... count, along each axis; on a periodic axis give half the period as
/// `length`. A head of an attention needs 2 D count channels.
template <Index D, class Scalar = double>
RotaryPosition<Scalar> make_rotary_position(Index count, double length = 1.0) {
  return RotaryPosition<Scalar>::template make<D>(count, length);
}

template <class T>
inline constexpr bool is_rotary = false;
template <class Scalar>
inline constexpr bool is_rotary<RotaryPosition<Scalar>> = true;

}  // namespace fredholm
