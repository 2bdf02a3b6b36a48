// The heavy part of a Fourier neural operator as one operation: a spectral convolution, a linear map beside
// it, an activation.
//
//   y = f(K x + x W + b),   K x = S^T mix(A x, R)
//
// with the sums A of analysis and S of synthesis (transform/mode_sums.hpp), complex or real weights R a mode,
// and a function f of each value. x (batch, points..., in), W (in, out), b (out); y (batch, points..., out).
// Li et al. (2021), equation 4.
//
//   z' = f'(z) y',   b' += sum z',  W' += x^T z',  x' += z' W^T + A^T mix^T(S z'),  R' as in ops/spectral.hpp
//
// Why one operation: f and the two sums are applied to rows that are in cache still, so that a function of
// the batch goes through memory once where separate operations take it through five times; and the weights R,
// which are larger than any cache in two dimensions, are read once for the batch.
#pragma once

#include <memory>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/transform/mode_sums.hpp>

namespace fredholm::detail {

template <class T>
struct SpectralSums {
  std::shared_ptr<const ModeSums<T>> analysis, synthesis;
};

/// (batch, modes..., channels)
inline Shape coefficients_shape(Index batch, const Shape& modes, Index channels) {
  Shape shape{batch};
  for (Index length : modes) shape.push_back(length);
  shape.push_back(channels);
  return shape;
}

/// R is (modes..., in, out); `half` is that of mix().
template <class Epilogue, class T>
Array<T> spectral_block(const Array<T>& x, const SpectralSums<T>& sums, const Array<T>& r, Index half,
                        const Array<T>& weight, const Array<T>& bias) {
  require_linear(x, weight, bias);
  const Index batch = x.shape(0), in = weight.shape(0), out = weight.shape(1);
  const Index points = sums.analysis->points().count();
  const Shape modes = sums.analysis->modes();
  require(x.size() == batch * points * in && r.rank() >= 2 && r.shape().back() == out &&
              sums.synthesis->points() == sums.analysis->points(),
          "a spectral block from ", in, " to ", out, " channels on ", points,
          " points was given an array of shape ", x.shape(), " and weights of shape ", r.shape(), ".");
  const Shape shape_in = coefficients_shape(batch, modes, in);
  const Mixing<T> mixing(shape_in, r.shape(), half);
  require(!mixing.is_empty(), "a spectral block has weights of shape ", r.shape(), ": none.");
  const Shape shape_out = coefficients_shape(batch, modes, out);
  const bool late = any_on_active_tape(r) && active_tape().may_wait(r, shape_in.count() + shape_out.count());
  Array<T> c = late ? active_tape().template array_that_waits<T>(shape_in) : Array<T>(shape_in);
  Array<T> mixed(shape_out);
  transform_each(*sums.analysis, x.data(), c.mutable_data(), batch, in, false, false);
  mixing.forward(c.data(), r.data(), mixed.mutable_data());

  Shape shape = x.shape();
  shape[shape.size() - 1] = out;
  Array<T> y(shape), slope;
  const bool on_tape = any_on_active_tape(x, r, weight, bias);
  const bool sloped = !Epilogue::identity && on_tape;
  if (sloped) slope = Array<T>(shape);
  T *to = y.mutable_data(), *to_slope = sloped ? slope.mutable_data() : nullptr;
  for (Index b = 0; b < batch; ++b) {
    T* part = to + b * points * out;
    sums.synthesis->scatter(mixed.data() + b * modes.count() * out, part, out, false);
    linear_rows<Epilogue, T>(x.data() + b * points * in, weight.data(), bias.data(), part,
                             sloped ? to_slope + b * points * out : nullptr, points, in, out, true);
  }
  return record(
      y,
      [x, sums, r, weight, bias, c, slope, mixing, late, shape_out, batch, points, in, out](Tape& tape,
                                                                                            const T* dy) {
        const bool sloped = slope.size() > 0;
        const Index count = sums.analysis->modes().count();
        const LinearAdjoints<T> adjoints(tape, x, weight, bias);
        Array<T> dmixed = late ? tape.template array_that_waits<T>(shape_out) : Array<T>(shape_out);
        Array<T> dz(Shape{sloped ? points * out : 0});
        for (Index b = 0; b < batch; ++b) {
          const T* part = dy + b * points * out;
          adjoints.add(x.data() + b * points * in, weight, part,
                       sloped ? slope.data() + b * points * out : nullptr, points,
                       sloped ? dz.mutable_data() : nullptr, b);
          sums.synthesis->gather(sloped ? dz.data() : part, dmixed.mutable_data() + b * count * out, out,
                                 false);
        }
        const auto to_r = [mixing, c, dmixed](T* dr, Index begin, Index end, bool accumulate) {
          mixing.to_weight(c.data(), dmixed.data(), dr, begin, end, accumulate);
        };
        if (late) {
          tape.accumulate_late(r, mixing.modes(), to_r);
        } else {
          tape.accumulate(r, [&](T* dr, bool accumulate) { to_r(dr, 0, mixing.modes(), accumulate); });
        }
        if (adjoints.x == nullptr) return;
        Array<T> dc(c.shape());
        mixing.to_coefficients(dmixed.data(), r.data(), dc.mutable_data(), false);
        transform_each(*sums.analysis, dc.data(), adjoints.x, batch, in, true, true);
      },
      x, r, weight, bias);
}

}  // namespace fredholm::detail
