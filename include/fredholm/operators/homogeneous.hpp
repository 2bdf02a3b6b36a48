// Operators that commute with scaling: two wrappers about a model, exact to round-off for every weight of it.
//
//   Homogeneous<Model, p>   G(c u) = c^p G(u), c > 0             G(u) = s(u)^p M(u / s(u)),   s(c u) = c s(u)
//   UnitDomain<Model, q>    G(u(l .)) = l^-q (G u)(l .), l > 0   G(u)(x) = L^q M(u(x_0 + L .))((x - x_0) / L)
//
// A model learns such a law at the sizes that it is shown and at no others; here the size is taken out before
// the model and given back behind it, so that the model sees functions of size 1 alone, on a domain of length
// 1.
//
//   homogeneous<-1>(make_fno<2>({...}, rng))        Darcy, -div(a grad u) = f with f fixed: a -> u has p = -1
//   on_unit_domain<2>(make_fno<2>({...}, rng))      Poisson, -Laplace u = f:                f -> u has q = 2
//   on_unit_domain<2>(homogeneous<1>(...))          both
//
// s is the root of the mean square by the measure of the field, all channels together (RootMeanSquare), or
// the exponential of the mean logarithm, for what is positive (GeometricMean); a type of your own has
// `size_of(field)`, of shape (batch), with s(c u) = c s(u). As s is a ratio of integrals the wrapper
// converges at the order of the rule. Its gradient passes through s. The function 0 has no size, and throws.
// L is the longest side of the box: its shape is kept, as an equation with one length asks for.
//
// Homogeneous takes what the model takes: model(u, d) for values elsewhere, model(u, known) with u's values
// elsewhere, which are divided by the s of u. UnitDomain takes u alone, and answers on its points. Do not use
// them where the law is broken by something that does not scale along (a source beside the coefficient, a
// boundary value, a viscosity).
//
// The model within sees u / s(u): normalized(model, a, u) takes its statistics from the data divided by their
// sizes (docs/scaling.md).
//
// Normalizing by the size of each input, against equation and domain: Li et al. (2025, Scale-Consistent
// Learning) train for such a consistency; here it holds by construction.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/rescaled.hpp>

namespace fredholm {

namespace detail {

/// (batch): the mean over domain and channels, by the measure of the field.
template <class Discretization, class Scalar>
Array<Scalar> mean_by_measure(const Field<Discretization, Scalar>& u) {
  double total = 0.0;
  for (double w : u.discretization().weights()) total += w;
  require(total > 0.0, "the weights of a field add up to ", total, ": it has no mean. Use another rule.");
  return sum(integrals(u), 1) / static_cast<Scalar>(total * static_cast<double>(u.channels()));
}

template <class Scalar>
void require_size(const Array<Scalar>& size) {
  for (Index b = 0; b < size.size(); ++b) {
    require(size.data()[b] > Scalar{0} && size.data()[b] < std::numeric_limits<Scalar>::infinity(),
            "a model that commutes with scaling was given a function of size ", size.data()[b], " (sample ",
            b, "): it needs one that is finite and not 0.");
  }
}

/// One number a sample, (batch), as a factor of arrays of this rank.
template <class T>
Array<T> by_sample(const Array<T>& s, Index rank) {
  Shape shape{s.size()};
  while (shape.size() < rank) shape.push_back(1);
  return s.reshaped(shape);
}

/// A field by the size of each sample, and anything else as it is.
template <class Any, class Scalar>
decltype(auto) divided_by(const Array<Scalar>& size, const Any& any) {
  if constexpr (AnyField<Any>) {
    return any.with(any.values() / by_sample(size, any.values().rank()));
  } else {
    return (any);
  }
}

/// (batch): max |u|, a constant; 1 for what is 0 or not finite.
template <AnyField Input>
auto unit_of(const Input& u) {
  auto unit = max_per_sample(abs(detach(u.values())));
  for (Index b = 0; b < unit.size(); ++b) {
    if (!(unit.data()[b] > 0 && std::isfinite(unit.data()[b]))) unit.mutable_data()[b] = 1;
  }
  return unit;
}

/// s^p for a whole p.
template <int P, class T>
Array<T> whole_power(const Array<T>& s) {
  if constexpr (P < 0) {
    return T{1} / whole_power<-P>(s);
  } else if constexpr (P == 1) {
    return s;
  } else {
    return s * whole_power<P - 1>(s);
  }
}

}  // namespace detail

/// sqrt(int |u|^2 / |Omega|), of all channels; the square is that of u / max |u|, which neither overflows nor
/// vanishes.
struct RootMeanSquare {
  template <AnyField Input>
  static auto size_of(const Input& u) {
    const auto unit = detail::unit_of(u);
    return sqrt(detail::mean_by_measure(square(detail::divided_by(unit, u)))) * unit;
  }
};

/// exp(int log u / |Omega|), for positive functions: a constant of proportionality moves it and a contrast
/// does not.
struct GeometricMean {
  template <AnyField Input>
  static auto size_of(const Input& u) {
    const auto* value = u.values().data();
    const Index count = u.points() * u.channels();
    for (Index i = 0; i < u.values().size(); ++i) {
      require(value[i] > 0,
              "GeometricMean is for functions that are positive everywhere, and a value of sample ",
              i / count, " is ", value[i], ". Use RootMeanSquare.");
    }
    return exp(detail::mean_by_measure(log(u)));
  }
};

template <class Model, int Degree, class Size = RootMeanSquare>
struct Homogeneous {
  Model model;

  /// More arguments are the model's: where a DeepONet is to be evaluated, or fields (u elsewhere), in the
  /// same unit as u.
  template <AnyField Input, class... More>
  auto operator()(const Input& u, const More&... more) const {
    const auto size = Size::size_of(u);
    detail::require_size(size);
    auto v = model(detail::divided_by(size, u), detail::divided_by(size, more)...);
    if constexpr (Degree == 0) {
      return v;
    } else {
      return v.with(v.values() * detail::by_sample(detail::whole_power<Degree>(size), v.values().rank()));
    }
  }
};

template <int Degree, class Size = RootMeanSquare, class Model>
Homogeneous<Model, Degree, Size> homogeneous(Model model) {
  return {std::move(model)};
}

template <class Model, int Degree>
struct UnitDomain {
  Model model;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    using Scalar = typename Input::scalar_type;
    using D = typename Input::discretization_type;
    const D& d = u.discretization();
    const auto box = d.box();
    double length = 0.0;
    for (Index axis = 0; axis < box.size(); ++axis) length = std::max(length, box[axis].length());
    auto unit = box;
    for (Index axis = 0; axis < box.size(); ++axis) unit[axis] = {0.0, box[axis].length() / length};
    // Kept, with all that the model derives from it; what is on the unit domain must not keep itself.
    const D on_unit =
        unit == box ? d : *d.template derived<D>("on a unit domain", [&] { return rescaled(d, unit); });
    const Input v = model(Input(on_unit, u.values()));
    double factor = 1.0;
    for (int i = 0; i < (Degree < 0 ? -Degree : Degree); ++i) factor *= length;
    if constexpr (Degree < 0) factor = 1.0 / factor;
    return u.with(v.values() * static_cast<Scalar>(factor));
  }
};

template <int Degree, class Model>
UnitDomain<Model, Degree> on_unit_domain(Model model) {
  return {std::move(model)};
}

}  // namespace fredholm
