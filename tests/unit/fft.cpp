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
