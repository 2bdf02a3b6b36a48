// Spectral convolution: expand in a basis by quadrature, multiply each mode by a matrix of its own, and sum up.
//
//   (K u)(x) = sum_k c_k R_k phi_k(x),    c_k = (1 / |Omega|) int u conj(phi_k) dx ~ (1 / |Omega|) sum_j w_j u(x_j) conj(phi_k(x_j))
//
// The weights R belong to modes, not to points: the layer is the same operator on every discretization, up to the
// rule's error in c_k. With Fourier it is that of the FNO (Li et al. 2021, equation 4, and its 1/N on the forward
// transform); Sine and Cosine suit values and slopes that vanish at the ends; Legendre asks for nothing there.
//
// `modes` functions are kept along each axis: frequencies 0 ... modes-1 for Fourier, and -modes ... modes-1 on the axes
// before the last. Modes that a coarse grid cannot tell apart are left out there. weight: (modes..., in, out), complex for
// Fourier. Initialization: normal with variance 2 / (in + out) over the number of real parts, times `gain`.
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <string>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/ops/spectral.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/transform/projection.hpp>

namespace fredholm {

template <Index D, class Basis = Fourier, class Scalar = double>
struct SpectralConvolution {
  static_assert(D >= 1 && D <= 3,
                "SpectralConvolution<D, Basis>: D is the dimension of the domain, 1, 2 or 3.");

  Parameter<std::conditional_t<Basis::complex, std::complex<Scalar>, Scalar>> weight;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    using Discretization = std::remove_cvref_t<decltype(u.discretization())>;
    static_assert(Discretization::dimension == D,
                  "SpectralConvolution<D>: the field lives on a domain of another dimension than D.");
    const Shape shape = weight.shape();
    require(shape.size() == D + 2 && shape[D] == u.channels(),
            "a spectral convolution with weights of shape ", shape, " takes ",
            shape.size() == D + 2 ? shape[D] : 0, " channels, and the field has ", u.channels(), ".");
    const Array<Scalar> coefficients = analyse(u.values(), u.discretization());
    return u.with(synthesize(mix(coefficients, weight(), Basis::complex), u.discretization()));
  }

 private:
  using Modes = std::array<Index, static_cast<std::size_t>(D)>;

  /// Of `modes` kept along an axis; leading Fourier axes hold both signs.
  Modes modes() const {
    Modes result{};
    const Shape shape = weight.shape();
    for (Index a = 0; a < D; ++a)
      result[static_cast<std::size_t>(a)] = Basis::complex && a + 1 < D ? shape[a] / 2 : shape[a];
    return result;
  }

  template <class Discretization>
  static constexpr bool by_axes = Discretization::rank == D && Discretization::separable;

  template <class Discretization>
  std::shared_ptr<const AxisMap> map(const Discretization& d, Index axis, bool forward) const {
    std::string name = std::string(Basis::name) + (forward ? ">" : "<") + std::to_string(axis);
    for (Index m : modes()) {
      name += ',';
      name += std::to_string(m);
    }
    return d.template derived<AxisMap>(name, [&] {
      if constexpr (by_axes<Discretization>) {
        return detail::axis_matrix<Basis>(d, axis, modes()[static_cast<std::size_t>(axis)], forward);
      } else {
        return detail::full_matrix<Basis>(d, modes(), forward);
      }
    });
  }

  /// (batch, points..., in) -> (batch, modes..., in), with (re, im) along the last mode axis of a complex basis
  template <class Discretization>
  Array<Scalar> analyse(Array<Scalar> values, const Discretization& d) const {
    if constexpr (by_axes<Discretization>) {
      for (Index axis = D - 1; axis >= 0; --axis) {
        values = apply_along(values, axis + 1, map(d, axis, true));
        if (Basis::complex && axis + 1 < D) values = combine(values, axis + 1);
      }
      return values;
    } else {
      const Index channels = values.shape().back();
      return apply_along(values.reshaped({values.shape(0), d.size(), channels}), 1, map(d, 0, true))
          .reshaped(mode_shape(values.shape(0), channels));
    }
  }

  template <class Discretization>
  Array<Scalar> synthesize(Array<Scalar> coefficients, const Discretization& d) const {
    if constexpr (by_axes<Discretization>) {
      for (Index axis = 0; axis < D; ++axis) {
        if (Basis::complex && axis + 1 < D) coefficients = separate(coefficients, axis + 1);
        coefficients = apply_along(coefficients, axis + 1, map(d, axis, false));
      }
      return coefficients;
    } else {
      const Index batch = coefficients.shape(0);
      const Index channels = coefficients.shape().back();
      const Array<Scalar> rows =
          coefficients.reshaped({batch, coefficients.size() / (batch * channels), channels});
      return apply_along(rows, 1, map(d, 0, false)).reshaped(detail::field_shape(batch, d.shape(), channels));
    }
  }

  Shape mode_shape(Index batch, Index channels) const {
    Shape result{batch};
    for (Index a = 0; a < D; ++a)
      result.push_back(weight.shape()[a] * (Basis::complex && a + 1 == D ? 2 : 1));
    result.push_back(channels);
    return result;
  }
};

template <Index D, class Basis = Fourier, class Scalar = double>
SpectralConvolution<D, Basis, Scalar> make_spectral(Index in, Index out, Index modes, Engine& engine,
                                                    double gain = 1.0) {
  require(in > 0 && out > 0 && modes > 0, "make_spectral(", in, ", ", out, ", ", modes,
          "): give at least one channel in and out and one mode.");
  using Weight = std::conditional_t<Basis::complex, std::complex<Scalar>, Scalar>;
  Shape shape;
  if (Basis::complex) shape.push_back(2);
  for (Index a = 0; a < D; ++a) shape.push_back(Basis::complex && a + 1 < D ? 2 * modes : modes);
  shape.push_back(in);
  shape.push_back(out);
  const double deviation =
      gain * std::sqrt(2.0 / static_cast<double>(in + out) / (Basis::complex ? 2.0 : 1.0));
  return {Parameter<Weight>(normal_array<Scalar>(shape, deviation, engine))};
}

}  // namespace fredholm
