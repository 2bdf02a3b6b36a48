// Softmax attention in float on the tiles of AMX (core/simd_tiles.hpp), to the accuracy of float.
//
// The sums are those of attention.hpp, with the maximum, the denominator and the numerator carried along.
// Keys and queries meet in chunks of 32 by 32, which are 2 by 2 tiles of scores, a key in each row and a
// query in each lane. q is multiplied by log2(e) / sqrt(d) before, so that with the maximum top_i of s_ij
//
//   e_ij = 2^(s_ij - top_i),   numerator_i = sum_j e_ij w_j v_j,   denominator_i = sum_j w_j e_ij
//
// and on the way back, with o_i = out'_i / denominator_i and u_ij = e_ij (o_i . w_j v_j - w_j o_i . out_i),
//
//   v'_j += w_j sum_i e_ij o_i,    q'_i += sum_j u_ij k_j / sqrt(d),    k'_j += sum_i u_ij q_i / sqrt(d).
//
// All factors but e stand at the matrices, which are packed once for all that they meet. The numbers e and u
// come out of registers and go back into tiles, split there. The scores of the way back are sums of the same
// numbers in the same order as before, so that at the maximum the exponent is exactly zero.
//
// Forward, tiles and registers work at the same time: tiles of the next scores are asked for between the
// exponentials of these, and stored after some more of them. On the way back they take turns: to mix them
// there was not faster. Keys are packed a group at a time, so that scratch memory does not grow with their
// number, but for three numbers a query and, with more than one group, the numerators of one head.
#pragma once

#include <fredholm/autodiff/ops/attention_tile_parts.hpp>

#if FREDHOLM_AMX

#include <array>
#include <limits>

namespace fredholm::detail::tiles {

/// One head of one sample after the other.
class Forward {
 public:
  explicit Forward(const Sizes& sizes)
      : sizes_(sizes),
        counts_(sizes),
        keys_(counts_.group / 16 * counts_.depth),
        values_(counts_.group / 32 * counts_.channels),
        queries_(2 * counts_.depth),
        terms_(4),
        scores_(2 * block * 4 * Counts::tile),
        sums_(3 * Counts::chunks(sizes.queries) * Counts::chunk),
        numerators_((counts_.group < sizes.keys ? Counts::chunks(sizes.queries) : 1) * counts_.channels * 2 *
                    Counts::tile) {}

  /// All begin at the head, but top and inverse at the first query.
  void head(const float* q, const float* k, const float* v, float* out, float* top, float* inverse) {
    const simd::TileScope scope;
    const Index channels = sizes_.channels, width = sizes_.width, chunks = Counts::chunks(sizes_.queries);
    float *const tops = sums_.data(), *const denominators = tops + chunks * Counts::chunk,
                 *const absolute = denominators + chunks * Counts::chunk;
    std::fill_n(tops, chunks * Counts::chunk, -std::numeric_limits<float>::infinity());
    std::fill_n(denominators, 2 * chunks * Counts::chunk, 0.0F);
    std::array<float, Counts::chunk> factors;
    factors.fill(sizes_.scale_of_2);
    for (Index first = 0; first < sizes_.keys; first += counts_.group) {
      const Index count = std::min(counts_.group, sizes_.keys - first);
      pack(k + first * channels, v + first * channels, first, count);
      for (Index x = 0; x < chunks; ++x) {
        const Index i = x * Counts::chunk, n = std::min(Counts::chunk, sizes_.queries - i);
        const Matrix rows{q + i * channels, channels, n, width, factors.data()};
        pack_columns(rows, counts_.depth, queries_.data());
        const Index size = counts_.channels * 2 * Counts::tile;
        float* const numerator = numerators_.data() + (counts_.group < sizes_.keys ? x * size : 0);
        if (first == 0) std::fill_n(numerator, size, 0.0F);
        State state{{}, {}, {}, {}, false, numerator, nullptr};
        for (int h = 0; h < 2; ++h) {
          state.top[h] = simd::load<V>(tops + i + 16 * h);
          state.denominator[h] = simd::load<V>(denominators + i + 16 * h);
          state.size[h] = simd::load<V>(absolute + i + 16 * h);
        }
        if (sizes_.has_negative) {
          meet<true>(first, Counts::chunks(count), state);
        } else {
          meet<false>(first, Counts::chunks(count), state);
        }
        for (int h = 0; h < 2; ++h) {
          simd::store(tops + i + 16 * h, state.top[h]);
          simd::store(denominators + i + 16 * h, state.denominator[h]);
          simd::store(absolute + i + 16 * h, sizes_.has_negative ? state.size[h] : state.denominator[h]);
        }
        if (first + counts_.group < sizes_.keys) continue;
        for (Index c = i; c < i + n; ++c) {  // all scores are -infinity: no number, and not an empty sum
          if (tops[c] <= std::numeric_limits<float>::lowest() && !sizes_.is_weightless())
            denominators[c] = absolute[c] = std::numeric_limits<float>::quiet_NaN();
        }
        require_denominators(denominators + i, absolute + i, n);
        std::copy_n(tops + i, n, top + i);
        for (Index c = 0; c < n; ++c) inverse[i + c] = 1.0F / denominators[i + c];
        finish(numerator, inverse + i, n, out + i * channels);
      }
    }
  }

 private:
  static constexpr Index block = 2;  // chunks of keys for which the maximum is taken at once

  /// What is carried along for 32 queries.
  struct State {
    V top[2], denominator[2], size[2];
    V shrink[2];
    bool shrinks;
    float *numerator, *pending;  // pending: what tile 1 is still to be stored to
  };

  void pack(const float* k, const float* v, Index first, Index count) {
    const Matrix key{k, sizes_.channels, count, sizes_.width};
    const Matrix value{v, sizes_.channels, count, sizes_.width, sizes_.weights.data() + first};
    pack_rows(key, Counts::chunks(count) * Counts::chunk, counts_.depth, keys_.data());
    pack_transposed(value, count, counts_.channels, values_.data());
  }

  /// 32 queries and a group of keys. While the exponentials of chunk x are taken, tiles multiply for the
  /// scores of chunk x + block and add chunk x - 1 to the numerators.
  template <bool Signed>
  void meet(Index first, Index chunks, State& state) {
    const PackedTile *const keys = keys_.data(), *const queries = queries_.data();
    PackedTile* const terms = terms_.data();
    float* const scores = scores_.data();
    const auto score = [&](Index x) { return scores + x % (2 * block) * 4 * Counts::tile; };
    const auto multiply = [&](Index x, Index t) {
      multiply_rows<0>(counts_, keys + 2 * x * counts_.depth, queries, t);
    };
    const auto keep = [&](Index x, Index t) {
      simd::store_tile<0>(score(x) + t / 2 * 16 * Counts::chunk + t % 2 * 16, Counts::chunk);
    };
    for (Index x = 0; x < std::min(block, chunks); ++x) {
      for (Index t = 0; t < 4; ++t) multiply(x, t), keep(x, t);
    }
    const Index sums = 2 * counts_.channels;
    for (Index x = 0; x < chunks; ++x) {
      const float* const weights = sizes_.weights.data() + first + x * Counts::chunk;
      if (x % block == 0) raise(score(x), std::min(block, chunks - x), weights, state);
      PackedTile* const to = terms + x % 2 * 2;
      const bool ahead = x + block < chunks;
      V sum[2][2] = {{state.denominator[0], V{}}, {state.denominator[1], V{}}};
      V size[2] = {state.size[0], state.size[1]};
      const V top[2] = {state.top[0], state.top[1]};
      for (Index t = 0; t < 4; ++t) {
        if (ahead) multiply(x + block, t);
        exponentiate<Signed>(score(x), weights, top, 4 * t, sum, size, to);
        for (Index u = sums * t / 4; u < sums * (t + 1) / 4 && x > 0; ++u) add(x - 1, u, state);
        exponentiate<Signed>(score(x), weights, top, 4 * t + 2, sum, size, to);
        if (ahead) keep(x + block, t);
      }
      for (int h = 0; h < 2; ++h) state.denominator[h] = sum[h][0] + sum[h][1], state.size[h] = size[h];
    }
    for (Index u = 0; u < sums; ++u) add(chunks - 1, u, state);
    simd::store_tile<1>(state.pending);
    state.pending = nullptr;
  }

  /// The new maximum, and what the sums so far are to be multiplied by.
  void raise(float* score, Index chunks, const float* weights, State& state) const {
    V highest[4];
    for (V& h : highest) h = V{} + std::numeric_limits<float>::lowest();
    for (Index x = 0; x < chunks; ++x, weights += Counts::chunk) {
      float* const of_chunk = score + x * 4 * Counts::tile;
      if (sizes_.has_zero || weights + Counts::chunk > sizes_.weights.data() + sizes_.keys)
        lower_scores(of_chunk, weights);
      for (Index r = 0; r < Counts::chunk * Counts::chunk; r += 2 * Counts::chunk) {
        for (Index t = 0; t < 4; ++t) highest[t] = larger(simd::load<V>(of_chunk + r + 16 * t), highest[t]);
      }
    }
    state.shrinks = false;
    for (int h = 0; h < 2; ++h) {
      const V top = larger(larger(highest[h], highest[h + 2]), state.top[h]);
      state.shrinks = state.shrinks || _mm512_cmp_ps_mask(top, state.top[h], _CMP_NEQ_UQ) != 0;
      state.shrink[h] = power_(state.top[h] - top);
      state.denominator[h] *= state.shrink[h];
      state.size[h] *= state.shrink[h];
      state.top[h] = top;
    }
  }

  /// Rows r, r + 1, r + 16 and r + 17 of the scores of a chunk become w e, of which the sums go to sum and
  /// the parts of e to tiles.
  template <bool Signed>
  void exponentiate(const float* score, const float* weights, const V* top, Index begin, V (*sum)[2], V* size,
                    PackedTile* to) const {
    for (Index r = begin; r < begin + 2; ++r) {
      for (int h = 0; h < 2; ++h) {
        const float* const s = score + r * Counts::chunk + 16 * h;
        const V first = power_(simd::load<V>(s) - top[h]);
        const V last = power_(simd::load<V>(s + 16 * Counts::chunk) - top[h]);
        sum[h][0] += weights[r] * first, sum[h][1] += weights[r + 16] * last;
        if constexpr (Signed) size[h] += std::abs(weights[r]) * first + std::abs(weights[r + 16]) * last;
        to[h].pack(r, first, last);
      }
    }
  }

  /// Adds chunk x to tile u = 2 (16 channels) + (half of the queries) of the numerators.
  void add(Index x, Index u, State& state) {
    if (state.pending != nullptr) simd::store_tile<1>(state.pending);
    float* const to = state.numerator + u * Counts::tile;
    if (x % block == 0 && state.shrinks) {
      for (Index r = 0; r < Counts::tile; r += 16)
        simd::store(to + r, state.shrink[u % 2] * simd::load<V>(to + r));
    }
    simd::load_tile<1>(to);
    simd::multiply_packed<1>(values_[x * counts_.channels + u / 2], terms_[x % 2 * 2 + u % 2]);
    state.pending = to;
  }

  /// The quotients, a row for each query.
  void finish(const float* numerator, const float* inverse, Index count, float* out) const {
    for (Index u = 0; u < 2 * counts_.channels; ++u) {
      V square[16];
      for (Index r = 0; r < 16; ++r) square[r] = simd::load<V>(numerator + u * Counts::tile + 16 * r);
      transpose(square);
      const Index begin = u % 2 * 16, channel = u / 2 * 16;
      for (Index r = 0; r < std::min<Index>(16, count - begin); ++r) {
        _mm512_mask_storeu_ps(out + (begin + r) * sizes_.channels + channel,
                              first_lanes(sizes_.width - channel), square[r] * inverse[begin + r]);
      }
    }
  }

  const Sizes& sizes_;
  Counts counts_;
  Power power_;
  Scratch<PackedTile> keys_, values_, queries_, terms_;
  Scratch<float> scores_, sums_, numerators_;
};

/// What the way back reads of one head of one sample, from its first query on: q, out', the maxima, 1 / the
/// denominators and D / sqrt(d); and dq, which is added to, or nullptr.
struct HeadOfSample {
  const float *q, *dout, *top, *inverse, *dot;
  float* dq;
};

/// The adjoints of one group of keys of one head after the other.
class Backward {
 public:
  explicit Backward(const Sizes& sizes)
      : sizes_(sizes),
        counts_(sizes),
        keys_(counts_.group / 16 * counts_.depth),
        values_(counts_.group / 16 * counts_.depth),
        key_columns_(counts_.group / 32 * counts_.channels),
        queries_(2 * counts_.depth),
        outputs_(2 * counts_.depth),
        query_rows_(counts_.channels),
        output_rows_(counts_.channels),
        terms_(2),
        slopes_(2),
        slope_columns_(2),
        scores_(8 * Counts::tile),
        key_adjoints_(counts_.group / 16 * counts_.channels * Counts::tile),
        value_adjoints_(counts_.group / 16 * counts_.channels * Counts::tile),
        query_adjoints_(2 * counts_.channels * Counts::tile) {}

  Index group() const { return counts_.group; }

  /// Keys `first` to `first + count`; k and v begin there.
  void begin(const float* k, const float* v, Index first, Index count) {
    weights_ = sizes_.weights.data() + first;
    chunks_ = Counts::chunks(count);
    partial_ = sizes_.has_zero || count % Counts::chunk != 0;
    const Matrix key{k, sizes_.channels, count, sizes_.width};
    const Matrix value{v, sizes_.channels, count, sizes_.width, weights_};
    pack_rows(key, chunks_ * Counts::chunk, counts_.depth, keys_.data());
    pack_rows(value, chunks_ * Counts::chunk, counts_.depth, values_.data());
    pack_transposed(key, count, counts_.channels, key_columns_.data());
    const Index size = chunks_ * 2 * counts_.channels * Counts::tile;
    std::fill_n(key_adjoints_.data(), size, 0.0F);
    std::fill_n(value_adjoints_.data(), size, 0.0F);
  }

  /// All queries of one head of one sample.
  void meet(const HeadOfSample& with) {
    const simd::TileScope scope;
    const Index channels = sizes_.channels;
    for (Index i = 0; i < sizes_.queries; i += Counts::chunk) {
      const Index n = std::min(Counts::chunk, sizes_.queries - i);
      pack(with, i, n);
      std::fill_n(query_adjoints_.data(), 2 * counts_.channels * Counts::tile, 0.0F);
      meet_keys();
      for (Index u = 0; u < 2 * counts_.channels && with.dq != nullptr; ++u) {
        V square[16];
        for (Index r = 0; r < 16; ++r)
          square[r] = simd::load<V>(query_adjoints_.data() + (u / 2 * 16 + r) * Counts::chunk + u % 2 * 16);
        transpose(square);
        add_rows(square, n - u % 2 * 16, u / 2, with.dq + (i + u % 2 * 16) * channels);
      }
    }
  }

  /// Writes, or adds, what has come together, to the adjoints from key `first` on; each may be nullptr.
  void end(Index count, float* dk, bool onto_k, float* dv, bool onto_v) const {
    for (Index j = 0; j < count; j += 16) {
      for (Index c = 0; c < counts_.channels; ++c) {
        const Index wide = 16 * counts_.channels, at = j * wide + 16 * c;
        V rows[16];
        if (dk != nullptr) {
          for (Index r = 0; r < 16; ++r) rows[r] = simd::load<V>(key_adjoints_.data() + at + wide * r);
          add_rows(rows, count - j, c, dk + j * sizes_.channels, onto_k);
        }
        if (dv != nullptr) {
          for (Index r = 0; r < 16; ++r)
            rows[r] = weights_[j + r] * simd::load<V>(value_adjoints_.data() + at + wide * r);
          add_rows(rows, count - j, c, dv + j * sizes_.channels, onto_v);
        }
      }
    }
  }

 private:
  /// Registers to rows of at most 16 channels.
  void add_rows(const V* rows, Index count, Index c, float* to, bool onto = true) const {
    const __mmask16 mask = first_lanes(sizes_.width - 16 * c);
    to += 16 * c;
    for (Index r = 0; r < std::min<Index>(16, count); ++r, to += sizes_.channels) {
      const V before = onto ? V(_mm512_maskz_loadu_ps(mask, to)) : V{};
      _mm512_mask_storeu_ps(to, mask, before + rows[r]);
    }
  }

  /// Queries i to i + n.
  void pack(const HeadOfSample& with, Index i, Index n) {
    const Index channels = sizes_.channels;
    float to_score[Counts::chunk], to_slope[Counts::chunk];
    float over[Counts::chunk] = {}, top[Counts::chunk] = {}, mean[Counts::chunk] = {};
    std::copy_n(with.inverse + i, n, over), std::copy_n(with.top + i, n, top);
    for (Index r = 0; r < Counts::chunk; ++r) {
      to_score[r] = sizes_.scale_of_2;
      to_slope[r] = sizes_.scale * over[r];
      if (r < n) mean[r] = over[r] * with.dot[i + r];
    }
    for (int h = 0; h < 2; ++h)
      top_[h] = simd::load<V>(top + 16 * h), mean_[h] = simd::load<V>(mean + 16 * h);
    const float *const q = with.q + i * channels, *const dout = with.dout + i * channels;
    const Matrix query{q, channels, n, sizes_.width, to_score};
    const Matrix output{dout, channels, n, sizes_.width, to_slope};
    pack_columns(query, counts_.depth, queries_.data());
    pack_columns(output, counts_.depth, outputs_.data());
    for (Index c = 0; c < counts_.channels; ++c) {
      Matrix{q, channels, n, sizes_.width}.pack_b(0, 16 * c, query_rows_[c]);
      Matrix{dout, channels, n, sizes_.width, over}.pack_b(0, 16 * c, output_rows_[c]);
    }
  }

  /// 32 queries and the keys of the group: scores and slopes on tiles, e and u in registers, sums on tiles.
  void meet_keys() {
    float *const score = scores_.data(), *const slope = score + Counts::chunk * Counts::chunk;
    for (Index x = 0; x < chunks_; ++x) {
      const Index keys = 2 * x * counts_.depth;
      multiply(keys_.data() + keys, queries_.data(), score);
      multiply(values_.data() + keys, outputs_.data(), slope);
      const float* const weights = weights_ + x * Counts::chunk;
      if (partial_) lower_scores(score, weights);
      for (Index r = 0; r < 16; ++r) weigh(score, weights, r);
      Index c = 0;
      for (; c + 2 <= counts_.channels; c += 2) add<2>(x, c);
      if (c < counts_.channels) add<1>(x, c);
    }
  }

  /// The products of 32 keys and 32 queries.
  void multiply(const PackedTile* keys, const PackedTile* queries, float* to) const {
    simd::zero_block<2, 2>();
    for (Index d = 0; d < counts_.depth; ++d)
      simd::multiply_packed<2, 2>(keys + d, counts_.depth, queries + d, counts_.depth);
    simd::store_block<2, 2>(to, Counts::chunk);
  }

  /// Rows r and r + 16 of s and o.v become e and u, in parts: keys as rows of A, and u as B as well.
  void weigh(const float* score, const float* weights, Index r) const {
    constexpr Index down = 16 * Counts::chunk;
    score += r * Counts::chunk;
    const float* const slope = score + Counts::chunk * Counts::chunk;
    V e[2], f[2];
    for (int h = 0; h < 2; ++h) {
      e[h] = power_(simd::load<V>(score + 16 * h) - top_[h]);
      f[h] = power_(simd::load<V>(score + 16 * h + down) - top_[h]);
    }
    terms_[0].pack(r, e[0], e[1]);
    terms_[1].pack(r, f[0], f[1]);
    simd::Parts u[2], v[2];
    for (int h = 0; h < 2; ++h) {
      u[h] = simd::split(e[h] * (simd::load<V>(slope + 16 * h) - weights[r] * mean_[h]));
      v[h] = simd::split(f[h] * (simd::load<V>(slope + 16 * h + down) - weights[r + 16] * mean_[h]));
      slope_columns_[h].pack(r, u[h], v[h]);
    }
    slopes_[0].pack(r, u[0], u[1]);
    slopes_[1].pack(r, v[0], v[1]);
  }

  /// Adds chunk x to `Tiles` times 16 channels of the three sums.
  template <int Tiles>
  void add(Index x, Index c) {
    const Index wide = 16 * counts_.channels, at = Counts::chunk * x * wide + 16 * c;
    add<2, Tiles>(value_adjoints_.data() + at, wide, terms_.data(), &output_rows_[c]);
    add<2, Tiles>(key_adjoints_.data() + at, wide, slopes_.data(), &query_rows_[c]);
    add<Tiles, 2>(query_adjoints_.data() + 16 * c * Counts::chunk, Counts::chunk,
                  &key_columns_[x * counts_.channels + c], slope_columns_.data());
  }
  template <int Rows, int Columns>
  void add(float* to, Index row, const PackedTile* a, const PackedTile* b) {
    simd::load_block<Rows, Columns>(to, row);
    simd::multiply_packed<Rows, Columns>(a, 1, b, 1);
    simd::store_block<Rows, Columns>(to, row);
  }

  const Sizes& sizes_;
  Counts counts_;
  Power power_;
  Scratch<PackedTile> keys_, values_, key_columns_, queries_, outputs_, query_rows_, output_rows_, terms_,
      slopes_, slope_columns_;
  Scratch<float> scores_, key_adjoints_, value_adjoints_, query_adjoints_;
  const float* weights_ = nullptr;
  Index chunks_ = 0;
  bool partial_ = false;
  V top_[2], mean_[2];
};

/// All of them. Statistics are laid out as in attention.hpp; the maxima are those of s_ij / log(2), and not
/// of q.k.
inline void attend(const Sizes& sizes, const float* q, const float* k, const float* v, float* statistics,
                   float* out) {
  Forward forward(sizes);
  for (Index b = 0; b < sizes.batch; ++b) {
    for (Index h = 0; h < sizes.heads; ++h) {
      const Index head = h * sizes.width, at = b * sizes.key_step + head;
      float* const top = statistics + (b * sizes.heads + h) * 2 * sizes.query_row();
      forward.head(q + b * sizes.query_step + head, k + at, v + at,
                   out + b * sizes.queries * sizes.channels + head, top, top + sizes.query_row());
    }
  }
}

/// dq is added to; dk and dv are, too, where their flag says so. Each may be nullptr.
inline void add_adjoints(const Sizes& sizes, const float* q, const float* k, const float* v,
                         const float* statistics, const float* dots, const float* dout, float* dq, float* dk,
                         bool onto_k, float* dv, bool onto_v) {
  Backward backward(sizes);
  const Index own_keys = sizes.key_step == 0 ? 1 : sizes.batch;  // samples of k and v
  for (Index own = 0; own < own_keys; ++own) {
    for (Index h = 0; h < sizes.heads; ++h) {
      for (Index first = 0; first < sizes.keys; first += backward.group()) {
        const Index count = std::min(backward.group(), sizes.keys - first);
        const Index head = h * sizes.width;
        const Index at = (own * sizes.keys + first) * sizes.channels + head;
        backward.begin(k + at, v + at, first, count);
        const Index end = sizes.key_step == 0 ? sizes.batch : own + 1;  // the samples that see these keys
        for (Index b = own; b < end; ++b) {
          const Index numbers = (b * sizes.heads + h) * sizes.query_row(),
                      own_q = b * sizes.query_step + head;
          backward.meet({q + own_q, dout + b * sizes.queries * sizes.channels + head,
                         statistics + 2 * numbers, statistics + 2 * numbers + sizes.query_row(),
                         dots + numbers, dq == nullptr ? nullptr : dq + own_q});
        }
        backward.end(count, dk == nullptr ? nullptr : dk + at, onto_k, dv == nullptr ? nullptr : dv + at,
                     onto_v);
      }
    }
  }
}

}  // namespace fredholm::detail::tiles

#endif
