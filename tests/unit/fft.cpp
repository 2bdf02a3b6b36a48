// Real transforms: against the sum, there and back, unaligned, in threads.
#include <fredholm/core/fft.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

using namespace fredholm;

TEST_CASE_TEMPLATE("the transform is its formula, and goes back", T, double, float) {
  const double tolerance = 200 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (Index n : {1, 2, 7, 12}) {
    const RealFft<T> fft(n, 3);
    std::vector<T> x(static_cast<std::size_t>(3 * n));
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<T>(std::sin(1.3 * static_cast<double>(i)) + 0.2);
    const std::vector<T> original = x;
    std::vector<std::complex<T>> modes(static_cast<std::size_t>(3 * fft.modes()));
    fft.forward(x.data(), modes.data());
    CHECK(x == original);
    for (Index s = 0; s < 3; ++s) {
      for (Index k = 0; k < fft.modes(); ++k) {
        std::complex<double> sum = 0;
        for (Index j = 0; j < n; ++j) {
          const double angle = -2 * std::numbers::pi * static_cast<double>(j * k) / static_cast<double>(n);
          sum += static_cast<double>(x[static_cast<std::size_t>(s * n + j)]) * std::polar(1.0, angle);
        }
        CHECK(std::abs(sum - std::complex<double>(modes[static_cast<std::size_t>(s * fft.modes() + k)])) <
              tolerance);
      }
    }
    fft.backward(modes.data(), x.data());
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(std::abs(static_cast<double>(x[i] / static_cast<T>(n) - original[i])) < tolerance);
  }
}

TEST_CASE("memory that is not aligned") {
  std::vector<double> x(18, 1.0);
  std::vector<std::complex<double>> modes(10);
  for (std::size_t offset : {0U, 1U}) {
    RealFft<double>(16).forward(x.data() + offset, modes.data() + offset);
    CHECK(modes[offset].real() == doctest::Approx(16));
    CHECK(std::abs(modes[offset + 1]) < 1e-14);
  }
}

TEST_CASE("plans from many threads") {
  std::vector<double> sums(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([t, &sums] {
      for (Index n = 8; n < 40; ++n) {
        std::vector<double> x(static_cast<std::size_t>(n), 1.0);
        std::vector<std::complex<double>> modes(static_cast<std::size_t>(n / 2 + 1));
        RealFft<double>(n).forward(x.data(), modes.data());
        sums[t] += modes[0].real();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (double sum : sums) CHECK(sum == doctest::Approx(32.0 * 47 / 2));
}

TEST_CASE("sizes") {
  CHECK_THROWS_WITH_AS(RealFft<double>(0), doctest::Contains("at least 1"), std::invalid_argument);
  CHECK_THROWS_AS(RealFft<float>(8, 0), std::invalid_argument);
}

TEST_CASE_TEMPLATE("two axes: the formula, and back", T, double, float) {
  const double tolerance = 500 * static_cast<double>(std::numeric_limits<T>::epsilon());
  const Index n1 = 5, n2 = 6, count = 2, half = n2 / 2 + 1;
  const RealFftN<T> fft({n1, n2}, count);
  CHECK(fft.size() == n1 * n2);
  CHECK(fft.modes() == n1 * half);
  std::vector<T> x(static_cast<std::size_t>(count * n1 * n2));
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<T>(std::sin(1.7 * static_cast<double>(i * i)));
  const std::vector<T> original = x;
  std::vector<std::complex<T>> modes(static_cast<std::size_t>(count * n1 * half));
  fft.forward(x.data(), modes.data());
  CHECK(x == original);
  for (Index s = 0; s < count; ++s) {
    for (Index k = 0; k < n1 * half; ++k) {
      std::complex<double> sum = 0;
      for (Index j = 0; j < n1 * n2; ++j) {
        const double turns =
            static_cast<double>((k / half) * (j / n2)) / n1 + static_cast<double>((k % half) * (j % n2)) / n2;
        sum += static_cast<double>(x[static_cast<std::size_t>(s * n1 * n2 + j)]) *
               std::polar(1.0, -2 * std::numbers::pi * turns);
      }
      CHECK(std::abs(sum - std::complex<double>(modes[static_cast<std::size_t>(s * n1 * half + k)])) <
            tolerance);
    }
  }
  fft.backward(modes.data(), x.data());
  for (std::size_t i = 0; i < x.size(); ++i)
    CHECK(std::abs(static_cast<double>(x[i] / static_cast<T>(n1 * n2) - original[i])) < tolerance);
}

TEST_CASE("three axes: one wave is one mode") {
  const Index n = 4;
  const RealFftN<double> fft({n, n, n});
  std::vector<double> x(static_cast<std::size_t>(n * n * n));
  for (Index i = 0; i < n * n * n; ++i)  // cos 2 pi (x - y + z) at the points (i, j, k) / 4
    x[static_cast<std::size_t>(i)] =
        std::cos(0.5 * std::numbers::pi * static_cast<double>(i / 16 - i / 4 % 4 + i % 4));
  std::vector<std::complex<double>> modes(static_cast<std::size_t>(fft.modes()));
  fft.forward(x.data(), modes.data());
  for (Index m = 0; m < fft.modes(); ++m)  // (1, -1, 1), and its conjugate is not stored
    CHECK(std::abs(modes[static_cast<std::size_t>(m)] - (m == (1 * n + 3) * 3 + 1 ? 32.0 : 0.0)) < 1e-13);
}

TEST_CASE("sizes of several axes") {
  CHECK_THROWS_WITH_AS(RealFftN<double>(Shape{4, 0}), doctest::Contains("at least 1"), std::invalid_argument);
  CHECK_THROWS_WITH_AS(RealFftN<double>(Shape{}), doctest::Contains("1 to 4"), std::invalid_argument);
  CHECK_THROWS_AS(RealFftN<double>(Shape{100000, 100000}), std::invalid_argument);
  CHECK(fast_fft_size(94) == 96);
  CHECK(fast_fft_size(7) == 8);
  CHECK(fast_fft_size(1) == 1);
}
