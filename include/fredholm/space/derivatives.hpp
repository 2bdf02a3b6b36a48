// Derivatives of a network in its coordinates, exact, as fields on the points.
//
//   const auto u = derivatives<Dt, Dx, Dxx>(net, points);      u.value(), u[Dt{}], u[Dx{}], u[Dxx{}]
//   const auto v = values(net, points);                         net(coordinates(points))
//
// `net` is anything with operator()(const auto& x): a model, a struct around one (hard constraints, Fourier
// features), an exact solution written as a formula. It is called with jets of the coordinates
// (autodiff/taylor/jets.hpp), and all derivatives of the closed set go through it together. The fields have a
// batch of 1 and the channels of what net returns, in the precision of its parameters (double if none is
// found: behind a `static void visit`, or in a class, they are not seen, and a float net says `using
// scalar_type = float` in its struct). Coordinates are those of the domain, in its units.
//
// For derivatives of a field that is known at grid points alone see space/derivative.hpp.
//
// Method: Taylor mode (Griewank and Walther 2008, chapter 13) on arrays (Bettencourt, Johnson and Duvenaud
// 2019), the Laplacian collapsed into one component (Li et al. 2024; Dangel et al. 2025).
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fredholm/autodiff/taylor/functions.hpp>
#include <fredholm/autodiff/taylor/jets.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

/// A function on points with some of its derivatives: what `derivatives` returns.
template <class Discretization, class Set, class Scalar>
class Derivatives {
 public:
  using field_type = Field<Discretization, Scalar>;

  Derivatives(Discretization discretization, Jets<Set, Scalar> jets)
      : discretization_(std::move(discretization)), jets_(std::move(jets)) {}

  const Discretization& discretization() const { return discretization_; }
  const Jets<Set, Scalar>& jets() const { return jets_; }

  field_type value() const { return {discretization_, jets_.value()}; }

  /// u[Dxx{}], of a derivative that was asked for, or one below it.
  template <class Tag>
  field_type operator[](Tag) const {
    static_assert(detail::TagTraits<Tag>::is_tag,
                  "u[...]: give a derivative by its name: u[Dx{}], u[D<2, 1>{}], u[Laplacian{}].");
    constexpr detail::Code code = detail::TagTraits<Tag>::template code<Set::dimension>();
    constexpr int at = Set::find(code);
    constexpr bool by_terms = at < 0 && code < 0 && detail::has_terms_of(Set{}, code, Set::dimension);
    static_assert(at >= 0 || by_terms,
                  "u[...]: this derivative was not requested. Add it to the list: derivatives<Dx, Dxx, "
                  "...>(net, points).");
    if constexpr (at >= 0) {
      return {discretization_, jets_.full(static_cast<std::size_t>(at))};
    } else if constexpr (by_terms) {
      Array<Scalar> sum = jets_.full(static_cast<std::size_t>(Set::find(2 * detail::first_derivative(0))));
      for (int i = 1; i < detail::coordinates_of_laplacian(code, Set::dimension); ++i)
        sum = sum + jets_.full(static_cast<std::size_t>(Set::find(2 * detail::first_derivative(i))));
      return {discretization_, std::move(sum)};
    } else {
      return value();
    }
  }

 private:
  Discretization discretization_;
  Jets<Set, Scalar> jets_;
};

namespace detail {

template <class Model, int Depth>
consteval auto find_scalar();

template <int Depth>
struct ScalarOfMembers {
  template <class... Member>
  constexpr auto operator()(Member&...) const {
    if constexpr (sizeof...(Member) == 0) {
      return;
    } else {
      return first(std::type_identity<Member>{}...);
    }
  }
  template <class First, class... Rest>
  static constexpr auto first(std::type_identity<First>, Rest... rest) {
    using Scalar = decltype(find_scalar<std::remove_cv_t<First>, Depth + 1>());
    if constexpr (!std::is_void_v<Scalar>) {
      return Scalar{};
    } else if constexpr (sizeof...(Rest) > 0) {
      return first(rest...);
    }
  }
};

/// The real type of the first leaf in a model, by its type alone; void if none is found.
template <class Model, int Depth>
consteval auto find_scalar() {
  if constexpr (Depth > 8) {  // a struct that holds a vector of itself
    return;
  } else if constexpr (is_leaf<Model>) {
    return typename Model::real_type{};
  } else if constexpr (is_vector<Model> || is_std_array<Model> || is_optional<Model>) {
    return find_scalar<typename Model::value_type, Depth + 1>();
  } else if constexpr (!can_hold_leaves<Model>()) {
    return;
  } else if constexpr (is_tuple<Model>) {
    return decltype(std::apply(ScalarOfMembers<Depth>{}, std::declval<Model&>()))();
  } else if constexpr (!Visitable<Model> && std::is_aggregate_v<Model>) {
    return decltype(with_fields(std::declval<Model&>(), ScalarOfMembers<Depth>{}))();
  }
}

template <class Net>
consteval auto scalar_of_net() {
  using Found = decltype(find_scalar<std::remove_cv_t<Net>, 0>());
  if constexpr (requires { typename Net::scalar_type; }) {
    return typename Net::scalar_type{};
  } else if constexpr (std::is_void_v<Found>) {
    return double{};
  } else {
    return Found{};
  }
}

/// float or double: `Net::scalar_type` if there is one, or that of its first parameter, or double. A `static
/// void visit` is a function, and what it shows has no type to look at.
template <class Net>
using scalar_of = decltype(scalar_of_net<Net>());

}  // namespace detail

/// The network and its derivatives at the points, all in one pass.
template <class... Tags, class Net, AnyDiscretization Discretization>
auto derivatives(const Net& net, const Discretization& points) {
  using Set = jet_set<static_cast<int>(Discretization::dimension), Tags...>;
  using Scalar = detail::scalar_of<Net>;
  const auto result = net(coordinate_jets<Set>(coordinates<Scalar>(points).values()));
  constexpr bool is_jets = std::is_same_v<std::remove_cvref_t<decltype(result)>, Jets<Set, Scalar>>;
  static_assert(
      is_jets,
      "derivatives<...>(net, points): net(x) must return jets when it is given jets of the coordinates. "
      "Write its operator() for `const auto& x`, with formulas, Linear and Mlp.");
  if constexpr (is_jets) return Derivatives<Discretization, Set, Scalar>(points, result);
}

/// The network at the points: a field.
template <class Net, AnyDiscretization Discretization>
auto values(const Net& net, const Discretization& points) {
  return net(coordinates<detail::scalar_of<Net>>(points));
}

}  // namespace fredholm
