// Products of float on the tile registers of AMX, to the accuracy of float.
//
// A tile is a register of 16 rows of 64 bytes. The one instruction that matters here multiplies tiles of
// bfloat16, numbers with the exponents of float and 8 digits, and adds up in float:
//
//   C[i, j] += sum_k A[i, k] B[k, j]     i, j < 16, k < 32
//
// at about 16 times the rate of the vector registers. A float has 24 digits, so it is the sum of three such
// numbers, x = x1 + x2 + x3, exactly: x1 is x rounded to 8 digits, x2 the same of x - x1, x3 the rest. A
// product of floats is then six products of tiles,
//
//   a b = a1 b1 + a1 b2 + a2 b1 + a1 b3 + a2 b2 + a3 b1,
//
// as what is left out, a2 b3 and less, is below 2^-25 a b, and of either sign (Henry, Tang and Heinecke 2019, "Leveraging
// the bfloat16 artificial intelligence datatype for higher-precision computations").
//
// Tiles have a pair of numbers in each 32 bits: in row i of A two neighbours in k, in row r of B the two
// that belong to them, of one column j. Which k are paired is free: here k = r and k = r + 16, so one
// function packs both, from two registers. A row of A comes from its first and its last 16 numbers, a
// row of B from row r and row r + 16.
//
// While tiles work, the vector registers multiply and add floats at half their rate (whole numbers, shuffles
// and bits at the full one), and a store of a tile takes 16 cycles from the shuffles. Numbers below the
// normal ones count as zero; an infinity, and what rounds to it (3.39e38 and more), becomes NaN. Defining
// FREDHOLM_NO_AMX, in all files of a program, takes all of this away, as does a processor without AMX;
// `has_tiles` says whether it was compiled, `tiles_allowed()` whether this process may use it. Assembly, since
// the intrinsics of g++ 12 do not say that a tile reads memory. MemorySanitizer cannot see what tiles store,
// so there are none under it.
#pragma once

#include <atomic>

#include <fredholm/core/simd.hpp>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer) && !defined(FREDHOLM_NO_AMX)
#define FREDHOLM_NO_AMX
#endif
#endif

#if !defined(FREDHOLM_NO_AMX) && defined(__linux__) && defined(__x86_64__) && defined(__AVX512BW__) && \
    EIGEN_MAX_STATIC_ALIGN_BYTES == 64 && (defined(__AMX_BF16__) || defined(__AMXBF16__))
#define FREDHOLM_AMX 1
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#define FREDHOLM_AMX 0
#endif

namespace fredholm::simd {

inline constexpr bool has_tiles = FREDHOLM_AMX != 0;

#if FREDHOLM_AMX

namespace detail {
inline std::atomic<bool> tiles_wanted = true;  // tests compare with and without
}  // namespace detail

/// Whether this process may use tiles: Linux is asked once, since a thread's state grows by 8 kB.
inline bool tiles_allowed() {
  constexpr long request_permission = 0x1023, tile_data = 18;  // of arch_prctl
  static const bool granted = syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
  return granted && detail::tiles_wanted.load(std::memory_order_relaxed);
}

/// While one lives, this thread has eight tiles of 16 rows of 64 bytes. They are not nested, and whoever
/// else had configured the tiles of this thread does so again afterwards.
class TileScope {
 public:
  TileScope() {
    struct alignas(64) {
      std::uint8_t palette = 1, start = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } const shape;
    static_assert(sizeof(shape) == 64);
    asm volatile("ldtilecfg %0" : : "m"(shape));
  }
  ~TileScope() { asm volatile("tilerelease"); }
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

template <int Tile>
inline void zero_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(Tile));
}
/// Rows of 16 floats (or pairs of bfloat16), `row` of them apart.
template <int Tile>
inline void load_tile(const void* from, Index row = 16) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(Tile), "r"(from), "r"(4 * row) : "memory");
}
template <int Tile>
inline void store_tile(void* to, Index row = 16) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(Tile), "r"(to), "r"(4 * row) : "memory");
}
/// C += A B
template <int C, int A, int B>
inline void multiply_tiles() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(C), "i"(A), "i"(B));
}

using Bits = Vector<std::uint32_t>;

/// x = high + middle + low, as bits of floats whose low 16 bits are zero.
struct Parts {
  Bits high, middle, low;
};
inline Parts split(Vector<float> x) {
  const auto bits = [](const Vector<float>& v) { return load<Bits>(&v); };
  const auto value = [](const Bits& b) { return load<Vector<float>>(&b); };
  const auto rounded = [](const Bits& b) { return (b + 0x8000U) & 0xffff0000U; };
  const Bits high = rounded(bits(x));
  const Vector<float> rest = x - value(high);
  const Bits middle = rounded(bits(rest));
  return {high, middle, bits(rest - value(middle))};
}

namespace detail {
/// The high halves of 16 numbers and of 16 others, in pairs: one shuffle of bytes.
inline Bits pair(const Bits& first, const Bits& last) {
  const auto high_half = _mm512_set4_epi32(0x0f0e0f0e, 0x0b0a0b0a, 0x07060706, 0x03020302);
  const auto paired =
      _mm512_mask_shuffle_epi8(load<__m512i>(&last), 0x3333333333333333ULL, load<__m512i>(&first), high_half);
  return load<Bits>(&paired);
}
}  // namespace detail

/// 16 rows of 16 pairs, for A or B, of each part.
struct alignas(64) PackedTile {
  std::uint32_t part[3][16][16];
  /// Makes row `r`: of an A from its first and its last 16 numbers, of a B from rows `r` and `r + 16`.
  void pack(Index r, const Parts& first, const Parts& last) {
    store(part[0][r], detail::pair(first.high, last.high));
    store(part[1][r], detail::pair(first.middle, last.middle));
    store(part[2][r], detail::pair(first.low, last.low));
  }
  void pack(Index r, Vector<float> first, Vector<float> last) { pack(r, split(first), split(last)); }
};

namespace detail {

/// Products of part P of A with part Q of B; loads what the product before has left in the tiles.
template <int Rows, int Columns, int P, int Q, bool LoadA, bool LoadB>
inline void multiply_parts(const PackedTile* a, Index a_step, const PackedTile* b, Index b_step) {
  if constexpr (LoadA) load_tile<4>(a->part[P]);
  if constexpr (LoadA && Rows > 1) load_tile<5>(a[a_step].part[P]);
  if constexpr (LoadB) load_tile<6>(b->part[Q]);
  if constexpr (LoadB && Columns > 1) load_tile<7>(b[b_step].part[Q]);
  multiply_tiles<0, 4, 6>();
  if constexpr (Columns > 1) multiply_tiles<1, 4, 7>();
  if constexpr (Rows > 1) multiply_tiles<2, 5, 6>();
  if constexpr (Rows > 1 && Columns > 1) multiply_tiles<3, 5, 7>();
}

}  // namespace detail

/// C += A B to the accuracy of float, for one tile C in register `C` < 4; tiles 4 to 7 are used. The small
/// parts come first. Store C only some hundred instructions later: a store that waits for its tile holds up
/// all behind it.
template <int C>
inline void multiply_packed(const PackedTile& a, const PackedTile& b) {
  load_tile<4>(a.part[2]), load_tile<5>(b.part[0]);
  multiply_tiles<C, 4, 5>();
  load_tile<6>(a.part[1]);
  multiply_tiles<C, 6, 5>();
  load_tile<7>(b.part[1]);
  multiply_tiles<C, 6, 7>();
  load_tile<4>(a.part[0]);
  multiply_tiles<C, 4, 7>();
  load_tile<6>(b.part[2]);
  multiply_tiles<C, 4, 6>();
  multiply_tiles<C, 4, 5>();
}

/// The same, and the same numbers, for a block of `Rows` by `Columns` tiles C (at most 2 by 2; that takes 14
/// loads, not 24): tile (i, j) is in register 2 i + j; tiles of A are `a_step` apart, those of B `b_step`.
template <int Rows, int Columns>
inline void multiply_packed(const PackedTile* a, Index a_step, const PackedTile* b, Index b_step) {
  detail::multiply_parts<Rows, Columns, 2, 0, true, true>(a, a_step, b, b_step);
  detail::multiply_parts<Rows, Columns, 1, 0, true, false>(a, a_step, b, b_step);
  detail::multiply_parts<Rows, Columns, 1, 1, false, true>(a, a_step, b, b_step);
  detail::multiply_parts<Rows, Columns, 0, 1, true, false>(a, a_step, b, b_step);
  detail::multiply_parts<Rows, Columns, 0, 2, false, true>(a, a_step, b, b_step);
  detail::multiply_parts<Rows, Columns, 0, 0, false, true>(a, a_step, b, b_step);
}

/// Zero, load or store those tiles C; their rows are `row` floats apart.
template <int Rows, int Columns>
inline void zero_block() {
  zero_tile<0>();
  if constexpr (Columns > 1) zero_tile<1>();
  if constexpr (Rows > 1) zero_tile<2>();
  if constexpr (Rows > 1 && Columns > 1) zero_tile<3>();
}
template <int Rows, int Columns>
inline void load_block(const float* from, Index row) {
  load_tile<0>(from, row);
  if constexpr (Columns > 1) load_tile<1>(from + 16, row);
  if constexpr (Rows > 1) load_tile<2>(from + 16 * row, row);
  if constexpr (Rows > 1 && Columns > 1) load_tile<3>(from + 16 * row + 16, row);
}
template <int Rows, int Columns>
inline void store_block(float* to, Index row) {
  store_tile<0>(to, row);
  if constexpr (Columns > 1) store_tile<1>(to + 16, row);
  if constexpr (Rows > 1) store_tile<2>(to + 16 * row, row);
  if constexpr (Rows > 1 && Columns > 1) store_tile<3>(to + 16 * row + 16, row);
}

#else

constexpr bool tiles_allowed() { return false; }

#endif

}  // namespace fredholm::simd
