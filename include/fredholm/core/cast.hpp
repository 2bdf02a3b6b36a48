// cast<float>(model): the same model in another precision.
//
//   auto fast = cast<float>(model);      // Transformer<1, RuleOfField, double> -> Transformer<1,
//   RuleOfField, float>
//
// The new type has Scalar where the old one has a floating-point template argument (the last one, in this
// library), and so have the models among its arguments: Chain<Linear<double>, Gelu> becomes
// Chain<Linear<float>, Gelu>. The new model is then built member by member: leaves are rounded, members of
// one type in both are copied, plain numbers are converted. A model that this does not fit offers `template
// <class Scalar> auto cast() const`.
//
// Rounding to float loses what float cannot hold. Parameters stay frozen, or not, as they were.
#pragma once

#include <array>
#include <complex>
#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/reflect.hpp>
#include <fredholm/core/tree.hpp>

namespace fredholm {

namespace detail {

template <class T, class Scalar>
concept CastsItself = std::is_class_v<T> && requires(const T& object) { object.template cast<Scalar>(); };

/// T in another precision, found by its template arguments.
template <class T, class Scalar>
struct Recast {
  using type = T;
};
template <class T, class Scalar>
  requires std::is_floating_point_v<T>
struct Recast<T, Scalar> {
  using type = Scalar;
};
template <class T, class Scalar>
  requires CastsItself<T, Scalar>
struct Recast<T, Scalar> {
  using type = decltype(std::declval<const T&>().template cast<Scalar>());
};

// A template template parameter says which of the arguments are types, so each mixture in use is a case of
// its own.
template <template <class...> class Template, class... Type, class Scalar>
  requires(!CastsItself<Template<Type...>, Scalar>)
struct Recast<Template<Type...>, Scalar> {
  using type = Template<typename Recast<Type, Scalar>::type...>;
};
template <template <auto, class...> class Template, auto First, class... Type, class Scalar>
  requires(!CastsItself<Template<First, Type...>, Scalar>)
struct Recast<Template<First, Type...>, Scalar> {
  using type = Template<First, typename Recast<Type, Scalar>::type...>;
};
template <template <auto, auto, class...> class Template, auto First, auto Second, class... Type,
          class Scalar>
  requires(!CastsItself<Template<First, Second, Type...>, Scalar>)
struct Recast<Template<First, Second, Type...>, Scalar> {
  using type = Template<First, Second, typename Recast<Type, Scalar>::type...>;
};
template <template <class, auto, class...> class Template, class Leading, auto Value, class... Type,
          class Scalar>
  requires(!CastsItself<Template<Leading, Value, Type...>, Scalar>)
struct Recast<Template<Leading, Value, Type...>, Scalar> {
  using type =
      Template<typename Recast<Leading, Scalar>::type, Value, typename Recast<Type, Scalar>::type...>;
};
template <class T, bool Trained, class Scalar>
struct Recast<Leaf<T, Trained>, Scalar> {
  using type = Leaf<typename Recast<T, Scalar>::type, Trained>;
};

template <class... T>
struct Types {};

struct TypesOf {
  template <class... Member>
  constexpr auto operator()(Member&...) const {
    return Types<std::remove_const_t<Member>...>{};
  }
};

template <class To, class Scalar, class From>
To converted_to(const From& from);

template <class To, class Scalar, class... ToMember, class... Member>
To rebuilt(Types<ToMember...>, const Member&... members) {
  return To{converted_to<ToMember, Scalar>(members)...};
}

template <class To, class Scalar, class From>
To converted_leaf(const From& from) {
  To result(converted<typename To::real_type>(from.value()));
  result.set_frozen(from.frozen());
  return result;
}

template <class T>
struct ElementTypes;
template <class... Element>
struct ElementTypes<std::tuple<Element...>> : std::type_identity<Types<Element...>> {};
template <class First, class Second>
struct ElementTypes<std::pair<First, Second>> : std::type_identity<Types<First, Second>> {};
template <class Element, std::size_t Size>
struct ElementTypes<std::array<Element, Size>>
    : std::type_identity<decltype([]<std::size_t... I>(std::index_sequence<I...>) {
      return Types<Repeated<Element, I>...>{};
    }(std::make_index_sequence<Size>{}))> {};

template <class To, class Scalar, class From>
To converted_container(const From& from) {
  if constexpr (is_vector<To>) {
    To result;
    result.reserve(from.size());
    for (const auto& element : from) result.push_back(converted_to<typename To::value_type, Scalar>(element));
    return result;
  } else if constexpr (is_optional<To>) {
    if (!from.has_value()) return std::nullopt;
    return converted_to<typename To::value_type, Scalar>(*from);
  } else {
    return std::apply(
        [](const auto&... elements) {
          return rebuilt<To, Scalar>(typename ElementTypes<To>::type{}, elements...);
        },
        from);
  }
}

template <class T>
concept PlainStruct = std::is_class_v<T> && std::is_aggregate_v<T>;

/// A member of the new type from a member of the old one.
template <class To, class Scalar, class From>
To converted_to(const From& from) {
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else if constexpr (is_leaf<To> && is_leaf<From>) {
    return converted_leaf<To, Scalar>(from);
  } else if constexpr (CastsItself<From, Scalar>) {
    return from.template cast<Scalar>();
  } else if constexpr (is_vector<To> || is_optional<To> || is_tuple<To> || is_std_array<To>) {
    return converted_container<To, Scalar>(from);
  } else if constexpr (std::is_arithmetic_v<To>) {
    return static_cast<To>(from);
  } else if constexpr (std::is_empty_v<To> && std::is_default_constructible_v<To>) {
    return To{};  // a function without a state, another type in every instantiation of its struct
  } else if constexpr (PlainStruct<To> && PlainStruct<From>) {
    static_assert(field_count<To> == field_count<From>,
                  "cast: this struct has other members in the other precision; offer `template <class "
                  "Scalar> auto "
                  "cast() const` in it.");
    return with_fields(from, [](const auto&... members) {
      return rebuilt<To, Scalar>(decltype(with_fields(std::declval<To&>(), TypesOf{})){}, members...);
    });
  } else if constexpr (requires {
                         { cast<Scalar>(from) } -> std::same_as<To>;
                       }) {
    return cast<Scalar>(from);
  } else {
    static_assert(
        std::is_constructible_v<To, const From&>,
        "cast: this member has another type in the other precision, and nothing says how to "
        "convert it; offer `template <class Scalar> auto cast() const` in the struct that holds it.");
    return To(from);
  }
}

}  // namespace detail

/// The same model in another precision.
template <class Scalar, class Model>
  requires(holds_leaves<Model> || detail::CastsItself<Model, Scalar>)
auto cast(const Model& model) {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "cast<Scalar>(model): Scalar is float or double.");
  return detail::converted_to<typename detail::Recast<Model, Scalar>::type, Scalar>(model);
}

}  // namespace fredholm
