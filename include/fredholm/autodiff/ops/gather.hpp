// From points to edges and back: what sums over neighbours are made of. e runs over edges, j(e) is the source
// of e.
//
//   gather_rows(x, edges)      z_e = x_j(e)                x (batch, sources, C); z (batch, edges, C)
//     x'_j += sum of z'_e over the edges from j
//   segment_sum(z, a, edges)   y_i = sum of a_e z_e over the edges to i
//                                                          a (edges), a constant; y (batch, targets, C)
//     z'_e += a_e y'_i
//   multiply_rows(v, K)        y_p = v_p K_p, a matrix for each row
//                                                          v (batch, p, in), K (batch or 1, p, in * out)
//     v'_p += y'_p K_p^T,   K'_p += v_p^T y'_p
#pragma once

#include <memory>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/edges.hpp>

namespace fredholm {

template <class T>
Array<T> gather_rows(const Array<T>& x, std::shared_ptr<const Edges> edges) {
  require(x.rank() == 3 && x.shape(1) == edges->sources, "edges from ", edges->sources,
          " sources gather from an array (batch, sources, channel), and its shape is ", x.shape(), ".");
  const Index batch = x.shape(0), sources = x.shape(1), channels = x.shape(2), count = edges->count();
  Array<T> z(Shape{batch, count, channels});
  T* out = z.mutable_data();
  for (Index b = 0; b < batch; ++b) {
    const T* from = x.data() + b * sources * channels;
    for (Index e = 0; e < count; ++e) out = std::copy_n(from + edges->column(e) * channels, channels, out);
  }
  return record(
      z,
      [x, edges, batch, sources, channels, count](Tape& tape, const T* dz) {
        tape.accumulate(x, [&](T* dx) {
          const T* from = dz;
          for (Index b = 0; b < batch; ++b) {
            for (Index e = 0; e < count; ++e, from += channels)
              flat(dx + (b * sources + edges->column(e)) * channels, channels) += flat(from, channels);
          }
        });
      },
      x);
}

template <class T>
Array<T> segment_sum(const Array<T>& z, const Array<T>& weights, std::shared_ptr<const Edges> edges) {
  const Index count = edges->count();
  require(z.rank() == 3 && z.shape(1) == count && weights.size() == count, "a sum over ", count,
          " edges takes values (batch, edges, channel) and a weight an edge; the shapes are ", z.shape(),
          " and ", weights.shape(), ".");
  detail::require_constant(weights.node(), "the weights of a sum over edges");
  const Index batch = z.shape(0), channels = z.shape(2), targets = edges->targets();
  Array<T> y = Array<T>::zeros({batch, targets, channels});
  T* out = y.mutable_data();
  for (Index b = 0; b < batch; ++b) {
    for (Index i = 0; i < targets; ++i, out += channels) {
      for (Index e = edges->begin(i); e < edges->end(i); ++e)
        flat(out, channels) += weights.data()[e] * flat(z.data() + (b * count + e) * channels, channels);
    }
  }
  return record(
      y,
      [z, weights, edges, batch, channels, targets, count](Tape& tape, const T* dy) {
        tape.accumulate(z, [&](T* dz) {
          for (Index b = 0; b < batch; ++b) {
            for (Index i = 0; i < targets; ++i) {
              for (Index e = edges->begin(i); e < edges->end(i); ++e)
                flat(dz + (b * count + e) * channels, channels) +=
                    weights.data()[e] * flat(dy + (b * targets + i) * channels, channels);
            }
          }
        });
      },
      z);
}

template <class T>
Array<T> multiply_rows(const Array<T>& v, const Array<T>& matrices) {
  require(v.rank() == 3 && matrices.rank() == 3 && matrices.shape(1) == v.shape(1) && v.shape(2) > 0 &&
              matrices.shape(2) % v.shape(2) == 0 &&
              (matrices.shape(0) == v.shape(0) || matrices.shape(0) == 1),
          "multiply_rows takes values (batch, p, in) and matrices (batch or 1, p, in * out); the shapes are ",
          v.shape(), " and ", matrices.shape(), ".");
  const Index batch = v.shape(0), count = v.shape(1), in = v.shape(2), out = matrices.shape(2) / in;
  const Index step = matrices.shape(0) == 1 ? 0 : count * in * out;
  Array<T> y = Array<T>::zeros({batch, count, out});
  T* to = y.mutable_data();
  for (Index b = 0; b < batch; ++b) {
    for (Index p = 0; p < count; ++p, to += out) {
      const T* row = v.data() + (b * count + p) * in;
      const T* matrix = matrices.data() + b * step + p * in * out;
      for (Index i = 0; i < in; ++i) flat(to, out) += row[i] * flat(matrix + i * out, out);
    }
  }
  return record(
      y,
      [v, matrices, batch, count, in, out, step](Tape& tape, const T* dy) {
        tape.accumulate(v, [&](T* dv) {
          for (Index r = 0; r < batch * count; ++r) {
            const T* matrix = matrices.data() + r / count * step + r % count * in * out;
            for (Index i = 0; i < in; ++i)
              dv[r * in + i] += (flat(matrix + i * out, out) * flat(dy + r * out, out)).sum();
          }
        });
        tape.accumulate(matrices, [&](T* dk) {
          for (Index r = 0; r < batch * count; ++r) {
            T* matrix = dk + r / count * step + r % count * in * out;
            for (Index i = 0; i < in; ++i)
              flat(matrix + i * out, out) += v.data()[r * in + i] * flat(dy + r * out, out);
          }
        });
      },
      v, matrices);
}

}  // namespace fredholm
