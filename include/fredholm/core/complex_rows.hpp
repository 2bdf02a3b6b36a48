// Products of a few complex rows with a complex matrix, real and imaginary parts in planes of their own.
//
//   multiply           y = x R              y_re = x_re R_re - x_im R_im,   y_im = x_re R_im + x_im R_re
//   multiply_adjoint   x (+)= y R^H         x_re = y_re R_re^T + y_im R_im^T,   x_im = y_im R_re^T - y_re R_im^T
//   add_outer          R += x^H y           R_re += x_re^T y_re + x_im^T y_im,   R_im += x_re^T y_im - x_im^T y_re
//
// x (batch, in) and y (batch, out) have rows at any distance, R is (in, out). A spectral layer has one R for each mode and a few
// rows for it, so that what costs is reading R: each of the three reads it once from memory, where four real products would
// read it twice each. Vectors run over `out`; what is left over is done in narrower ones, as in core/simd.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/simd.hpp>

namespace fredholm::simd {

/// Rows, or a matrix with `step` between its rows.
template <class T>
struct Planes {
  T* re;
  T* im;
  Index step;

  T* re_row(Index i) const { return re + i * step; }
  T* im_row(Index i) const { return im + i * step; }
};
template <class T>
Planes(T*, T*, Index) -> Planes<T>;  // clang 14 finds none for an aggregate

namespace detail {

/// strip(columns from j on, a vector type, the number of vectors) until all columns are done.
template <int Bytes = register_bytes, class T, class Strip>
void for_each_strip(Index columns, const Strip& strip, Index j = 0) {
  using V = Vector<T, Bytes>;
  constexpr Index width = Bytes / static_cast<Index>(sizeof(T));
  for (; j + 4 * width <= columns; j += 4 * width) strip(j, V{}, std::make_index_sequence<4>());
  for (; j + width <= columns; j += width) strip(j, V{}, std::make_index_sequence<1>());
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (j < columns) for_each_strip<narrower, T>(columns, strip, j);
  }
}

/// Where vector c of a strip begins.
template <class V>
constexpr Index offset(std::size_t c) {
  return static_cast<Index>(c * sizeof(V) / sizeof(std::remove_cvref_t<decltype(V{}[0])>));
}

/// The sum of the lanes.
template <class T, class V>
T sum_of(const V& v) {
  constexpr int lanes = static_cast<int>(sizeof(V) / sizeof(T));
  return Eigen::Map<const Eigen::Array<T, lanes, 1>>(reinterpret_cast<const T*>(&v)).sum();
}

}  // namespace detail

template <class T>
void multiply(Index batch, Index in, Index out, Planes<const T> x, Planes<const T> r, Planes<T> y) {
  detail::for_each_strip<register_bytes, T>(
      out, [&]<class V, std::size_t... C>(Index j, V, std::index_sequence<C...>) {
        for (Index b = 0; b < batch; ++b) {
          V re[sizeof...(C)] = {}, im[sizeof...(C)] = {};
          const T *x_re = x.re_row(b), *x_im = x.im_row(b);
          for (Index i = 0; i < in; ++i) {
            const T *r_re = r.re_row(i) + j, *r_im = r.im_row(i) + j;
            ((re[C] +=
              x_re[i] * load<V>(r_re + detail::offset<V>(C)) - x_im[i] * load<V>(r_im + detail::offset<V>(C)),
              im[C] += x_re[i] * load<V>(r_im + detail::offset<V>(C)) +
                       x_im[i] * load<V>(r_re + detail::offset<V>(C))),
             ...);
          }
          ((store(y.re_row(b) + j + detail::offset<V>(C), re[C]),
            store(y.im_row(b) + j + detail::offset<V>(C), im[C])),
           ...);
        }
      });
}

template <class T>
void multiply_adjoint(Index batch, Index in, Index out, Planes<const T> y, Planes<const T> r, Planes<T> x,
                      bool accumulate) {
  for (Index b = 0; out == 0 && !accumulate && b < batch; ++b)
    std::fill_n(x.re_row(b), in, T{0}), std::fill_n(x.im_row(b), in, T{0});
  detail::for_each_strip<register_bytes, T>(
      out, [&]<class V, std::size_t... C>(Index j, V, std::index_sequence<C...>) {
        for (Index b = 0; b < batch; ++b) {
          V y_re[sizeof...(C)], y_im[sizeof...(C)];
          ((y_re[C] = load<V>(y.re_row(b) + j + detail::offset<V>(C)),
            y_im[C] = load<V>(y.im_row(b) + j + detail::offset<V>(C))),
           ...);
          T *x_re = x.re_row(b), *x_im = x.im_row(b);
          for (Index i = 0; i < in; ++i) {
            const T *r_re = r.re_row(i) + j, *r_im = r.im_row(i) + j;
            V re{}, im{};
            ((re +=
              y_re[C] * load<V>(r_re + detail::offset<V>(C)) + y_im[C] * load<V>(r_im + detail::offset<V>(C)),
              im += y_im[C] * load<V>(r_re + detail::offset<V>(C)) -
                    y_re[C] * load<V>(r_im + detail::offset<V>(C))),
             ...);
            if (j == 0 && !accumulate) {
              x_re[i] = detail::sum_of<T>(re), x_im[i] = detail::sum_of<T>(im);
            } else {
              x_re[i] += detail::sum_of<T>(re), x_im[i] += detail::sum_of<T>(im);
            }
          }
        }
      });
}

template <class T>
void add_outer(Index batch, Index in, Index out, Planes<const T> x, Planes<const T> y, Planes<T> r) {
  detail::for_each_strip<register_bytes, T>(out, [&]<class V, std::size_t... C>(Index j, V,
                                                                                std::index_sequence<C...>) {
    for (Index i = 0; i < in; ++i) {
      T *r_re = r.re_row(i) + j, *r_im = r.im_row(i) + j;
      V re[sizeof...(C)], im[sizeof...(C)];
      ((re[C] = load<V>(r_re + detail::offset<V>(C)), im[C] = load<V>(r_im + detail::offset<V>(C))), ...);
      for (Index b = 0; b < batch; ++b) {
        const T x_re = x.re_row(b)[i], x_im = x.im_row(b)[i];
        const T *y_re = y.re_row(b) + j, *y_im = y.im_row(b) + j;
        ((re[C] += x_re * load<V>(y_re + detail::offset<V>(C)) + x_im * load<V>(y_im + detail::offset<V>(C)),
          im[C] += x_re * load<V>(y_im + detail::offset<V>(C)) - x_im * load<V>(y_re + detail::offset<V>(C))),
         ...);
      }
      ((store(r_re + detail::offset<V>(C), re[C]), store(r_im + detail::offset<V>(C), im[C])), ...);
    }
  });
}

}  // namespace fredholm::simd
