// Functions of each value by itself: exp, log, sqrt, square, abs, tanh, sin, cos, sigmoid, relu, silu.
//
//   y = f(x),   x' += f'(x) y'
//
// silu(x) = x sigmoid(x). Each formula stands once, as value and slope over Eigen arrays. gelu has a header
// of its own (ops/gelu.hpp): it alone needs an error function.
#pragma once

#include <fredholm/autodiff/tape.hpp>

namespace fredholm {

namespace detail {

/// y = Function::value(x); the slope may use x and y.
template <class Function, class T>
Array<T> apply_elementwise(const Array<T>& x) {
  Array<T> y(x.shape());
  const Index n = x.size();
  flat(y.mutable_data(), n) = Function::value(flat(x.data(), n));
  return record(
      y,
      [x, y, n](Tape& tape, const T* dy) {
        tape.add(x, Function::slope(flat(x.data(), n), flat(y.data(), n)) * flat(dy, n));
      },
      x);
}

struct Exp {
  static auto value(const auto& x) { return x.exp(); }
  static auto slope(const auto&, const auto& y) { return y; }
};
struct Log {
  static auto value(const auto& x) { return x.log(); }
  static auto slope(const auto& x, const auto&) { return x.inverse(); }
};
struct Sqrt {
  static auto value(const auto& x) { return x.sqrt(); }
  template <class Values>
  static auto slope(const auto&,
                    const Values& y) {  // taken as 0 at 0, so that a norm of an exact fit has a gradient
    using Scalar = typename Values::Scalar;
    return (y > Scalar{0}).select((Scalar{2} * y).inverse(), Scalar{0});
  }
};
struct Square {
  static auto value(const auto& x) { return x.square(); }
  static auto slope(const auto& x, const auto&) { return x + x; }
};
struct Abs {
  static auto value(const auto& x) { return x.abs(); }
  static auto slope(const auto& x, const auto&) { return x.sign(); }
};
struct Tanh {
  static auto value(const auto& x) { return x.tanh(); }
  template <class Values>
  static auto slope(const auto&, const Values& y) {
    return typename Values::Scalar{1} - y.square();
  }
};
struct Sin {
  static auto value(const auto& x) { return x.sin(); }
  static auto slope(const auto& x, const auto&) { return x.cos(); }
};
struct Cos {
  static auto value(const auto& x) { return x.cos(); }
  static auto slope(const auto& x, const auto&) { return -x.sin(); }
};
struct Sigmoid {
  static auto value(const auto& x) { return x.logistic(); }
  template <class Values>
  static auto slope(const auto&, const Values& y) {
    return y * (typename Values::Scalar{1} - y);
  }
};
struct Relu {
  template <class Values>
  static auto value(const Values& x) {
    return x.max(typename Values::Scalar{0});
  }
  template <class Values>
  static auto slope(const Values& x, const auto&) {
    using Scalar = typename Values::Scalar;
    return (x > Scalar{0}).template cast<Scalar>();
  }
};
struct Silu {
  static auto value(const auto& x) { return x * x.logistic(); }
  template <class Values>
  static auto slope(const Values& x, const auto& y) {
    using Scalar = typename Values::Scalar;
    return y + x.logistic() * (Scalar{1} - y);
  }
};

}  // namespace detail

template <class T>
Array<T> exp(const Array<T>& x) {
  return detail::apply_elementwise<detail::Exp>(x);
}
template <class T>
Array<T> log(const Array<T>& x) {
  return detail::apply_elementwise<detail::Log>(x);
}
template <class T>
Array<T> sqrt(const Array<T>& x) {
  return detail::apply_elementwise<detail::Sqrt>(x);
}
template <class T>
Array<T> square(const Array<T>& x) {
  return detail::apply_elementwise<detail::Square>(x);
}
template <class T>
Array<T> abs(const Array<T>& x) {
  return detail::apply_elementwise<detail::Abs>(x);
}
template <class T>
Array<T> tanh(const Array<T>& x) {
  return detail::apply_elementwise<detail::Tanh>(x);
}
template <class T>
Array<T> sin(const Array<T>& x) {
  return detail::apply_elementwise<detail::Sin>(x);
}
template <class T>
Array<T> cos(const Array<T>& x) {
  return detail::apply_elementwise<detail::Cos>(x);
}
template <class T>
Array<T> sigmoid(const Array<T>& x) {
  return detail::apply_elementwise<detail::Sigmoid>(x);
}
template <class T>
Array<T> relu(const Array<T>& x) {
  return detail::apply_elementwise<detail::Relu>(x);
}
template <class T>
Array<T> silu(const Array<T>& x) {
  return detail::apply_elementwise<detail::Silu>(x);
}

}  // namespace fredholm
