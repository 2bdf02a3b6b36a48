// The members of a plain struct, by name, without a macro. The one clever file.
//
//   struct Residual { Linear<double> inner; double scale = 1; };
//   for_each_field(residual, [](std::string_view name, auto& member) { ... });   // "inner", then "scale"
//
// How many members: as many as a braced list of things that convert to anything can have (Antony Polukhin's
// Boost.PFR). Where they are: a structured binding, which wants its number of names written out, hence the
// ladder. Their names: a pointer to the member of an object that is declared and never defined, as a template
// argument, is spelled out in __PRETTY_FUNCTION__. The bindings go straight into a call: a std::tuple in
// between would double the compile time. This way a struct of five members costs the compiler 3 ms (g++ 12)
// to 18 ms (clang 14) more than a hand-written visit, once for each type.
//
// A type that is no aggregate, or has a base class, a reference, a C array or more than 32 members, or that
// prefers to say itself what it shows, offers its members by hand:
//
//   static void visit(auto& self, auto&& f) { f("inner", self.inner); }
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

// What stands here only to be spoken of is declared and never defined. clang warns of that.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif

namespace fredholm {

namespace detail {

/// Stands for any initialiser of a member of Owner (not for a copy of Owner itself). It is never called, but
/// what converts from it in a constant expression may want a body.
template <class Owner>
struct Anything {
  template <class Member>
    requires(!std::is_same_v<Member, Owner>)
  operator Member() const {
    std::abort();
  }
};

/// Stands for an object that a member of Owner could refer to.
template <class Owner>
struct AnyObject {
  template <class Member>
    requires(!std::is_same_v<Member, Owner>)
  operator Member&() const {
    std::abort();
  }
};

/// Stands for a base of Owner and for nothing else.
template <class Owner>
struct AnyBase {
  template <class Base>
    requires(std::is_base_of_v<Base, Owner> && !std::is_same_v<Base, Owner>)
  operator Base() const {
    std::abort();
  }
};

template <class Value, std::size_t>
using Repeated = Value;

template <class T, std::size_t... I>
constexpr bool takes_values(std::index_sequence<I...>) {
  return requires { T{Repeated<Anything<T>, I>{}...}; };
}
template <class T, std::size_t... I>
constexpr bool takes_values_and_object(std::index_sequence<I...>) {
  return requires { T{Repeated<Anything<T>, I>{}..., AnyObject<T>{}}; };
}
template <class T, std::size_t... Before, std::size_t... After>
constexpr bool takes_braces_between(std::index_sequence<Before...>, std::index_sequence<After...>) {
  return requires { T{Repeated<Anything<T>, Before>{}..., {}, Repeated<Anything<T>, After>{}...}; };
}

inline constexpr std::size_t max_fields = 32;
inline constexpr std::size_t no_count = static_cast<std::size_t>(-1);

/// The largest number of initialisers that T takes. Small numbers may be refused too (a last member without a
/// default), so the search goes on until the first refusal after a success.
template <class T, std::size_t Count = 0, bool Found = false>
constexpr std::size_t count_initialisers() {
  constexpr bool taken = takes_values<T>(std::make_index_sequence<Count>{});
  if constexpr (Found && !taken) {
    return Count - 1;
  } else if constexpr (Count > max_fields) {
    return taken ? Count : no_count;
  } else {
    return count_initialisers<T, Count + 1, taken>();
  }
}

/// Whether the initialisers from position First on fill a C array: `{}` in the place of one of them leaves
/// too many over, `{}` in the place of several does not.
template <class T, std::size_t Count, std::size_t First>
constexpr bool array_starts_at() {
  using Before = std::make_index_sequence<First>;
  if constexpr (takes_braces_between<T>(Before{}, std::make_index_sequence<Count - First - 1>{})) {
    return false;
  } else {
    return []<std::size_t... Left>(std::index_sequence<Left...>) {
      return (takes_braces_between<T>(Before{}, std::make_index_sequence<Left>{}) || ...);
    }(std::make_index_sequence<Count - First - 1>{});
  }
}

template <class T, std::size_t... I>
constexpr bool has_array(std::index_sequence<I...>) {
  return (array_starts_at<T, sizeof...(I), I>() || ...);
}

/// The number of members of T, or 0 after the sentence that says why they cannot be found.
template <class T>
consteval std::size_t count_members() {
  constexpr std::size_t count = count_initialisers<T>();
  constexpr bool has_reference =
      count == no_count || takes_values_and_object<T>(std::make_index_sequence<count % no_count>{});
  static_assert(
      !has_reference,
      "this struct has a reference (or a member that nothing converts to), so its members cannot be found: "
      "hold a value, or give the struct `static void visit(auto& self, auto&& f)` that calls f(name, member) "
      "for each of them.");
  constexpr bool too_many = count != no_count && count > max_fields;
  static_assert(
      !too_many,
      "this struct has more than 32 members, and no more can be found: put some of them into a struct of "
      "their own, or give it `static void visit(auto& self, auto&& f)` that calls f(name, member) for each.");
  if constexpr (!has_reference && !too_many) {
    constexpr bool array = has_array<T>(std::make_index_sequence<count>{});
    static_assert(
        !array,
        "this struct has a C array, so its members cannot be found: make it a std::array, or give the struct "
        "`static void visit(auto& self, auto&& f)` that calls f(name, member) for each of them.");
    return array ? 0 : count;
  }
  return 0;
}

template <class T>
consteval std::size_t count_fields() {
  constexpr bool plain = std::is_class_v<T> && std::is_aggregate_v<T>;
  static_assert(
      plain,
      "this type is not a plain struct (it has a constructor, a private member or a virtual function), so "
      "its members cannot be found: give it `static void visit(auto& self, auto&& f)` that calls f(name, member) "
      "for each of them.");
  if constexpr (plain) {
    constexpr bool has_base = requires { T{AnyBase<T>{}}; };
    static_assert(
        !has_base,
        "this struct has a base class, so its members cannot be found: make the base a member, or give the "
        "struct `static void visit(auto& self, auto&& f)` that calls f(name, member) for each of them.");
    if constexpr (!has_base) return count_members<T>();
  }
  return 0;
}

}  // namespace detail

/// The number of members of a plain struct.
template <class T>
inline constexpr std::size_t field_count = detail::count_fields<std::remove_cv_t<T>>();

// clang-format off
/// Calls visitor(first, second, ...) with all members of a plain struct at once, and returns what it returns.
template <class Object, class Visitor>
constexpr decltype(auto) with_fields([[maybe_unused]] Object& object, Visitor&& visitor) {
  constexpr std::size_t count = field_count<Object>;
  if constexpr (count == 0) {
    return visitor();
  } else if constexpr (count == 1) {
    auto& [a] = object;
    return visitor(a);
  } else if constexpr (count == 2) {
    auto& [a, b] = object;
    return visitor(a, b);
  } else if constexpr (count == 3) {
    auto& [a, b, c] = object;
    return visitor(a, b, c);
  } else if constexpr (count == 4) {
    auto& [a, b, c, d] = object;
    return visitor(a, b, c, d);
  } else if constexpr (count == 5) {
    auto& [a, b, c, d, e] = object;
    return visitor(a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto& [a, b, c, d, e, f] = object;
    return visitor(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    auto& [a, b, c, d, e, f, g] = object;
    return visitor(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    auto& [a, b, c, d, e, f, g, h] = object;
    return visitor(a, b, c, d, e, f, g, h);
  } else if constexpr (count == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = object;
    return visitor(a, b, c, d, e, f, g, h, i);
  } else if constexpr (count == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (count == 11) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k);
  } else if constexpr (count == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (count == 13) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (count == 14) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  } else if constexpr (count == 15) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  } else if constexpr (count == 16) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  } else if constexpr (count == 17) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
  } else if constexpr (count == 18) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
  } else if constexpr (count == 19) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  } else if constexpr (count == 20) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  } else if constexpr (count == 21) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  } else if constexpr (count == 22) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  } else if constexpr (count == 23) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  } else if constexpr (count == 24) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  } else if constexpr (count == 25) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y);
  } else if constexpr (count == 26) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);
  } else if constexpr (count == 27) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A);
  } else if constexpr (count == 28) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B);
  } else if constexpr (count == 29) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C);
  } else if constexpr (count == 30) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D);
  } else if constexpr (count == 31) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D,
           E] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D,
                   E);
  } else if constexpr (count == 32) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D,
           E, F] = object;
    return visitor(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D,
                   E, F);
  }
}
// clang-format on

namespace detail {

template <class T>
struct Holder {
  T value;
};

/// Declared and never defined: only addresses in it are spoken of.
template <class T>
extern Holder<T> somewhere;

template <class Ignored, std::size_t>
using Ignore = Ignored;

template <class Skipped>
struct PickAfter;
template <std::size_t... Skipped>
struct PickAfter<std::index_sequence<Skipped...>> {
  template <class Picked, class... Rest>
  static constexpr Picked* of(Ignore<const volatile void*, Skipped>..., Picked* picked, Rest*...) {
    return picked;
  }
};

template <class T, std::size_t I>
consteval auto field_address() {
  return with_fields(somewhere<T>.value, [](auto&... members) {
    return PickAfter<std::make_index_sequence<I>>::of(&members...);
  });
}

/// A pointer to a subobject as a template argument of class type (which clang 14 takes, and a bare one it
/// does not).
template <class Pointer>
struct Address {
  Pointer pointer;
};
template <class Pointer>
Address(Pointer) -> Address<Pointer>;

/// The member's name ends what the compiler says of the pointer: "...[with auto Where = Address<int*>{(&
/// somewhere<S>.Holder<S>::value.S::name)}]" in g++ and clang 14, "... = Address<int
/// *>{&somewhere.value.name}]" in clang 19. (The result is `auto`: g++ would add the meaning of
/// std::string_view to the text.)
template <auto Where>
consteval auto spelled_name() {
  const char* const text = __PRETTY_FUNCTION__;
  std::size_t end = sizeof(__PRETTY_FUNCTION__) - 1;
  while (text[end - 1] == ']' || text[end - 1] == '}' || text[end - 1] == ')') --end;
  std::size_t begin = end;
  while (text[begin - 1] != ':' && text[begin - 1] != '.') --begin;
  return std::string_view(text + begin, end - begin);
}

}  // namespace detail

/// The name of a member of a plain struct, by its position.
template <class T, std::size_t I>
inline constexpr std::string_view field_name =
    detail::spelled_name<detail::Address{detail::field_address<std::remove_cv_t<T>, I>()}>();

namespace detail {

struct Indifferent {
  template <class... Arguments>
  void operator()(Arguments&&...) const;
};

}  // namespace detail

/// A type that says itself which members it shows.
template <class T>
concept Visitable = requires(T& object) { T::visit(object, detail::Indifferent{}); };

namespace detail {

template <class Object, std::size_t I, class F, class Member>
constexpr void call_with_field(F& f, Member& member) {
  static_assert(
      !std::is_array_v<Member>,
      "this struct has a C array: make it a std::array, or give the struct `static void visit(auto& self, "
      "auto&& f)` that calls f(name, member) for each member.");
  if constexpr (requires { f(std::string_view(), member); }) {
    f(field_name<Object, I>, member);
  } else {
    f(member);
  }
}

template <class Object, class F, std::size_t... I, class... Member>
constexpr void call_with_fields([[maybe_unused]] F& f, std::index_sequence<I...>, Member&... members) {
  (call_with_field<Object, I>(f, members), ...);
}

}  // namespace detail

/// Calls f(name, member), or f(member) if that is what f takes, for every member of a plain struct, const or
/// not, or for what its `visit` shows.
template <class Object, class F>
constexpr void for_each_field(Object& object, F&& f) {
  using Plain = std::remove_const_t<Object>;
  if constexpr (Visitable<Plain>) {
    Plain::visit(object, [&f](std::string_view name, auto& member) {
      if constexpr (requires { f(name, member); }) {
        f(name, member);
      } else {
        f(member);
      }
    });
  } else {
    with_fields(object, [&f](auto&... members) {
      detail::call_with_fields<Plain>(f, std::make_index_sequence<sizeof...(members)>{}, members...);
    });
  }
}

}  // namespace fredholm

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
