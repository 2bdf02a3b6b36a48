// Products on tiles beside sums in float, both against double.
#include <fredholm/core/random.hpp>
#include <fredholm/core/simd_tiles.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace fredholm;

#if FREDHOLM_AMX

namespace {

/// a (32 x depth), b (depth x 32).
struct Problem {
  Index depth;
  std::vector<float> a, b;

  explicit Problem(Index k, double mean = 0.0)
      : depth(k), a(static_cast<std::size_t>(32 * k)), b(static_cast<std::size_t>(32 * k)) {
    Engine engine(static_cast<std::uint64_t>(k));
    for (auto* numbers : {&a, &b}) {
      for (float& value : *numbers) value = static_cast<float>(mean + uniform(engine) - 0.5);
    }
  }
  float& left(Index i, Index k) { return a[static_cast<std::size_t>(i * depth + k)]; }
  float& right(Index k, Index j) { return b[static_cast<std::size_t>(k * 32 + j)]; }
};

/// By blocks of Rows x Columns tiles; (0, 0) by the product of one tile.
template <int BlockRows, int BlockColumns>
std::vector<float> by_tiles(Problem& x) {
  constexpr int Rows = std::max(BlockRows, 1), Columns = std::max(BlockColumns, 1);
  using V = simd::Vector<float>;
  const Index steps = x.depth / 32;
  std::vector<simd::PackedTile> a(static_cast<std::size_t>(2 * steps)), b(a);
  const auto at = [&](std::vector<simd::PackedTile>& tiles, Index half, Index k) {
    return tiles.data() + half * steps + k;
  };
  for (Index half = 0; half < 2; ++half) {
    for (Index k = 0; k < steps; ++k) {
      for (Index r = 0; r < 16; ++r) {
        const float* row = &x.left(16 * half + r, 32 * k);
        at(a, half, k)->pack(r, simd::load<V>(row), simd::load<V>(row + 16));
        at(b, half, k)
            ->pack(r, simd::load<V>(&x.right(32 * k + r, 16 * half)),
                   simd::load<V>(&x.right(32 * k + r + 16, 16 * half)));
      }
    }
  }
  std::vector<float> out(32 * 32, 1.0F);
  const simd::TileScope tiles;
  for (Index i = 0; i < 2; i += Rows) {
    for (Index j = 0; j < 2; j += Columns) {
      simd::zero_block<Rows, Columns>();
      for (Index k = 0; k < steps; ++k) {
        float* corner = out.data() + 16 * (32 * i + j);
        if (k == steps / 2 && k > 0) {  // out of the tiles and back
          simd::store_block<Rows, Columns>(corner, 32);
          simd::load_block<Rows, Columns>(corner, 32);
        }
        if constexpr (BlockRows == 0) {
          simd::multiply_packed<0>(*at(a, i, k), *at(b, j, k));
        } else {
          simd::multiply_packed<Rows, Columns>(at(a, i, k), steps, at(b, j, k), steps);
        }
      }
      simd::store_block<Rows, Columns>(out.data() + 16 * (32 * i + j), 32);
    }
  }
  return out;
}

struct Errors {
  double tiles = 0.0, fma = 0.0;  // root of the mean square, in units of sum |a b|
};
Errors errors(Problem& x) {
  const auto out = by_tiles<2, 2>(x);
  Errors result;
  for (Index i = 0; i < 32; ++i) {
    for (Index j = 0; j < 32; ++j) {
      double exact = 0.0, size = 0.0;
      float sum = 0.0F;
      for (Index k = 0; k < x.depth; ++k) {
        const double product = static_cast<double>(x.left(i, k)) * static_cast<double>(x.right(k, j));
        exact += product, size += std::abs(product);
        sum = std::fma(x.left(i, k), x.right(k, j), sum);
      }
      const auto at = static_cast<std::size_t>(32 * i + j);
      result.tiles += std::pow((static_cast<double>(out[at]) - exact) / size, 2) / 1024;
      result.fma += std::pow((static_cast<double>(sum) - exact) / size, 2) / 1024;
    }
  }
  return {std::sqrt(result.tiles), std::sqrt(result.fma)};
}

}  // namespace

TEST_CASE("a product on tiles is as accurate as a sum of fused products in float") {
  if (!simd::tiles_allowed()) return;
  for (const double mean : {0.0, 0.3, 1.0}) {
    for (const Index depth : {32, 64, 128, 256, 1024}) {
      CAPTURE(mean);
      CAPTURE(depth);
      Problem x(depth, mean);
      const Errors error = errors(x);
      CHECK(error.tiles <= error.fma);
    }
  }
}

TEST_CASE("what a product on tiles leaves out has no sign of its own") {
  if (!simd::tiles_allowed()) return;
  double bias = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Problem x(32, 1.0);
    Engine engine(seed);
    for (float& value : x.a) value = static_cast<float>(1 + uniform(engine));
    for (float& value : x.b) value = static_cast<float>(1 + uniform(engine));
    const auto out = by_tiles<2, 2>(x);
    for (Index i = 0; i < 32; ++i) {
      for (Index j = 0; j < 32; ++j) {
        double exact = 0;
        for (Index k = 0; k < 32; ++k)
          exact += static_cast<double>(x.left(i, k)) * static_cast<double>(x.right(k, j));
        bias += (static_cast<double>(out[static_cast<std::size_t>(32 * i + j)]) / exact - 1) / (20 * 1024);
      }
    }
  }
  CHECK(std::abs(bias) < 1e-8);  // with parts that are cut off and not rounded: 3.7e-8
}

TEST_CASE("a number is the same in a block of any size") {
  if (!simd::tiles_allowed()) return;
  Problem x(96);
  const auto out = by_tiles<2, 2>(x);
  CHECK(by_tiles<1, 1>(x) == out);
  CHECK(by_tiles<1, 2>(x) == out);
  CHECK(by_tiles<0, 0>(x) == out);
  CHECK(by_tiles<2, 1>(x) == out);
}

TEST_CASE("what is not finite makes its row or column so, and nothing else") {
  if (!simd::tiles_allowed()) return;
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN(), std::bit_cast<float>(0x7fffffffU)}) {
    Problem x(64);
    x.left(3, 40) = bad, x.right(7, 20) = bad;
    const auto out = by_tiles<2, 2>(x);
    for (Index i = 0; i < 32; ++i) {
      for (Index j = 0; j < 32; ++j)
        CHECK(std::isfinite(out[static_cast<std::size_t>(32 * i + j)]) == (i != 3 && j != 20));
    }
  }
}

TEST_CASE("the parts of a number add up to it") {
  Engine engine(5);
  std::array<float, 16> x, sum;
  for (float& value : x)
    value = static_cast<float>((uniform(engine) - 0.5) * std::pow(10.0, 30.0 * uniform(engine)));
  const simd::Parts parts = simd::split(simd::load<simd::Vector<float>>(x.data()));
  const auto value = [](const simd::Bits& bits) { return simd::load<simd::Vector<float>>(&bits); };
  simd::store(sum.data(), value(parts.low) + value(parts.middle) + value(parts.high));
  CHECK(sum == x);
  for (const simd::Bits& part : {parts.high, parts.middle, parts.low}) {
    for (Index lane = 0; lane < 16; ++lane) CHECK((part[lane] & 0xffffU) == 0U);
  }
}

#else

TEST_CASE("without AMX no tiles are allowed") { CHECK(!simd::tiles_allowed()); }

#endif
