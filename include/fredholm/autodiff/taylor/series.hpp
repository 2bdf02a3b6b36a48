// The derivatives f, f', f'', ... of functions of one variable, each written once: over arrays of the tape,
// and over vector registers inside the fused network (autodiff/taylor/network.hpp).
//
//   Series::derivative<K, T>(kept)    f^(K)(z) from the `kept` values at z, such as tanh z for tanh
//
//   tanh      s = tanh z:  f' = 1 - s^2, f'' = -2 s f', f''' = (6 s^2 - 2) f', ...
//   sin       s = sin z, c = cos z
//   sigmoid   s = sigmoid z:  f' = s (1 - s), f'' = f' (1 - 2 s), ...
//   silu      z sigmoid(z):  f^(k) = z sigmoid^(k) + k sigmoid^(k-1)
//   gelu      z Phi(z):  f' = Phi + z phi, f'' = (2 - z^2) phi, f''' = (z^3 - 4 z) phi, ...
//
// silu and gelu multiply z by what vanishes: where z is infinite (or z^2 overflows, above 10^19 in float)
// they are NaN.
//
// Up to K = 5: jets of order 4, and one more for their adjoint.
#pragma once

#include <cstddef>

namespace fredholm::detail {

struct TanhSeries {
  static constexpr std::size_t kept = 1;  // tanh z
  template <int K, class T, class V>
  static V derivative(const V* values) {
    const V& s = values[0];
    if constexpr (K == 0) {
      return s;
    } else {
      const V q = s * s, slope = T{1} - q;
      if constexpr (K == 1) {
        return slope;
      } else if constexpr (K == 2) {
        return T{-2} * s * slope;
      } else if constexpr (K == 3) {
        return (T{6} * q - T{2}) * slope;
      } else if constexpr (K == 4) {
        return (T{16} - T{24} * q) * s * slope;
      } else {
        static_assert(K == 5);
        return ((T{120} * q - T{120}) * q + T{16}) * slope;
      }
    }
  }
};

struct SinSeries {
  static constexpr std::size_t kept = 2;  // sin z, cos z
  template <int K, class T, class V>
  static V derivative(const V* values) {
    if constexpr (K % 4 < 2) {
      return values[K % 2];
    } else {
      return -values[K % 2];
    }
  }
};
struct CosSeries {
  static constexpr std::size_t kept = 2;  // sin z, cos z
  template <int K, class T, class V>
  static V derivative(const V* values) {
    return SinSeries::derivative<K + 1, T>(values);
  }
};

struct SigmoidSeries {
  static constexpr std::size_t kept = 1;  // sigmoid z
  template <int K, class T, class V>
  static V derivative(const V* values) {
    const V& s = values[0];
    if constexpr (K == 0) {
      return s;
    } else {
      const V slope = s * (T{1} - s);
      if constexpr (K == 1) {
        return slope;
      } else if constexpr (K == 2) {
        return slope * (T{1} - T{2} * s);
      } else if constexpr (K == 3) {
        return slope * ((T{6} * s - T{6}) * s + T{1});
      } else if constexpr (K == 4) {
        return slope * (((T{36} - T{24} * s) * s - T{14}) * s + T{1});
      } else {
        static_assert(K == 5);
        return slope * ((((T{120} * s - T{240}) * s + T{150}) * s - T{30}) * s + T{1});
      }
    }
  }
};

struct SiluSeries {
  static constexpr std::size_t kept = 2;  // sigmoid z, z
  template <int K, class T, class V>
  static V derivative(const V* values) {
    const V product = values[1] * SigmoidSeries::derivative<K, T>(values);
    if constexpr (K == 0) {
      return product;
    } else {
      return product + static_cast<T>(K) * SigmoidSeries::derivative<K - 1, T>(values);
    }
  }
};

struct GeluSeries {
  static constexpr std::size_t kept = 3;  // z, Phi(z), phi(z)
  template <int K, class T, class V>
  static V derivative(const V* values) {
    const V &z = values[0], &cdf = values[1], &density = values[2];
    if constexpr (K == 0) {
      return z * cdf;
    } else if constexpr (K == 1) {
      return cdf + z * density;
    } else {
      const V q = z * z;
      if constexpr (K == 2) {
        return (T{2} - q) * density;
      } else if constexpr (K == 3) {
        return (q - T{4}) * z * density;
      } else if constexpr (K == 4) {
        return ((T{7} - q) * q - T{4}) * density;
      } else {
        static_assert(K == 5);
        return ((q - T{11}) * q + T{18}) * z * density;
      }
    }
  }
};

}  // namespace fredholm::detail
