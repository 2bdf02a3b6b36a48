// Random numbers that are the same on every machine for one seed; normal ones to round-off.
//
// The engines of the standard library are specified to the bit, its distributions are not. These are: a
// uniform number takes 53 bits of the engine, a normal one is Box and Muller's (1958), by way of log and cos,
// whose last bit is the system library's.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>

namespace fredholm {

/// The engine that initializers and data take by reference; the caller owns the seed.
using Engine = std::mt19937_64;

/// Uniform on [0, 1).
inline double uniform(Engine& engine) { return static_cast<double>(engine() >> 11) * 0x1.0p-53; }

/// One of 0, ..., count - 1, each as likely as any other.
inline std::uint64_t below(std::uint64_t count, Engine& engine) {
  require(count > 0, "below(0, engine): there is no number to draw.");
  const std::uint64_t limit = Engine::max() - Engine::max() % count;  // a multiple: no residue is favoured
  std::uint64_t draw = engine();
  while (draw >= limit) draw = engine();
  return draw % count;
}

/// Any order of the values, each as likely as any other (Fisher and Yates in the form of Durstenfeld, 1964).
template <class Value>
void shuffle(std::vector<Value>& values, Engine& engine) {
  for (std::size_t left = values.size(); left > 1; --left)
    std::swap(values[left - 1], values[below(left, engine)]);
}

/// Normal with mean 0 and variance 1.
inline double normal(Engine& engine) {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform(engine)));
  return radius * std::cos(2.0 * std::numbers::pi * uniform(engine));
}

/// Independent numbers, uniform on [-bound, bound).
template <class T>
Array<T> uniform_array(Shape shape, double bound, Engine& engine) {
  Array<T> result(shape);
  T* values = result.mutable_data();
  for (Index i = 0; i < result.size(); ++i) values[i] = static_cast<T>(bound * (2.0 * uniform(engine) - 1.0));
  return result;
}

/// Independent normal numbers with mean 0.
template <class T>
Array<T> normal_array(Shape shape, double standard_deviation, Engine& engine) {
  Array<T> result(shape);
  T* values = result.mutable_data();
  for (Index i = 0; i < result.size(); ++i) values[i] = static_cast<T>(standard_deviation * normal(engine));
  return result;
}

}  // namespace fredholm
