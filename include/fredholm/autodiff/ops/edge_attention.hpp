// Softmax attention along given edges: each target over its own sources.
//
//   out_i = sum_e a_e e^{s_e} v_j(e) / sum_e a_e e^{s_e},   s_e = q_i . k_j(e) / sqrt(d),   e the edges to i
//
// q (batch, targets, C), k and v (batch, sources, C), a (edges), C = heads * d; out (batch, targets, C). a_e
// is the weight of the rule at the source times whatever the edge is to count, a window in the distance, say.
// Time O(edges C) and, beside edges and a, memory O(targets C): scores are not kept but computed again on the
// way back. As in autodiff/ops/attention.hpp, weights may be zero or negative, and a denominator that
// vanishes is an error. With p_e = a_e e^{s_e} / sum, D_i = out'_i . out_i and u_e = p_e (out'_i . v_j -
// D_i), the adjoint is
//
//   v'_j += sum p_e out'_i,    q'_i += sum u_e k_j / sqrt(d),    k'_j += sum u_e q_i / sqrt(d)
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/edges.hpp>
#include <fredholm/core/simd_exp.hpp>

namespace fredholm {

namespace detail {

/// The sum over a register, by halves: added up one by one, each lane would wait for the one before.
template <int Bytes, class T>
T total(const simd::Vector<T, Bytes>& sums) {
  if constexpr (Bytes == static_cast<int>(sizeof(T))) {
    return sums[0];
  } else {
    using Half = simd::Vector<T, Bytes / 2>;
    Half parts[2];
    std::memcpy(parts, &sums, sizeof(sums));
    return total<Bytes / 2, T>(parts[0] + parts[1]);
  }
}

/// x . y
template <int Bytes = simd::register_bytes, class T>
T short_dot(const T* x, const T* y, Index n) {
  using V = simd::Vector<T, Bytes>;
  constexpr Index width = Bytes / static_cast<Index>(sizeof(T));
  T sum{0};
  Index i = 0;
  if (n >= width) {
    V sums{};
    for (; i + width <= n; i += width) sums += simd::load<V>(x + i) * simd::load<V>(y + i);
    sum = total<Bytes, T>(sums);
  }
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (i < n) sum += short_dot<narrower>(x + i, y + i, n - i);
  }
  return sum;
}

/// y += a x
template <int Bytes = simd::register_bytes, class T>
void short_add(T a, const T* x, T* y, Index n) {
  using V = simd::Vector<T, Bytes>;
  constexpr Index width = Bytes / static_cast<Index>(sizeof(T));
  Index i = 0;
  for (; i + width <= n; i += width) simd::store(y + i, simd::load<V>(y + i) + a * simd::load<V>(x + i));
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (i < n) short_add<narrower>(a, x + i, y + i, n - i);
  }
}

/// One target of one head: its query, and where keys and values of that head begin.
template <class T>
struct EdgeRow {
  const std::int32_t* columns;
  const T* weights;
  Index count, width, channels;

  /// Scores become a_e e^{s_e - top}: (count), in memory for whole registers.
  void terms(T top, T* out) const {
    using V = simd::Vector<T>;
    const V shift = V{} + top;
    for (Index e = 0; e < count; e += simd::lanes<T>)
      simd::store(out + e, simd::exp_negative<T>(simd::load<V>(out + e) - shift));
    for (Index e = 0; e < count; ++e) out[e] = weights[e] == T{0} ? T{0} : weights[e] * out[e];
  }

  /// Scores where there is a weight; returns the largest. What has no weight gets the largest score, and then
  /// no term.
  T scores(const T* q, const T* k, T* out) const {
    const T scale = T{1} / std::sqrt(static_cast<T>(width));
    T top = -std::numeric_limits<T>::infinity();
    for (Index e = 0; e < count; ++e) {
      if (weights[e] == T{0}) continue;
      out[e] = scale * short_dot(q, k + columns[e] * channels, width);
      if (!(out[e] <= top)) top = out[e];
    }
    for (Index e = 0; e < count; ++e) {
      if (weights[e] == T{0}) out[e] = top;
    }
    std::fill_n(out + count, simd::lanes<T>, top);
    return top;
  }
};

template <class T>
void require_edge_attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights,
                            const Edges& edges, Index heads) {
  require(q.rank() == 3 && k.rank() == 3 && k.shape() == v.shape() && q.shape(0) == k.shape(0) &&
              q.shape(2) == k.shape(2) && q.shape(1) == edges.targets() && k.shape(1) == edges.sources,
          "attention along edges from ", edges.sources, " sources to ", edges.targets(),
          " targets takes q (batch, targets, C) and k, v (batch, sources, C), of one batch; the shapes are ",
          q.shape(), ", ", k.shape(), " and ", v.shape(), ".");
  require(heads > 0 && q.shape(2) % heads == 0, "attention splits ", q.shape(2), " channels into ", heads,
          " heads: the number of channels must be a multiple.");
  require(weights.size() == edges.count(), "attention along ", edges.count(), " edges was given ",
          weights.size(), " weights.");
  require_constant(weights.node(), "the weights of an attention");
}

inline Index longest_row(const Edges& edges) {
  Index longest = 0;
  for (Index i = 0; i < edges.targets(); ++i) longest = std::max(longest, edges.end(i) - edges.begin(i));
  return longest;
}

/// Calls visit(row, index of (batch, target, head), offset of the query, offset of keys and values) for each.
template <class T, class Visit>
void for_each_edge_row(const Array<T>& q, const Array<T>& weights, const Edges& edges, Index heads,
                       const Visit& visit) {
  const Index channels = q.shape(2), width = channels / heads, targets = edges.targets();
  for (Index b = 0; b < q.shape(0); ++b) {
    for (Index turn = 0; turn < targets; ++turn) {
      const Index i = edges.visited(turn);
      const Index first = edges.begin(i);
      const EdgeRow<T> row{edges.columns.data() + first, weights.data() + first, edges.end(i) - first, width,
                           channels};
      for (Index h = 0; h < heads; ++h)
        visit(row, (b * targets + i) * heads + h, (b * targets + i) * channels + h * width,
              b * edges.sources * channels + h * width);
    }
  }
}

}  // namespace detail

template <class T>
Array<T> edge_attention(const Array<T>& q, const Array<T>& k, const Array<T>& v, const Array<T>& weights,
                        std::shared_ptr<const Edges> edges, Index heads) {
  detail::require_edge_attention(q, k, v, weights, *edges, heads);
  const auto scratch = static_cast<std::size_t>(detail::longest_row(*edges) + simd::lanes<T>);
  const Index channels = q.shape(2);
  Array<T> statistics(Shape{q.shape(0) * q.shape(1) * heads, 2});  // the largest score, 1 / denominator
  Array<T> out = Array<T>::zeros(q.shape());
  T* to = out.mutable_data();
  T* statistic = statistics.mutable_data();
  std::vector<T> term(scratch);
  detail::for_each_edge_row(q, weights, *edges, heads, [&](const auto& row, Index r, Index at, Index keys) {
    const T top = row.scores(q.data() + at, k.data() + keys, term.data());
    row.terms(top, term.data());
    T sum{0}, size{0};
    for (Index e = 0; e < row.count; ++e) {
      const T p = term[static_cast<std::size_t>(e)];
      if (p == T{0}) continue;
      sum += p, size += std::abs(p);
      detail::short_add(p, v.data() + keys + row.columns[e] * channels, to + at, row.width);
    }
    if (std::isfinite(size) && std::abs(sum) <= 8 * std::numeric_limits<T>::epsilon() * size) {
      fail("the denominator of a softmax over ", row.count, " edges is ", sum, " (its terms add up to ", size,
           " in absolute value): there is no source with a weight, or zero and "
           "negative weights cancel. Use more sources, or a rule with positive weights.");
    }
    statistic[2 * r] = top, statistic[2 * r + 1] = T{1} / sum;
    flat(to + at, row.width) *= statistic[2 * r + 1];
  });
  return record(
      out,
      [q, k, v, weights, edges, heads, channels, out, statistics, scratch](Tape& tape, const T* dout) {
        Array<T> dq = Array<T>::zeros(q.shape());
        Array<T> dk = Array<T>::zeros(k.shape());
        Array<T> dv = Array<T>::zeros(v.shape());
        T* to_q = dq.mutable_data();
        T* to_k = dk.mutable_data();
        T* to_v = dv.mutable_data();
        std::vector<T> term(scratch);
        detail::for_each_edge_row(
            q, weights, *edges, heads, [&](const auto& row, Index r, Index at, Index keys) {
              const T scale = T{1} / std::sqrt(static_cast<T>(row.width));
              const T dot = detail::short_dot(dout + at, out.data() + at, row.width);
              row.scores(q.data() + at, k.data() + keys, term.data());
              row.terms(statistics.data()[2 * r], term.data());
              for (Index e = 0; e < row.count; ++e) {
                const T p = term[static_cast<std::size_t>(e)] * statistics.data()[2 * r + 1];
                if (p == T{0}) continue;
                const Index source = keys + row.columns[e] * channels;
                const T slope =
                    scale * p * (detail::short_dot(dout + at, v.data() + source, row.width) - dot);
                detail::short_add(p, dout + at, to_v + source, row.width);
                detail::short_add(slope, k.data() + source, to_q + at, row.width);
                detail::short_add(slope, q.data() + at, to_k + source, row.width);
              }
            });
        tape.add(q, flat(dq.data(), dq.size()));
        tape.add(k, flat(dk.data(), dk.size()));
        tape.add(v, flat(dv.data(), dv.size()));
      },
      q, k, v);
}

}  // namespace fredholm
