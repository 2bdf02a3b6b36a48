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
//
// There a register holds one key in each lane: two of the three sums go over queries, and lanes are never
// added up. A query or key that would have a register for itself, as the last of 2^k + 1, is taken alone,
// with the other side in the lanes. Scratch memory is as wide as all heads, and has no length that grows
// with n but one row. In float, from 512 points on, the same sums are made on AMX tiles where the processor
// has them (attention_tiles.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <fredholm/autodiff/ops/attention_sizes.hpp>
#include <fredholm/autodiff/ops/attention_tiles.hpp>
#include <fredholm/core/simd_exp.hpp>

namespace fredholm {

namespace detail {

/// What a block of keys does to one register of queries: the products q.k (n rows of `lanes`) become w_j
/// 2^{scale_of_2 (q.k - top)}, `top` the maximum so far, of the products: at the maximum the exponent is 0,
/// and not a rounding of it. Returns what the sums before the block are to be multiplied by.
template <class T>
simd::Vector<T> exponentiate(const AttentionSizes<T>& sizes, T* score, Index n, const T* weights, T* top,
                             T* denominator, T* size) {
  using V = simd::Vector<T>;
  constexpr Index lanes = AttentionSizes<T>::lanes;
  const auto larger = [](const V& a, const V& b) { return a > b ? a : b; };
  for (Index j = 0; j < n && sizes.has_zero; ++j) {  // a point without weight is not there
    if (weights[j] == T{0}) simd::store(score + j * lanes, V{} - std::numeric_limits<T>::infinity());
  }
  V highest = simd::load<V>(score);
  Index row = 1;
  for (; row + 4 <= n; row += 4) {  // by fours: each step of the maximum waits for the one before
    const T* s = score + row * lanes;
    highest = larger(larger(larger(simd::load<V>(s), simd::load<V>(s + lanes)),
                            larger(simd::load<V>(s + 2 * lanes), simd::load<V>(s + 3 * lanes))),
                     highest);
  }
  for (; row < n; ++row) highest = larger(simd::load<V>(score + row * lanes), highest);
  const V before = simd::load<V>(top);
  const V now = highest > before ? highest : before;
  // Equal maxima shrink nothing, not even where both are -infinity: no point with a weight has come yet.
  const V shrink = before == now ? V{} + T{1} : simd::exp2_negative<T>(sizes.scale_of_2 * (before - now));
  V sum = shrink * simd::load<V>(denominator);
  V absolute = shrink * simd::load<V>(size);
  for (Index j = 0; j < n; ++j) {
    if (weights[j] == T{0}) {
      simd::store(score + j * lanes, V{});
      continue;
    }
    const V e = simd::exp2_negative<T>(sizes.scale_of_2 * (simd::load<V>(score + j * lanes) - now));
    const V term = weights[j] * e;
    sum += term;
    if (sizes.has_negative) absolute += std::abs(weights[j]) * e;
    simd::store(score + j * lanes, term);
  }
  simd::store(top, now), simd::store(denominator, sum);
  simd::store(size, sizes.has_negative ? absolute : sum);
  return shrink;
}

/// One tile of queries of one head, in columns: query and numerator (width, lanes), score (block, lanes). k
/// and v begin at the head. Maximum and 1 / denominator go to `top` and `inverse`, (lanes) each.
template <class T>
void attend(const AttentionSizes<T>& sizes, const T* query, const T* k, const T* v, Index count, T* score,
            T* numerator, T* top, T* inverse) {
  constexpr Index lanes = AttentionSizes<T>::lanes;
  using V = simd::Vector<T>;
  const Index width = sizes.width, channels = sizes.channels;
  const Index used = sizes.used(count);
  std::array<T, lanes> denominator{}, size{};
  std::fill_n(top, lanes, -std::numeric_limits<T>::infinity());
  for (Index begin = 0; begin < sizes.keys; begin += sizes.block) {
    const Index n = std::min(sizes.block, sizes.keys - begin);
    simd::panel(n, used, width, k + begin * channels, channels, 1, query, lanes, score, lanes, false);
    for (Index c = 0; c < used; c += simd::lanes<T>) {
      const V shrink = exponentiate(sizes, score + c, n, sizes.weights.data() + begin, top + c,
                                    denominator.data() + c, size.data() + c);
      for (Index d = 0; d < width && begin > 0; ++d) {
        T* sum = numerator + d * lanes + c;
        simd::store(sum, shrink * simd::load<V>(sum));
      }
    }
    simd::panel(width, used, n, v + begin * channels, 1, channels, score, lanes, numerator, lanes, begin > 0);
  }
  require_denominators(denominator.data(), size.data(), count);
  for (Index c = 0; c < used; c += simd::lanes<T>) {
    const V over = T{1} / simd::load<V>(denominator.data() + c);
    simd::store(inverse + c, over);
    for (Index d = 0; d < width; ++d) {
      T* sum = numerator + d * lanes + c;
      simd::store(sum, over * simd::load<V>(sum));
    }
  }
}

/// One query of one head, with a key in each lane: score has room for all keys, in whole registers.
template <class T>
void attend_alone(const AttentionSizes<T>& sizes, const T* q, const T* k, const T* v, T* score, T* out,
                  T* top, T* inverse) {
  using V = simd::Vector<T>;
  using Lanes = Eigen::Array<T, simd::lanes<T>, 1>;
  constexpr T none = -std::numeric_limits<T>::infinity();
  const T* weights = sizes.weights.data();
  simd::panel(sizes.keys, Index{1}, sizes.width, k, sizes.channels, 1, q, 1, score, 1, false);
  std::fill(score + sizes.keys, score + sizes.used(sizes.keys), none);
  V highest = V{} + none;
  for (Index j = 0; j < sizes.keys; j += simd::lanes<T>) {
    const V s = simd::load<V>(weights + j) == T{0} ? V{} + none : simd::load<V>(score + j);
    highest = s > highest ? s : highest;
  }
  Lanes all, absolute;
  simd::store(all.data(), highest);
  *top = all.maxCoeff();
  V sum{}, size{};
  for (Index j = 0; j < sizes.keys; j += simd::lanes<T>) {
    const V w = simd::load<V>(weights + j);
    const V e = simd::exp2_negative<T>(sizes.scale_of_2 * (simd::load<V>(score + j) - *top));
    const V term = w == T{0} ? V{} : w * e;
    sum += term, size += term < 0 ? -term : term;
    simd::store(score + j, term);
  }
  simd::store(all.data(), sum), simd::store(absolute.data(), size);
  const T denominator = all.sum(), total = absolute.sum();
  require_denominators(&denominator, &total, 1);
  *inverse = T{1} / denominator;
  simd::panel(Index{1}, sizes.width, sizes.keys, score, 0, 1, v, sizes.channels, out, sizes.width, false);
  for (Index d = 0; d < sizes.width; ++d) out[d] *= *inverse;
}

/// All queries of all heads and samples.
template <class T>
void attend_all(const AttentionSizes<T>& sizes, const Array<T>& q, const Array<T>& k, const Array<T>& v,
                T* statistics, T* out) {
  using Sizes = AttentionSizes<T>;
  constexpr Index lanes = Sizes::lanes;
  const Index m = sizes.queries, channels = sizes.channels, heads = sizes.heads;
  Array<T> columns(Shape{2, channels, lanes});
  Array<T> scores(Shape{std::max(Sizes::block * lanes, sizes.used(sizes.keys))});
  T* const query = columns.mutable_data();
  T *const numerator = query + channels * lanes, *const score = scores.mutable_data();
  std::array<T, lanes> top, inverse;
  for (Index b = 0; b < sizes.batch; ++b) {
    for (Index i = 0, count = 0; i < m; i += count) {
      const Index in_tile = sizes.next(m - i);
      count = std::max<Index>(1, in_tile);
      const T* rows = q.data() + b * sizes.query_step + i * channels;
      T* to = out + (b * m + i) * channels;
      if (in_tile > 0) sizes.to_columns(rows, count, lanes, query);
      for (Index h = 0; h < heads; ++h) {
        const Index head = h * sizes.width;
        const T *keys = k.data() + b * sizes.key_step + head, *values = v.data() + b * sizes.key_step + head;
        if (in_tile > 0) {
          attend(sizes, query + head * lanes, keys, values, count, score, numerator + head * lanes,
                 top.data(), inverse.data());
        } else {
          attend_alone(sizes, rows + head, keys, values, score, to + head, top.data(), inverse.data());
        }
        T* statistic = statistics + (b * heads + h) * 2 * sizes.query_row() + i;
        std::copy_n(top.data(), count, statistic);
        std::copy_n(inverse.data(), count, statistic + sizes.query_row());
      }
      if (in_tile > 0) simd::transpose(numerator, channels, count, lanes, to, channels);
    }
  }
}

/// What the way back reads of one head of one sample: q and out' from this head on, and the numbers of each
/// query.
template <class T>
struct AttentionRows {
  const T *query, *output, *top, *inverse, *dot;
};

/// A tile of keys of one head, in columns (width, row): key, value / sqrt(d), and their adjoints. The weights
/// are zero in the lanes without a key, and so is all that comes of them. score and slope (block_back, row).
/// `row` is `lanes`, or 1 for a key alone: a register has a query in each lane then.
template <class T>
struct KeyTile {
  using V = simd::Vector<T>;
  Index count, row;
  const T *rows, *key, *value, *weights;
  T *key_adjoint, *value_adjoint, *score, *slope;

  /// dq, unless it is nullptr, begins at the head and is added to; the adjoints of the keys are, if `onto`.
  void meet(const AttentionSizes<T>& sizes, const AttentionRows<T>& with, bool onto, T* dq) const {
    const Index width = sizes.width, channels = sizes.channels;
    const Index used = row == 1 ? 1 : sizes.used(count);
    const Index room = sizes.block_back * sizes.lanes / row;
    const Index blocks = (sizes.queries + room - 1) / room;
    for (Index block = 0; block < blocks; ++block) {
      const Index begin = sizes.queries * block / blocks;
      const Index n = sizes.queries * (block + 1) / blocks - begin;
      const T *q = with.query + begin * channels, *dout = with.output + begin * channels;
      simd::panel(n, used, width, q, channels, 1, key, row, score, row, false);
      simd::panel(n, used, width, dout, channels, 1, value, row, slope, row, false);
      weigh(sizes.scale_of_2, with, begin, n, used);
      const bool add = onto || block > 0;
      if (row == 1) {
        simd::panel(Index{1}, width, n, score, 0, 1, dout, channels, value_adjoint, width, add);
        simd::panel(Index{1}, width, n, slope, 0, 1, q, channels, key_adjoint, width, add);
      } else {
        simd::panel(width, used, n, dout, 1, channels, score, row, value_adjoint, row, add);
        simd::panel(width, used, n, q, 1, channels, slope, row, key_adjoint, row, add);
      }
      if (dq != nullptr)
        simd::panel(n, width, count, slope, row, 1, rows, channels, dq + begin * channels, channels, true);
    }
  }

 private:
  /// q.k and out'.v / sqrt(d) become p and u / sqrt(d).
  void weigh(T scale_of_2, const AttentionRows<T>& with, Index begin, Index n, Index used) const {
    const auto one = [&](T* s, T* u, const V& weight, const V& over, const V& top, const V& mean) {
      const V e = simd::exp2_negative<T>(scale_of_2 * (simd::load<V>(s) - top));
      const V p = weight == T{0} ? V{} : weight * over * e;
      simd::store(s, p);
      simd::store(u, weight == T{0} ? V{} : p * (simd::load<V>(u) - mean));
    };
    const T *over = with.inverse + begin, *top = with.top + begin, *mean = with.dot + begin;
    for (Index i = 0; i < n && row == 1; i += simd::lanes<T>) {
      one(score + i, slope + i, V{} + weights[0], simd::load<V>(over + i), simd::load<V>(top + i),
          simd::load<V>(mean + i));
    }
    for (Index c = 0; c < used && row > 1; c += simd::lanes<T>) {
      const V weight = simd::load<V>(weights + c);
      for (Index i = 0; i < n; ++i)
        one(score + i * row + c, slope + i * row + c, weight, V{} + over[i], V{} + top[i], V{} + mean[i]);
    }
  }
};

/// The way back: dq is added to; dk and dv are, too, where their flag says so, else set. Each of the three
/// may be nullptr.
template <class T>
struct AttentionAdjoints {
  T *dq = nullptr, *dk = nullptr, *dv = nullptr;
  bool onto_k = false, onto_v = false;

  void add(const AttentionSizes<T>& sizes, const Array<T>& q, const Array<T>& k, const Array<T>& v,
           const T* statistics, const T* out, const T* dout) const {
    constexpr Index lanes = AttentionSizes<T>::lanes;
    const Index channels = sizes.channels, m = sizes.query_row();
    if (sizes.batch * sizes.queries == 0) {  // nothing looks at the keys
      if (dk != nullptr && !onto_k) std::fill_n(dk, k.size(), T{0});
      if (dv != nullptr && !onto_v) std::fill_n(dv, v.size(), T{0});
      return;
    }
    const Array<T> dots = attention_dots(sizes, out, dout);
    if constexpr (simd::has_tiles && std::is_same_v<T, float>) {
      if (sizes.on_tiles) {
        return tiles::add_adjoints(sizes, q.data(), k.data(), v.data(), statistics, dots.data(), dout, dq, dk,
                                   onto_k, dv, onto_v);
      }
    }
    Array<T> columns(Shape{4, channels, lanes}), scores(Shape{2, sizes.block_back, lanes});
    T* const key = columns.mutable_data();
    T *const value = key + channels * lanes, *const key_adjoint = value + channels * lanes,
             *const value_adjoint = key_adjoint + channels * lanes, *const score = scores.mutable_data();
    for (Index own = 0; own < k.shape(0); ++own) {
      for (Index j = 0, count = 0; j < sizes.keys; j += count) {
        const Index in_tile = sizes.next(sizes.keys - j), row = in_tile == 0 ? 1 : lanes;
        count = std::max<Index>(1, in_tile);
        const Index at = (own * sizes.keys + j) * channels;
        sizes.to_columns(k.data() + at, count, row, key);
        sizes.to_columns(v.data() + at, count, row, value);
        flat(value, channels * row) *= sizes.scale;
        const Index end = k.shape(0) == 1 ? sizes.batch : own + 1;  // the samples that see these keys
        for (Index b = own; b < end; ++b) {
          for (Index h = 0; h < sizes.heads; ++h) {
            const Index head = h * sizes.width, numbers = (b * sizes.heads + h) * m;
            const AttentionRows<T> rows{q.data() + b * sizes.query_step + head,
                                        dout + b * sizes.queries * channels + head, statistics + 2 * numbers,
                                        statistics + 2 * numbers + m, dots.data() + numbers};
            const KeyTile<T> tile{count,
                                  row,
                                  k.data() + at + head,
                                  key + head * row,
                                  value + head * row,
                                  sizes.weights.data() + j,
                                  key_adjoint + head * row,
                                  value_adjoint + head * row,
                                  score,
                                  score + sizes.block_back * lanes};
            tile.meet(sizes, rows, b > own, dq == nullptr ? nullptr : dq + b * sizes.query_step + head);
          }
        }
        if (dk != nullptr) simd::transpose(key_adjoint, channels, count, row, dk + at, channels, onto_k);
        if (dv != nullptr) simd::transpose(value_adjoint, channels, count, row, dv + at, channels, onto_v);
      }
    }
  }
};

}  // namespace detail

template <class T>
Array<T> attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights,
                   Index heads) {
  detail::require_attention(q, k, v, weights, heads);
  const detail::AttentionSizes<T> sizes(q, k, weights, heads);
  // For each sample and head: of all queries the maximum of the scores, and then one over the denominator.
  Array<T> statistics = Array<T>::zeros({sizes.batch, heads, 2, sizes.query_row()});
  Array<T> out(Shape{sizes.batch, sizes.queries, sizes.channels});
  bool done = false;
  if constexpr (simd::has_tiles && std::is_same_v<T, float>) {
    if (sizes.on_tiles) {
      detail::tiles::attend(sizes, q.data(), k.data(), v.data(), statistics.mutable_data(),
                            out.mutable_data());
      done = true;
    }
  }
  if (!done) detail::attend_all(sizes, q, k, v, statistics.mutable_data(), out.mutable_data());
  return record(
      out,
      [q, k, v, out, statistics, sizes](Tape& tape, const T* dout) {
        detail::AttentionAdjoints<T> to;
        // Queries first, from zero: they may be the same array as keys or values.
        tape.accumulate(q, [&](T* dq) { to.dq = dq; });
        tape.accumulate(k, [&](T* dk, bool onto) { to.dk = dk, to.onto_k = onto; });
        tape.accumulate(v, [&](T* dv, bool onto) { to.dv = dv, to.onto_v = onto; });
        to.add(sizes, q, k, v, statistics.data(), out.data(), dout);
      },
      q, k, v);
}

}  // namespace fredholm
