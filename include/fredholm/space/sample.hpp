// Sampling: a function becomes a field.
//
//   u(x_j) = f(x_j)
//
//   sample(f, d)                    one function; f takes x, or x and y, ..., or std::array<double, D>
//   sample(std::vector{f, g}, d)    a batch of them
//   sample<float>(f, d)             evaluated in double and rounded once
//
// f returns a number, or a std::array of one number a channel. What f does between the points is lost: a
// field on n points holds no more than n numbers a channel.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/space/field.hpp>

namespace fredholm {

namespace detail {

template <class Function, class Axes>
inline constexpr bool takes_coordinates = false;
template <class Function, std::size_t... Axis>
inline constexpr bool takes_coordinates<Function, std::index_sequence<Axis...>> =
    std::is_invocable_v<const Function&, decltype(static_cast<double>(Axis))...>;

/// f(x, y, ...) if f can be called so, else f(point).
template <class Function, std::size_t... Axis>
decltype(auto) at_point(const Function& f, const double* point, std::index_sequence<Axis...> axes) {
  using Point = std::array<double, sizeof...(Axis)>;
  constexpr bool by_coordinates = takes_coordinates<Function, decltype(axes)>;
  constexpr bool by_point = std::is_invocable_v<const Function&, Point>;
  static_assert(
      by_coordinates || by_point,
      "sample(f, d): f takes one double for each dimension of the discretization (x, or x and y, ...), or "
      "std::array<double, D>.");
  if constexpr (by_coordinates) {
    return f(point[Axis]...);
  } else if constexpr (by_point) {
    return f(Point{point[Axis]...});
  }
}

template <std::size_t Dimension, class Function>
decltype(auto) at_point(const Function& f, const double* point) {
  return at_point(f, point, std::make_index_sequence<Dimension>());
}

template <class Value>
inline constexpr Index channels_of = std::is_arithmetic_v<Value> ? 1 : 0;
template <class Value, std::size_t Channels>
inline constexpr Index channels_of<std::array<Value, Channels>> =
    std::is_arithmetic_v<Value> ? static_cast<Index>(Channels) : 0;

template <std::size_t Dimension, class Function>
using SampleOf = std::remove_cvref_t<decltype(at_point<Dimension>(std::declval<const Function&>(), nullptr))>;

/// Writes the values at all points and returns the end of them.
template <std::size_t Dimension, class Function, class Scalar>
Scalar* sample_into(const Function& f, const std::vector<double>& points, Scalar* out) {
  for (std::size_t at = 0; at < points.size(); at += Dimension) {
    const auto value = at_point<Dimension>(f, &points[at]);
    if constexpr (std::is_arithmetic_v<std::remove_const_t<decltype(value)>>) {
      *out++ = static_cast<Scalar>(value);
    } else {
      for (const auto& channel : value) *out++ = static_cast<Scalar>(channel);
    }
  }
  return out;
}

}  // namespace detail

/// The values of a batch of functions: sample b is functions[b].
template <AnyScalar Scalar = double, class Function, AnyDiscretization Discretization>
Field<Discretization, Scalar> sample(const std::vector<Function>& functions,
                                     const Discretization& discretization) {
  constexpr auto dimension = static_cast<std::size_t>(Discretization::dimension);
  constexpr Index channels = detail::channels_of<detail::SampleOf<dimension, Function>>;
  static_assert(channels > 0,
                "sample(f, d): f returns a number, or a std::array of one number for each channel.");
  Array<Scalar> values(detail::field_shape(std::ssize(functions), discretization.shape(), channels));
  if constexpr (channels > 0) {
    Scalar* out = values.mutable_data();
    for (const Function& f : functions) out = detail::sample_into<dimension>(f, discretization.points(), out);
  }
  return {discretization, std::move(values)};
}

/// The values of one function.
template <AnyScalar Scalar = double, class Function, AnyDiscretization Discretization>
Field<Discretization, Scalar> sample(const Function& f, const Discretization& discretization) {
  constexpr auto dimension = static_cast<std::size_t>(Discretization::dimension);
  constexpr Index channels = detail::channels_of<detail::SampleOf<dimension, Function>>;
  static_assert(channels > 0,
                "sample(f, d): f returns a number, or a std::array of one number for each channel.");
  Array<Scalar> values(detail::field_shape(1, discretization.shape(), channels));
  if constexpr (channels > 0)
    detail::sample_into<dimension>(f, discretization.points(), values.mutable_data());
  return {discretization, std::move(values)};
}

}  // namespace fredholm
