// Spectral convolution: expand in a basis by quadrature, multiply each mode by a matrix of its own, and sum
// up.
//
//   (K u)(x) = sum_k c_k R_k phi_k(x)
//   c_k = (1 / |Omega|) int u psi_k dx ~ (1 / |Omega|) sum_j w_j u(x_j) psi_k(x_j)
//
//   SpectralConvolution<1>                           Fourier
//   SpectralConvolution<2, Sine, float>              Sine along both axes, in float
//   SpectralConvolution<2, Fourier, Chebyshev>       periodic along x, with ends along y
//   SpectralConvolution<2, CpWeights>                R by factors, CpWeights or TuckerWeights
//                                                    (layers/low_rank.hpp)
//   layer(u)                                         a field on the discretization of u
//   layer(u, d)                                      on another one, of the same domain
//
// The weights R belong to modes, not to points: the layer is the same operator on every discretization, up to
// the rule's error in c_k. With Fourier it is that of the FNO (Li et al. 2021, equation 4, and its 1/N on the
// forward transform); Sine and Cosine suit values and slopes that vanish at the ends; Legendre and Chebyshev
// ask for nothing there.
//
// `modes` functions are kept along each axis: frequencies 0 ... modes-1 along the last Fourier axis, -modes
// ... modes-1 along those before it. Modes that a coarse grid cannot tell apart are left out there; an even
// number of points n does not tell the sine of its Nyquist frequency n/2 from zero, so that frequency is left
// out, too. weight: (modes..., in, out), complex if there is a Fourier axis. Initialization: normal with
// variance 2 / (in + out) over the number of real parts, times `gain`.
//
// `padding` is for Fourier axes of domains that are not periodic: the length of a margin, in the unit of x,
// on which u is taken to be zero, so that what is near one end does not act on the other; |Omega| is then the
// longer box. u still jumps to zero there, and its coefficients fall no faster. The same length at every
// resolution; other axes have none.
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
#include <fredholm/transform/spectral_block.hpp>

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

  /// weight.shape() is (modes..., in, out), and weight() gives the values, for factors those of the tensor
  /// that they make.
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

  /// (batch, points..., channel) -> (batch, modes..., channel), with (re, im) one after the other along the
  /// half axis
  template <AnyField Input>
  Array<Scalar> coefficients(const Input& u) const {
    check(u);
    return detail::gather_modes(u.values(), sums(u.discretization(), true));
  }

  /// f(K u + u W + b) as one operation, for dense weights and a function with an epilogue
  /// (transform/spectral_block.hpp).
  template <class Epilogue, AnyField Input>
  Input block(const Input& u, const Array<Scalar>& matrix, const Array<Scalar>& bias) const {
    check(u);
    const auto& d = u.discretization();
    return u.with(detail::spectral_block<Epilogue>(u.values(), {sums(d, true), sums(d, false)}, weight(),
                                                   mixing_axis, matrix, bias));
  }

 private:
  /// Where mix() finds real and imaginary parts: the batch is an axis, too.
  static constexpr Index mixing_axis = complex ? half + 1 : -1;

  template <AnyField Input, class Target>
  Field<Target, Scalar> apply(const Input& u, const Target& target) const {
    static_assert(Target::dimension == D,
                  "SpectralConvolution<D>: the target is of another dimension than D.");
    const Array<Scalar> values = detail::scatter_modes(mixed(coefficients(u)), sums(target, false));
    return {target, values.reshaped(detail::field_shape(u.batch(), target.shape(), values.shape().back()))};
  }

  template <AnyField Input>
  void check(const Input& u) const {
    static_assert(std::remove_cvref_t<decltype(u.discretization())>::dimension == D,
                  "SpectralConvolution<D>: the field lives on a domain of another dimension than D.");
    static_assert(
        detail::ends_fit<D, Basis, typename Input::discretization_type::grid_type>(),
        "SpectralConvolution: a periodic axis has no ends, and Cosine, Sine, Legendre and Chebyshev are "
        "functions with two: their coefficients would be of order 1 (Sine: 2). Name Fourier for that axis, "
        "or take a grid with ends.");
    const Shape shape = weight.shape();
    require(shape.size() == D + 2 && shape[D] == u.channels(),
            "a spectral convolution with weights of shape ", shape, " takes ",
            shape.size() == D + 2 ? shape[D] : 0, " channels, and the field has ", u.channels(), ".");
  }

  Array<Scalar> mixed(const Array<Scalar>& c) const {
    if constexpr (is_leaf<decltype(weight)>) {
      return mix(c, weight(), mixing_axis);
    } else {
      return weight.mix(c, mixing_axis);
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

  /// The transforms between the points of a discretization and the modes, kept with it.
  template <class Discretization>
  std::shared_ptr<const detail::ModeSums<Scalar>> sums(const Discretization& d, bool forward) const {
    const auto kept = spectrum();
    std::string name(forward ? ">" : "<");
    name += kept.name();
    detail::for_each_axis<D, Basis>([&]<class Each>(Index, Each) { name += Each::name; });
    return d.template derived<detail::ModeSums<Scalar>>(
        name, [&] { return detail::mode_sums<Scalar, Basis>(d, kept, forward); });
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

/// Bases (one, or one an axis; Fourier if none is named), weights (dense if none are named) and a scalar
/// (double if none is named).
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
