// Softmax attention as a ratio of two integrals, over any weights.
//
//   out_i = sum_j w_j e^{s_ij} v_j / sum_j w_j e^{s_ij},    s_ij = q_i . k_j / sqrt(d),   d channels a head
//
// q (batch, m, C), k and v (batch, n, C), w (n), C = heads * d; out (batch, m, C). A batch of 1 on one side
// is repeated where the other has more. With the weights of a rule the sums are integrals over the domain,
// and the result converges under refinement; with w = 1 it is ordinary attention, which counts points. The
// weights stand inside the sums, not in a logarithm, so they may be zero or negative; a denominator that
// vanishes for that reason is an error.
//
// No n x n matrix is stored: keys go by in blocks, with the maximum, the denominator and the numerator
// carried along (Milakov and Gimelshein 2018; Rabe and Staats 2021; Dao et al. 2022). A vector register holds
// one query in each lane (core/simd.hpp), so heads of any width run at full speed. With p_ij = w_j e^{s_ij} /
// sum, D_i = out'_i . out_i and u_ij = p_ij (out'_i . v_j - D_i), the adjoint is
//
//   v'_j += sum_i p_ij out'_i,    q'_i += sum_j u_ij k_j / sqrt(d),    k'_j += sum_i u_ij q_i / sqrt(d)
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/simd.hpp>

namespace fredholm {

namespace detail {

/// Sizes of an attention, and its scratch memory: one tile of queries and one block of keys. Arrays with a
/// query in each lane have rows of `lanes`, of which the registers that hold a query are computed.
template <class T>
struct AttentionTile {
  static constexpr Index lanes = 2 * simd::lanes<T>;  // queries
  static constexpr Index block = 96;                  // keys

  Index queries, keys, channels, heads, width;
  Array<T> memory;
  T* query;      // (width, lanes), scaled by 1 / sqrt(width)
  T* score;      // (block, lanes)
  T* numerator;  // (width, lanes); on the way back: the adjoint of the output
  T* slope;      // (block, lanes); on the way back only
  T* rows;       // (2, lanes, width): scaled queries and adjoints of the output, one row a query
  T* product;    // (width, lanes); on the way back only

  AttentionTile(const Array<T>& q, const Array<T>& k, Index head_count)
      : queries(q.shape(1)),
        keys(k.shape(1)),
        channels(q.shape(2)),
        heads(head_count),
        width(channels / heads),
        memory(Shape{(5 * width + 2 * block) * lanes}) {
    T* next = memory.mutable_data();
    const auto take = [&next](Index count) { return std::exchange(next, next + count); };
    query = take(width * lanes);
    numerator = take(width * lanes);
    score = take(block * lanes);
    slope = take(block * lanes);
    rows = take(2 * width * lanes);
    product = take(width * lanes);
  }

  /// Puts `count` rows of a head into columns: out (width, lanes), zero in the lanes without a query.
  void transpose(const T* in, Index count, T factor, T* out) const {
    for (Index d = 0; d < width; ++d) {
      for (Index r = 0; r < lanes; ++r) out[d * lanes + r] = r < count ? factor * in[r * channels + d] : T{0};
    }
  }

  /// The lanes of the registers that `count` queries fill.
  static Index used(Index count) { return (count + simd::lanes<T> - 1) / simd::lanes<T> * simd::lanes<T>; }

  T scale() const { return T{1} / std::sqrt(static_cast<T>(width)); }
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

/// What a block of keys does to one register of queries: the scores (n rows of `lanes`) become w_j e^{s_ij -
/// top}, `top` the maximum so far. Returns what the sums before the block are to be multiplied by.
template <class T>
simd::Vector<T> exponentiate(T* score, Index n, const T* weights, T* top, T* denominator, T* size) {
  using V = simd::Vector<T>;
  constexpr Index lanes = AttentionTile<T>::lanes;
  const V before = simd::load<V>(top);
  V even = before, odd = before;  // two chains, because each step waits for the one before
  for (Index j = 0; j < n; ++j) {
    if (weights[j] == T{0}) continue;  // a point without weight is not there
    const V s = simd::load<V>(score + j * lanes);
    const V last = std::exchange(even, odd);
    odd = s > last ? s : last;
  }
  const V now = even > odd ? even : odd;
  // Equal maxima shrink nothing, not even where both are -infinity: no point with a weight has come yet.
  const V shrink = before == now ? V{} + T{1} : simd::exp_negative<T>(before - now);
  V sum = shrink * simd::load<V>(denominator);
  V absolute = shrink * simd::load<V>(size);
  for (Index j = 0; j < n; ++j) {
    if (weights[j] == T{0}) {
      simd::store(score + j * lanes, V{});
      continue;
    }
    const V e = simd::exp_negative<T>(simd::load<V>(score + j * lanes) - now);
    const V term = weights[j] * e;
    sum += term;
    absolute += std::abs(weights[j]) * e;
    simd::store(score + j * lanes, term);
  }
  simd::store(top, now), simd::store(denominator, sum), simd::store(size, absolute);
  return shrink;
}

/// One tile of queries of one head. Writes out rows; maximum and 1 / denominator go to `top` and `inverse`,
/// (lanes) each.
template <class T>
void attend(const AttentionTile<T>& tile, const T* q, const T* k, const T* v, const T* weights, Index count,
            T* out, T* top, T* inverse) {
  constexpr Index lanes = AttentionTile<T>::lanes;
  using V = simd::Vector<T>;
  const Index width = tile.width;
  const Index used = tile.used(count);
  tile.transpose(q, count, tile.scale(), tile.query);
  std::array<T, lanes> denominator{}, size{};
  std::fill_n(top, lanes, -std::numeric_limits<T>::infinity());
  std::fill_n(tile.numerator, width * lanes, T{0});
  for (Index begin = 0; begin < tile.keys; begin += tile.block) {
    const Index n = std::min(tile.block, tile.keys - begin);
    simd::panel(n, used, width, k + begin * tile.channels, tile.channels, 1, tile.query, lanes, tile.score,
                lanes, false);
    for (Index c = 0; c < used; c += simd::lanes<T>) {
      const V shrink =
          exponentiate(tile.score + c, n, weights + begin, top + c, denominator.data() + c, size.data() + c);
      for (T* sum = tile.numerator + c; sum < tile.numerator + width * lanes; sum += lanes) {
        simd::store(sum, shrink * simd::load<V>(sum));
      }
    }
    simd::panel(width, used, n, v + begin * tile.channels, 1, tile.channels, tile.score, lanes,
                tile.numerator, lanes, true);
  }
  for (Index r = 0; r < count; ++r) {
    const auto i = static_cast<std::size_t>(r);
    // Scores that are not finite give outputs that are not, for the loss to name.
    if (std::isfinite(size[i]) &&
        std::abs(denominator[i]) <= 8 * std::numeric_limits<T>::epsilon() * size[i]) {
      fail("the denominator of a softmax is ", denominator[i], " (its terms add up to ", size[i],
           " in absolute value): the rule's zero or negative weights cancel. Use a rule with positive "
           "weights, or more points.");
    }
  }
  for (Index r = 0; r < lanes; ++r)
    inverse[r] = r < count ? T{1} / denominator[static_cast<std::size_t>(r)] : T{0};
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) out[r * tile.channels + d] = tile.numerator[d * lanes + r] * inverse[r];
  }
}

/// The way back of one tile of queries of one head. Adds to dq, dk and dv.
template <class T>
void attend_back(const AttentionTile<T>& tile, const T* q, const T* k, const T* v, const T* weights,
                 Index count, const T* out, const T* dout, const T* top, const T* inverse, T* dq, T* dk,
                 T* dv) {
  constexpr Index lanes = AttentionTile<T>::lanes;
  using V = simd::Vector<T>;
  const Index width = tile.width;
  const Index channels = tile.channels;
  const Index used = tile.used(count);
  tile.transpose(q, count, tile.scale(), tile.query);
  tile.transpose(dout, count, T{1}, tile.numerator);
  T* query_rows = tile.rows;
  T* output_rows = tile.rows + lanes * width;
  std::array<T, lanes> dot{};  // D
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) {
      query_rows[r * width + d] = tile.query[d * lanes + r];
      output_rows[r * width + d] = dout[r * channels + d];
      dot[static_cast<std::size_t>(r)] += dout[r * channels + d] * out[r * channels + d];
    }
  }
  std::fill_n(tile.product, width * lanes, T{0});
  for (Index begin = 0; begin < tile.keys; begin += tile.block) {
    const Index n = std::min(tile.block, tile.keys - begin);
    const Index at = begin * channels;
    simd::panel(n, used, width, k + at, channels, 1, tile.query, lanes, tile.score, lanes, false);
    simd::panel(n, used, width, v + at, channels, 1, tile.numerator, lanes, tile.slope, lanes, false);
    for (Index c = 0; c < used; c += simd::lanes<T>) {
      const V m = simd::load<V>(top + c);
      const V over = simd::load<V>(inverse + c);
      const V mean = simd::load<V>(dot.data() + c);
      for (Index j = 0; j < n; ++j) {
        T* score = tile.score + j * lanes + c;
        T* slope = tile.slope + j * lanes + c;
        if (weights[begin + j] == T{0}) {
          simd::store(score, V{}), simd::store(slope, V{});
          continue;
        }
        const V p = weights[begin + j] * over * simd::exp_negative<T>(simd::load<V>(score) - m);
        simd::store(score, p);
        simd::store(slope, p * (simd::load<V>(slope) - mean));
      }
    }
    simd::panel(width, used, n, k + at, 1, channels, tile.slope, lanes, tile.product, lanes, true);
    simd::panel(n, width, count, tile.score, lanes, 1, output_rows, width, dv + at, channels, true);
    simd::panel(n, width, count, tile.slope, lanes, 1, query_rows, width, dk + at, channels, true);
  }
  const T scale = tile.scale();
  for (Index r = 0; r < count; ++r) {
    for (Index d = 0; d < width; ++d) dq[r * channels + d] += scale * tile.product[d * lanes + r];
  }
}

}  // namespace detail

template <class T>
Array<T> attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights,
                   Index heads) {
  detail::require_attention(q, k, v, weights, heads);
  using Tile = detail::AttentionTile<T>;
  const Index batch = q.shape(0) == 1 ? k.shape(0) : q.shape(0);
  const Index m = q.shape(1);
  const Index n = k.shape(1);
  const Index channels = q.shape(2);
  // From sample to sample; a batch of 1 stays where it is.
  const Index query_step = q.shape(0) == 1 ? 0 : m * channels;
  const Index key_step = k.shape(0) == 1 ? 0 : n * channels;
  const Index tiles = (m + Tile::lanes - 1) / Tile::lanes;
  // For each batch, head and query: the maximum of its scores and one over the denominator.
  Array<T> statistics(Shape{batch, heads, tiles, 2, Tile::lanes});
  Array<T> out(Shape{batch, m, channels});
  {
    const Tile tile(q, k, heads);
    T* statistic = statistics.mutable_data();
    T* to = out.mutable_data();
    for (Index b = 0; b < batch; ++b) {
      for (Index h = 0; h < heads; ++h) {
        const Index head = h * tile.width;
        for (Index i = 0; i < m; i += Tile::lanes, statistic += 2 * Tile::lanes) {
          const Index row = i * channels + head, keys = b * key_step + head;
          detail::attend(tile, q.data() + b * query_step + row, k.data() + keys, v.data() + keys,
                         weights.data(), std::min(Tile::lanes, m - i), to + b * m * channels + row, statistic,
                         statistic + Tile::lanes);
        }
      }
    }
  }
  return record(
      out,
      [q, k, v, weights, out, statistics, heads, batch, m, channels, query_step, key_step](Tape& tape,
                                                                                           const T* dout) {
        const Tile tile(q, k, heads);
        Array<T> dq = Array<T>::zeros(q.shape());
        Array<T> dk = Array<T>::zeros(k.shape());
        Array<T> dv = Array<T>::zeros(v.shape());
        T* to = dq.mutable_data();
        T* to_k = dk.mutable_data();
        T* to_v = dv.mutable_data();
        const T* statistic = statistics.data();
        for (Index b = 0; b < batch; ++b) {
          for (Index h = 0; h < heads; ++h) {
            const Index head = h * tile.width;
            const Index keys = b * key_step + head;
            for (Index i = 0; i < m; i += Tile::lanes, statistic += 2 * Tile::lanes) {
              const Index at = (b * m + i) * channels + head;
              const Index query = b * query_step + i * channels + head;
              detail::attend_back(tile, q.data() + query, k.data() + keys, v.data() + keys, weights.data(),
                                  std::min(Tile::lanes, m - i), out.data() + at, dout + at, statistic,
                                  statistic + Tile::lanes, to + query, to_k + keys, to_v + keys);
            }
          }
        }
        tape.add(q, flat(dq.data(), dq.size()));
        tape.add(k, flat(dk.data(), dk.size()));
        tape.add(v, flat(dv.data(), dv.size()));
      },
      q, k, v);
}

/// Attention pooling: the softmax mean of the values under one score a point and head, a functional of the
/// field.
///
///   out_c = sum_j w_j e^{s_jh} v_jc / sum_j w_j e^{s_jh},   h the head of channel c
///
/// score (batch, n, heads), value (batch, n, C), weights (n); out (batch, C).
template <class T>
Array<T> attention_pool(const Array<T>& score, const Array<T>& value, const Array<T>& weights) {
  require(score.rank() == 3 && value.rank() == 3 && score.shape(0) == value.shape(0) &&
              score.shape(1) == value.shape(1) && value.shape(2) % score.shape(2) == 0 &&
              weights.size() == score.shape(1),
          "attention pooling takes scores (batch, n, heads), values (batch, n, C) with C a multiple of "
          "heads, and n weights; the shapes are ",
          score.shape(), ", ", value.shape(), " and ", weights.shape(), ".");
  detail::require_constant(weights.node(), "the weights of an attention pooling");
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
      T top = -std::numeric_limits<T>::infinity();
      for (Index j = 0; j < n; ++j) {
        if (weights.data()[j] != T{0}) top = std::max(top, s[j * heads + h]);
      }
      T sum{0}, size{0};
      for (Index j = 0; j < n; ++j) {
        // A point without weight is not there, whatever its score.
        const T term =
            weights.data()[j] == T{0} ? T{0} : weights.data()[j] * std::exp(s[j * heads + h] - top);
        p[j * heads + h] = term;
        sum += term, size += std::abs(term);
      }
      if (std::isfinite(size) && std::abs(sum) <= 8 * std::numeric_limits<T>::epsilon() * size) {
        fail("the denominator of an attention pooling is ", sum,
             ": the rule's zero or negative weights cancel. Use a rule with positive weights.");
      }
      for (Index j = 0; j < n; ++j) p[j * heads + h] /= sum;
      T* to = out.mutable_data() + b * channels + h * width;
      for (Index j = 0; j < n; ++j)
        flat(to, width) += p[j * heads + h] * flat(value.data() + (b * n + j) * channels + h * width, width);
    }
  }
  return record(
      out,
      [score, value, share, out, batch, n, heads, channels, width](Tape& tape, const T* dout) {
        tape.accumulate(value, [&](T* dv) {
          for (Index r = 0; r < batch * n; ++r) {
            for (Index h = 0; h < heads; ++h) {
              flat(dv + r * channels + h * width, width) +=
                  share.data()[r * heads + h] * flat(dout + r / n * channels + h * width, width);
            }
          }
        });
        tape.accumulate(score, [&](T* ds) {
          for (Index r = 0; r < batch * n; ++r) {
            for (Index h = 0; h < heads; ++h) {
              const Index at = r / n * channels + h * width;
              const auto difference =
                  flat(value.data() + r * channels + h * width, width) - flat(out.data() + at, width);
              ds[r * heads + h] += share.data()[r * heads + h] * (flat(dout + at, width) * difference).sum();
            }
          }
        });
      },
      score, value);
}

}  // namespace fredholm
