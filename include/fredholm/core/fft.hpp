// Fourier transforms of real signals by FFTW, for float and double.
//
//   forward    X_k = Σ_j x_j exp(-2πi jk/n),   k = 0, ..., n/2         (n real values to n/2 + 1 modes)
//   backward   x_j = Σ_k X_k exp(+2πi jk/n),   over k = 0, ..., n - 1 by X_{n-k} = conj X_k;   no 1/n
//
// so that backward(forward(x)) = n x. A batch of signals lies one after the other: FFTW's strided plans are 3
// to 4 times slower, so whoever has channels last transposes them in cache first.
//
//   RealFft<T>(n, count)                  signals of one axis
//   RealFftN<T>({n1, ..., nd}, count)     of d axes, row-major: modes (n1, ..., nd/2 + 1), the last axis
//                                         halved; on the others the mode k < 0 stands at n + k;
//                                         backward(forward(x)) is n1 ... nd times x
//   TrigonometricSum<T>(kind, n, count)   sums of n cosines or sines, in place, as FFTW defines them (r2r)
//
// FFTW plans are made once for each (precision, direction, lengths, count) and kept until the program ends.
// Planning holds a lock, since FFTW's planner is not safe in threads; executing a plan is. Plans are
// FFTW_ESTIMATE: a measured plan may differ from run to run, and with it the last bits of a result.
#pragma once

#include <algorithm>
#include <array>
#include <complex>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

#include <fftw3.h>

#include <fredholm/core/error.hpp>
#include <fredholm/core/memory.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

namespace detail {

/// The functions of FFTW by precision.
template <class T>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan_s;
  static auto* complex(std::complex<double>* values) { return reinterpret_cast<fftw_complex*>(values); }
  static constexpr auto forward = &fftw_plan_many_dft_r2c;
  static constexpr auto backward = &fftw_plan_many_dft_c2r;
  static constexpr auto run_forward = &fftw_execute_dft_r2c;
  static constexpr auto run_backward = &fftw_execute_dft_c2r;
  static constexpr auto trigonometric = &fftw_plan_many_r2r;
  static constexpr auto run_trigonometric = &fftw_execute_r2r;
  static constexpr auto destroy = &fftw_destroy_plan;
  static constexpr auto alignment = &fftw_alignment_of;
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan_s;
  static auto* complex(std::complex<float>* values) { return reinterpret_cast<fftwf_complex*>(values); }
  static constexpr auto forward = &fftwf_plan_many_dft_r2c;
  static constexpr auto backward = &fftwf_plan_many_dft_c2r;
  static constexpr auto run_forward = &fftwf_execute_dft_r2c;
  static constexpr auto run_backward = &fftwf_execute_dft_c2r;
  static constexpr auto trigonometric = &fftwf_plan_many_r2r;
  static constexpr auto run_trigonometric = &fftwf_execute_r2r;
  static constexpr auto destroy = &fftwf_destroy_plan;
  static constexpr auto alignment = &fftwf_alignment_of;
};

/// Guards the planner, which the two precisions do not share; one lock for both is simpler and never in a hot
/// loop.
inline std::mutex& fftw_planner() {
  static auto* mutex = new std::mutex;  // outlives every plan, whatever the order of destruction
  return *mutex;
}

template <class T>
struct DestroyPlan {
  void operator()(typename Fftw<T>::Plan* plan) const {
    const std::lock_guard lock(fftw_planner());
    Fftw<T>::destroy(plan);
  }
};
template <class T>
using PlanPointer = std::unique_ptr<typename Fftw<T>::Plan, DestroyPlan<T>>;

enum class Direction { forward, backward, trigonometric };

/// Signals of up to four axes (space and time); lengths beyond the rank are 0.
struct PlanKey {
  static constexpr Index max_rank = 4;
  Direction direction;
  int rank;
  std::array<int, max_rank> lengths;
  int count;
  bool aligned;
  fftw_r2r_kind kind = FFTW_REDFT00;  // of Direction::trigonometric
  friend auto operator<=>(const PlanKey&, const PlanKey&) = default;

  int last() const { return lengths[static_cast<std::size_t>(rank) - 1]; }
  /// Values and modes of one signal.
  int size() const {
    int product = 1;
    for (int axis = 0; axis < rank; ++axis) product *= lengths[static_cast<std::size_t>(axis)];
    return product;
  }
  int modes() const { return size() / last() * (last() / 2 + 1); }
};

/// A new plan. The planner is locked by the caller.
template <class T>
typename Fftw<T>::Plan* make_plan(const PlanKey& key) {
  const int modes = key.modes();
  const int size = key.size();
  const auto bytes = static_cast<std::size_t>(key.count) * static_cast<std::size_t>(modes) * 2 * sizeof(T);
  // FFTW_ESTIMATE reads the alignment of the arrays and none of their values; two blocks say that it is out
  // of place.
  const std::shared_ptr<void> real(take_from_system(bytes), give_to_system),
      modal(take_from_system(bytes), give_to_system);
  auto* values = static_cast<T*>(real.get());
  auto* coefficients = Fftw<T>::complex(static_cast<std::complex<T>*>(modal.get()));
  const unsigned flags = FFTW_ESTIMATE | (key.aligned ? 0U : FFTW_UNALIGNED);
  const int* lengths = key.lengths.data();
  if (key.direction == Direction::trigonometric) {
    return Fftw<T>::trigonometric(1, lengths, key.count, values, nullptr, 1, size, values, nullptr, 1, size,
                                  &key.kind, flags);
  }
  if (key.direction == Direction::forward) {
    return Fftw<T>::forward(key.rank, lengths, key.count, values, nullptr, 1, size, coefficients, nullptr, 1,
                            modes, flags);
  }
  return Fftw<T>::backward(key.rank, lengths, key.count, coefficients, nullptr, 1, modes, values, nullptr, 1,
                           size, flags);
}

/// The plan of the program for this key, made at the first request.
template <class T>
typename Fftw<T>::Plan* find_plan(const PlanKey& key) {
  static auto* cache =
      new std::map<PlanKey, PlanPointer<T>>;  // until the program ends: others may be running them
  const std::lock_guard lock(fftw_planner());
  PlanPointer<T>& plan = (*cache)[key];
  if (!plan) plan.reset(make_plan<T>(key));
  if (!plan)
    throw std::runtime_error("FFTW made no plan for " + std::to_string(key.count) + " real signals of " +
                             std::to_string(key.size()) + " values.");
  return plan.get();
}

}  // namespace detail

/// Transforms of `count` real signals of d axes, one after the other. Cheap to make and to copy; may be used
/// by many threads at once.
template <class T>
class RealFftN {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "RealFftN<T>: T is float or double.");

 public:
  explicit RealFftN(const Shape& lengths, Index count = 1) {
    require(lengths.size() >= 1 && lengths.size() <= detail::PlanKey::max_rank, "RealFftN: the shape ",
            lengths, " has ", lengths.size(), " axes. Give 1 to ", detail::PlanKey::max_rank, ".");
    key_.rank = static_cast<int>(lengths.size());
    for (Index axis = 0; axis < lengths.size(); ++axis)
      key_.lengths[static_cast<std::size_t>(axis)] = checked(lengths[axis], "values along an axis");
    key_.count = checked(count, "signals");
    static_cast<void>(checked(lengths.count(), "values"));
  }

  /// Values and complex modes of one signal.
  Index size() const { return key_.size(); }
  Index modes() const { return key_.modes(); }
  Index count() const { return key_.count; }

  /// values (count, n1, ..., nd) to modes (count, n1, ..., nd/2 + 1). The values are kept; the two do not
  /// overlap.
  void forward(const T* values, std::complex<T>* modes) const {
    auto* in = const_cast<T*>(values);  // FFTW keeps the input of an r2c out of place
    detail::Fftw<T>::run_forward(plan(detail::Direction::forward, in, modes), in,
                                 detail::Fftw<T>::complex(modes));
  }

  /// modes (count, n1, ..., nd/2 + 1), which are overwritten, to n1 ... nd times the values. The two do not
  /// overlap.
  void backward(std::complex<T>* modes, T* values) const {
    detail::Fftw<T>::run_backward(plan(detail::Direction::backward, values, modes),
                                  detail::Fftw<T>::complex(modes), values);
  }

 private:
  static int checked(Index number, const char* what) {
    require(number >= 1 && number <= std::numeric_limits<int>::max(), "RealFft: the number of ", what, " is ",
            number, ". It is at least 1, and fits an int.");
    return static_cast<int>(number);
  }

  auto* plan(detail::Direction direction, T* values, std::complex<T>* modes) const {
    const auto is_aligned = [](T* pointer) { return detail::Fftw<T>::alignment(pointer) == 0; };
    detail::PlanKey key = key_;
    key.direction = direction;
    key.aligned = is_aligned(values) && is_aligned(reinterpret_cast<T*>(modes));
    return detail::find_plan<T>(key);
  }

  detail::PlanKey key_{detail::Direction::forward, 1, {}, 1, true};
};

/// Transforms of `count` real signals of one axis, of n values each.
template <class T>
class RealFft : public RealFftN<T> {
 public:
  explicit RealFft(Index n, Index count = 1) : RealFftN<T>(Shape{n}, count) {}
};

/// The cosine and sine sums of FFTW, for `count` signals of n values, one after the other, in place:
///   REDFT00  y_k = x_0 + (-1)^k x_{n-1} + 2 sum x_j cos(pi jk / (n-1))
///   REDFT10  y_k = 2 sum x_j cos(pi (j+1/2) k / n)
///   REDFT01  y_k = x_0 + 2 sum x_j cos(pi j (k+1/2) / n)
///   RODFT00  y_k = 2 sum x_j sin(pi (j+1)(k+1) / (n+1))
///   RODFT10  y_k = 2 sum x_j sin(pi (j+1/2)(k+1) / n)
///   RODFT01  y_k = (-1)^k x_{n-1} + 2 sum x_j sin(pi (j+1)(k+1/2) / n)
template <class T>
class TrigonometricSum {
 public:
  TrigonometricSum(fftw_r2r_kind kind, Index n, Index count) {
    require(n >= (kind == FFTW_REDFT00 ? 2 : 1) && count >= 1 && n * count <= std::numeric_limits<int>::max(),
            "TrigonometricSum: ", count, " signals of ", n,
            " values; give at least one of each (two for cosines ",
            "with both ends), and no more than fit an int.");
    key_.lengths[0] = static_cast<int>(n);
    key_.count = static_cast<int>(count);
    key_.kind = kind;
  }

  void operator()(T* values) const {
    detail::PlanKey key = key_;
    key.aligned = detail::Fftw<T>::alignment(values) == 0;
    detail::Fftw<T>::run_trigonometric(detail::find_plan<T>(key), values, values);
  }

 private:
  detail::PlanKey key_{detail::Direction::trigonometric, 1, {}, 1, true};
};

/// The least number of at least `least` that has no prime factors but 2, 3 and 5: FFTW is quick there.
inline Index fast_fft_size(Index least) {
  for (Index n = std::max<Index>(least, 1);; ++n) {
    Index rest = n;
    for (Index prime : {2, 3, 5}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1) return n;
  }
}

}  // namespace fredholm
