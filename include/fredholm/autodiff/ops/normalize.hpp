// Normalization to mean 0 and variance 1, with a scale and a shift for each channel.
//
//   layer_norm     over the channels of each point:          m = (1/C) sum_c x_c
//   measure_norm   over the domain, channel by channel:      m = sum_j w_j x_j / sum_j w_j
//
//   y = s (x - m) / sqrt(v + epsilon) + t,   v the variance of the same mean
//
// With h = (x - m) / sqrt(v + epsilon), g = s y' and M the mean above (for its adjoint: w_j / sum w in place
// of 1/C),
//
//   x' += (g - M-adjoint terms) / sqrt(v + epsilon):
//     layer_norm     x' += (g - mean(g) - h mean(g h)) / sigma
//     measure_norm   x'_j += (g_j - p_j (sum g + h_j sum g h)) / sigma,  p_j = w_j / sum w
//   s' += sum y' h,   t' += sum y'
//
// Ba, Kiros and Hinton (2016), equation 4, for the first; the second is instance normalization with the mean
// taken by the measure (QuadNorm 2026), so that it converges under refinement where the plain mean does not.
#pragma once

#include <cmath>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

template <class T>
Array<T> layer_norm(const Array<T>& x, const Array<T>& scale, const Array<T>& shift, T epsilon) {
  const Index channels = scale.size();
  require(shift.size() == channels, "a normalization has ", channels, " scales and ", shift.size(),
          " shifts.");
  require(x.rank() >= 1 && x.shape().back() == channels, "a normalization of ", channels,
          " channels was given an array of shape ", x.shape(), ".");
  const Index rows = x.size() / std::max<Index>(1, channels);
  Array<T> normal(x.shape());  // h
  Array<T> inverse(Shape{rows});
  Array<T> y(x.shape());
  T* h = normal.mutable_data();
  T* out = y.mutable_data();
  for (Index r = 0; r < rows; ++r) {
    const auto in = flat(x.data() + r * channels, channels);
    auto row = flat(h + r * channels, channels);
    row = in - in.mean();
    const T factor = T{1} / std::sqrt(row.square().mean() + epsilon);
    row *= factor;
    inverse.mutable_data()[r] = factor;
    flat(out + r * channels, channels) = row * flat(scale.data(), channels) + flat(shift.data(), channels);
  }
  return record(
      y,
      [x, scale, shift, normal, inverse, rows, channels](Tape& tape, const T* dy) {
        const auto row_of = [&](const T* values, Index r) { return flat(values + r * channels, channels); };
        tape.accumulate(x, [&](T* dx) {
          const auto s = flat(scale.data(), channels);
          for (Index r = 0; r < rows; ++r) {
            const auto h = row_of(normal.data(), r);
            const auto g = s * row_of(dy, r);
            const T mean_g = g.mean();
            const T mean_gh = (g * h).mean();
            flat(dx + r * channels, channels) += inverse.data()[r] * (g - mean_g - h * mean_gh);
          }
        });
        tape.accumulate(scale, [&](T* ds) {
          for (Index r = 0; r < rows; ++r) flat(ds, channels) += row_of(dy, r) * row_of(normal.data(), r);
        });
        tape.accumulate(shift, [&](T* dt) {
          for (Index r = 0; r < rows; ++r) flat(dt, channels) += row_of(dy, r);
        });
      },
      x, scale, shift);
}

/// x (batch, points..., channel), weights (points).
template <class T>
Array<T> measure_norm(const Array<T>& x, const Array<T>& weights, const Array<T>& scale,
                      const Array<T>& shift, T epsilon) {
  const Index channels = scale.size();
  const Index points = weights.size();
  require(shift.size() == channels, "a normalization has ", channels, " scales and ", shift.size(),
          " shifts.");
  detail::require_constant(weights.node(), "the weights of a normalization");
  require(x.rank() >= 2 && x.shape().back() == channels && x.size() == x.shape(0) * points * channels,
          "a normalization of ", channels, " channels over ", points, " points was given an array of shape ",
          x.shape(), ".");
  const Index batch = x.shape(0);
  const T total = flat(weights.data(), points).sum();
  require(total > T{0}, "the weights of a normalization add up to ", total,
          "; a mean needs a positive measure.");
  Array<T> share(Shape{points});
  flat(share.mutable_data(), points) = flat(weights.data(), points) / total;
  Array<T> normal(x.shape());
  Array<T> inverse(Shape{batch, channels});
  Array<T> clipped(
      Shape{batch, channels});  // 0 where negative weights made the variance negative, 1 elsewhere
  Array<T> y(x.shape());
  Array<T> moments(Shape{channels});
  auto moment = flat(moments.mutable_data(), channels);
  for (Index b = 0; b < batch; ++b) {
    const T* in = x.data() + b * points * channels;
    T* h = normal.mutable_data() + b * points * channels;
    auto factor = flat(inverse.mutable_data() + b * channels, channels);
    moment.setZero();
    for (Index j = 0; j < points; ++j) moment += share.data()[j] * flat(in + j * channels, channels);
    factor.setZero();
    for (Index j = 0; j < points; ++j) {
      auto row = flat(h + j * channels, channels);
      row = flat(in + j * channels, channels) - moment;
      factor += share.data()[j] * row.square();
    }
    flat(clipped.mutable_data() + b * channels, channels) = (factor > T{0}).template cast<T>();
    factor = (factor.max(T{0}) + epsilon).rsqrt();
    for (Index j = 0; j < points; ++j) {
      auto row = flat(h + j * channels, channels);
      row *= factor;
      flat(y.mutable_data() + (b * points + j) * channels, channels) =
          row * flat(scale.data(), channels) + flat(shift.data(), channels);
    }
  }
  return record(
      y,
      [x, share, scale, shift, normal, inverse, clipped, batch, points, channels](Tape& tape, const T* dy) {
        const auto row_of = [&](const T* values, Index r) { return flat(values + r * channels, channels); };
        Array<T> sums(Shape{2, channels});
        tape.accumulate(x, [&](T* dx) {
          const auto s = flat(scale.data(), channels);
          auto sum_g = flat(sums.mutable_data(), channels);
          auto sum_gh = flat(sums.mutable_data() + channels, channels);
          for (Index b = 0; b < batch; ++b) {
            sum_g.setZero(), sum_gh.setZero();
            for (Index r = b * points; r < (b + 1) * points; ++r) {
              sum_g += s * row_of(dy, r);
              sum_gh += s * row_of(dy, r) * row_of(normal.data(), r);
            }
            sum_gh *= row_of(clipped.data(), b);  // a variance that was clipped to 0 does not move
            for (Index r = b * points; r < (b + 1) * points; ++r) {
              flat(dx + r * channels, channels) +=
                  row_of(inverse.data(), b) *
                  (s * row_of(dy, r) -
                   share.data()[r - b * points] * (sum_g + row_of(normal.data(), r) * sum_gh));
            }
          }
        });
        tape.accumulate(scale, [&](T* ds) {
          for (Index r = 0; r < batch * points; ++r)
            flat(ds, channels) += row_of(dy, r) * row_of(normal.data(), r);
        });
        tape.accumulate(shift, [&](T* dt) {
          for (Index r = 0; r < batch * points; ++r) flat(dt, channels) += row_of(dy, r);
        });
      },
      x, scale, shift);
}

}  // namespace fredholm
