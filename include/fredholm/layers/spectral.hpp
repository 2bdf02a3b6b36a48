// Spectral convolution: expand in a basis by quadrature, multiply each mode by a matrix of its own, and sum up.
//
//   (K u)(x) = sum_k c_k R_k phi_k(x),    c_k = (1 / |Omega|) int u psi_k dx ~ (1 / |Omega|) sum_j w_j u(x_j) psi_k(x_j)
//
//   SpectralConvolution<1>                           Fourier
//   SpectralConvolution<2, Sine, float>              Sine along both axes, in float
//   SpectralConvolution<2, Fourier, Chebyshev>       periodic along x, with ends along y
//   SpectralConvolution<2, CpWeights>                R by factors, CpWeights or TuckerWeights (layers/low_rank.hpp)
//   layer(u)                                         a field on the discretization of u
//   layer(u, d)                                      on another one, of the same domain
//
// The weights R belong to modes, not to points: the layer is the same operator on every discretization, up to the
// rule's error in c_k. With Fourier it is that of the FNO (Li et al. 2021, equation 4, and its 1/N on the forward
// transform); Sine and Cosine suit values and slopes that vanish at the ends; Legendre and Chebyshev ask for nothing there.
//
// `modes` functions are kept along each axis: frequencies 0 ... modes-1 along the last Fourier axis, -modes ... modes-1 along
// those before it. Modes that a coarse grid cannot tell apart are left out there; an even number of points n does not tell
// the sine of its Nyquist frequency n/2 from zero, so that frequency is left out, too. weight: (modes..., in, out), complex
// if there is a Fourier axis. Initialization: normal with variance 2 / (in + out) over the number of real parts, times `gain`.
//
// `padding` is for Fourier axes of domains that are not periodic: the length of a margin, in the unit of x, on which u is
// taken to be zero, so that what is near one end does not act on the other; |Omega| is then the longer box. u still jumps to
// zero there, and its coefficients fall no faster. The same length at every resolution; other axes have none.
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <string>

#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/ops/spectral.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/layers/low_rank.hpp>
#include <fredholm/layers/per_axis.hpp>
#include <fredholm/layers/template_arguments.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/transform/projection.hpp>

namespace fredholm {

/// What SpectralConvolution<D, ...> stands for: Basis is one basis, or a ProductBasis.
template <Index D, class Basis, class Weights, class Scalar>
struct BasicSpectralConvolution {
  static_assert(D >= 1 && D <= 3,
                "SpectralConvolution<D, Basis...>: D is the dimension of the domain, 1, 2 or 3.");
  static_assert(
      AnyBasis<Basis, D>,
      "SpectralConvolution<D, Basis...>: give one basis for all axes, or one for each of the D axes.");

  /// The axis of an array of coefficients that holds real and imaginary parts; -1 if they are real.
  static constexpr Index half = detail::half_axis<D, Basis>();
  static constexpr bool complex = half >= 0;

  /// weight.shape() is (modes..., in, out), and weight() gives the values, for factors those of the tensor that they make.
  typename Weights::template Tensor<std::conditional_t<complex, std::complex<Scalar>, Scalar>> weight;
  std::vector<double> padding = {};  ///< one an axis, or none at all

  template <AnyField Input>
  Input operator()(const Input& u) const {
    return apply(u, u.discretization());
  }

  /// The same function on another discretization of the domain.
  template <AnyField Input, AnyDiscretization Target>
  Field<Target, Scalar> operator()(const Input& u, const Target& target) const {
    require(u.discretization().box() == target.box(),
            "a spectral convolution is asked for its values on another domain than that of its input.");
    return apply(u, target);
  }

  /// (batch, points..., channel) -> (batch, modes..., channel), with (re, im) one after the other along the half axis
  template <AnyField Input>
  Array<Scalar> coefficients(const Input& u) const {
    return analyse(u.values(), u.discretization());
  }

 private:
  template <AnyField Input, class Target>
  Field<Target, Scalar> apply(const Input& u, const Target& target) const {
    static_assert(std::remove_cvref_t<decltype(u.discretization())>::dimension == D && Target::dimension == D,
                  "SpectralConvolution<D>: the field lives on a domain of another dimension than D.");
    const Shape shape = weight.shape();
    require(shape.size() == D + 2 && shape[D] == u.channels(),
            "a spectral convolution with weights of shape ", shape, " takes ",
            shape.size() == D + 2 ? shape[D] : 0, " channels, and the field has ", u.channels(), ".");
    return {target, synthesize(mixed(coefficients(u)), target)};
  }

  Array<Scalar> mixed(const Array<Scalar>& c) const {
    constexpr Index axis = complex ? half + 1 : -1;
    if constexpr (is_leaf<decltype(weight)>) {
      return mix(c, weight(), axis);
    } else {
      return weight.mix(c, axis);
    }
  }

  detail::Spectrum<D> spectrum() const {
    detail::Spectrum<D> result;
    const Shape shape = weight.shape();
    for (Index a = 0; a < D; ++a) {
      const bool both_signs = detail::coefficient_count<D, Basis>(a, 1) == 2;
      result.modes[static_cast<std::size_t>(a)] = both_signs ? shape[a] / 2 : shape[a];
    }
    require(padding.empty() || std::ssize(padding) == D, "a spectral convolution in ", D, " dimensions has ",
            padding.size(), " paddings; give none, or one an axis.");
    std::copy(padding.begin(), padding.end(), result.padding.begin());
    return result;
  }

  template <class Discretization>
  static constexpr bool by_axes = Discretization::rank == D && Discretization::separable;

  /// One text for each way to keep things with a discretization.
  static std::string key(const detail::Spectrum<D>& kept, Index axis, bool forward) {
    std::string name(forward ? ">" : "<");
    name += std::to_string(axis);
    name += kept.name();
    detail::for_each_axis<D, Basis>([&]<class Each>(Index, Each) { name += Each::name; });
    return name;
  }

  template <class Along, class Discretization>
  auto along_axis(const Discretization& d, Index axis, bool forward) const {
    const auto kept = spectrum();
    return d.template derived<detail::AxisTransform<Scalar>>(key(kept, axis, forward), [&] {
      return detail::axis_transform<Scalar, Along>(d, axis, kept, axis == half, forward);
    });
  }

  template <class Discretization>
  auto at_once(const Discretization& d, bool forward) const {
    const auto kept = spectrum();
    return d.template derived<AxisMap>(key(kept, -1, forward),
                                       [&] { return detail::full_matrix<D, Basis>(d, kept, forward); });
  }

  /// The half axis is the first to be analysed and the last to be put together: the others act on its two parts.
  template <class Discretization>
  Array<Scalar> analyse(Array<Scalar> values, const Discretization& d) const {
    if constexpr (by_axes<Discretization>) {
      const auto along = [&](bool turn) {
        detail::for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
          if ((axis == half) != turn) return;
          values = detail::transform_along(values, axis + 1, along_axis<Along>(d, axis, true), false);
          if (Along::complex && axis != half) values = combine(values, axis + 1, half + 1);
        });
      };
      along(true), along(false);
      return values;
    } else {
      const Index channels = values.shape().back();
      return apply_along(values.reshaped({values.shape(0), d.size(), channels}), 1, at_once(d, true))
          .reshaped(mode_shape(values.shape(0), channels));
    }
  }

  template <class Discretization>
  Array<Scalar> synthesize(Array<Scalar> coefficients, const Discretization& d) const {
    if constexpr (by_axes<Discretization>) {
      const auto along = [&](bool turn) {
        detail::for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
          if ((axis == half) != turn) return;
          if (Along::complex && axis != half) coefficients = separate(coefficients, axis + 1, half + 1);
          coefficients =
              detail::transform_along(coefficients, axis + 1, along_axis<Along>(d, axis, false), true);
        });
      };
      along(false), along(true);
      return coefficients;
    } else {
      const Index batch = coefficients.shape(0);
      const Index channels = coefficients.shape().back();
      const Array<Scalar> rows = coefficients.reshaped(
          {batch, coefficients.size() / std::max<Index>(1, batch * channels), channels});
      return apply_along(rows, 1, at_once(d, false))
          .reshaped(detail::field_shape(batch, d.shape(), channels));
    }
  }

  Shape mode_shape(Index batch, Index channels) const {
    Shape result{batch};
    for (Index a = 0; a < D; ++a) result.push_back(weight.shape()[a] * (a == half ? 2 : 1));
    result.push_back(channels);
    return result;
  }
};

namespace detail {

template <class T>
struct IsBasis : std::bool_constant<AnyBasis1D<T> || is_product_basis<T>> {};

/// The bases in a list of template arguments: Fourier if there are none, a ProductBasis if there are several.
template <class... Basis>
struct BasisList {};
template <class List, class... Argument>
struct CollectBases : std::type_identity<List> {};
template <class... Basis, class First, class... Rest>
struct CollectBases<BasisList<Basis...>, First, Rest...>
    : CollectBases<std::conditional_t<IsBasis<First>::value, BasisList<Basis..., First>, BasisList<Basis...>>,
                   Rest...> {};

template <class List>
struct OneBasis;
template <>
struct OneBasis<BasisList<>> : std::type_identity<Fourier> {};
template <class Basis>
struct OneBasis<BasisList<Basis>> : std::type_identity<Basis> {};
template <class First, class Second, class... Rest>
struct OneBasis<BasisList<First, Second, Rest...>>
    : std::type_identity<ProductBasis<First, Second, Rest...>> {};

template <class... Argument>
using basis_among = typename OneBasis<typename CollectBases<BasisList<>, Argument...>::type>::type;

}  // namespace detail

/// Bases (one, or one an axis; Fourier if none is named), weights (dense if none are named) and a scalar (double if none is
/// named).
template <Index D, class... Argument>
using SpectralConvolution =
    BasicSpectralConvolution<D, detail::basis_among<Argument...>, detail::weights_among<Argument...>,
                             detail::scalar_among<Argument...>>;

struct SpectralOptions {
  double gain = 1.0;  ///< times the deviation of the initial weights
  double rank = 1.0;  ///< of CpWeights and TuckerWeights: their numbers in parts of those of dense weights
};

/// make_spectral<1>(in, out, 16, rng), make_spectral<2, Fourier, Sine, float>(in, out, {16, 8}, rng),
/// make_spectral<2, CpWeights>(in, out, 12, rng, {.rank = 0.1}).
template <Index D, class... Argument>
SpectralConvolution<D, Argument...> make_spectral(Index in, Index out, const PerAxis<Index>& modes,
                                                  Engine& engine, const SpectralOptions& options = {}) {
  using Layer = SpectralConvolution<D, Argument...>;
  using Basis = detail::basis_among<Argument...>;
  using Weights = detail::weights_among<Argument...>;
  using Scalar = detail::scalar_among<Argument...>;
  using Number = std::conditional_t<Layer::complex, std::complex<Scalar>, Scalar>;
  const auto kept = modes.template on<D>("make_spectral: modes");
  require(in > 0 && out > 0, "make_spectral(", in, ", ", out,
          ", ...): give at least one channel in and out.");
  Shape shape;
  for (Index a = 0; a < D; ++a) {
    const Index count = kept[static_cast<std::size_t>(a)];
    require(count > 0, "make_spectral: ", count, " modes along axis ", a, "; give at least one.");
    shape.push_back(detail::coefficient_count<D, Basis>(a, count));
  }
  shape.push_back(in);
  shape.push_back(out);
  const double deviation =
      options.gain * std::sqrt(2.0 / static_cast<double>(in + out) / (Layer::complex ? 2.0 : 1.0));
  return {Weights::template make<Number>(shape, deviation, options.rank, engine), {}};
}

}  // namespace fredholm
