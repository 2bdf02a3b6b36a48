// Template arguments told apart by their kind, so that a user leaves out what is ordinary and nothing has to
// stand at a certain place: make_fno<2, Fourier, Sine>(...), make_fno<1, float>(...), make_transformer<1,
// Counting, float>(...).
#pragma once

#include <type_traits>

#include <fredholm/concepts.hpp>

namespace fredholm::detail {

template <class T>
struct IsScalar : std::bool_constant<AnyScalar<T>> {};

/// The first of the arguments that passes the test, or the default.
template <template <class> class Test, class Default, class... Argument>
struct FirstThat : std::type_identity<Default> {};
template <template <class> class Test, class Default, class First, class... Rest>
struct FirstThat<Test, Default, First, Rest...>
    : std::conditional_t<Test<First>::value, std::type_identity<First>, FirstThat<Test, Default, Rest...>> {};

template <template <class> class Test, class Default, class... Argument>
using first_that = typename FirstThat<Test, Default, Argument...>::type;

/// float or double from anywhere in the list; double if there is none.
template <class... Argument>
using scalar_among = first_that<IsScalar, double, Argument...>;

template <template <class> class Test, class... Argument>
inline constexpr int count_that = (0 + ... + static_cast<int>(Test<Argument>::value));

}  // namespace fredholm::detail
