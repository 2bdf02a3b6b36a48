// Sobol's sequence: points that fill a box evenly, the next one always where there is most room.
//
//   auto points = sobol_points(box, n);       // Discretization<PointCloud<D>, MonteCarlo>, 1 to 6 dimensions
//   auto points = sobol_points(box, n, 7);    // scrambled by the seed 7: other points of the same quality
//
//   coordinate a of point i:  the binary fraction  g_1 v_1 (+) g_2 v_2 (+) ...,  g the Gray code of i, v the
//   direction numbers
//
// Integrals by the mean have an error of O(log(n)^D / n) for f of bounded variation, and about O(n^{-3/2})
// when scrambled and f is smooth. Use powers of 2 for n: only then is the sequence balanced in every axis.
// Without a scramble point 0 is the lower corner of the box. Points nested: the first n of 2n are those of n.
//
// The scramble is a random lower triangular matrix over the bits and a digital shift: every point by itself
// is uniform on the box then, so that the estimate of an integral has no bias, and the spread over seeds
// tells the error.
//
// Sources: Sobol', USSR Comput. Math. 7, 1967; Antonov and Saleev, 1979 (Gray code); Joe and Kuo, SIAM J.
// Sci. Comput. 30, 2008 (direction numbers, new-joe-kuo-6.21201); Matousek, J. Complexity 14, 1998
// (scramble).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fredholm/space/points/random.hpp>

namespace fredholm {

namespace detail {

inline constexpr int sobol_bits = 53;  // of a double
inline constexpr Index sobol_dimensions = 6;
using SobolDirections = std::array<std::uint64_t, static_cast<std::size_t>(sobol_bits)>;

/// A primitive polynomial of some degree over the bits, its inner coefficients, and the first direction
/// numbers.
struct SobolAxis {
  int degree;
  unsigned coefficients;
  std::array<unsigned, 4> first;
};

/// v_k = m_k 2^{-k} as integers of 53 bits, with the recurrence of Joe and Kuo (2008), (2.2).
inline SobolDirections sobol_directions(Index axis) {
  constexpr std::array<SobolAxis, static_cast<std::size_t>(sobol_dimensions)> axes{
      {{0, 0, {}}, {1, 0, {1}}, {2, 1, {1, 3}}, {3, 1, {1, 3, 1}}, {3, 2, {1, 1, 1}}, {4, 1, {1, 1, 3, 3}}}};
  const SobolAxis& data = axes[static_cast<std::size_t>(axis)];
  SobolDirections v{};
  for (int k = 0; k < sobol_bits; ++k) {
    auto& value = v[static_cast<std::size_t>(k)];
    const auto before = [&](int steps) { return v[static_cast<std::size_t>(k - steps)]; };
    if (axis == 0) {
      value = std::uint64_t{1} << (sobol_bits - 1 - k);  // van der Corput
    } else if (k < data.degree) {
      value = static_cast<std::uint64_t>(data.first[static_cast<std::size_t>(k)]) << (sobol_bits - 1 - k);
    } else {
      value = before(data.degree) ^ (before(data.degree) >> data.degree);
      for (int j = 1; j < data.degree; ++j) {
        if (data.coefficients >> (data.degree - 1 - j) & 1U) value ^= before(j);
      }
    }
  }
  return v;
}

/// The directions after a random lower triangular matrix with ones on its diagonal, from the most significant
/// bit on.
inline SobolDirections scrambled(const SobolDirections& directions, Engine& engine) {
  SobolDirections rows{};
  for (int i = 0; i < sobol_bits; ++i) {
    const std::uint64_t diagonal = std::uint64_t{1} << (sobol_bits - 1 - i);
    const std::uint64_t above = (std::uint64_t{1} << sobol_bits) - 2 * diagonal;
    rows[static_cast<std::size_t>(i)] = diagonal | (above & engine());
  }
  SobolDirections result{};
  for (std::size_t k = 0; k < directions.size(); ++k) {
    for (std::uint64_t row : rows)
      result[k] = result[k] << 1 | static_cast<std::uint64_t>(std::popcount(row & directions[k]) & 1);
  }
  return result;
}

}  // namespace detail

template <Index D>
MonteCarloPoints<D> sobol_points(const Box<D>& box, Index n, std::optional<std::uint64_t> seed = {}) {
  static_assert(D <= detail::sobol_dimensions,
                "sobol_points: direction numbers for up to 6 dimensions are kept. Use "
                "latin_hypercube_points(box, n, rng) in more.");
  detail::require_some_points(n, "sobol_points");
  std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(n));
  Engine engine(seed.value_or(0));
  for (Index axis = 0; axis < D; ++axis) {
    detail::SobolDirections v = detail::sobol_directions(axis);
    std::uint64_t bits = 0;
    if (seed) {
      v = detail::scrambled(v, engine);
      bits = engine() >> (64 - detail::sobol_bits);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      // From point i - 1 to i the Gray code changes in the bit of the trailing ones of i - 1.
      if (i > 0) bits ^= v[static_cast<std::size_t>(std::countr_zero(i))];
      points[i][static_cast<std::size_t>(axis)] =
          detail::place_in(box[axis], static_cast<double>(bits) * 0x1.0p-53);
    }
  }
  return {PointCloud<D>(box, std::move(points))};
}

}  // namespace fredholm
