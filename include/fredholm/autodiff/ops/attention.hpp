// Softmax attention as a ratio of two integrals, over any weights.
//
//   out_i = sum_j w_j e^{s_ij} v_j / sum_j w_j e^{s_ij},    s_ij = q_i . k_j / sqrt(d),   d channels a head
//
// q (batch, m, C), k and v (batch, n, C), w (n), C = heads * d; out (batch, m, C). With the weights of a rule the sums
// are integrals over the domain, and the result converges under refinement; with w = 1 it is ordinary attention, which
// counts points. The weights stand inside the sums, not in a logarithm, so they may be zero or negative; a
// denominator that vanishes for that reason is an error.
//
// No n x n matrix is stored: keys go by in blocks, with the maximum, the denominator and the numerator carried along
// (Milakov and Gimelshein 2018; Rabe and Staats 2021; Dao et al. 2022). A vector register holds one query in each lane
// (core/simd.hpp). With p_ij = w_j e^{s_ij} / sum, D_i = out'_i . out_i and u_ij = p_ij (out'_i . v_j - D_i), the adjoint is
//
//   v'_j += sum_i p_ij out'_i,    q'_i += sum_j u_ij k_j / sqrt(d),    k'_j += sum_i u_ij q_i / sqrt(d)
#pragma once

#include <cmath>
#include <limits>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/simd.hpp>

namespace fredholm {

namespace detail {

/// Sizes of an attention, and its scratch memory: one tile of queries and one block of keys.
template <class T>
struct AttentionTile {
  static constexpr Index lanes = simd::lanes<T>;
  static constexpr Index block = 64;  // keys
  // Rows over the channels of a head are as wide as half a register; heads of other widths are padded.
  static constexpr int row_bytes = 32;
  static constexpr Index row_lanes = simd::lanes<T, row_bytes>;

  Index queries, keys, channels, heads, width, padded;
  Array<T> memory;
  T* query;     // (width, lanes), scaled by 1 / sqrt(width)
  T* score;     // (block, lanes)
  T* numerator; // (width, lanes); on the way back: the adjoint of the output
  T* slope;     // (block, lanes); on the way back only
  T* rows;      // (2, lanes, padded): scaled queries and adjoints of the output, one row a query
  T* product;   // (width or block, max(lanes, padded))

  AttentionTile(const Array<T>& q, const Array<T>& k, Index head_count)
      : queries(q.shape(1)), keys(k.shape(1)), channels(q.shape(2)), heads(head_count), width(channels / heads),
        padded((width + row_lanes - 1) / row_lanes * row_lanes),
        memory(Shape{(3 * width + 2 * block) * lanes + 2 * lanes * padded + block * padded + width * lanes}) {
    T* next = memory.mutable_data();
    const auto take = [&next](Index count) { return std::exchange(next, next + count); };
    query = take(width * lanes);
    numerator = take(width * lanes);
    score = take(block * lanes);
    slope = take(block * lanes);
    rows = take(2 * lanes * padded);
    product = take(std::max(block * padded, width * lanes));
  }

  /// Puts `count` rows of a head into columns: out (width, lanes), zero in the lanes without a query.
  void transpose(const T* in, Index count, T factor, T* out) const {
    for (Index d = 0; d < width; ++d) {
      for (Index r = 0; r < lanes; ++r) out[d * lanes + r] = r < count ? factor * in[r * channels + d] : T{0};
    }
  }

  T scale() const { return T{1} / std::sqrt(static_cast<T>(width)); }
};

template <class T>
void require_attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights, Index heads) {
  require(q.rank() == 3 && k.rank() == 3 && k.shape() == v.shape() && q.shape(0) == k.shape(0) && q.shape(2) == k.shape(2),
          "attention takes q (batch, m, C) and k, v (batch, n, C); the shapes are ", q.shape(), ", ", k.shape(), " and ", v.shape(), ".");
  require(heads > 0 && q.shape(2) % heads == 0, "attention splits ", q.shape(2), " channels into ", heads, " heads: the number of channels must be a multiple.");
  require(weights.size() == k.shape(1), "attention over ", k.shape(1), " points was given ", weights.size(), " weights.");
}

/// One tile of queries of one head. Writes out rows; maximum and 1 / denominator go to `top` and `inverse`, (lanes) each.
template <class T>
void attend(const AttentionTile<T>& tile, const T* q, const T* k, const T* v, const T* weights, Index count, T* out, T* top, T* inverse) {
  constexpr Index lanes = AttentionTile<T>::lanes;
  const Index width = tile.width;
  tile.transpose(q, count, tile.scale(), tile.query);
  std::array<T, lanes> denominator{}, size{};
  std::fill_n(top, lanes, -std::numeric_limits<T>::infinity());
  std::fill_n(tile.numerator, width * lanes, T{0});
  for (Index begin = 0; begin < tile.keys; begin += tile.block) {
    const Index n = std::min(tile.block, tile.keys - begin);
    simd::panel(n, width, k + begin * tile.channels, tile.channels, 1, tile.query, lanes, tile.score, lanes, false);
    Eigen::Map<Eigen::Array<T, lanes, Eigen::Dynamic>> s(tile.score, lanes, n);
    Eigen::Map<Eigen::Array<T, lanes, 1>> m(top), sum(denominator.data()), absolute(size.data());
    Eigen::Array<T, lanes, 1> now = m;
    for (Index j = 0; j < n; ++j) now = now.max(s.col(j));
    const Eigen::Array<T, lanes, 1> shrink = (m - now).exp();
    m = now;
    sum *= shrink, absolute *= shrink;
    for (Index d = 0; d < width; ++d) Eigen::Map<Eigen::Array<T, lanes, 1>>(tile.numerator + d * lanes) *= shrink;
    for (Index j = 0; j < n; ++j) {
      s.col(j) = weights[begin + j] * (s.col(j) - now).exp();
      sum += s.col(j), absolute += s.col(j).abs();
    }
    simd::panel(width, n, v + begin * tile.channels, 1, tile.channels, tile.score, lanes, tile.numerator, lanes, true);
  }
  for (Index r = 0; r < count; ++r) {
    const auto i = static_cast<std::size_t>(r);
    if (!(std::abs(denominator[i]) > 8 * std::numeric_limits<T>::epsilon() * size[i])) {
      fail("the denominator of a softmax is ", denominator[i], " (its terms add up to ", size[i],
           " in absolute value): the rule's zero or negative weights cancel. Use a rule with positive weights, or more points.");
    }
  }
  for (Index r = 0; r < lanes; ++r) inverse[r] = r < count ? T{1} / denominator[static_cast<std::size_t>(r)] : T{0};
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) out[r * tile.channels + d] = tile.numerator[d * lanes + r] * inverse[r];
  }
}

/// The way back of one tile of queries of one head. Adds to dq; dk and dv are (keys, padded).
template <class T>
void attend_back(const AttentionTile<T>& tile, const T* q, const T* k, const T* v, const T* weights, Index count, const T* out,
                 const T* dout, const T* top, const T* inverse, T* dq, T* dk, T* dv) {
  using Tile = AttentionTile<T>;
  constexpr Index lanes = Tile::lanes;
  using Column = Eigen::Array<T, lanes, 1>;
  const Index width = tile.width;
  const Index padded = tile.padded;
  tile.transpose(q, count, tile.scale(), tile.query);
  tile.transpose(dout, count, T{1}, tile.numerator);
  T* query_rows = tile.rows;
  T* output_rows = tile.rows + lanes * padded;
  std::fill_n(tile.rows, 2 * lanes * padded, T{0});
  Column dot = Column::Zero();  // D
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) {
      query_rows[r * padded + d] = tile.query[d * lanes + r];
      output_rows[r * padded + d] = dout[r * tile.channels + d];
      dot[r] += dout[r * tile.channels + d] * out[r * tile.channels + d];
    }
  }
  const Eigen::Map<const Column> m(top), over(inverse);
  std::fill_n(tile.product, width * lanes, T{0});
  for (Index begin = 0; begin < tile.keys; begin += tile.block) {
    const Index n = std::min(tile.block, tile.keys - begin);
    simd::panel(n, width, k + begin * tile.channels, tile.channels, 1, tile.query, lanes, tile.score, lanes, false);
    simd::panel(n, width, v + begin * tile.channels, tile.channels, 1, tile.numerator, lanes, tile.slope, lanes, false);
    for (Index j = 0; j < n; ++j) {
      Eigen::Map<Column> p(tile.score + j * lanes), u(tile.slope + j * lanes);
      p = (weights[begin + j] * over) * (p - m).exp();
      u = p * (u - dot);
    }
    simd::panel(width, n, k + begin * tile.channels, 1, tile.channels, tile.slope, lanes, tile.product, lanes, true);
    for (Index part = 0; part < padded; part += Tile::row_lanes) {
      simd::panel<Tile::row_bytes>(n, lanes, tile.score, lanes, 1, output_rows + part, padded, dv + begin * padded + part, padded, true);
      simd::panel<Tile::row_bytes>(n, lanes, tile.slope, lanes, 1, query_rows + part, padded, dk + begin * padded + part, padded, true);
    }
  }
  const T scale = tile.scale();
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) dq[r * tile.channels + d] += scale * tile.product[d * lanes + r];
  }
}

}  // namespace detail

template <class T>
Array<T> attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights, Index heads) {
  detail::require_attention(q, k, v, weights, heads);
  using Tile = detail::AttentionTile<T>;
  const Index batch = q.shape(0);
  const Index m = q.shape(1);
  const Index n = k.shape(1);
  const Index channels = q.shape(2);
  const Index tiles = (m + Tile::lanes - 1) / Tile::lanes;
  // For each batch, head and query: the maximum of its scores and one over the denominator.
  Array<T> statistics(Shape{batch, heads, tiles, 2, Tile::lanes});
  Array<T> out(q.shape());
  {
    const Tile tile(q, k, heads);
    T* statistic = statistics.mutable_data();
    T* to = out.mutable_data();
    for (Index b = 0; b < batch; ++b) {
      for (Index h = 0; h < heads; ++h) {
        const Index head = h * tile.width;
        for (Index i = 0; i < m; i += Tile::lanes, statistic += 2 * Tile::lanes) {
          const Index at = (b * m + i) * channels + head;
          detail::attend(tile, q.data() + at, k.data() + b * n * channels + head, v.data() + b * n * channels + head, weights.data(),
                         std::min(Tile::lanes, m - i), to + at, statistic, statistic + Tile::lanes);
        }
      }
    }
  }
  return record(
      out,
      [q, k, v, weights, out, statistics, heads, batch, m, n, channels](Tape& tape, const T* dout) {
        const Tile tile(q, k, heads);
        Array<T> dq = Array<T>::zeros(q.shape());
        Array<T> dk(k.shape());
        Array<T> dv(v.shape());
        Array<T> rows(Shape{2, n, tile.padded});
        T* to = dq.mutable_data();
        T* row = rows.mutable_data();
        const T* statistic = statistics.data();
        for (Index b = 0; b < batch; ++b) {
          for (Index h = 0; h < heads; ++h) {
            const Index head = h * tile.width;
            const Index keys = b * n * channels + head;
            std::fill_n(row, rows.size(), T{0});
            for (Index i = 0; i < m; i += Tile::lanes, statistic += 2 * Tile::lanes) {
              const Index at = (b * m + i) * channels + head;
              detail::attend_back(tile, q.data() + at, k.data() + keys, v.data() + keys, weights.data(), std::min(Tile::lanes, m - i),
                                  out.data() + at, dout + at, statistic, statistic + Tile::lanes, to + at, row, row + n * tile.padded);
            }
            for (Index j = 0; j < n; ++j) {
              std::copy_n(row + j * tile.padded, tile.width, dk.mutable_data() + keys + j * channels);
              std::copy_n(row + (n + j) * tile.padded, tile.width, dv.mutable_data() + keys + j * channels);
            }
          }
        }
        tape.add(q, flat(dq.data(), dq.size()));
        tape.add(k, flat(dk.data(), dk.size()));
        tape.add(v, flat(dv.data(), dv.size()));
      },
      q, k, v);
}

/// Attention pooling: the softmax mean of the values under one score a point and head, a functional of the field.
///
///   out_c = sum_j w_j e^{s_jh} v_jc / sum_j w_j e^{s_jh},   h the head of channel c
///
/// score (batch, n, heads), value (batch, n, C), weights (n); out (batch, C).
template <class T>
Array<T> attention_pool(const Array<T>& score, const Array<T>& value, const Array<T>& weights) {
  require(score.rank() == 3 && value.rank() == 3 && score.shape(0) == value.shape(0) && score.shape(1) == value.shape(1) &&
              value.shape(2) % score.shape(2) == 0 && weights.size() == score.shape(1),
          "attention pooling takes scores (batch, n, heads), values (batch, n, C) with C a multiple of heads, and n weights; the shapes are ",
          score.shape(), ", ", value.shape(), " and ", weights.shape(), ".");
  const Index batch = score.shape(0);
  const Index n = score.shape(1);
  const Index heads = score.shape(2);
  const Index channels = value.shape(2);
  const Index width = channels / heads;
  Array<T> share(score.shape());  // w_j e^{s_jh} / sum
  Array<T> out = Array<T>::zeros({batch, channels});
  for (Index b = 0; b < batch; ++b) {
    T* p = share.mutable_data() + b * n * heads;
    const T* s = score.data() + b * n * heads;
    for (Index h = 0; h < heads; ++h) {
      T top = s[h];
      for (Index j = 1; j < n; ++j) top = std::max(top, s[j * heads + h]);
      T sum{0}, size{0};
      for (Index j = 0; j < n; ++j) {
        const T term = weights.data()[j] * std::exp(s[j * heads + h] - top);
        p[j * heads + h] = term;
        sum += term, size += std::abs(term);
      }
      if (!(std::abs(sum) > 8 * std::numeric_limits<T>::epsilon() * size)) {
        fail("the denominator of an attention pooling is ", sum, ": the rule's zero or negative weights cancel. Use a rule with positive weights.");
      }
      for (Index j = 0; j < n; ++j) p[j * heads + h] /= sum;
      T* to = out.mutable_data() + b * channels + h * width;
      for (Index j = 0; j < n; ++j) flat(to, width) += p[j * heads + h] * flat(value.data() + (b * n + j) * channels + h * width, width);
    }
  }
  return record(
      out,
      [score, value, share, out, batch, n, heads, channels, width](Tape& tape, const T* dout) {
        tape.accumulate(value, [&](T* dv) {
          for (Index r = 0; r < batch * n; ++r) {
            for (Index h = 0; h < heads; ++h) {
              flat(dv + r * channels + h * width, width) += share.data()[r * heads + h] * flat(dout + r / n * channels + h * width, width);
            }
          }
        });
        tape.accumulate(score, [&](T* ds) {
          for (Index r = 0; r < batch * n; ++r) {
            for (Index h = 0; h < heads; ++h) {
              const Index at = r / n * channels + h * width;
              const auto difference = flat(value.data() + r * channels + h * width, width) - flat(out.data() + at, width);
              ds[r * heads + h] += share.data()[r * heads + h] * (flat(dout + at, width) * difference).sum();
            }
          }
        });
      },
      score, value);
}

}  // namespace fredholm
