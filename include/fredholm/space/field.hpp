// A field: samples of a batch of vector-valued functions on a discretization.
//
//   u_b(x_j) in R^C,   b = 0 ... batch - 1,   x_j the points;   values (batch, x1, ..., xd, channel)
//
// A field is a value: a discretization and an array, both shared by copies. u + v, 2 * u, exp(u) act at each
// point and are operations of the tape; a batch of 1 and a single channel are repeated as in NumPy. Two
// fields go together if their discretizations are equal: `resample` moves one to the points of the other,
// `with_rule` changes a rule.
//
//   u.array()             an xtensor over the same memory, to index, slice and save: u.array()(0, j, c)
//   u.mutable_array()     the same for writing; copies the values first if another field shares them
//   u.values()            the array, possibly on the tape: what operations take
//   u.with(array)         other values (another batch, other channels) on the same discretization
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/concepts.hpp>
#include <fredholm/core/views.hpp>
#include <fredholm/space/discretization.hpp>

namespace fredholm {

namespace detail {

template <class Other, class Discretization>
concept OtherThatConverts =
    !std::same_as<Other, Discretization> && std::convertible_to<const Other&, Discretization>;

/// (batch, points..., channel): the shape of the array of a field.
inline Shape field_shape(Index batch, const Shape& points, Index channels) {
  Shape shape{batch};
  for (Index length : points) shape.push_back(length);
  shape.push_back(channels);
  return shape;
}

inline void require_field_shape(const Shape& values, const Shape& points) {
  bool fits = values.size() == points.size() + 2;
  for (Index axis = 0; fits && axis < points.size(); ++axis) fits = values[axis + 1] == points[axis];
  require(fits, "Field: values of shape ", values, " on points of shape ", points,
          ". The values of a field have the shape (batch, points..., channel).");
}

}  // namespace detail

template <class Discretization, class Scalar = double>
class Field {
  static_assert(!std::is_const_v<Discretization>,
                "Field<decltype(d), ...>: d is const, and so is its type. Say Field(d, values), which finds "
                "the types, or std::remove_const_t<decltype(d)>.");
  static_assert(AnyDiscretization<std::remove_const_t<Discretization>>,
                "Field<Discretization, Scalar>: the first argument is not a discretization. Use "
                "Discretization<UniformGrid<>, Trapezoid> or another pair of a grid and a rule.");
  static_assert(AnyScalar<Scalar>, "Field<Discretization, Scalar>: the values are float or double.");

 public:
  using discretization_type = Discretization;
  using scalar_type = Scalar;
  static constexpr Index rank = Discretization::rank;  ///< axes of points; the array has two more

  /// Values (batch, x1, ..., xd, channel).
  Field(Discretization discretization, Array<Scalar> values)
      : discretization_(std::move(discretization)), values_(std::move(values)) {
    detail::require_field_shape(values_.shape(), discretization_.shape());
  }

  /// Takes over the memory of the tensor.
  template <class Value, std::size_t Rank>
  Field(Discretization discretization, xt::xtensor<Value, Rank> values)
      : Field(std::move(discretization), array_from(std::move(values))) {
    static_assert(std::same_as<Value, Scalar>,
                  "Field: the tensor and the field differ in precision. Name the field's: Field<decltype(d), "
                  "float>(d, tensor) for a tensor of float.");
    static_assert(
        Rank == rank + 2,
        "Field: the tensor has another rank than the field. The values of a field have the shape (batch, "
        "points..., channel): two axes more than the discretization.");
  }

  /// From a number of points in the type to one at run time. The values are shared.
  template <detail::OtherThatConverts<Discretization> Other>
  Field(const Field<Other, Scalar>& other) : Field(Discretization(other.discretization()), other.values()) {}

  const Discretization& discretization() const { return discretization_; }
  Index batch() const { return values_.shape().front(); }
  Index points() const { return discretization_.size(); }
  Index channels() const { return values_.shape().back(); }

  /// (batch, x1, ..., xd, channel), possibly on the tape: for operations.
  const Array<Scalar>& values() const { return values_; }

  /// The values as an xtensor of the rank of the array, over the same memory, which it keeps alive.
  /// Read-only. Throws on the running tape.
  auto array() const { return tensor<static_cast<std::size_t>(rank) + 2>(values_); }

  /// The values for writing, while the field lives and is not copied: u.mutable_array()(0, j, 0) = 1. Copies
  /// them first if another field shares them. Throws on the running tape.
  auto mutable_array() & { return mutable_tensor<static_cast<std::size_t>(rank) + 2>(values_); }

  /// Other values on the same discretization.
  template <class Other>
  Field<Discretization, Other> with(Array<Other> values) const {
    return {discretization_, std::move(values)};
  }

 private:
  Discretization discretization_;
  Array<Scalar> values_;
};

template <class Discretization, class Value, std::size_t Rank>
Field(Discretization, xt::xtensor<Value, Rank>) -> Field<Discretization, Value>;

namespace detail {

template <class T>
inline constexpr bool is_field = false;
template <class Discretization, class Scalar>
inline constexpr bool is_field<Field<Discretization, Scalar>> = true;

template <class T, class Scalar>
inline constexpr bool has_other_precision = false;
template <class Value, class Scalar>
inline constexpr bool has_other_precision<Array<Value>, Scalar> = !std::same_as<Value, Scalar>;
template <class Value, class Scalar>
inline constexpr bool has_other_precision<Number<Value>, Scalar> = !std::same_as<Value, Scalar>;
template <class Discretization, class Value, class Scalar>
inline constexpr bool has_other_precision<Field<Discretization, Value>, Scalar> =
    !std::same_as<Value, Scalar>;

template <class T>
inline constexpr bool is_number_or_array = PlainNumber<T>;
template <class Value>
inline constexpr bool is_number_or_array<Array<Value>> = true;
template <class Value>
inline constexpr bool is_number_or_array<Number<Value>> = true;

template <class T>
concept NumberOrArray = is_number_or_array<T>;
template <class T>
concept FieldValue = is_field<T>;

/// What stands on the other side of a field in a formula.
template <class T>
concept BesideField = NumberOrArray<T> || FieldValue<T>;

template <class Discretization>
void require_same(const Discretization& a, const Discretization& b) {
  require(a == b, "Two fields are on different discretizations: points of shapes ", a.shape(), " and ",
          b.shape(), ", and the points or the weights differ. Use resample(u, v.discretization()) first.");
}

template <class Scalar>
const Array<Scalar>& to_array(const Array<Scalar>& array) {
  return array;
}
template <class Scalar>
Array<Scalar> to_array(const Number<Scalar>& number) {
  return as_array(number);
}

/// The other side as the array operations take it.
template <class Discretization, class Scalar, BesideField Other>
decltype(auto) beside(const Field<Discretization, Scalar>& field, const Other& other) {
  static_assert(
      !has_other_precision<Other, Scalar>,
      "Arithmetic mixes float and double fields (or arrays or numbers): one of them would be rounded without "
      "a word. Say cast<double>(u) or cast<float>(u).");
  if constexpr (is_field<Other>) {
    constexpr bool same = std::same_as<Discretization, typename Other::discretization_type>;
    static_assert(
        same,
        "Arithmetic mixes fields on different kinds of discretization. Use resample(u, v.discretization()), "
        "or with_rule<Rule>(u) if only the rule differs.");
    if constexpr (same) require_same(field.discretization(), other.discretization());
    return (other.values());
  } else if constexpr (PlainNumber<Other>) {
    return (other);
  } else {
    return to_array(other);
  }
}

}  // namespace detail

// Field and field, or field and number or array, at each point. An array is matched from the channels
// backwards: a parameter of shape (channel) is one value a channel.

template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar> operator+(const Field<Discretization, Scalar>& u, const Other& v) {
  return u.with(u.values() + detail::beside(u, v));
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar> operator-(const Field<Discretization, Scalar>& u, const Other& v) {
  return u.with(u.values() - detail::beside(u, v));
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar> operator*(const Field<Discretization, Scalar>& u, const Other& v) {
  return u.with(u.values() * detail::beside(u, v));
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar> operator/(const Field<Discretization, Scalar>& u, const Other& v) {
  return u.with(u.values() / detail::beside(u, v));
}

template <detail::NumberOrArray Other, class Discretization, class Scalar>
Field<Discretization, Scalar> operator+(const Other& v, const Field<Discretization, Scalar>& u) {
  return u.with(detail::beside(u, v) + u.values());
}
template <detail::NumberOrArray Other, class Discretization, class Scalar>
Field<Discretization, Scalar> operator-(const Other& v, const Field<Discretization, Scalar>& u) {
  return u.with(detail::beside(u, v) - u.values());
}
template <detail::NumberOrArray Other, class Discretization, class Scalar>
Field<Discretization, Scalar> operator*(const Other& v, const Field<Discretization, Scalar>& u) {
  return u.with(detail::beside(u, v) * u.values());
}
template <detail::NumberOrArray Other, class Discretization, class Scalar>
Field<Discretization, Scalar> operator/(const Other& v, const Field<Discretization, Scalar>& u) {
  return u.with(detail::beside(u, v) / u.values());
}

template <class Discretization, class Scalar>
Field<Discretization, Scalar> operator-(const Field<Discretization, Scalar>& u) {
  return u.with(-u.values());
}

template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar>& operator+=(Field<Discretization, Scalar>& u, const Other& v) {
  return u = u + v;
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar>& operator-=(Field<Discretization, Scalar>& u, const Other& v) {
  return u = u - v;
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar>& operator*=(Field<Discretization, Scalar>& u, const Other& v) {
  return u = u * v;
}
template <class Discretization, class Scalar, detail::BesideField Other>
Field<Discretization, Scalar>& operator/=(Field<Discretization, Scalar>& u, const Other& v) {
  return u = u / v;
}

// Functions of each value by itself (autodiff/ops/elementwise.hpp; gelu is in layers/activation.hpp).

template <class Discretization, class Scalar>
Field<Discretization, Scalar> exp(const Field<Discretization, Scalar>& u) {
  return u.with(exp(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> log(const Field<Discretization, Scalar>& u) {
  return u.with(log(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> sqrt(const Field<Discretization, Scalar>& u) {
  return u.with(sqrt(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> square(const Field<Discretization, Scalar>& u) {
  return u.with(square(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> abs(const Field<Discretization, Scalar>& u) {
  return u.with(abs(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> tanh(const Field<Discretization, Scalar>& u) {
  return u.with(tanh(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> sin(const Field<Discretization, Scalar>& u) {
  return u.with(sin(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> cos(const Field<Discretization, Scalar>& u) {
  return u.with(cos(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> sigmoid(const Field<Discretization, Scalar>& u) {
  return u.with(sigmoid(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> relu(const Field<Discretization, Scalar>& u) {
  return u.with(relu(u.values()));
}
template <class Discretization, class Scalar>
Field<Discretization, Scalar> silu(const Field<Discretization, Scalar>& u) {
  return u.with(silu(u.values()));
}

/// The same values as constants: the gradient stops here.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> detach(const Field<Discretization, Scalar>& u) {
  return u.with(detach(u.values()));
}

/// In another precision: cast<float>(u).
template <class To, class Discretization, class Scalar>
Field<Discretization, To> cast(const Field<Discretization, Scalar>& u) {
  return u.with(cast<To>(u.values()));
}

/// Samples from `begin` on, sharing the memory if nothing is on the tape.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> slice_batch(const Field<Discretization, Scalar>& u, Index begin, Index count) {
  return u.with(slice_batch(u.values(), begin, count));
}

/// Channels from `begin` on.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> slice_channels(const Field<Discretization, Scalar>& u, Index begin,
                                             Index count) {
  return u.with(slice_channels(u.values(), begin, count));
}

/// One channel.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> channel(const Field<Discretization, Scalar>& u, Index i) {
  return slice_channels(u, i, 1);
}

/// Points have no channels. Their coordinates are a field, and have: channel(coordinates(points), i).
template <AnyDiscretization Discretization>
void channel(const Discretization&, Index) {
  static_assert(!AnyDiscretization<Discretization>,
                "channel(points, i): points have no channels; their coordinates are a field that has. Say "
                "channel(coordinates(points), i), or channel(values(net, points), i) of a network.");
}

/// One batch of all samples, in order.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> stack(const std::vector<Field<Discretization, Scalar>>& parts) {
  require(!parts.empty(), "stack takes at least one field.");
  std::vector<Array<Scalar>> values;
  for (const auto& part : parts) values.push_back(detail::beside(parts.front(), part));
  return parts.front().with(stack(values));
}

/// The channels of one, then those of the other. A batch of 1 is repeated.
template <class Discretization, class Scalar, detail::FieldValue Other>
Field<Discretization, Scalar> concatenate(const Field<Discretization, Scalar>& u, const Other& v) {
  return u.with(concatenate(u.values(), detail::beside(u, v)));
}

/// x itself as a field: batch 1, a channel for each coordinate.
template <class Scalar = double, AnyDiscretization Discretization>
Field<Discretization, Scalar> coordinates(const Discretization& discretization) {
  const std::vector<double>& points = discretization.points();
  Array<Scalar> values(detail::field_shape(1, discretization.shape(), Discretization::dimension));
  std::transform(points.begin(), points.end(), values.mutable_data(),
                 [](double x) { return static_cast<Scalar>(x); });
  return {discretization, std::move(values)};
}

}  // namespace fredholm
