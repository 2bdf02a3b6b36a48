// Products of all rows of one matrix with all rows of another, in vector registers.
//
//   out[i, j] += sum_k a[i, k] b[j, k]      k < depth, a multiple of `lanes`; rows of neighbouring values
//
// The gradient of a linear map whose values stand feature after feature (autodiff/taylor/network.hpp): two
// matrices with few and long rows. Four rows by four are summed over k in sixteen registers, each lane by
// itself; the lanes of all sixteen are then added up by one tree of shuffles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fredholm/core/simd.hpp>

namespace fredholm::simd {

namespace detail {

/// Two vectors in which the sums of groups of `Group` neighbouring lanes are wanted, as one in which those of
/// groups of half the size are: the lower half of each group adds up to what it did in a, the upper half to
/// what it did in b. (A blend and one shuffle.)
template <class T, std::size_t Group, std::size_t... Lane>
inline Vector<T> merge_groups(Vector<T> a, Vector<T> b, std::index_sequence<Lane...>) {
  constexpr std::size_t width = sizeof...(Lane), half = Group / 2;
  constexpr auto stays = [](std::size_t lane) {
    return static_cast<int>(lane % Group < half ? lane : width + lane);
  };
  constexpr auto comes = [](std::size_t lane) {
    return static_cast<int>(lane % Group < half ? lane + half : width + lane - half);
  };
  return __builtin_shufflevector(a, b, stays(Lane)...) + __builtin_shufflevector(a, b, comes(Lane)...);
}

/// The sums over the lanes of v[0], v[1], ..., as many as a register has lanes, in one register: bit after
/// bit of the lane's number, from the highest, chooses between v[i] and v[i + Group / 2], so that lane j is
/// the sum of v[j].
template <class T, std::size_t Group = static_cast<std::size_t>(lanes<T>)>
inline Vector<T> lane_sums(const Vector<T>* v) {
  if constexpr (Group == 1) {
    return v[0];
  } else {
    constexpr auto width = static_cast<std::size_t>(lanes<T>);
    Vector<T> merged[Group / 2];
    const auto merge = [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((merged[I] = merge_groups<T, Group>(v[I], v[I + Group / 2], std::make_index_sequence<width>{})), ...);
    };
    merge(std::make_index_sequence<Group / 2>{});
    return lane_sums<T, Group / 2>(merged);
  }
}

/// Four rows by four.
template <class T>
inline void dots_of_four(const std::array<const T*, 4>& a, const std::array<const T*, 4>& b, Index depth,
                         T* result) {
  using V = Vector<T>;
  V sums[16] = {};
  for (Index k = 0; k < depth; k += lanes<T>) {
    const V right[4] = {load<V>(b[0] + k), load<V>(b[1] + k), load<V>(b[2] + k), load<V>(b[3] + k)};
    const auto row = [&]<std::size_t... J>(std::size_t i, std::index_sequence<J...>) {
      const V left = load<V>(a[i] + k);
      ((sums[4 * i + J] += left * right[J]), ...);
    };
    row(0, std::make_index_sequence<4>{}), row(1, std::make_index_sequence<4>{});
    row(2, std::make_index_sequence<4>{}), row(3, std::make_index_sequence<4>{});
  }
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  for (std::size_t i = 0; i < 16; i += width) store(result + i, lane_sums<T>(sums + i));
}

}  // namespace detail

/// out[i out_row + j] += sum_k a[i a_row + k] b[j b_row + k]
template <class T>
void add_dots(Index rows, Index columns, Index depth, const T* a, Index a_row, const T* b, Index b_row,
              T* out, Index out_row) {
  const auto four = [](const T* from, Index step, Index first,
                       Index count) {  // the last row again where there are none
    std::array<const T*, 4> result{};
    for (Index i = 0; i < 4; ++i)
      result[static_cast<std::size_t>(i)] = from + std::min(first + i, count - 1) * step;
    return result;
  };
  using Part = Vector<T, std::min(register_bytes, 4 * static_cast<int>(sizeof(T)))>;  // of a row
  T block[16];
  for (Index i = 0; i < rows; i += 4) {
    const auto left = four(a, a_row, i, rows);
    for (Index j = 0; j < columns; j += 4) {
      detail::dots_of_four<T>(left, four(b, b_row, j, columns), depth, block);
      if (i + 4 <= rows && j + 4 <= columns) {
        for (Index r = 0; r < 4; ++r) {
          T* to = out + (i + r) * out_row + j;
          for (Index c = 0; c < 4; c += static_cast<Index>(sizeof(Part) / sizeof(T)))
            store(to + c, load<Part>(to + c) + load<Part>(block + 4 * r + c));
        }
        continue;
      }
      const Index high = std::min<Index>(4, rows - i), wide = std::min<Index>(4, columns - j);
      for (Index r = 0; r < high; ++r) {
        for (Index c = 0; c < wide; ++c) out[(i + r) * out_row + j + c] += block[4 * r + c];
      }
    }
  }
}

/// out[i] += sum_k in[i row + k], k < length, a multiple of `lanes`.
template <class T>
void add_row_sums(const T* in, Index rows, Index length, Index row, T* out) {
  using V = Vector<T>;
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  for (Index first = 0; first < rows; first += lanes<T>) {
    const Index count = std::min(lanes<T>, rows - first);
    V sums[width] = {};
    for (Index i = 0; i < count; ++i) {
      for (Index k = 0; k < length; k += lanes<T>)
        sums[static_cast<std::size_t>(i)] += load<V>(in + (first + i) * row + k);
    }
    const V total = detail::lane_sums<T>(sums);
    for (Index i = 0; i < count; ++i) out[first + i] += total[static_cast<int>(i)];
  }
}

}  // namespace fredholm::simd
