// The three ways of a transform along an axis are one map: matrix, folded matrix, FFTW's sums.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <fredholm/core/random.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/transform/projection.hpp>

using namespace fredholm;
using fredholm::detail::Way;

namespace {

double distance(const Array<double>& a, const Array<double>& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0.0;
  for (Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

/// x (batch, points or rows, inner), each sample by itself.
Array<double> applied(const detail::AxisTransform<double>& t, const Array<double>& x, bool back) {
  const Index from = back ? t.rows() : t.points(), to = back ? t.points() : t.rows(), inner = x.shape(2);
  Array<double> y(Shape{x.shape(0), to, inner});
  for (Index b = 0; b < x.shape(0); ++b)
    t.apply(x.data() + b * from * inner, y.mutable_data() + b * to * inner, inner, back, false);
  return y;
}

/// Both directions, there and back, by two ways.
template <class Basis, class D>
void same(const D& d, Index modes, Way way, bool half = true, Index inner = 5) {
  CAPTURE(Basis::name);
  CAPTURE(d.size());
  CAPTURE(modes);
  Engine engine(1);
  const detail::Spectrum<1> kept{{modes}, {}};
  // A sum over all points, each with an angle that is rounded.
  const double round_off = 1e-12 * std::max(1.0, static_cast<double>(d.size()) / 64.0);
  for (const bool forward : {true, false}) {
    const auto make = [&](Way w) {
      return std::make_shared<const detail::AxisTransform<double>>(
          detail::axis_transform<double, Basis>(d, 0, kept, half, forward, w));
    };
    const auto matrix = make(Way::matrix), other = make(way);
    REQUIRE(matrix->rows() == other->rows());
    CHECK(matrix->images() == 1);
    if (way == Way::folded && matrix->rows() > 1 && modes <= d.size() / 2) {
      // A quarter where half a turn of a circle is a number of steps.
      CHECK(other->images() == (Basis::name == Fourier::name && d.size() % 2 == 0 ? 4 : 2));
    }
    const auto u = normal_array<double>({3, d.size(), inner}, 1.0, engine);
    const auto c = normal_array<double>({3, matrix->rows(), inner}, 1.0, engine);
    CHECK(distance(applied(*matrix, u, false), applied(*other, u, false)) < round_off);
    CHECK(distance(applied(*matrix, c, true), applied(*other, c, true)) < 1e-12 * static_cast<double>(modes));
    // Onto what is there already.
    Array<double> a = normal_array<double>({d.size(), inner}, 1.0, engine), b(Shape{d.size(), inner});
    std::copy_n(a.data(), a.size(), b.mutable_data());
    matrix->apply(c.data(), a.mutable_data(), inner, true, true);
    other->apply(c.data(), b.mutable_data(), inner, true, true);
    CHECK(distance(a, b) < 1e-12 * static_cast<double>(modes));
  }
}

template <class Grid, class Rule>
Discretization<Grid, Rule> on(Index n) {
  return Discretization<Grid, Rule>({-0.5, 2.0, n});
}

/// The forward matrix of some modes.
template <class Basis, class D>
AxisMap forward_matrix(const D& d, Index modes, std::array<double, 1> padding = {}, bool half = true) {
  return detail::axis_matrix<Basis>(d, 0, detail::Spectrum<1>{{modes}, padding}, half, true);
}

/// How many images of a point a matrix treats alike: 1 is the point alone.
Index images(const AxisMap& map) {
  const auto symmetry = detail::find_symmetry(map, 1e-12);
  return symmetry ? symmetry->images : 1;
}

/// gather and scatter, set and added to, against sums written out.
template <std::size_t Images, bool ManyRegisters, class T>
void folds_right(const AxisMap& map, const detail::RowSymmetry& symmetry, Index inner, T tolerance) {
  CAPTURE(Images);
  CAPTURE(ManyRegisters);
  CAPTURE(map.cols);
  CAPTURE(map.rows);
  CAPTURE(inner);
  const detail::FoldedMatrix<T, Images, ManyRegisters> folded(map, symmetry);
  Engine engine(3);
  for (const bool back : {false, true}) {
    const Index from = back ? map.rows : map.cols, to = back ? map.cols : map.rows;
    const auto x = normal_array<T>({from, inner}, 1.0, engine),
               before = normal_array<T>({to, inner}, 1.0, engine);
    for (const bool accumulate : {false, true}) {
      Array<T> y(Shape{to, inner});
      std::copy_n(before.data(), before.size(), y.mutable_data());
      back ? folded.scatter(x.data(), y.mutable_data(), inner, accumulate)
           : folded.gather(x.data(), y.mutable_data(), inner, accumulate);
      T worst{};
      for (Index i = 0; i < to; ++i) {
        for (Index c = 0; c < inner; ++c) {
          double sum = accumulate ? static_cast<double>(before.data()[i * inner + c]) : 0.0;
          for (Index j = 0; j < from; ++j) {
            const Index entry = back ? j * map.cols + i : i * map.cols + j;
            sum +=
                map.weights[static_cast<std::size_t>(entry)] * static_cast<double>(x.data()[j * inner + c]);
          }
          worst = std::max(worst, std::abs(y.data()[i * inner + c] - static_cast<T>(sum)));
        }
      }
      CHECK(worst < tolerance);
    }
  }
}

}  // namespace

TEST_CASE("folded and plain matrices are one map, for even and odd numbers of points and modes") {
  for (const Index n : {16, 17, 18, 33}) {
    for (const Index modes : {1, 2, 7, 8, 12}) {
      // Less than a register of numbers beside each other, one, and three and one more.
      for (const Index inner : {Index{5}, simd::lanes<double>, 3 * simd::lanes<double> + 1}) {
        const auto circle = on<PeriodicGrid<>, Trapezoid>(n);
        same<Fourier>(circle, modes, Way::folded, true, inner);
        same<Fourier>(circle, modes, Way::folded, false, inner);
        same<Sine>(on<UniformGrid<>, Trapezoid>(n), modes, Way::folded, true, inner);
        same<Cosine>(on<MidpointGrid<>, Midpoint>(n), modes, Way::folded, true, inner);
        same<Legendre>(on<LegendreGrid<>, GaussLegendre>(n), modes, Way::folded, true, inner);
        same<Chebyshev>(on<ChebyshevGrid<>, ClenshawCurtis>(n), modes, Way::folded, true, inner);
      }
    }
  }
}

TEST_CASE_TEMPLATE("a folded matrix does what its entries say, whatever the registers", T, float, double) {
  const T tolerance = sizeof(T) == 4 ? T{1e-4F} : static_cast<T>(1e-12);
  const auto both = [&](const AxisMap& map, bool quarters) {
    // Less than a register, one, and more than are scattered at once.
    for (const Index inner : {Index{1}, simd::lanes<T>, 9 * simd::lanes<T> + 1}) {
      detail::RowSymmetry symmetry = *detail::find_symmetry(map, 1e-12);
      REQUIRE(symmetry.images == (quarters ? 4 : 2));
      if (quarters) {
        folds_right<4, true>(map, symmetry, inner, tolerance);
        folds_right<4, false>(map, symmetry, inner, tolerance);
        const Index half = (map.rows + 1) / 2;
        symmetry.images = 2, symmetry.classes = {{{0, 1, half}, {half, 1, map.rows - half}, {}, {}}};
      }
      folds_right<2, true>(map, symmetry, inner, tolerance);
      folds_right<2, false>(map, symmetry, inner, tolerance);
    }
  };
  for (const Index n : {8, 9, 10, 64, 66}) {
    for (const Index modes : {Index{1}, Index{3}, n / 2}) {
      for (const bool half : {true, false}) {
        both(forward_matrix<Fourier>(on<PeriodicGrid<>, Trapezoid>(n), modes, {}, half), n % 2 == 0);
        both(forward_matrix<Fourier>(on<MidpointGrid<>, Midpoint>(n), modes, {}, half), n % 2 == 0);
      }
    }
  }
}

TEST_CASE("a matrix is folded only for the symmetry that it has") {
  const auto map = forward_matrix<Fourier>(on<PeriodicGrid<>, Trapezoid>(16), 5);
  const auto symmetry = *detail::find_symmetry(map, 1e-12);
  CHECK_THROWS_WITH_AS((detail::FoldedMatrix<double, 2>(map, symmetry)),
                       "FoldedMatrix: a point has 4 images, and the matrix is folded for 2.",
                       std::invalid_argument);
  // One entry of any row that is off, or no number.
  for (Index r = 0; r < map.rows; ++r) {
    AxisMap spoiled = map;
    spoiled.weights[static_cast<std::size_t>(r * 16 + 1)] += 1e-3;
    CHECK(images(spoiled) == 1);
    spoiled.weights[static_cast<std::size_t>(r * 16 + 1)] = std::numeric_limits<double>::quiet_NaN();
    CHECK(images(spoiled) == 1);
  }
}

TEST_CASE("matrices fold where points and weights are symmetric, and only there") {
  CHECK(images(forward_matrix<Fourier>(on<PeriodicGrid<>, Trapezoid>(16), 8)) == 4);
  CHECK(images(forward_matrix<Fourier>(on<PeriodicGrid<>, Trapezoid>(18), 5)) == 4);
  CHECK(images(forward_matrix<Fourier>(on<PeriodicGrid<>, Trapezoid>(17), 8)) == 2);
  CHECK(images(forward_matrix<Sine>(on<UniformGrid<>, Simpson>(17), 8)) == 2);
  CHECK(images(forward_matrix<Legendre>(on<LegendreGrid<>, GaussLegendre>(12), 7)) == 2);
  CHECK(images(forward_matrix<Chebyshev>(on<ChebyshevGrid<>, ClenshawCurtis>(12), 7)) == 2);
  const auto weighted = [](std::vector<Index> doubled) {
    std::vector<double> weights(16, 1.0 / 16);
    for (const Index j : doubled) weights[static_cast<std::size_t>(j)] *= 2;
    return images(
        forward_matrix<Fourier>(Discretization<PeriodicGrid<>, Given>({0.0, 1.0, 16}, Given{weights}), 5));
  };
  CHECK(weighted({0, 8}) == 4);
  CHECK(weighted({0}) == 2);     // mirrored, and other ones after half a turn
  CHECK(weighted({1, 9}) == 1);  // the same after half a turn, and not mirrored
  CHECK(weighted({0, 3}) == 1);
  std::vector<double> weights(16, 1.0 / 16);
  weights[3] *= 2;
  CHECK(images(forward_matrix<Sine>(Discretization<MidpointGrid<>, Given>({0.0, 1.0, 16}, Given{weights}),
                                    8)) == 1);
  // Points of a domain that is padded are a part of the circle.
  CHECK(images(forward_matrix<Fourier>(on<UniformGrid<>, Trapezoid>(16), 5, {0.5})) == 1);
}

TEST_CASE("FFTW's sums and matrices are one map, up to and beyond the modes that the points tell apart") {
  for (const Index n : {16, 17, 30, 33}) {
    for (const Index modes : {Index{1}, Index{5}, n / 2, n - 1, n, n + 3}) {
      const auto circle = on<PeriodicGrid<>, Trapezoid>(n);
      same<Fourier>(circle, modes, Way::sums, true);
      same<Fourier>(circle, modes, Way::sums, false);
      const auto line = on<UniformGrid<>, Trapezoid>(n);
      same<Cosine>(line, modes, Way::sums);
      same<Sine>(line, modes, Way::sums);
      const auto cells = on<MidpointGrid<>, Midpoint>(n);
      same<Cosine>(cells, modes, Way::sums);
      same<Sine>(cells, modes, Way::sums);
    }
  }
  same<Sine>(on<UniformGrid<>, Simpson>(33), 12, Way::sums);  // the rule's weights are factors of the points
}

TEST_CASE("many channels and points, a part at a time") {
  for (const Index inner : {1, 16, 37}) {
    const auto circle = on<PeriodicGrid<>, Trapezoid>(1030);
    same<Fourier>(circle, 40, Way::folded, true, inner);
    same<Fourier>(circle, 40, Way::sums, false, inner);
    same<Sine>(on<UniformGrid<>, Trapezoid>(257), 30, Way::sums, true, inner);
  }
}

TEST_CASE("a domain far from the origin folds, too") {
  const Discretization<PeriodicGrid<>, Trapezoid> d({100.0, 100.3, 64});
  const detail::Spectrum<1> kept{{16}, {}};
  CHECK(detail::axis_transform<double, Fourier>(d, 0, kept, true, true, Way::folded).images() == 4);
}

TEST_CASE("layers whose paddings differ in the last digits keep different matrices") {
  const detail::Spectrum<1> one{{3}, {2e-7}}, other{{3}, {4e-7}};
  CHECK(one.name() != other.name());
}

TEST_CASE("a transform says what it was given") {
  const auto d = on<PeriodicGrid<>, Trapezoid>(16);
  const auto sums = std::make_shared<const detail::ModeSums<double>>(
      detail::mode_sums<double, Fourier>(d, detail::Spectrum<1>{{4}, {}}, true));
  CHECK_THROWS_WITH_AS(detail::gather_modes(Array<double>::zeros({2, 15, 3}), sums),
                       "a transform from points of shape (16) was given an array of shape (2, 15, 3).",
                       std::invalid_argument);
}
