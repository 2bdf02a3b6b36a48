// Jets: values at points together with their derivatives in the coordinates, and the arithmetic of them.
//
//   Jets<Set, Scalar>    for each derivative of the closed set (autodiff/taylor/index.hpp) an array
//                        (1, points..., channel)
//
// What a network sees in place of a field of coordinates when `derivatives<...>(net, points)` calls it. The
// arithmetic is that of fields, + - * / between jets, with numbers, and with parameters (one number, or one a
// channel), and functions of one variable (autodiff/taylor/functions.hpp): a formula written for fields works
// on jets as it is. Products follow Leibniz' rule. Everything is made of operations of the tape, so a
// gradient by parameters is there.
//
// A derivative that is zero everywhere is not stored, and one that is the same at all points (those of the
// coordinates themselves) is stored once, as an array (channel): x * x costs two products and not seven.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/autodiff/taylor/terms.hpp>
#include <fredholm/core/error.hpp>

namespace fredholm {

namespace detail {

/// A derivative, or nothing where it is zero.
template <class T>
using Component = std::optional<Array<T>>;

template <class T>
void add_to(Component<T>& sum, Component<T> term) {
  if (!term) return;
  sum = sum ? *sum + *term : std::move(*term);
}
template <class T>
Component<T> times(const Component<T>& a, const Component<T>& b) {
  if (!a || !b) return {};
  return *a * *b;
}
template <class T>
Component<T> scaled(Component<T> a, int factor) {
  if (!a || factor == 1) return a;
  return static_cast<T>(factor) * *a;
}

}  // namespace detail

template <class Set, class Scalar = double>
class Jets {
 public:
  using set_type = Set;
  using value_type = Scalar;
  using Components = std::array<detail::Component<Scalar>, Set::size>;

  /// The first component, the value itself, has the shape (1, points..., channel); others may be absent,
  /// which is zero, or (channel), which is the same at all points.
  explicit Jets(Components components) : components_(std::move(components)) {
    require(components_[0].has_value() && components_[0]->rank() >= 2,
            "Jets: the values have the shape (1, points..., channel).");
  }

  /// (1, points..., channel)
  const Shape& shape() const { return components_[0]->shape(); }
  Index channels() const { return shape().back(); }
  const Array<Scalar>& value() const { return *components_[0]; }

  /// As they are stored.
  const Components& components() const { return components_; }

  /// A derivative as an array of the full shape.
  Array<Scalar> full(std::size_t component) const {
    const auto& stored = components_[component];
    if (!stored) return Array<Scalar>::zeros(shape());
    return stored->shape() == shape() ? *stored : Array<Scalar>::zeros(shape()) + *stored;
  }

 private:
  Components components_;
};

namespace detail {

template <class T>
inline constexpr bool is_jets = false;
template <class Set, class Scalar>
inline constexpr bool is_jets<Jets<Set, Scalar>> = true;

}  // namespace detail

/// A network may ask for it to tell jets from fields.
template <class T>
concept AnyJets = detail::is_jets<T>;

namespace detail {

/// f of each component that is not zero.
template <class Set, class T, class F>
Jets<Set, T> each_component(const Jets<Set, T>& u, const F& f) {
  typename Jets<Set, T>::Components result;
  for (std::size_t i = 0; i < Set::size; ++i) {
    if (u.components()[i]) result[i] = f(*u.components()[i]);
  }
  return Jets<Set, T>(std::move(result));
}

/// Another value, the same derivatives.
template <class Set, class T>
Jets<Set, T> with_value(const Jets<Set, T>& u, Array<T> value) {
  auto components = u.components();
  components[0] = std::move(value);
  return Jets<Set, T>(std::move(components));
}

/// Whether the tape that runs keeps gradients point by point (autodiff/rows.hpp): what is the same at all
/// points must then be written out before it meets a parameter.
inline bool by_rows() { return recording() && active_tape().row_points() > 0; }

/// f of each component that is not zero, with a parameter in f.
template <class Set, class T, class F>
Jets<Set, T> each_with_parameter(const Jets<Set, T>& u, const F& f) {
  typename Jets<Set, T>::Components result;
  for (std::size_t i = 0; i < Set::size; ++i) {
    if (u.components()[i]) result[i] = f(by_rows() ? u.full(i) : *u.components()[i]);
  }
  return Jets<Set, T>(std::move(result));
}

/// What does not depend on the coordinates: a number, or a number a channel.
template <class T>
const Array<T>& constant_in_coordinates(const Array<T>& a) {
  require(
      a.rank() <= 1, "jets meet an array of shape ", a.shape(),
      ", whose derivatives in the coordinates are not known. Arrays that go with jets hold one number, or one "
      "for each channel.");
  return a;
}
template <class T>
Array<T> constant_in_coordinates(const Number<T>& a) {
  return as_array(a);
}

template <class T>
inline constexpr bool is_constant_beside_jets = PlainNumber<T>;
template <class T>
inline constexpr bool is_constant_beside_jets<Array<T>> = true;
template <class T>
inline constexpr bool is_constant_beside_jets<Number<T>> = true;
/// A number, an Array or a Number.
template <class T>
concept ConstantBesideJets = is_constant_beside_jets<T>;

/// The constant as the operations of arrays take it.
template <class Scalar, ConstantBesideJets Constant>
decltype(auto) beside_jets(const Constant& a) {
  if constexpr (PlainNumber<Constant>) {
    return static_cast<Scalar>(a);
  } else {
    static_assert(std::is_same_v<typename Constant::value_type, Scalar>,
                  "Arithmetic mixes float and double jets, arrays or numbers: one of them would be rounded "
                  "without a word. Say cast<double>(...) or cast<float>(...).");
    return constant_in_coordinates(a);
  }
}

}  // namespace detail

template <class Set, class T>
Jets<Set, T> operator+(const Jets<Set, T>& a, const Jets<Set, T>& b) {
  auto sum = a.components();
  for (std::size_t i = 0; i < Set::size; ++i) detail::add_to(sum[i], b.components()[i]);
  return Jets<Set, T>(std::move(sum));
}
template <class Set, class T>
Jets<Set, T> operator-(const Jets<Set, T>& a) {
  return detail::each_component(a, [](const Array<T>& x) { return -x; });
}
template <class Set, class T>
Jets<Set, T> operator-(const Jets<Set, T>& a, const Jets<Set, T>& b) {
  auto difference = a.components();
  for (std::size_t i = 0; i < Set::size; ++i) {
    const auto& right = b.components()[i];
    if (right) difference[i] = difference[i] ? *difference[i] - *right : -*right;
  }
  return Jets<Set, T>(std::move(difference));
}
/// Leibniz' rule.
template <class Set, class T>
Jets<Set, T> operator*(const Jets<Set, T>& a, const Jets<Set, T>& b) {
  typename Jets<Set, T>::Components product;
  for (std::size_t i = 0; i < detail::product_terms<Set>.count; ++i) {
    const detail::ProductTerm& term = detail::product_terms<Set>.terms[i];
    const auto &left = a.components()[static_cast<std::size_t>(term.left)],
               &right = b.components()[static_cast<std::size_t>(term.right)];
    detail::add_to(product[static_cast<std::size_t>(term.out)],
                   detail::scaled(detail::times(left, right), term.coefficient));
  }
  return Jets<Set, T>(std::move(product));
}

template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator+(const Jets<Set, T>& u, const Constant& c) {
  return detail::with_value(u, u.value() + detail::beside_jets<T>(c));
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator+(const Constant& c, const Jets<Set, T>& u) {
  return u + c;
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator-(const Jets<Set, T>& u, const Constant& c) {
  return detail::with_value(u, u.value() - detail::beside_jets<T>(c));
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator-(const Constant& c, const Jets<Set, T>& u) {
  return -u + c;
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator*(const Jets<Set, T>& u, const Constant& c) {
  return detail::each_with_parameter(u, [&](const Array<T>& x) { return x * detail::beside_jets<T>(c); });
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator*(const Constant& c, const Jets<Set, T>& u) {
  return u * c;
}
template <class Set, class T, detail::ConstantBesideJets Constant>
Jets<Set, T> operator/(const Jets<Set, T>& u, const Constant& c) {
  return detail::each_with_parameter(u, [&](const Array<T>& x) { return x / detail::beside_jets<T>(c); });
}

/// One channel.
template <class Set, class T>
Jets<Set, T> channel(const Jets<Set, T>& u, Index i) {
  return slice_channels(u, i, 1);
}

/// Channels from `begin` on.
template <class Set, class T>
Jets<Set, T> slice_channels(const Jets<Set, T>& u, Index begin, Index count) {
  typename Jets<Set, T>::Components result;
  for (std::size_t c = 0; c < Set::size; ++c) {
    const auto& stored = u.components()[c];
    if (!stored) continue;
    const bool spread = stored->rank() == 0 || (stored->shape().back() == 1 && u.channels() > 1);
    if (spread) {
      result[c] = *stored;
      continue;
    }
    Array<T> part = slice_channels(*stored, begin, count);
    // Of the coordinates, most derivatives are zero: it is worth a look.
    bool zero = stored->rank() == 1 && c > 0 && !detail::any_on_active_tape(part);
    for (Index k = 0; k < part.size() && zero; ++k) zero = part.data()[k] == T{0};
    if (!zero) result[c] = std::move(part);
  }
  return Jets<Set, T>(std::move(result));
}

/// The channels of one, then those of the other.
template <class Set, class T>
Jets<Set, T> concatenate(const Jets<Set, T>& a, const Jets<Set, T>& b) {
  typename Jets<Set, T>::Components result;
  for (std::size_t i = 0; i < Set::size; ++i) {
    if (a.components()[i] || b.components()[i]) result[i] = concatenate(a.full(i), b.full(i));
  }
  return Jets<Set, T>(std::move(result));
}

/// The same values as constants.
template <class Set, class T>
Jets<Set, T> detach(const Jets<Set, T>& u) {
  return detail::each_component(u, [](const Array<T>& x) { return detach(x); });
}

/// The coordinates (1, points..., dimension) as jets: d xi / d xj is 1 for i = j, all other derivatives are
/// zero.
template <class Set, class T>
Jets<Set, T> coordinate_jets(Array<T> coordinates) {
  require(coordinates.rank() >= 2 && coordinates.shape().back() == Set::dimension,
          "coordinate_jets: coordinates of shape ", coordinates.shape(),
          " are given; their shape is (1, points..., ", Set::dimension, ").");
  typename Jets<Set, T>::Components components;
  components[0] = std::move(coordinates);
  for (int i = 0; i < Set::dimension; ++i) {
    const int at = Set::find(detail::first_derivative(i));
    if (at < 0) continue;
    Array<T> row = Array<T>::zeros({Set::dimension});
    row.mutable_data()[i] = T{1};
    components[static_cast<std::size_t>(at)] = std::move(row);
  }
  return Jets<Set, T>(std::move(components));
}

}  // namespace fredholm
