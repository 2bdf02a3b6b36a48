// Attention pooling: the softmax mean of the values under one score a point and head, a functional of the
// field.
//
//   out_c = sum_j w_j e^{s_jh} v_jc / sum_j w_j e^{s_jh},   h the head of channel c
//
// score (batch, n, heads), value (batch, n, C), weights (n); out (batch, C). As in autodiff/ops/attention.hpp
// weights may be zero or negative, and a denominator that vanishes for that reason is an error.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

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
