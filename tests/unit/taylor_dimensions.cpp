// Derivatives in one to four coordinates: polynomials, a plane wave to order 4, and differences of the
// network itself.
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

using namespace fredholm;

namespace {

template <std::size_t Dimension>
using Points = Discretization<PointCloud<static_cast<Index>(Dimension)>, MonteCarlo>;

template <std::size_t Dimension>
Points<Dimension> points_at(std::vector<std::array<double, Dimension>> places) {
  Box<static_cast<Index>(Dimension)> box;
  for (std::size_t i = 0; i < Dimension; ++i) box[static_cast<Index>(i)] = {-3.0, 3.0};
  return Points<Dimension>(PointCloud<static_cast<Index>(Dimension)>(box, std::move(places)));
}

}  // namespace

TEST_CASE("one coordinate: a polynomial, a quotient, a root") {
  const auto points = points_at<1>({{0.3}, {1.1}});
  const auto u = derivatives<Dxxxx>([](const auto& p) { return square(square(p)) / 2 - 3 * p + 1; }, points);
  const auto v = derivatives<Dxxx>([](const auto& p) { return 1 / p + sqrt(p) + log(p); }, points);
  for (Index j = 0; j < 2; ++j) {
    const double x = j == 0 ? 0.3 : 1.1;
    CHECK(u[Dx{}].array()(0, j, 0) == doctest::Approx(2 * x * x * x - 3).epsilon(1e-14));
    CHECK(u[Dxx{}].array()(0, j, 0) == doctest::Approx(6 * x * x).epsilon(1e-14));
    CHECK(u[Dxxxx{}].array()(0, j, 0) == doctest::Approx(12).epsilon(1e-14));
    CHECK(
        v[Dxxx{}].array()(0, j, 0) ==
        doctest::Approx(-6 / std::pow(x, 4) + 0.375 * std::pow(x, -2.5) + 2 / std::pow(x, 3)).epsilon(1e-13));
  }
}

TEST_CASE("four coordinates: a plane wave, mixed, to order 4") {
  const std::array<double, 4> k{0.5, -1.2, 0.8, 0.3};
  const std::vector<std::array<double, 4>> places{{0.1, 0.2, 0.3, 0.4}, {-1.0, 0.5, 2.0, 0.7}};
  const auto wave = [&](const auto& p) {
    return sin(k[0] * channel(p, 0) + k[1] * channel(p, 1) + k[2] * channel(p, 2) + k[3] * channel(p, 3));
  };
  const auto u = derivatives<D<1, 1, 1, 1>, Laplacian, SpaceLaplacian, Dtt>(wave, points_at<4>(places));
  for (Index j = 0; j < 2; ++j) {
    const auto& x = places[static_cast<std::size_t>(j)];
    const double phase = k[0] * x[0] + k[1] * x[1] + k[2] * x[2] + k[3] * x[3];
    const double space = k[0] * k[0] + k[1] * k[1] + k[2] * k[2];
    CHECK(u[D<1, 1, 1, 1>{}].array()(0, j, 0) ==
          doctest::Approx(k[0] * k[1] * k[2] * k[3] * std::sin(phase)).epsilon(1e-14));
    CHECK(u[D<1, 0, 1, 1>{}].array()(0, j, 0) ==
          doctest::Approx(-k[0] * k[2] * k[3] * std::cos(phase)).epsilon(1e-14));
    CHECK(u[SpaceLaplacian{}].array()(0, j, 0) == doctest::Approx(-space * std::sin(phase)).epsilon(1e-14));
    CHECK(u[Laplacian{}].array()(0, j, 0) ==
          doctest::Approx(-(space + k[3] * k[3]) * std::sin(phase)).epsilon(1e-14));
    CHECK(u[Dtt{}].array()(0, j, 0) == doctest::Approx(-k[3] * k[3] * std::sin(phase)).epsilon(1e-14));
  }
}

TEST_CASE("three coordinates: nested differences of a network's values") {
  Engine engine(8);
  const auto net = make_mlp<Tanh>({3, 7, 6, 1}, engine);
  const std::array<double, 3> at{0.2, -0.4, 0.5};
  // Richardson's extrapolation of central differences of order 4, along each coordinate in turn.
  const auto value = [&](const std::array<double, 3>& x) {
    return values(net, points_at<3>({x})).array()(0, 0, 0);
  };
  const auto along = [](const auto& f, std::size_t axis) {
    return [f, axis](std::array<double, 3> x) {
      const auto shifted = [&](double h) {
        auto y = x;
        y[axis] += h;
        return f(y);
      };
      const double h = 0.02;
      return (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
    };
  };
  const auto u = derivatives<D<1, 1, 1>, Dxx, Dxxt>(net, points_at<3>({at}));
  CHECK(u[Dy{}].array()(0, 0, 0) == doctest::Approx(along(value, 1)(at)).epsilon(1e-6));
  CHECK(u[Dxx{}].array()(0, 0, 0) == doctest::Approx(along(along(value, 0), 0)(at)).epsilon(1e-5));
  CHECK(u[D<1, 1, 1>{}].array()(0, 0, 0) ==
        doctest::Approx(along(along(along(value, 0), 1), 2)(at)).epsilon(1e-5));
  CHECK(u[Dxxt{}].array()(0, 0, 0) == doctest::Approx(along(along(along(value, 0), 0), 2)(at)).epsilon(1e-5));
  CHECK(std::abs(u[Dxxt{}].array()(0, 0, 0)) > 1e-3);
}
