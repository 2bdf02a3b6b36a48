// Operators that commute with scaling: two wrappers about any model, exact to round-off for every weight of it.
//
//   Homogeneous<Model, p>   G(c u) = c^p G(u), c > 0               G(u) = s(u)^p M(u / s(u)),   s(c u) = c s(u)
//   UnitDomain<Model, q>    G(u(l .)) = l^-q (G u)(l .), l > 0     G(u)(x) = L^q M(u(x_0 + L .))((x - x_0) / L)
//
// A model learns such a law at the sizes that it is shown and at no others; here the size is taken out before the model and
// given back behind it, so that the model sees functions of size 1 alone, on a domain of length 1.
//
//   homogeneous<-1>(make_fno<2>({...}, rng))                   Darcy, -div(a grad u) = f with f fixed: a -> u has p = -1
//   on_unit_domain<2>(make_fno<2>({...}, rng))                 Poisson, -Laplace u = f:                f -> u has q = 2
//   on_unit_domain<2>(homogeneous<1>(...))                     both
//
// s is the root of the mean square by the measure of the field, all channels together (RootMeanSquare), or the exponential
// of the mean logarithm, for what is positive (GeometricMean); a type of your own has `size_of(field)`, of shape (batch),
// with s(c u) = c s(u). As s is a ratio of integrals the wrapper converges at the order of the rule. Its gradient passes
// through s. The function 0 has no size, and throws. L is the longest side of the box: its shape is kept, as an equation
// with one length asks for. Do not use them where the law is broken by something that does not scale along (a source
// beside the coefficient, a boundary value, a viscosity).
//
// Normalizing by the size of each input, against equation and domain: Li et al. (2025, Scale-Consistent Learning) train
// for such a consistency; here it holds by construction.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

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

/// sqrt(int |u|^2 / |Omega|), of all channels.
struct RootMeanSquare {
  template <AnyField Input>
  static auto size_of(const Input& u) {
    return sqrt(detail::mean_by_measure(square(u)));
  }
};

/// exp(int log u / |Omega|), for positive functions: a constant of proportionality moves it and a contrast does not.
struct GeometricMean {
  template <AnyField Input>
  static auto size_of(const Input& u) {
    const auto* value = u.values().data();
    require(std::all_of(value, value + u.values().size(), [](auto x) { return x > 0; }),
            "GeometricMean is for functions that are positive everywhere. Use RootMeanSquare.");
    return exp(detail::mean_by_measure(log(u)));
  }
};

template <class Model, int Degree, class Size = RootMeanSquare>
struct Homogeneous {
  Model model;

  /// More arguments (where a DeepONet is to be evaluated) are the model's.
  template <AnyField Input, class... More>
  auto operator()(const Input& u, const More&... more) const {
    Shape one_a_sample{u.batch()};
    while (one_a_sample.size() < u.values().rank()) one_a_sample.push_back(1);
    const auto size = Size::size_of(u);
    detail::require_size(size);
    auto v = model(u.with(u.values() / size.reshaped(one_a_sample)), more...);
    if constexpr (Degree == 0) {
      return v;
    } else {
      Shape shape{u.batch()};
      while (shape.size() < v.values().rank()) shape.push_back(1);
      return v.with(v.values() * detail::whole_power<Degree>(size).reshaped(shape));
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
    const auto& d = u.discretization();
    const auto box = d.box();
    double length = 0.0;
    for (Index axis = 0; axis < box.size(); ++axis) length = std::max(length, box[axis].length());
    auto unit = box;
    for (Index axis = 0; axis < box.size(); ++axis) unit[axis] = {0.0, box[axis].length() / length};
    const Input v = model(Input(rescaled(d, unit), u.values()));
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
