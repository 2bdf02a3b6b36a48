// What nearly every test uses, compiled once: the operations on arrays of float and of double.
//
// Half of the machine code of the tests was the same in all of them. With this header (FREDHOLM_TEST_INSTANTIATED, which the
// preset ci sets) a test finds those operations in tests/support/instantiated.cpp, which defines FREDHOLM_KEYWORD as nothing.
// An operation that is missing here is compiled where it is used, as ever. The header takes in no floor above, since it stands before
// every test, whose own names may be those of layers and problems.
#pragma once

#include <fredholm/autodiff.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/transform/mode_sums.hpp>

#ifndef FREDHOLM_KEYWORD
#define FREDHOLM_KEYWORD extern
#endif

// clang-format off
#define FREDHOLM_UNARY(T, f) FREDHOLM_KEYWORD template Array<T> f(const Array<T>&);
#define FREDHOLM_BINARY(T, f) FREDHOLM_KEYWORD template Array<T> f(const Array<T>&, const Array<T>&);
#define FREDHOLM_TERNARY(T, f) FREDHOLM_KEYWORD template Array<T> f(const Array<T>&, const Array<T>&, const Array<T>&);

#define FREDHOLM_INSTANTIATE(T)                                                                                     \
  FREDHOLM_KEYWORD template class Array<T>;                                                                        \
  FREDHOLM_KEYWORD template class Leaf<T, true>;                                                                   \
  FREDHOLM_KEYWORD template class Leaf<T, false>;                                                                  \
  namespace linalg {                                                                                               \
  FREDHOLM_KEYWORD template void multiply(Block<const T>, Block<const T>, Block<T>, bool, const T*);               \
  FREDHOLM_KEYWORD template void multiply_tn(Block<const T>, Block<const T>, Block<T>, bool);                      \
  FREDHOLM_KEYWORD template void multiply_nt(Block<const T>, Block<const T>, Block<T>, bool);                      \
  FREDHOLM_KEYWORD template Array<T> transposed(Block<const T>);                                                   \
  }                                                                                                                \
  namespace detail {                                                                                               \
  FREDHOLM_KEYWORD template struct LinearAdjoints<T>;                                                              \
  FREDHOLM_KEYWORD template class ModeSums<T>;                                                                     \
  FREDHOLM_KEYWORD template class AxisTransform<T>;                                                                \
  FREDHOLM_KEYWORD template class Mixing<T>;                                                                       \
  FREDHOLM_KEYWORD template Array<T> linear_then<Unchanged>(const Array<T>&, const Array<T>&, const Array<T>&);    \
  FREDHOLM_KEYWORD template Array<T> linear_then<GeluOf>(const Array<T>&, const Array<T>&, const Array<T>&);       \
  FREDHOLM_KEYWORD template Array<T> weighted_dot(const Array<T>&, const Array<T>&, const Array<T>&);              \
  FREDHOLM_KEYWORD template Array<T> transform_batch(const Array<T>&, std::shared_ptr<const ModeSums<T>>, bool);   \
  FREDHOLM_KEYWORD template Array<T> combine<Plus>(const Array<T>&, const Array<T>&);                              \
  FREDHOLM_KEYWORD template Array<T> combine<Minus>(const Array<T>&, const Array<T>&);                             \
  FREDHOLM_KEYWORD template Array<T> combine<Times>(const Array<T>&, const Array<T>&);                             \
  FREDHOLM_KEYWORD template Array<T> combine<Over>(const Array<T>&, const Array<T>&);                              \
  FREDHOLM_KEYWORD template Number<T> combine<Plus>(const Number<T>&, const Number<T>&);                           \
  FREDHOLM_KEYWORD template Number<T> combine<Times>(const Number<T>&, const Number<T>&);                          \
  FREDHOLM_KEYWORD template Number<T> combine<Over>(const Number<T>&, const Number<T>&);                           \
  FREDHOLM_KEYWORD template Array<T> apply_rows(const Array<T>&, std::vector<AxisMap>);                            \
  }                                                                                                                \
  FREDHOLM_UNARY(T, exp) FREDHOLM_UNARY(T, sqrt) FREDHOLM_UNARY(T, square) FREDHOLM_UNARY(T, abs)                  \
  FREDHOLM_UNARY(T, tanh) FREDHOLM_UNARY(T, sin) FREDHOLM_UNARY(T, cos) FREDHOLM_UNARY(T, relu)                    \
  FREDHOLM_UNARY(T, silu) FREDHOLM_UNARY(T, gelu) FREDHOLM_UNARY(T, softmax) FREDHOLM_UNARY(T, elu_plus_one)       \
  FREDHOLM_UNARY(T, max_per_sample)                                                                                \
  FREDHOLM_KEYWORD template Number<T> sum(const Array<T>&);                                                        \
  FREDHOLM_KEYWORD template Number<T> mean(const Array<T>&);                                                       \
  FREDHOLM_KEYWORD template Array<T> sum(const Array<T>&, Index);                                                  \
  FREDHOLM_BINARY(T, weighted_sum) FREDHOLM_BINARY(T, concatenate) FREDHOLM_BINARY(T, multiply_rows)               \
  FREDHOLM_TERNARY(T, attention_pool)                                                                              \
  FREDHOLM_KEYWORD template Array<T> stack(const std::vector<Array<T>>&);                                          \
  FREDHOLM_KEYWORD template Array<T> slice_channels(const Array<T>&, Index, Index);                                \
  FREDHOLM_KEYWORD template Array<T> slice_batch(const Array<T>&, Index, Index);                                   \
  FREDHOLM_KEYWORD template Array<T> swap_axes(const Array<T>&, Index, Index);                                     \
  FREDHOLM_KEYWORD template Array<T> apply_along(const Array<T>&, Index, std::shared_ptr<const AxisMap>);          \
  FREDHOLM_KEYWORD template Array<T> multiply_along(const Array<T>&, Index, const Array<T>&);                      \
  FREDHOLM_KEYWORD template Array<T> gather_rows(const Array<T>&, std::shared_ptr<const Edges>);                   \
  FREDHOLM_KEYWORD template Array<T> segment_sum(const Array<T>&, const Array<T>&, std::shared_ptr<const Edges>);  \
  FREDHOLM_KEYWORD template Array<T> layer_norm(const Array<T>&, const Array<T>&, const Array<T>&, T);             \
  FREDHOLM_KEYWORD template Array<T> measure_norm(const Array<T>&, const Array<T>&, const Array<T>&,               \
                                                  const Array<T>&, T);                                             \
  FREDHOLM_KEYWORD template Array<T> mix(const Array<T>&, const Array<T>&, Index);                                 \
  FREDHOLM_KEYWORD template Array<T> rotate(const Array<T>&, const Array<T>&, Index);                              \
  FREDHOLM_KEYWORD template Array<T> attention(const Array<T>&, const Array<T>&, const Array<T>&,                  \
                                               const Array<T>&, Index);                                            \
  FREDHOLM_KEYWORD template Array<T> edge_attention(const Array<T>&, const Array<T>&, const Array<T>&,             \
                                                    const Array<T>&, std::shared_ptr<const Edges>, Index);         \
  FREDHOLM_KEYWORD template Array<T> outer_integral(const Array<T>&, const Array<T>&, const Array<T>&, Index);     \
  FREDHOLM_KEYWORD template Array<T> apply_by_heads(const Array<T>&, const Array<T>&, Index);

namespace fredholm {
FREDHOLM_INSTANTIATE(float)
FREDHOLM_INSTANTIATE(double)
}  // namespace fredholm
// clang-format on

#undef FREDHOLM_INSTANTIATE
#undef FREDHOLM_UNARY
#undef FREDHOLM_BINARY
#undef FREDHOLM_TERNARY
#undef FREDHOLM_KEYWORD
