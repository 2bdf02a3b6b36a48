// Parameter and Buffer: the leaves of a model.
//
//   Parameter<T>   trained: gradients are taken by it, optimizers step it, checkpoints keep it.
//   Buffer<T>      kept, not trained: random frequencies, statistics of a normalizer.
//
// T is float, double or a complex of one. The values of a complex leaf are two planes, real parts and then
// imaginary parts: the array has a leading axis of 2 that the leaf's own `shape()` does not count.
//
// Calling a leaf, `weight()`, gives its values for a formula. Under a tape it finds the parameter by its
// address among those of the model that is differentiated; one that is not there would lose its gradient, so
// it throws. That is what happens to the copy made by `for (auto layer : layers)` (write `const auto&`), to a
// member that reflection cannot reach, and to another model (say `detach(model)` where its parameters are
// constants).
#pragma once

#include <complex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <fredholm/core/array.hpp>

namespace fredholm {

template <class T>
struct RealOf {
  using type = T;
};
template <class T>
struct RealOf<std::complex<T>> {
  using type = T;
};
/// float for float and std::complex<float>, double likewise.
template <class T>
using real_t = typename RealOf<T>::type;

template <class T>
inline constexpr bool is_complex = !std::is_same_v<T, real_t<T>>;

template <class T, bool Trained>
class Leaf {
 public:
  using value_type = T;
  using real_type = real_t<T>;
  static constexpr bool trained = Trained;

  static_assert(
      std::is_same_v<real_type, float> || std::is_same_v<real_type, double>,
      "Parameter<T> and Buffer<T>: T is float, double, std::complex<float> or std::complex<double>.");

  Leaf() : value_(array_shape(Shape{0})) {}
  /// Zeros of a (logical) shape.
  explicit Leaf(Shape shape) : value_(Array<real_type>::zeros(array_shape(shape))) {}
  /// Given values; for a complex leaf with the leading axis of 2.
  explicit Leaf(Array<real_type> value) : value_(detach(std::move(value))) {
    if constexpr (is_complex<T>) {
      require(value_.rank() > 0 && value_.shape(0) == 2,
              "a complex leaf holds two planes, (2, ...), and the values have shape ", value_.shape(), ".");
    }
  }

  /// The logical shape: what a checkpoint says.
  Shape shape() const {
    if constexpr (!is_complex<T>) return value_.shape();
    Shape logical;
    for (Index axis = 1; axis < value_.rank(); ++axis) logical.push_back(value_.shape(axis));
    return logical;
  }

  /// The number of real numbers in it.
  Index size() const { return value_.size(); }

  /// The plain values, without a gradient.
  const Array<real_type>& value() const { return value_; }
  real_type* mutable_data() { return value_.mutable_data(); }

  void set(Array<real_type> value) {
    require(value.shape() == value_.shape(), "a leaf of shape ", value_.shape(),
            " cannot take values of shape ", value.shape(), ".");
    value_ = detach(std::move(value));
  }

  /// A frozen parameter is a constant to every tape: what detach(model) makes.
  bool frozen() const { return frozen_; }
  void set_frozen(bool frozen) { frozen_ = frozen; }

  /// The values for a formula, recorded by the tape that runs.
  Array<real_type> operator()() const {
    const Context* context = detail::active_context;
    if (!Trained || frozen_ || context == nullptr || context->leaves == nullptr) return value_;
    const Index index = context->find_leaf(this);
    if (index < 0) throw std::logic_error(not_in_model());
    return value_.on_tape(Node{context->run, index});
  }

 private:
  static Shape array_shape(const Shape& logical) {
    if constexpr (!is_complex<T>) return logical;
    Shape shape{2};
    for (Index length : logical) shape.push_back(length);
    return shape;
  }

  std::string not_in_model() const {
    return "a parameter of shape " + to_string(shape()) +
           " is used in the loss but is not in the model that is differentiated; its gradient would be lost. "
           "Is it in a "
           "copy of a layer (write `for (const auto& layer : layers)`), in a member that reflection cannot "
           "reach (see "
           "core/reflect.hpp), in a wrapper made within the loss (give the wrapped model to fit), or in another "
           "model (say detach(model))?";
  }

  Array<real_type> value_;
  bool frozen_ = false;
};

template <class T>
using Parameter = Leaf<T, true>;
template <class T>
using Buffer = Leaf<T, false>;

template <class T>
struct IsLeaf : std::false_type {};
template <class T, bool Trained>
struct IsLeaf<Leaf<T, Trained>> : std::true_type {};

template <class T>
inline constexpr bool is_leaf = IsLeaf<std::remove_cvref_t<T>>::value;

template <class T>
inline constexpr bool is_parameter = false;
template <class T>
inline constexpr bool is_parameter<Leaf<T, true>> = true;

}  // namespace fredholm
