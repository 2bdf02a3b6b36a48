// The three ways of a transform along an axis are one map: matrix, folded matrix, FFTW's sums.
#include <doctest/doctest.h>

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
    CHECK(matrix->folded() == 1);
    if (way == Way::folded && matrix->rows() > 1 && modes <= d.size() / 2) {
      // A quarter where half a turn of a circle is a number of steps.
      CHECK(other->folded() == (Basis::name == Fourier::name && d.size() % 2 == 0 ? 4 : 2));
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

/// How many images of a point the forward matrix treats alike: 1 is the point alone.
template <class Basis, class D>
Index images(const D& d, Index modes, std::array<double, 1> padding = {}) {
  const auto symmetry = detail::find_symmetry(
      detail::axis_matrix<Basis>(d, 0, detail::Spectrum<1>{{modes}, padding}, true, true), 1e-12);
  if (!symmetry) return 1;
  return symmetry->turns ? 4 : 2;
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

TEST_CASE("matrices fold where points and weights are symmetric, and only there") {
  CHECK(images<Fourier>(on<PeriodicGrid<>, Trapezoid>(16), 8) == 4);
  CHECK(images<Fourier>(on<PeriodicGrid<>, Trapezoid>(18), 5) == 4);
  CHECK(images<Fourier>(on<PeriodicGrid<>, Trapezoid>(17), 8) == 2);
  CHECK(images<Sine>(on<UniformGrid<>, Simpson>(17), 8) == 2);
  CHECK(images<Legendre>(on<LegendreGrid<>, GaussLegendre>(12), 7) == 2);
  CHECK(images<Chebyshev>(on<ChebyshevGrid<>, ClenshawCurtis>(12), 7) == 2);
  // Weights that are mirrored, and other ones after half a turn; weights without symmetry.
  std::vector<double> weights(16, 1.0 / 16);
  weights[0] *= 2;
  CHECK(images<Fourier>(Discretization<PeriodicGrid<>, Given>({0.0, 1.0, 16}, Given{weights}), 5) == 2);
  weights[3] *= 2;
  CHECK(images<Fourier>(Discretization<PeriodicGrid<>, Given>({0.0, 1.0, 16}, Given{weights}), 5) == 1);
  CHECK(images<Sine>(Discretization<MidpointGrid<>, Given>({0.0, 1.0, 16}, Given{weights}), 8) == 1);
  // Points of a domain that is padded are a part of the circle.
  CHECK(images<Fourier>(on<UniformGrid<>, Trapezoid>(16), 5, {0.5}) == 1);
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
  CHECK(detail::axis_transform<double, Fourier>(d, 0, kept, true, true, Way::folded).folded() == 4);
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
