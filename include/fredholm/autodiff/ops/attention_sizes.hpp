// What the two ways to compute softmax attention share (attention.hpp, attention_tiles.hpp): sizes, checks
// and the numbers D_i of the way back.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/simd.hpp>
#include <fredholm/core/simd_tiles.hpp>
#include <fredholm/core/simd_transpose.hpp>

namespace fredholm::detail {

/// Sizes of an attention. A tile is what stands in the lanes of a few registers, queries on the way there and
/// keys on the way back; what meets it on the other side goes by in blocks. Arrays with a query or key in
/// each lane have rows of `lanes`, of which the registers that hold one are computed.
template <class T>
struct AttentionSizes {
  static constexpr Index lanes = 4 * simd::lanes<T>;
  static constexpr Index block = 96;            // keys that meet a tile of queries
  static constexpr Index block_back = 72;       // queries that meet a tile of keys: two arrays of scores
  static constexpr Index least_on_tiles = 512;  // queries and keys, for attention_tiles.hpp to be faster

  Index batch, queries, keys, channels, heads, width;
  Index query_step, key_step;  // from sample to sample; a batch of 1 stays where it is
  T scale, scale_of_2;         // 1 / sqrt(d), and times log2(e): e^{s_ij} = 2^{scale_of_2 q_i . k_j}
  Array<T> weights;            // zero behind the last key, for whole tiles
  bool has_negative = false, has_zero = false;  // among them
  bool on_tiles = false;                        // attention_tiles.hpp, both ways

  AttentionSizes(const Array<T>& q, const Array<T>& k, const Array<T>& w, Index head_count)
      : batch(q.shape(0) == 1 ? k.shape(0) : q.shape(0)),
        queries(q.shape(1)),
        keys(k.shape(1)),
        channels(q.shape(2)),
        heads(head_count),
        width(channels / heads),
        query_step(q.shape(0) == 1 ? 0 : queries * channels),
        key_step(k.shape(0) == 1 ? 0 : keys * channels),
        scale(T{1} / std::sqrt(static_cast<T>(width))),
        scale_of_2(scale * std::numbers::log2e_v<T>),
        weights(Array<T>::zeros({keys + lanes})) {
    std::copy_n(w.data(), keys, weights.mutable_data());
    for (Index j = 0; j < keys; ++j) {
      has_negative = has_negative || w.data()[j] < T{0};
      has_zero = has_zero || w.data()[j] == T{0};
    }
    if constexpr (simd::has_tiles && std::is_same_v<T, float>) {
      on_tiles = width >= 16 && std::min(keys, queries) >= least_on_tiles && simd::tiles_allowed();
      if (on_tiles) scale_weights();
    }
  }

  /// The largest weight becomes about 1, by a power of two, so that no product is below the normal numbers,
  /// which tiles take for zero: the ratio stays as it is.
  void scale_weights() {
    const T largest = flat(weights.data(), keys).abs().maxCoeff();
    if (!std::isfinite(largest) || largest == T{0}) return;
    const T factor = std::ldexp(T{1}, -std::ilogb(largest));
    if (std::isfinite(factor)) flat(weights.mutable_data(), keys) *= factor;
  }
  bool is_weightless() const { return (flat(weights.data(), keys) == T{0}).all(); }

  /// How many of `left` go into the next tile. One that would have most of a register for itself, as the last
  /// of 2^k + 1 points, does not: it is taken alone, when this is 0, with the other side in the lanes.
  static Index next(Index left) {
    const Index count = std::min(lanes, left), rest = count % simd::lanes<T>;
    return 8 * rest <= simd::lanes<T> ? count - rest : count;
  }
  /// Numbers of the queries are kept in rows of so many: a whole register may be read from the last one on.
  Index query_row() const { return queries + simd::lanes<T>; }

  /// The lanes of the registers that `count` of a tile fill.
  static Index used(Index count) { return (count + simd::lanes<T> - 1) / simd::lanes<T> * simd::lanes<T>; }

  /// `count` rows as columns: out (channels, row), where row is `lanes`, and lanes that are left of a
  /// register are zero, or 1.
  void to_columns(const T* rows, Index count, Index row, T* out) const {
    for (Index c = 0; c < channels && row > 1 && count < used(count); ++c)
      std::fill(out + c * row + count, out + c * row + used(count), T{0});
    simd::transpose(rows, count, channels, channels, out, row);
  }
};

template <class T>
void require_attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights,
                       Index heads) {
  require(
      q.rank() == 3 && k.rank() == 3 && k.shape() == v.shape() && q.shape(2) == k.shape(2) &&
          (q.shape(0) == k.shape(0) || q.shape(0) == 1 || k.shape(0) == 1),
      "attention takes q (batch, m, C) and k, v (batch, n, C), or a batch of 1 beside another; the shapes are ",
      q.shape(), ", ", k.shape(), " and ", v.shape(), ".");
  require(heads > 0 && q.shape(2) % heads == 0, "attention splits ", q.shape(2), " channels into ", heads,
          " heads: the number of channels must be a multiple.");
  require(weights.size() == k.shape(1), "attention over ", k.shape(1), " points was given ", weights.size(),
          " weights.");
  require_constant(weights.node(), "the weights of an attention");
}

/// Throws where the weights of a denominator cancel.
template <class T>
void require_denominators(const T* denominator, const T* size, Index count) {
  for (Index r = 0; r < count; ++r) {
    // Scores that are not finite give outputs that are not, for the loss to name.
    if (std::isfinite(size[r]) &&
        std::abs(denominator[r]) <= 8 * std::numeric_limits<T>::epsilon() * size[r]) {
      fail("the denominator of a softmax is ", denominator[r], " (its terms add up to ", size[r],
           " in absolute value): the rule's zero or negative weights cancel. Use a rule with positive "
           "weights, or more points.");
    }
  }
}

/// D_i / sqrt(d) for all samples, heads and queries: (batch, heads, query_row).
template <class T>
Array<T> attention_dots(const AttentionSizes<T>& sizes, const T* out, const T* dout) {
  Array<T> dots = Array<T>::zeros({sizes.batch, sizes.heads, sizes.query_row()});
  constexpr Index lanes = AttentionSizes<T>::lanes;
  Array<T> room(Shape{2, sizes.channels, lanes});
  T *rows = room.mutable_data(), *columns = rows + sizes.channels * lanes;
  for (Index b = 0; b < sizes.batch; ++b) {
    for (Index i = 0; i < sizes.queries; i += lanes) {
      const Index count = std::min(lanes, sizes.queries - i), at = (b * sizes.queries + i) * sizes.channels;
      flat(rows, count * sizes.channels) =
          sizes.scale * flat(out + at, count * sizes.channels) * flat(dout + at, count * sizes.channels);
      simd::transpose(rows, count, sizes.channels, sizes.channels, columns, lanes);
      for (Index h = 0; h < sizes.heads; ++h) {
        simd::add_column_sums(columns + h * sizes.width * lanes, sizes.width, count,
                              dots.mutable_data() + (b * sizes.heads + h) * sizes.query_row() + i, lanes);
      }
    }
  }
  return dots;
}

}  // namespace fredholm::detail
