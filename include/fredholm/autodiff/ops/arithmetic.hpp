// Sums, differences, products and quotients of arrays and numbers, with the broadcasting of NumPy: axes are
// matched from the last one backwards, and an axis of length 1 is repeated.
//
//   z = a + b:  a' += z',        b' += z'
//   z = a - b:  a' += z',        b' -= z'
//   z = a b:    a' += b z',      b' += a z'
//   z = a / b:  a' += z' / b,    b' -= z z' / b        each summed over the axes along which it was repeated
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <memory>

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

namespace detail {

/// How the elements of two arrays pair up: an odometer over the outer axes, and one inner axis.
struct Broadcast {
  Shape shape;
  std::array<Index, Shape::max_rank> left{};  // strides, 0 along a repeated axis
  std::array<Index, Shape::max_rank> right{};

  Broadcast(const Shape& a, const Shape& b) {
    const Index rank = std::max(a.size(), b.size());
    for (Index axis = 0; axis < rank; ++axis) {
      const Index in_a = length(a, axis - rank + a.size());
      const Index in_b = length(b, axis - rank + b.size());
      require(in_a == in_b || in_a == 1 || in_b == 1, "arrays of shapes ", a, " and ", b,
              " do not go together: matched from the last axis, lengths agree or one of them is 1.");
      shape.push_back(in_a == 1 ? in_b : in_a);
    }
    set_strides(left, a);
    set_strides(right, b);
  }

  /// Calls visit(position, position in a, position in b, inner length, inner stride of a, of b) for each
  /// inner row.
  template <class Visit>
  void for_each_row(Visit&& visit) const {
    const Index rank = shape.size();
    const Index inner = rank == 0 ? 1 : shape[rank - 1];
    const Index step_left = rank == 0 ? 0 : left[static_cast<std::size_t>(rank - 1)];
    const Index step_right = rank == 0 ? 0 : right[static_cast<std::size_t>(rank - 1)];
    std::array<Index, Shape::max_rank> count{};
    Index a = 0;
    Index b = 0;
    for (Index row = 0; row * inner < shape.count(); ++row) {
      visit(row * inner, a, b, inner, step_left, step_right);
      for (Index axis = rank - 2; axis >= 0; --axis) {
        const auto i = static_cast<std::size_t>(axis);
        a += left[i], b += right[i];
        if (++count[i] < shape[axis]) break;
        a -= left[i] * shape[axis], b -= right[i] * shape[axis];
        count[i] = 0;
      }
    }
  }

 private:
  static Index length(const Shape& shape, Index axis) { return axis < 0 ? 1 : shape[axis]; }
  void set_strides(std::array<Index, Shape::max_rank>& strides, const Shape& own) const {
    Index stride = 1;
    for (Index axis = own.size() - 1; axis >= 0; --axis) {
      strides[static_cast<std::size_t>(axis + shape.size() - own.size())] = own[axis] == 1 ? 0 : stride;
      stride *= own[axis];
    }
  }
};

struct Plus {
  static constexpr bool linear = true;
  static auto value(const auto& a, const auto& b) { return a + b; }
  static auto left(const auto& dz, const auto&, const auto&) { return dz; }
  static auto right(const auto& dz, const auto&, const auto&) { return dz; }
};
struct Minus {
  static constexpr bool linear = true;
  static auto value(const auto& a, const auto& b) { return a - b; }
  static auto left(const auto& dz, const auto&, const auto&) { return dz; }
  static auto right(const auto& dz, const auto&, const auto&) { return -dz; }
};
struct Times {
  static constexpr bool linear = false;
  static auto value(const auto& a, const auto& b) { return a * b; }
  static auto left(const auto& dz, const auto&, const auto& b) { return dz * b; }
  static auto right(const auto& dz, const auto& a, const auto&) { return dz * a; }
};
struct Over {
  static constexpr bool linear = false;
  static auto value(const auto& a, const auto& b) { return a / b; }
  static auto left(const auto& dz, const auto&, const auto& b) { return dz / b; }
  static auto right(const auto& dz, const auto& a, const auto& b) { return -(dz * a / (b * b)); }
};

template <class Operation, class T>
Array<T> combine_equal(const Array<T>& a, const Array<T>& b) {
  const Index n = a.size();
  Array<T> z(a.shape());
  flat(z.mutable_data(), n) = Operation::value(flat(a.data(), n), flat(b.data(), n));
  if constexpr (Operation::linear) {
    return record(
        z,
        [left = place_of(a), right = place_of(b), n](Tape& tape, const T* dz) {
          const auto none = flat(dz, n);  // of the values, which are not asked for
          tape.add(left, Operation::left(flat(dz, n), none, none));
          tape.add(right, Operation::right(flat(dz, n), none, none));
        },
        a, b);
  }
  return record(
      z,
      [a, b, n](Tape& tape, const T* dz) {
        tape.add(a, Operation::left(flat(dz, n), flat(a.data(), n), flat(b.data(), n)));
        tape.add(b, Operation::right(flat(dz, n), flat(a.data(), n), flat(b.data(), n)));
      },
      a, b);
}

/// How many points the values of a field have, (1, points..., channel); 0 if an array is not of this shape.
inline Index points_of_values(const Shape& shape) {
  if (shape.size() < 2 || shape.front() != 1) return 0;
  Index points = 1;
  for (Index axis = 1; axis + 1 < shape.size(); ++axis) points *= shape[axis];
  return points;
}

/// Adds the adjoint of a number that met values of a shape: their sum, or the sum for each point
/// (Tape::rows).
template <class T, class Terms>
void add_to_number(Tape& tape, const Array<T>& number, const Shape& shape, const Terms& terms) {
  if (!on_active_tape(number.node())) return;
  if (const LeafRows<T> rows = tape.rows_of_number(number, points_of_values(shape))) {
    const Index points = tape.row_points(), each = shape.back();
    for (Index p = 0; p < points; ++p) *rows(p) += terms.segment(p * each, each).sum();
  } else {
    tape.accumulate(number, [&](T* to) { *to += terms.sum(); });
  }
}

/// An array and a number, on the right or on the left.
template <class Operation, bool NumberIsLeft, class T>
Array<T> combine_number(const Array<T>& a, const Array<T>& number) {
  const Index n = a.size();
  Array<T> z(a.shape());
  const auto constant = [n](T value) { return Eigen::Array<T, Eigen::Dynamic, 1>::Constant(n, value); };
  const auto apply = [](const auto& operation, const auto& values, const auto& same) {
    if constexpr (NumberIsLeft) {
      return operation(same, values);
    } else {
      return operation(values, same);
    }
  };
  flat(z.mutable_data(), n) = apply([](const auto& l, const auto& r) { return Operation::value(l, r); },
                                    flat(a.data(), n), constant(*number.data()));
  return record(
      z,
      [a, number, n, constant, apply](Tape& tape, const T* dz) {
        const auto left = [&](const auto& l, const auto& r) { return Operation::left(flat(dz, n), l, r); };
        const auto right = [&](const auto& l, const auto& r) { return Operation::right(flat(dz, n), l, r); };
        const auto values = flat(a.data(), n);
        const auto same = constant(*number.data());
        if constexpr (NumberIsLeft) {
          tape.add(a, apply(right, values, same));
          add_to_number(tape, number, a.shape(), apply(left, values, same));
        } else {
          tape.add(a, apply(left, values, same));
          add_to_number(tape, number, a.shape(), apply(right, values, same));
        }
      },
      a, number);
}

template <class Operation, class T>
Array<T> combine(const Array<T>& a, const Array<T>& b) {
  if (a.shape() == b.shape()) return combine_equal<Operation>(a, b);
  if (b.size() == 1 && b.rank() <= a.rank()) return combine_number<Operation, false>(a, b);
  if (a.size() == 1 && a.rank() <= b.rank()) return combine_number<Operation, true>(b, a);
  const Broadcast pairs(a.shape(), b.shape());
  Array<T> z(pairs.shape);
  T* out = z.mutable_data();
  pairs.for_each_row([&](Index at, Index i, Index j, Index inner, Index left, Index right) {
    for (Index k = 0; k < inner; ++k)
      out[at + k] = Operation::value(a.data()[i + k * left], b.data()[j + k * right]);
  });
  return record(
      z,
      [a, b, pairs](Tape& tape, const T* dz) {
        tape.accumulate(a, [&](T* da) {
          pairs.for_each_row([&](Index at, Index i, Index j, Index inner, Index left, Index right) {
            for (Index k = 0; k < inner; ++k) {
              da[i + k * left] +=
                  Operation::left(dz[at + k], a.data()[i + k * left], b.data()[j + k * right]);
            }
          });
        });
        tape.accumulate(b, [&](T* db) {
          pairs.for_each_row([&](Index at, Index i, Index j, Index inner, Index left, Index right) {
            for (Index k = 0; k < inner; ++k) {
              db[j + k * right] +=
                  Operation::right(dz[at + k], a.data()[i + k * left], b.data()[j + k * right]);
            }
          });
        });
      },
      a, b);
}

template <class Operation, class T>
Number<T> combine(const Number<T>& a, const Number<T>& b) {
  return record(
      Number<T>(Operation::value(a.value(), b.value())),
      [a, b](Tape& tape, T dz) {
        tape.add(a, T{Operation::left(dz, a.value(), b.value())});
        tape.add(b, T{Operation::right(dz, a.value(), b.value())});
      },
      a, b);
}

/// A number as an array of no axes, at the same place on the tape.
template <class T>
Array<T> as_array(const Number<T>& number) {
  return Array<T>::full(Shape{}, number.value()).on_tape(number.node());
}
template <class T, class Plain>
Array<T> constant_like(const Array<T>&, Plain value) {
  return Array<T>::full(Shape{}, static_cast<T>(value));
}

template <class T>
concept PlainNumber = std::integral<T> || std::floating_point<T>;

}  // namespace detail

// The four operations, each for array and array, number and number, and either with a constant.

template <class T>
Array<T> operator+(const Array<T>& a, const Array<T>& b) {
  return detail::combine<detail::Plus>(a, b);
}
template <class T>
Array<T> operator-(const Array<T>& a, const Array<T>& b) {
  return detail::combine<detail::Minus>(a, b);
}
template <class T>
Array<T> operator*(const Array<T>& a, const Array<T>& b) {
  return detail::combine<detail::Times>(a, b);
}
template <class T>
Array<T> operator/(const Array<T>& a, const Array<T>& b) {
  return detail::combine<detail::Over>(a, b);
}

template <class T, detail::PlainNumber Plain>
Array<T> operator+(const Array<T>& a, Plain b) {
  return a + detail::constant_like(a, b);
}
template <class T, detail::PlainNumber Plain>
Array<T> operator-(const Array<T>& a, Plain b) {
  return a - detail::constant_like(a, b);
}
template <class T, detail::PlainNumber Plain>
Array<T> operator*(const Array<T>& a, Plain b) {
  return a * detail::constant_like(a, b);
}
template <class T, detail::PlainNumber Plain>
Array<T> operator/(const Array<T>& a, Plain b) {
  return a / detail::constant_like(a, b);
}
template <class T, detail::PlainNumber Plain>
Array<T> operator+(Plain a, const Array<T>& b) {
  return detail::constant_like(b, a) + b;
}
template <class T, detail::PlainNumber Plain>
Array<T> operator-(Plain a, const Array<T>& b) {
  return detail::constant_like(b, a) - b;
}
template <class T, detail::PlainNumber Plain>
Array<T> operator*(Plain a, const Array<T>& b) {
  return detail::constant_like(b, a) * b;
}
template <class T, detail::PlainNumber Plain>
Array<T> operator/(Plain a, const Array<T>& b) {
  return detail::constant_like(b, a) / b;
}
template <class T>
Array<T> operator-(const Array<T>& a) {
  return -1 * a;
}

template <class T>
Array<T> operator+(const Array<T>& a, const Number<T>& b) {
  return a + detail::as_array(b);
}
template <class T>
Array<T> operator-(const Array<T>& a, const Number<T>& b) {
  return a - detail::as_array(b);
}
template <class T>
Array<T> operator*(const Array<T>& a, const Number<T>& b) {
  return a * detail::as_array(b);
}
template <class T>
Array<T> operator/(const Array<T>& a, const Number<T>& b) {
  return a / detail::as_array(b);
}
template <class T>
Array<T> operator*(const Number<T>& a, const Array<T>& b) {
  return detail::as_array(a) * b;
}

template <class T>
Number<T> operator+(const Number<T>& a, const Number<T>& b) {
  return detail::combine<detail::Plus>(a, b);
}
template <class T>
Number<T> operator-(const Number<T>& a, const Number<T>& b) {
  return detail::combine<detail::Minus>(a, b);
}
template <class T>
Number<T> operator*(const Number<T>& a, const Number<T>& b) {
  return detail::combine<detail::Times>(a, b);
}
template <class T>
Number<T> operator/(const Number<T>& a, const Number<T>& b) {
  return detail::combine<detail::Over>(a, b);
}

template <class T, detail::PlainNumber Plain>
Number<T> operator+(const Number<T>& a, Plain b) {
  return a + Number<T>(static_cast<T>(b));
}
template <class T, detail::PlainNumber Plain>
Number<T> operator-(const Number<T>& a, Plain b) {
  return a - Number<T>(static_cast<T>(b));
}
template <class T, detail::PlainNumber Plain>
Number<T> operator*(const Number<T>& a, Plain b) {
  return a * Number<T>(static_cast<T>(b));
}
template <class T, detail::PlainNumber Plain>
Number<T> operator/(const Number<T>& a, Plain b) {
  return a / Number<T>(static_cast<T>(b));
}
template <class T, detail::PlainNumber Plain>
Number<T> operator+(Plain a, const Number<T>& b) {
  return Number<T>(static_cast<T>(a)) + b;
}
template <class T, detail::PlainNumber Plain>
Number<T> operator-(Plain a, const Number<T>& b) {
  return Number<T>(static_cast<T>(a)) - b;
}
template <class T, detail::PlainNumber Plain>
Number<T> operator*(Plain a, const Number<T>& b) {
  return Number<T>(static_cast<T>(a)) * b;
}
template <class T, detail::PlainNumber Plain>
Number<T> operator/(Plain a, const Number<T>& b) {
  return Number<T>(static_cast<T>(a)) / b;
}
template <class T>
Number<T> operator-(const Number<T>& a) {
  return Number<T>(T{-1}) * a;
}

/// The square root of a number; its slope at 0 is taken as 0, so that an exact fit has a gradient.
template <class T>
Number<T> sqrt(const Number<T>& a) {
  const T root = std::sqrt(a.value());
  return record(
      Number<T>(root), [a, root](Tape& tape, T dz) { tape.add(a, root > T{0} ? dz / (2 * root) : T{0}); }, a);
}
template <class T>
Number<T> exp(const Number<T>& a) {
  const T value = std::exp(a.value());
  return record(Number<T>(value), [a, value](Tape& tape, T dz) { tape.add(a, dz * value); }, a);
}
template <class T>
Number<T> log(const Number<T>& a) {
  return record(Number<T>(std::log(a.value())), [a](Tape& tape, T dz) { tape.add(a, dz / a.value()); }, a);
}

}  // namespace fredholm
