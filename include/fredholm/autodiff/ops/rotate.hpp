// Pairs of channels turned by an angle that depends on the point: what a rotary position does to queries and
// keys.
//
//   (y_a, y_b) = (cos t x_a - sin t x_b, sin t x_a + cos t x_b),  a = h C/heads + p, b = a + pairs, t = t_jp
//
// x and y (batch, n, C) in `heads` heads, turn (n, 2 pairs): cos t_jp, p = 0 ... pairs - 1, and then sin
// t_jp. Each head is turned alike; its channels beyond the first 2 pairs stay as they are. A rotation is
// linear and keeps lengths, and its adjoint is the rotation by the opposite angle: x' += R(-t) y'. Su et al.
// (2021), equation 34.
#pragma once

#include <algorithm>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

namespace detail {

/// sign 1 turns by t, sign -1 turns back.
template <class T>
Array<T> turned(const T* x, const Shape& shape, const Array<T>& turn, Index heads, T sign) {
  const Index batch = shape[0], n = shape[1], channels = shape[2];
  const Index width = channels / heads, pairs = turn.shape(1) / 2;
  Array<T> y(shape);
  T* out = y.mutable_data();
  for (Index b = 0; b < batch; ++b) {
    for (Index j = 0; j < n; ++j) {
      const T* cosine = turn.data() + j * 2 * pairs;
      const T* sine = cosine + pairs;
      for (Index h = 0; h < heads; ++h, x += width, out += width) {
        for (Index p = 0; p < pairs; ++p) {
          const T s = sign * sine[p];
          out[p] = cosine[p] * x[p] - s * x[pairs + p];
          out[pairs + p] = s * x[p] + cosine[p] * x[pairs + p];
        }
        std::copy(x + 2 * pairs, x + width, out + 2 * pairs);
      }
    }
  }
  return y;
}

}  // namespace detail

template <class T>
Array<T> rotate(const Array<T>& x, const Array<T>& turn, Index heads) {
  require(x.rank() == 3 && turn.rank() == 2 && turn.shape(0) == x.shape(1) && turn.shape(1) % 2 == 0,
          "rotate takes x (batch, n, C) and the cosines and sines of n points, (n, 2 pairs); the shapes are ",
          x.shape(), " and ", turn.shape(), ".");
  require(heads > 0 && x.shape(2) % heads == 0, "rotate splits ", x.shape(2), " channels into ", heads,
          " heads: the number of channels must be a multiple.");
  require(turn.shape(1) <= x.shape(2) / heads, "rotate turns ", turn.shape(1),
          " channels of each head, which has ", x.shape(2) / heads,
          ". Use fewer frequencies, or fewer heads.");
  detail::require_constant(turn.node(), "the angles of a rotation");
  return record(
      detail::turned(x.data(), x.shape(), turn, heads, T{1}),
      [x, turn, heads](Tape& tape, const T* dy) {
        const Array<T> back = detail::turned(dy, x.shape(), turn, heads, T{-1});
        tape.add(x, flat(back.data(), back.size()));
      },
      x);
}

}  // namespace fredholm
