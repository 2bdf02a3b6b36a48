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

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/simd_dots.hpp>

namespace fredholm {

namespace detail {

/// Rows of `channels` neighbouring values, register by register, a register of rows at a time: what is to be
/// added up along a row is first added up lane by lane, and then the lanes of all these rows by one tree of
/// shuffles (core/simd_dots.hpp).
template <class T>
struct NormRows {
  using V = simd::Vector<T>;
  static constexpr Index lanes = simd::lanes<T>;
  using Numbers = Eigen::Array<T, lanes, 1>;  // one a row
  Index channels;

  /// From channel c on; beyond the last channel `rest`.
  V load(const T* row, Index c, T rest = T{0}) const {
    if (c + lanes <= channels) return simd::load<V>(row + c);
    V values = V{} + rest;
    std::memcpy(&values, row + c, static_cast<std::size_t>(channels - c) * sizeof(T));
    return values;
  }
  void store(T* row, Index c, const V& values) const {
    if (c + lanes <= channels) return simd::store(row + c, values);
    std::memcpy(row + c, &values, static_cast<std::size_t>(channels - c) * sizeof(T));
  }

  /// The sums over the lanes of a register for each row, divided by the number of channels.
  Numbers means(const V* sums) const {
    Numbers result;
    simd::store(result.data(), simd::detail::lane_sums<T>(sums) / static_cast<T>(channels));
    return result;
  }
};

/// `count` rows, no more than there are lanes: y, and of each row the mean and 1 / sqrt(v + epsilon).
template <class T>
void layer_norm_rows(const NormRows<T>& rows, Index count, const T* x, const T* scale, const T* shift,
                     T epsilon, T* y, T* mean, T* inverse) {
  using V = simd::Vector<T>;
  const Index channels = rows.channels;
  V sums[simd::lanes<T>] = {};
  for (Index r = 0; r < count; ++r) {
    V sum{};
    for (Index c = 0; c < channels; c += rows.lanes) sum += rows.load(x + r * channels, c);
    sums[r] = sum;
  }
  const auto m = rows.means(sums);
  for (Index r = 0; r < count; ++r) {
    V sum{};
    for (Index c = 0; c < channels; c += rows.lanes) {
      const V difference = rows.load(x + r * channels, c, m[r]) - m[r];
      sum += difference * difference;
    }
    sums[r] = sum;
  }
  const typename NormRows<T>::Numbers over = (rows.means(sums) + epsilon).sqrt().inverse();
  for (Index c = 0; c < channels; c += rows.lanes) {
    const V s = rows.load(scale, c), t = rows.load(shift, c);
    for (Index r = 0; r < count; ++r)
      rows.store(y + r * channels, c, over[r] * (rows.load(x + r * channels, c) - m[r]) * s + t);
  }
  std::copy_n(m.data(), count, mean);
  std::copy_n(over.data(), count, inverse);
}

/// The adjoint of as many rows. dx is set, or added to if `onto`; nullptr where nobody asks.
template <class T>
void layer_norm_back(const NormRows<T>& rows, Index count, const T* x, const T* mean, const T* inverse,
                     const T* scale, const T* dy, T* dx, bool onto, T* dscale, T* dshift) {
  using V = simd::Vector<T>;
  const Index channels = rows.channels;
  V sums[simd::lanes<T>] = {}, sums_h[simd::lanes<T>] = {};
  for (Index r = 0; r < count; ++r) {
    V sum{}, sum_h{};
    for (Index c = 0; c < channels; c += rows.lanes) {
      const V g = rows.load(scale, c) * rows.load(dy + r * channels, c);
      sum += g, sum_h += g * (rows.load(x + r * channels, c) - mean[r]);
    }
    sums[r] = sum, sums_h[r] = inverse[r] * sum_h;
  }
  const auto mean_g = rows.means(sums), mean_gh = rows.means(sums_h);
  for (Index c = 0; c < channels; c += rows.lanes) {
    const V s = rows.load(scale, c);
    V sum{}, sum_h{};
    for (Index r = 0; r < count; ++r) {
      const V h = inverse[r] * (rows.load(x + r * channels, c) - mean[r]);
      const V out = rows.load(dy + r * channels, c);
      sum += out, sum_h += out * h;
      if (dx == nullptr) continue;
      T* to = dx + r * channels;
      const V term = inverse[r] * (s * out - mean_g[r] - h * mean_gh[r]);
      rows.store(to, c, onto ? rows.load(to, c) + term : term);
    }
    if (dscale != nullptr) rows.store(dscale, c, rows.load(dscale, c) + sum_h);
    if (dshift != nullptr) rows.store(dshift, c, rows.load(dshift, c) + sum);
  }
}

}  // namespace detail

template <class T>
Array<T> layer_norm(const Array<T>& x, const Array<T>& scale, const Array<T>& shift, T epsilon) {
  const Index channels = scale.size();
  require(shift.size() == channels, "a normalization has ", channels, " scales and ", shift.size(),
          " shifts.");
  require(x.rank() >= 1 && x.shape().back() == channels, "a normalization of ", channels,
          " channels was given an array of shape ", x.shape(), ".");
  const detail::NormRows<T> of{channels};
  const Index rows = x.size() / std::max<Index>(1, channels);
  Array<T> means(Shape{rows}), inverses(Shape{rows});
  Array<T> y(x.shape());
  for (Index first = 0; first < rows; first += of.lanes) {
    const Index at = first * channels;
    detail::layer_norm_rows(of, std::min(of.lanes, rows - first), x.data() + at, scale.data(), shift.data(),
                            epsilon, y.mutable_data() + at, means.mutable_data() + first,
                            inverses.mutable_data() + first);
  }
  return record(
      y,
      [x, scale, shift, means, inverses, of, rows](Tape& tape, const T* dy) {
        T *ds = nullptr, *dt = nullptr, *dx = nullptr;
        bool onto = false;
        tape.accumulate(scale, [&](T* to) { ds = to; });
        tape.accumulate(shift, [&](T* to) { dt = to; });
        tape.accumulate(x, [&](T* to, bool accumulate) { dx = to, onto = accumulate; });
        for (Index first = 0; first < rows; first += of.lanes) {
          const Index at = first * of.channels;
          detail::layer_norm_back(of, std::min(of.lanes, rows - first), x.data() + at, means.data() + first,
                                  inverses.data() + first, scale.data(), dy + at,
                                  dx == nullptr ? nullptr : dx + at, onto, ds, dt);
        }
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
