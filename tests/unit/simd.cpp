// Products of panels with all strides and sizes, e^x and 2^x in a register.
#include <fredholm/core/complex_rows.hpp>
#include <fredholm/core/linalg.hpp>
#include <fredholm/core/simd.hpp>
#include <fredholm/core/simd_dots.hpp>
#include <fredholm/core/simd_exp.hpp>
#include <fredholm/core/simd_transpose.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>
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
bool same_as_loop(Index rows, Index columns, Index depth, bool transposed, bool accumulate, bool shifted) {
  const Index b_row = columns + 3, out_row = columns + 5;
  const Index a_row = transposed ? 1 : depth + 2, a_column = transposed ? rows + 1 : 1;
  const auto a = numbers<T>((rows + 2) * (depth + 2), 1);
  const auto b = numbers<T>(depth * b_row, 2);
  const auto shift = numbers<T>(columns, 4);
  auto out = numbers<T>(rows * out_row, 3);
  auto expected = out;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      T& sum = expected[static_cast<std::size_t>(i * out_row + j)];
      if (!accumulate) sum = 0;
      if (shifted) sum += shift[static_cast<std::size_t>(j)];
      for (Index k = 0; k < depth; ++k) {
        sum += a[static_cast<std::size_t>(i * a_row + k * a_column)] *
               b[static_cast<std::size_t>(k * b_row + j)];
      }
    }
  }
  simd::panel(rows, columns, depth, a.data(), a_row, a_column, b.data(), b_row, out.data(), out_row,
              accumulate, shifted ? shift.data() : nullptr);
  return out == expected;  // also what lies between the rows
}

template <class T>
void check_panels() {
  for (Index rows = 0; rows <= 40; ++rows) {
    for (const Index columns : {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 45, 67}) {
      for (const Index depth : {0, 1, 2, 9}) {
        bool same = true;
        for (const int flags : {0, 1, 2, 3, 4, 5, 6, 7})
          same = same &&
                 same_as_loop<T>(rows, columns, depth, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(depth);
        CHECK(same);
      }
    }
  }
}

/// f(x), x in all lanes, against `exact`, from 0 down to the `low` below which it is 0.
template <class T>
void check_exponential(auto f, auto exact, T low) {
  double worst = 0;
  const auto at = [&](T x) { return f(simd::Vector<T>{} + x)[0]; };
  for (int i = 0; i <= 20000; ++i) {
    const T x = low * static_cast<T>(i) / T{20000};
    const long double y = exact(static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(at(x)) - y) / y));
  }
  CHECK(worst <= static_cast<double>(std::numeric_limits<T>::epsilon()));
  CHECK(at(T{0}) == T{1});
  CHECK(at(std::nextafter(low, T{2} * low)) == T{0});
  CHECK(at(T{2} * low) == T{0});
  CHECK(at(-std::numeric_limits<T>::max()) == T{0});
  CHECK(at(-std::numeric_limits<T>::infinity()) == T{0});
  CHECK(std::isnan(at(std::numeric_limits<T>::quiet_NaN())));
  for (const T x : {T{200}, T{3000}, std::numeric_limits<T>::max(), std::numeric_limits<T>::infinity()}) {
    auto one = simd::Vector<T>{} - T{1};
    one[1] = x;
    CHECK(f(one)[0] == at(T{-1}));  // a lane with x > 0 leaves the others alone
  }
}
template <class T>
void check_exponentials(T low, T low_of_2) {
  check_exponential<T>([](auto x) { return simd::exp_negative<T>(x); },
                       [](long double x) { return std::exp(x); }, low);
  check_exponential<T>([](auto x) { return simd::exp2_negative<T>(x); },
                       [](long double x) { return std::exp2(x); }, low_of_2);
}

}  // namespace

TEST_CASE("rows that are a sum of high tiles") {
  for (Index rows = 0; rows < 100; ++rows) {
    bool low = false, tall = false;
    for (Index sixes = 0; 6 * sixes <= rows; ++sixes) {
      low = low || (rows - 6 * sixes) % 5 == 0;
      for (Index eights = 0; 6 * sixes + 8 * eights <= rows; ++eights) {
        for (Index rest = rows - 6 * sixes - 8 * eights; rest >= 0; rest -= 12) tall = tall || rest % 5 == 0;
      }
    }
    CAPTURE(rows);
    CHECK(simd::detail::is_sum_of_high_tiles(rows, false) == low);
    CHECK(simd::detail::is_sum_of_high_tiles(rows, true) == tall);
  }
}

TEST_CASE("a panel of a product") {
  check_panels<float>();
  check_panels<double>();
}

namespace {

/// Squares and what is left at the edges, set and added to.
template <class T>
void check_transpose() {
  for (const Index rows : {1, 8, 16, 17, 33}) {
    for (const Index columns : {1, 7, 16, 32, 35}) {
      CAPTURE(rows);
      CAPTURE(columns);
      const Index in_row = columns + 3, out_row = rows + 2;
      const auto in = numbers<T>(rows * in_row, 1), before = numbers<T>(columns * out_row, 2);
      auto set = before, added = before;
      simd::transpose(in.data(), rows, columns, in_row, set.data(), out_row);
      simd::transpose(in.data(), rows, columns, in_row, added.data(), out_row, true);
      bool same = true;
      for (Index k = 0; k < columns * out_row; ++k) {
        const auto at = static_cast<std::size_t>(k);
        const Index j = k / out_row, i = k % out_row;
        const T value = i < rows ? in[static_cast<std::size_t>(i * in_row + j)] : T{0};
        same = same && set[at] == (i < rows ? value : before[at]) && added[at] == before[at] + value;
      }
      CHECK(same);
    }
  }
}

}  // namespace

TEST_CASE("a transpose") {
  check_transpose<float>();
  check_transpose<double>();
}

TEST_CASE("e^x and 2^x of what is not positive") {
  check_exponentials<float>(-87.0F, -126.0F);
  check_exponentials<double>(-708.0, -1022.0);
}

namespace {

/// multiply, multiply_adjoint and add_outer against loops over std::complex, in small integers.
template <class T>
void check_complex_rows(Index batch, Index in, Index out) {
  CAPTURE(batch);
  CAPTURE(in);
  CAPTURE(out);
  using Complex = std::complex<T>;
  const Index x_step = in + 2, y_step = out + 1;
  const auto at = [](const std::vector<T>& re, const std::vector<T>& im, Index i) {
    return Complex(re[static_cast<std::size_t>(i)], im[static_cast<std::size_t>(i)]);
  };
  const auto x_re = numbers<T>(batch * x_step, 1), x_im = numbers<T>(batch * x_step, 2);
  const auto r_re = numbers<T>(in * out, 3), r_im = numbers<T>(in * out, 4);
  const auto y_re = numbers<T>(batch * y_step, 5), y_im = numbers<T>(batch * y_step, 6);
  const simd::Planes<const T> x{x_re.data(), x_im.data(), x_step}, r{r_re.data(), r_im.data(), out},
      y{y_re.data(), y_im.data(), y_step};

  auto re = y_re, im = y_im;
  simd::multiply<T>(batch, in, out, x, r, {re.data(), im.data(), y_step});
  bool same = true;
  for (Index b = 0; b < batch; ++b) {
    for (Index o = 0; o < out; ++o) {
      Complex sum{};
      for (Index i = 0; i < in; ++i) sum += at(x_re, x_im, b * x_step + i) * at(r_re, r_im, i * out + o);
      same = same && at(re, im, b * y_step + o) == sum;
    }
    same = same && at(re, im, b * y_step + out) == at(y_re, y_im, b * y_step + out);  // between the rows
  }
  CHECK(same);

  for (const bool accumulate : {false, true}) {
    re = x_re, im = x_im;
    simd::multiply_adjoint<T>(batch, in, out, y, r, {re.data(), im.data(), x_step}, accumulate);
    same = true;
    for (Index b = 0; b < batch; ++b) {
      for (Index i = 0; i < in; ++i) {
        Complex sum = accumulate ? at(x_re, x_im, b * x_step + i) : Complex{};
        for (Index o = 0; o < out; ++o)
          sum += at(y_re, y_im, b * y_step + o) * std::conj(at(r_re, r_im, i * out + o));
        same = same && at(re, im, b * x_step + i) == sum;
      }
    }
    CHECK(same);
  }

  re = r_re, im = r_im;
  simd::add_outer<T>(batch, in, out, x, y, {re.data(), im.data(), out});
  same = true;
  for (Index i = 0; i < in; ++i) {
    for (Index o = 0; o < out; ++o) {
      Complex sum = at(r_re, r_im, i * out + o);
      for (Index b = 0; b < batch; ++b)
        sum += std::conj(at(x_re, x_im, b * x_step + i)) * at(y_re, y_im, b * y_step + o);
      same = same && at(re, im, i * out + o) == sum;
    }
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("complex rows: products, adjoints and outer products of all sizes") {
  for (const Index batch : {0, 1, 2, 5}) {
    for (const Index in : {0, 1, 3, 8, 17}) {
      for (const Index out : {0, 1, 2, 5, 8, 13, 32, 47, 64}) {
        check_complex_rows<float>(batch, in, out);
        check_complex_rows<double>(batch, in, out);
      }
    }
  }
}

namespace {

/// add_dots and add_row_sums, in small integers.
template <class T>
void check_dots(Index rows, Index columns, Index depth) {
  CAPTURE(rows);
  CAPTURE(columns);
  const Index a_row = depth + 3, b_row = depth + simd::lanes<T>, out_row = columns + 2;
  const auto a = numbers<T>(rows * a_row, 1), b = numbers<T>(columns * b_row, 2);
  auto out = numbers<T>(rows * out_row, 3), sums = numbers<T>(rows, 4);
  auto expected = out, expected_sums = sums;
  for (Index i = 0; i < rows; ++i) {
    for (Index k = 0; k < depth; ++k) {
      const T left = a[static_cast<std::size_t>(i * a_row + k)];
      expected_sums[static_cast<std::size_t>(i)] += left;
      for (Index j = 0; j < columns; ++j)
        expected[static_cast<std::size_t>(i * out_row + j)] +=
            left * b[static_cast<std::size_t>(j * b_row + k)];
    }
  }
  simd::add_dots<T>(rows, columns, depth, a.data(), a_row, b.data(), b_row, out.data(), out_row);
  CHECK(out == expected);
  simd::add_row_sums<T>(a.data(), rows, depth, a_row, sums.data());
  CHECK(sums == expected_sums);
}

}  // namespace

TEST_CASE("products of all rows with all rows, and sums of rows") {
  for (const Index rows : {1, 2, 4, 7, 20}) {
    for (const Index columns : {1, 3, 4, 9}) {
      for (const Index registers : {0, 1, 5}) {
        check_dots<float>(rows, columns, registers * simd::lanes<float>);
        check_dots<double>(rows, columns, registers * simd::lanes<double>);
      }
    }
  }
}

TEST_CASE("the product of two long, narrow matrices, a part at a time") {
  const Index rows = 5000, left = 7;
  const auto a = numbers<float>(rows * left, 1);
  for (const auto& [right, accumulate] :
       {std::pair<Index, bool>{20, false}, {20, true}, {1, false}, {1, true}}) {
    const auto b = numbers<float>(rows * right, 2);
    auto c = numbers<float>(left * right, 3);
    auto expected = c;
    for (Index i = 0; i < left; ++i) {
      for (Index j = 0; j < right; ++j) {
        float& sum = expected[static_cast<std::size_t>(i * right + j)];
        if (!accumulate) sum = 0;
        for (Index k = 0; k < rows; ++k)
          sum += a[static_cast<std::size_t>(k * left + i)] * b[static_cast<std::size_t>(k * right + j)];
      }
    }
    linalg::multiply_tn<float>({a.data(), rows, left}, {b.data(), rows, right}, {c.data(), left, right},
                               accumulate);
    CHECK(c == expected);
  }
}
