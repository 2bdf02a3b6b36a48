// Products of a few complex rows with a complex matrix, real and imaginary parts in planes of their own.
//
//   multiply           y = x R         y_re = x_re R_re - x_im R_im,   y_im = x_re R_im + x_im R_re
//   multiply_adjoint   x (+)= y R^H    x_re = y_re R_re^T + y_im R_im^T,   x_im = y_im R_re^T - y_re R_im^T
//   add_outer          R += x^H y      R_re += x_re^T y_re + x_im^T y_im,   R_im += x_re^T y_im - x_im^T y_re
//
// x (batch, in) and y (batch, out) have rows at any distance, R is (in, out). A spectral layer has one R for
// each mode and a few rows for it, so that what costs is reading R: each of the three reads it once from
// memory, where four real products would read it twice each. Vectors run over `out`; what is left over is
// done in narrower ones, as in core/simd.hpp. The sums over `out` of the adjoint are added up across lanes
// for as many `in` at a time as a register has lanes (core/simd_dots.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include <fredholm/core/simd.hpp>
#include <fredholm/core/simd_dots.hpp>

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
  for (; j + 2 * width <= columns; j += 2 * width) strip(j, V{}, std::make_index_sequence<2>());
  for (; j + width <= columns; j += width) strip(j, V{}, std::make_index_sequence<1>());
  if constexpr (width > 1) {
    constexpr int narrower = Bytes > 16 ? Bytes / 2 : static_cast<int>(sizeof(T));
    if (j < columns) for_each_strip<narrower, T>(columns, strip, j);
  }
}

/// run(first, as many as there are in the sequence) over `count` rows, two at a time: each has sums of its
/// own, and one alone would wait for them.
template <class Run>
void by_twos(Index count, const Run& run) {
  Index i = 0;
  for (; i + 1 < count; i += 2) run(i, std::make_index_sequence<2>());
  if (i < count) run(i, std::make_index_sequence<1>());
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
  detail::for_each_strip<register_bytes, T>(out, [&]<class V, std::size_t... C>(Index j, V,
                                                                                std::index_sequence<C...>) {
    constexpr std::size_t width = sizeof...(C);
    detail::by_twos(batch, [&]<std::size_t... B>(Index b, std::index_sequence<B...>) {
      V re[sizeof...(B)][width] = {}, im[sizeof...(B)][width] = {};
      for (Index i = 0; i < in; ++i) {
        const V r_re[] = {load<V>(r.re_row(i) + j + detail::offset<V>(C))...};
        const V r_im[] = {load<V>(r.im_row(i) + j + detail::offset<V>(C))...};
        const auto row = [&](V* to_re, V* to_im, T x_re, T x_im) {
          ((to_re[C] += x_re * r_re[C], to_im[C] += x_re * r_im[C]), ...);
          ((to_re[C] -= x_im * r_im[C], to_im[C] += x_im * r_re[C]), ...);
        };
        (row(re[B], im[B], x.re_row(b + static_cast<Index>(B))[i], x.im_row(b + static_cast<Index>(B))[i]),
         ...);
      }
      const auto keep = [&](const V* from, T* to) { (store(to + j + detail::offset<V>(C), from[C]), ...); };
      ((keep(re[B], y.re_row(b + static_cast<Index>(B))), keep(im[B], y.im_row(b + static_cast<Index>(B)))),
       ...);
    });
  });
}

template <class T>
void multiply_adjoint(Index batch, Index in, Index out, Planes<const T> y, Planes<const T> r, Planes<T> x,
                      bool accumulate) {
  for (Index b = 0; out == 0 && !accumulate && b < batch; ++b)
    std::fill_n(x.re_row(b), in, T{0}), std::fill_n(x.im_row(b), in, T{0});
  detail::for_each_strip<register_bytes, T>(
      out, [&]<class V, std::size_t... C>(Index j, V, std::index_sequence<C...>) {
        const bool onto = accumulate || j > 0;
        for (Index b = 0; b < batch; ++b) {
          const V y_re[] = {load<V>(y.re_row(b) + j + detail::offset<V>(C))...};
          const V y_im[] = {load<V>(y.im_row(b) + j + detail::offset<V>(C))...};
          T *x_re = x.re_row(b), *x_im = x.im_row(b);
          const auto products = [&](Index i, V& sum_re, V& sum_im) {
            const T *r_re = r.re_row(i) + j, *r_im = r.im_row(i) + j;
            V re{}, im{}, re_too{}, im_too{};
            ((re += y_re[C] * load<V>(r_re + detail::offset<V>(C)),
              im += y_im[C] * load<V>(r_re + detail::offset<V>(C)),
              re_too += y_im[C] * load<V>(r_im + detail::offset<V>(C)),
              im_too += y_re[C] * load<V>(r_im + detail::offset<V>(C))),
             ...);
            sum_re = re + re_too, sum_im = im - im_too;
          };
          Index i = 0;
          if constexpr (std::is_same_v<V, Vector<T>>) {  // as many sums as a register has lanes
            for (; i + lanes<T> <= in; i += lanes<T>) {
              V re[lanes<T>], im[lanes<T>];
              for (Index l = 0; l < lanes<T>; ++l) products(i + l, re[l], im[l]);
              const V sum_re = detail::lane_sums<T>(re), sum_im = detail::lane_sums<T>(im);
              store(x_re + i, onto ? load<V>(x_re + i) + sum_re : sum_re);
              store(x_im + i, onto ? load<V>(x_im + i) + sum_im : sum_im);
            }
          }
          for (; i < in; ++i) {
            V re, im;
            products(i, re, im);
            const T sum_re = detail::sum_of<T>(re), sum_im = detail::sum_of<T>(im);
            x_re[i] = onto ? x_re[i] + sum_re : sum_re, x_im[i] = onto ? x_im[i] + sum_im : sum_im;
          }
        }
      });
}

template <class T>
void add_outer(Index batch, Index in, Index out, Planes<const T> x, Planes<const T> y, Planes<T> r) {
  detail::for_each_strip<register_bytes, T>(out, [&]<class V, std::size_t... C>(Index j, V,
                                                                                std::index_sequence<C...>) {
    constexpr std::size_t width = sizeof...(C);
    detail::by_twos(in, [&]<std::size_t... I>(Index i, std::index_sequence<I...>) {
      V re[sizeof...(I)][width], im[sizeof...(I)][width];
      const auto take = [&](const T* from, V* to) {
        ((to[C] = load<V>(from + j + detail::offset<V>(C))), ...);
      };
      const auto keep = [&](const V* from, T* to) { (store(to + j + detail::offset<V>(C), from[C]), ...); };
      ((take(r.re_row(i + static_cast<Index>(I)), re[I]), take(r.im_row(i + static_cast<Index>(I)), im[I])),
       ...);
      for (Index b = 0; b < batch; ++b) {
        const V y_re[] = {load<V>(y.re_row(b) + j + detail::offset<V>(C))...};
        const V y_im[] = {load<V>(y.im_row(b) + j + detail::offset<V>(C))...};
        const auto row = [&](V* to_re, V* to_im, T x_re, T x_im) {
          ((to_re[C] += x_re * y_re[C], to_im[C] += x_re * y_im[C]), ...);
          ((to_re[C] += x_im * y_im[C], to_im[C] -= x_im * y_re[C]), ...);
        };
        (row(re[I], im[I], x.re_row(b)[i + static_cast<Index>(I)], x.im_row(b)[i + static_cast<Index>(I)]),
         ...);
      }
      ((keep(re[I], r.re_row(i + static_cast<Index>(I))), keep(im[I], r.im_row(i + static_cast<Index>(I)))),
       ...);
    });
  });
}

}  // namespace fredholm::simd
