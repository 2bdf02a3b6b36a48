// Sums of cosines and sines at equal steps, by FFTW.
//
//   gather    c_r = s_r sum_j p_j t_r(x_j) u_j,    scatter, its transpose    u_j = p_j sum_r s_r t_r(x_j) c_r
//
//   fourier         x_j = j / n            t = cos 2 pi k x (a block of rows, frequencies 0, 1, ...), then
//                                              sin 2 pi k x
//   closed_cosine   x_j = j / (n - 1)      t = cos pi k x
//   closed_sine     x_j = j / (n - 1)      t = sin pi (k + 1) x
//   mid_cosine      x_j = (j + 1/2) / n    t = cos pi k x
//   mid_sine        x_j = (j + 1/2) / n    t = sin pi (k + 1) x
//
// Channels stand last in a field, and FFTW's strided plans are 3 to 4 times slower: a few channels at a time
// are transposed in cache, transformed, and put back.
#pragma once

#include <algorithm>
#include <complex>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/fft.hpp>

namespace fredholm::detail {

enum class SumKind { none, fourier, closed_cosine, closed_sine, mid_cosine, mid_sine };

template <class T>
class FastSums {
 public:
  /// Factors of the rows (0 leaves one out) and of the points. Of fourier the frequencies 0, 1, ... are
  /// `cosines` rows, and the rows after them are the sines of the last of those frequencies.
  FastSums(SumKind kind, const std::vector<double>& rows, const std::vector<double>& points, Index cosines)
      : kind_(kind),
        rows_(rows.begin(), rows.end()),
        points_(points.begin(), points.end()),
        cosines_(cosines) {}

  /// out (rows, inner) (+)= in (points, inner)
  void gather(const T* in, T* out, Index inner, bool accumulate) const {
    for_each_chunk(inner, [&](Index first, Index width, T* signals, std::complex<T>* modes) {
      for (Index j = 0; j < length(); ++j) {
        const T* from = in + (j + skipped()) * inner + first;
        for (Index c = 0; c < width; ++c) signals[c * length() + j] = points_[place(j + skipped())] * from[c];
      }
      sum(signals, modes, width, false);
      for (Index r = 0; r < std::ssize(rows_); ++r) {
        T* to = out + r * inner + first;
        for (Index c = 0; c < width; ++c) {
          const T value = rows_[place(r)] == T{0} ? T{0} : rows_[place(r)] * row(signals, modes, c, r);
          to[c] = accumulate ? to[c] + value : value;
        }
      }
    });
  }

  /// out (points, inner) (+)= in (rows, inner)
  void scatter(const T* in, T* out, Index inner, bool accumulate) const {
    for_each_chunk(inner, [&](Index first, Index width, T* signals, std::complex<T>* modes) {
      if (kind_ == SumKind::fourier) {
        std::fill_n(modes, width * (length() / 2 + 1), std::complex<T>{});
      } else {
        std::fill_n(signals, width * length(), T{0});
      }
      for (Index r = 0; r < std::ssize(rows_); ++r) {
        if (rows_[place(r)] == T{0}) continue;
        for (Index c = 0; c < width; ++c)
          set_row(signals, modes, c, r, rows_[place(r)] * in[r * inner + first + c]);
      }
      sum(signals, modes, width, true);
      for (Index j = 0; j < std::ssize(points_); ++j) {
        const bool end = j < skipped() || j >= length() + skipped();
        T* to = out + j * inner + first;
        for (Index c = 0; c < width; ++c) {
          const T value = end ? T{0} : points_[place(j)] * signals[c * length() + j - skipped()];
          to[c] = accumulate ? to[c] + value : value;
        }
      }
    });
  }

 private:
  static std::size_t place(Index i) { return static_cast<std::size_t>(i); }

  /// The ends of a closed axis, where sines vanish, are no part of FFTW's signal.
  Index skipped() const { return kind_ == SumKind::closed_sine ? 1 : 0; }
  Index length() const { return std::ssize(points_) - 2 * skipped(); }

  /// The frequency of a row: k for cosines, k - 1 for a sine of frequency k on an axis without sin 0.
  Index frequency(Index r) const {
    return r < cosines_ ? r : r - cosines_ + 2 * cosines_ - std::ssize(rows_);
  }

  /// Where a row stands after the sums of `width` signals.
  T row(const T* signals, const std::complex<T>* modes, Index c, Index r) const {
    const Index n = length();
    if (kind_ != SumKind::fourier) return signals[c * n + r];
    const std::complex<T>& mode = modes[c * (n / 2 + 1) + frequency(r)];
    return r < cosines_ ? mode.real() : -mode.imag();
  }
  void set_row(T* signals, std::complex<T>* modes, Index c, Index r, T value) const {
    const Index n = length();
    if (kind_ != SumKind::fourier) {
      signals[c * n + r] = value;
      return;
    }
    std::complex<T>& mode = modes[c * (n / 2 + 1) + frequency(r)];
    const T half = frequency(r) == 0 ? T{1} : T{1} / T{2};
    r < cosines_ ? mode.real(half * value) : mode.imag(-half * value);
  }

  /// signals (width, n) -> sums over points (in modes, if fourier); or back, sums over rows.
  void sum(T* signals, std::complex<T>* modes, Index width, bool transposed) const {
    const Index n = length();
    const auto scale = [&](Index c, Index from, Index to, T factor) {
      for (Index j = from; j < to; ++j) signals[c * n + j] *= factor;
    };
    constexpr T half = T{1} / T{2};
    switch (kind_) {
      case SumKind::fourier:
        if (transposed) return RealFft<T>(n, width).backward(modes, signals);
        return RealFft<T>(n, width).forward(signals, modes);
      case SumKind::closed_cosine:  // its own transpose; FFTW doubles what is between the ends
        for (Index c = 0; c < width; ++c) scale(c, 1, n - 1, half);
        return TrigonometricSum<T>(FFTW_REDFT00, n, width)(signals);
      case SumKind::closed_sine:  // its own transpose
        for (Index c = 0; c < width; ++c) scale(c, 0, n, half);
        return TrigonometricSum<T>(FFTW_RODFT00, n, width)(signals);
      case SumKind::mid_cosine:
        if (transposed) {
          for (Index c = 0; c < width; ++c) scale(c, 1, n, half);
          return TrigonometricSum<T>(FFTW_REDFT01, n, width)(signals);
        }
        for (Index c = 0; c < width; ++c) scale(c, 0, n, half);
        return TrigonometricSum<T>(FFTW_REDFT10, n, width)(signals);
      case SumKind::mid_sine:
        if (transposed) {
          for (Index c = 0; c < width; ++c) scale(c, 0, n - 1, half);
          return TrigonometricSum<T>(FFTW_RODFT01, n, width)(signals);
        }
        for (Index c = 0; c < width; ++c) scale(c, 0, n, half);
        return TrigonometricSum<T>(FFTW_RODFT10, n, width)(signals);
      case SumKind::none:
        return;
    }
  }

  template <class Work>
  void for_each_chunk(Index inner, const Work& work) const {
    const Index n = length();
    const Index chunk = std::min<Index>(inner, 16);
    if (chunk == 0) return;
    Array<T> signals(Shape{chunk, n}), modes(Shape{chunk, n / 2 + 1, 2});
    T* values = signals.mutable_data();
    auto* complex = reinterpret_cast<std::complex<T>*>(modes.mutable_data());
    for (Index first = 0; first < inner; first += chunk)
      work(first, std::min(chunk, inner - first), values, complex);
  }

  SumKind kind_;
  std::vector<T> rows_, points_;
  Index cosines_;
};

}  // namespace fredholm::detail
