// What attention on tiles is made of (attention_tiles.hpp): matrices packed into tiles with zeros around
// them, 2^z in registers, scratch memory, and the products of a chunk of 32 keys and 32 queries.
#pragma once

#include <fredholm/autodiff/ops/attention_sizes.hpp>
#include <fredholm/core/simd_tiles.hpp>

#if FREDHOLM_AMX

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace fredholm::detail::tiles {

using simd::PackedTile;
using Sizes = AttentionSizes<float>;
using V = simd::Vector<float>;

/// b, where one is not a number. (Masks that hold all lanes keep g++ 12 from warning about its own header.)
inline constexpr __mmask16 all_lanes = 0xffff;
inline V larger(const V& a, const V& b) { return _mm512_maskz_max_ps(all_lanes, a, b); }

/// Turns a square of 16 registers.
inline void transpose(V* square) {
  simd::detail::transpose_square<float, 1>(square, std::make_index_sequence<16>{});
}
inline __mmask16 first_lanes(Index n) {
  return static_cast<__mmask16>((1U << std::clamp<Index>(n, 0, 16)) - 1U);
}

/// A matrix whose rows are `row` apart, each times its factor, with zeros all around it.
struct Matrix {
  const float* data;
  Index row, rows, columns;
  const float* factors = nullptr;

  void square(Index i, Index j, V* out) const {
    const __mmask16 mask = first_lanes(columns - j);
    for (Index r = 0; r < 16; ++r) {
      out[r] = i + r < rows ? V(_mm512_maskz_loadu_ps(mask, data + (i + r) * row + j)) : V{};
      if (factors != nullptr && i + r < rows) out[r] *= factors[i + r];
    }
  }
  /// The tile from (i, j) on as it stands, as A (16 x 32) or as B (32 x 16), or its transpose.
  void pack_a(Index i, Index j, PackedTile& to) const { pack(i, j, i, j + 16, false, to); }
  void pack_b(Index i, Index j, PackedTile& to) const { pack(i, j, i + 16, j, false, to); }
  void pack_transposed_a(Index i, Index j, PackedTile& to) const { pack(i, j, i + 16, j, true, to); }
  void pack_transposed_b(Index i, Index j, PackedTile& to) const { pack(i, j, i, j + 16, true, to); }

 private:
  void pack(Index i, Index j, Index i2, Index j2, bool transposed, PackedTile& to) const {
    V first[16], last[16];
    square(i, j, first), square(i2, j2, last);
    if (transposed) transpose(first), transpose(last);
    for (Index r = 0; r < 16; ++r) to.pack(r, first[r], last[r]);
  }
};

/// Rows 0 to `count`, 16 to a tile A: tile d of `depth` holds 32 columns.
inline void pack_rows(const Matrix& rows, Index count, Index depth, PackedTile* to) {
  for (Index i = 0; i < count; i += 16) {
    for (Index d = 0; d < depth; ++d) rows.pack_a(i, 32 * d, *to++);
  }
}
/// 32 rows as the columns of two by `depth` tiles B.
inline void pack_columns(const Matrix& rows, Index depth, PackedTile* to) {
  for (const Index i : {0, 16}) {
    for (Index d = 0; d < depth; ++d) rows.pack_transposed_b(i, 32 * d, *to++);
  }
}
/// Rows 0 to `count`, 32 to a tile, as columns of A: tile c of `channels` has 16 rows.
inline void pack_transposed(const Matrix& rows, Index count, Index channels, PackedTile* to) {
  for (Index i = 0; i < count; i += 32) {
    for (Index c = 0; c < channels; ++c) rows.pack_transposed_a(i, 16 * c, *to++);
  }
}

/// 2^z for z <= 0 to 1 epsilon; 0 below 2^-100, which is nothing beside 1, so that no product is below the
/// normal numbers. z = n + j/16 + r: the table has 2^(j/16), a polynomial of degree 3 (interpolation at
/// Chebyshev's points) 2^r. Few steps are sums or products of floats, of which tiles leave half the rate.
class Power {
  using Integers = simd::Vector<std::uint32_t>;  // of which sums may overflow, where z is far below
  Integers table_;

 public:
  Power() {
    for (int j = 0; j < 16; ++j) {  // less what j itself adds below: its bits end up in the digits
      const float x = std::exp2(static_cast<float>(j) / 16.0F);
      std::uint32_t bits;
      std::memcpy(&bits, &x, sizeof(x));
      table_[j] = bits - (static_cast<std::uint32_t>(j) << 19);
    }
  }
  V operator()(V z) const {
    constexpr float to_sixteenths = 0x1.8p23F / 16.0F;  // whose neighbours are 1/16 apart
    const __mmask16 normal = _mm512_cmp_ps_mask(z, V{} - 100.0F, _CMP_NLT_UQ);
    V shifted = z + to_sixteenths;
    asm("" : "+v"(shifted));  // or -ffast-math takes what follows for z
    V nearest = shifted - to_sixteenths;
    asm("" : "+v"(nearest));
    const V r = z - nearest;
    const auto index = simd::load<__m512i>(&shifted);
    const auto of_table = _mm512_maskz_permutexvar_epi32(all_lanes, index, simd::load<__m512i>(&table_));
    const Integers bits = simd::load<Integers>(&of_table) + (simd::load<Integers>(&shifted) << 19);
    const V y = simd::load<V>(&bits);
    const V p = 0.69314718056F + r * (0.24023355157F + r * 0.055505085252F);
    return _mm512_maskz_fmadd_ps(normal, y * r, p, y);
  }
};

/// Sizes in tiles. Arrays of floats are made of 16 x 16 of one tile.
struct Counts {
  static constexpr Index chunk = 32, tile = 256;
  Index depth, channels;  // tiles: of 32 channels for scores, of 16 for sums of values
  Index group;            // keys that are packed at a time

  explicit Counts(const Sizes& sizes)
      : depth((sizes.width + 31) / 32),
        channels((sizes.width + 15) / 16),
        group(std::min(chunks(sizes.keys), std::max<Index>(2, 32 / depth)) * chunk) {}
  static Index chunks(Index n) { return (n + chunk - 1) / chunk; }
};

/// Scratch memory, aligned as an array is.
template <class T>
class Scratch {
  Array<float> memory_;
  T* data_;

 public:
  explicit Scratch(Index count)
      : memory_(Shape{count * static_cast<Index>(sizeof(T) / sizeof(float))}),
        data_(reinterpret_cast<T*>(memory_.mutable_data())) {}
  T* data() const { return data_; }
  T& operator[](Index i) const { return data_[i]; }
};

/// Tile t = 2 (half of the keys) + (half of the queries) of the products of one chunk, into register Tile.
template <int Tile>
inline void multiply_rows(const Counts& counts, const PackedTile* keys, const PackedTile* queries, Index t) {
  simd::zero_tile<Tile>();
  for (Index d = 0; d < counts.depth; ++d) {
    simd::multiply_packed<Tile>(keys[t / 2 * counts.depth + d], queries[t % 2 * counts.depth + d]);
  }
}

/// Points without weight, and keys behind the last, get the lowest score: with the weight they come to
/// nothing.
inline void lower_scores(float* score, const float* weights) {
  for (Index j = 0; j < Counts::chunk; ++j) {
    if (weights[j] != 0.0F) continue;
    for (Index half = 0; half < 2; ++half)
      simd::store(score + j * Counts::chunk + 16 * half, V{} + std::numeric_limits<float>::lowest());
  }
}

}  // namespace fredholm::detail::tiles

#else

namespace fredholm::detail::tiles {  // for attention.hpp to name; nobody calls them

template <class... Arguments>
void attend(const Arguments&...);
template <class... Arguments>
void add_adjoints(const Arguments&...);

}  // namespace fredholm::detail::tiles

#endif
