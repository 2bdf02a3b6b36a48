// Products of panels with all strides and sizes, and exp in a register.
#include <fredholm/core/simd.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace fredholm;

namespace {

/// Small integers, so that products are exact in any order.
template <class T>
std::vector<T> numbers(Index count, Index seed) {
  std::vector<T> result(static_cast<std::size_t>(count));
  for (T& value : result) value = static_cast<T>((seed = (seed * 37 + 11) % 101) % 9 - 4);
  return result;
}

template <class T>
bool same_as_loop(Index rows, Index columns, Index depth, bool transposed, bool accumulate) {
  const Index b_row = columns + 3, out_row = columns + 5;
  const Index a_row = transposed ? 1 : depth + 2, a_column = transposed ? rows + 1 : 1;
  const auto a = numbers<T>((rows + 2) * (depth + 2), 1);
  const auto b = numbers<T>(depth * b_row, 2);
  auto out = numbers<T>(rows * out_row, 3);
  auto expected = out;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      T& sum = expected[static_cast<std::size_t>(i * out_row + j)];
      if (!accumulate) sum = 0;
      for (Index k = 0; k < depth; ++k) {
        sum += a[static_cast<std::size_t>(i * a_row + k * a_column)] *
               b[static_cast<std::size_t>(k * b_row + j)];
      }
    }
  }
  simd::panel(rows, columns, depth, a.data(), a_row, a_column, b.data(), b_row, out.data(), out_row,
              accumulate);
  return out == expected;  // also what lies between the rows
}

template <class T>
void check_panels() {
  for (const Index rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20}) {
    for (const Index columns : {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 45, 67}) {
      for (const Index depth : {1, 2, 9}) {
        const bool same = same_as_loop<T>(rows, columns, depth, false, false) &&
                          same_as_loop<T>(rows, columns, depth, true, false) &&
                          same_as_loop<T>(rows, columns, depth, false, true) &&
                          same_as_loop<T>(rows, columns, depth, true, true);
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(depth);
        CHECK(same);
      }
    }
  }
}

template <class T>
T exponential(T x) {
  return simd::exp_negative<T>(simd::Vector<T>{} + x)[0];
}

template <class T>
void check_exponential(T low) {
  double worst = 0;
  for (int i = 0; i <= 20000; ++i) {
    const T x = low * static_cast<T>(i) / T{20000};
    const long double exact = std::exp(static_cast<long double>(x));
    const long double error = std::abs(static_cast<long double>(exponential(x)) - exact) / exact;
    worst = std::max(worst, static_cast<double>(error));
  }
  CHECK(worst <= static_cast<double>(std::numeric_limits<T>::epsilon()));
  CHECK(exponential(T{0}) == T{1});
  CHECK(exponential(T{2} * low) == T{0});
  CHECK(exponential(-std::numeric_limits<T>::infinity()) == T{0});
  CHECK(std::isnan(exponential(std::numeric_limits<T>::quiet_NaN())));
}

}  // namespace

TEST_CASE("a panel of a product") {
  check_panels<float>();
  check_panels<double>();
}

TEST_CASE("exp of what is not positive") {
  check_exponential<float>(-87.0F);
  check_exponential<double>(-708.0);
}
