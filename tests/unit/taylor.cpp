// Derivatives in the coordinates: closed forms, to order 4, mixed, in one to four coordinates.
#include <fredholm/autodiff/taylor.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace fredholm;
using Line = Discretization<UniformGrid<>, Trapezoid>;
using Plane = Discretization<ProductGrid<UniformGrid<>, LegendreGrid<>>, ProductRule<Simpson, GaussLegendre>>;

namespace {

/// The largest difference, relative to the largest value.
template <class Field>
double error(const Field& a, const Field& b) {
  const auto x = flat(a.values().data(), a.values().size()), y = flat(b.values().data(), b.values().size());
  REQUIRE(a.values().shape() == b.values().shape());
  return static_cast<double>((x - y).abs().maxCoeff() / (1 + y.abs().maxCoeff()));
}

}  // namespace

TEST_CASE("a closed set: its members, each once, whatever the order of the names") {
  using Burgers = jet_set<2, Dt, Dx, Dxx>;
  static_assert(std::is_same_v<Burgers, JetSet<2, 0, 1, 10, 2>>);
  static_assert(std::is_same_v<Burgers, jet_set<2, Dxx, D<0, 1>>>);
  static_assert(std::is_same_v<jet_set<2, Dxxt>, JetSet<2, 0, 1, 10, 2, 11, 12>>);
  static_assert(std::is_same_v<jet_set<3, Laplacian>, JetSet<3, 0, 1, 10, 100, -1>>);
  static_assert(std::is_same_v<jet_set<3, SpaceLaplacian>, JetSet<3, 0, 1, 10, -2>>);
  static_assert(std::is_same_v<jet_set<2, Laplacian, Dxx, Dyy>, JetSet<2, 0, 1, 10, 2, 20>>);
  static_assert(std::is_same_v<jet_set<1, Laplacian>, jet_set<1, Dxx>>);
  static_assert(jet_set<4, D<1, 1, 1, 1>>::size == 16);
}

TEST_CASE("a formula in x and t: u = exp(x) sin(2 t) + x^3 t^2 / (1 + x^2)") {
  const Plane points({{-1.0, 1.0, 5}, {0.0, 2.0, 4}});
  const auto formula = [](const auto& p) {
    const auto x = channel(p, 0), t = channel(p, 1);
    return exp(x) * sin(2 * t) + x * x * x * square(t) / (1 + x * x);
  };
  const auto u = derivatives<Dxxtt, Dxxx, Dtt>(formula, points);
  CHECK(error(u.value(), values(formula, points)) < 1e-15);
  const auto check = [&](auto tag, const auto& exact) {
    CHECK(error(u[tag], sample(exact, points)) < 1e-14);
  };
  // q = x^3 / (1 + x^2) = x - x / (1 + x^2) and its derivatives
  const auto q = [](int k, double x) {
    const double s = x * x, d = 1 / (1 + s);
    return k == 0   ? x * s * d
           : k == 1 ? 1 - (1 - s) * d * d
           : k == 2 ? -2 * x * (s - 3) * d * d * d
                    : 6 * (s * s - 6 * s + 1) * d * d * d * d;
  };
  check(Dx{}, [&](double x, double t) { return std::exp(x) * std::sin(2 * t) + q(1, x) * t * t; });
  check(Dt{}, [&](double x, double t) { return 2 * std::exp(x) * std::cos(2 * t) + 2 * q(0, x) * t; });
  check(Dxxx{}, [&](double x, double t) { return std::exp(x) * std::sin(2 * t) + q(3, x) * t * t; });
  check(Dxt{}, [&](double x, double t) { return 2 * std::exp(x) * std::cos(2 * t) + 2 * q(1, x) * t; });
  check(D<2, 2>{}, [&](double x, double t) { return -4 * std::exp(x) * std::sin(2 * t) + 2 * q(2, x); });
}

TEST_CASE("a network with one unit: u = a tanh(w x + v y + b), to order 4") {
  const Linear<> first{Parameter<double>(Array<double>({2, 1}, {0.7, -1.3})),
                       Parameter<double>(Array<double>({1}, {0.2}))},
      last{Parameter<double>(Array<double>({1, 1}, {2.0})), Parameter<double>(Array<double>({1}, {-7.0}))};
  const Mlp<Tanh> net{{first, last}};
  const Plane points({{-1.0, 1.0, 5}, {0.0, 2.0, 4}});
  const auto u = derivatives<D<2, 2>, D<4, 0>, D<1, 3>>(net, points);
  CHECK(error(u.value(), values(net, points)) < 1e-15);
  const auto tanh_derivative = [](int k, double z) {
    const double s = std::tanh(z), q = 1 - s * s;
    return k == 1 ? q : k == 2 ? -2 * s * q : k == 3 ? q * (6 * s * s - 2) : q * (16 * s - 24 * s * s * s);
  };
  const auto check = [&](auto tag, int a, int b) {
    CHECK(error(u[tag], sample(
                            [&](double x, double y) {
                              return 2 * std::pow(0.7, a) * std::pow(-1.3, b) *
                                     tanh_derivative(a + b, 0.7 * x - 1.3 * y + 0.2);
                            },
                            points)) < 1e-14);
  };
  check(Dx{}, 1, 0), check(Dy{}, 0, 1), check(Dxx{}, 2, 0), check(Dxy{}, 1, 1), check(Dxxx{}, 3, 0);
  check(Dxyy{}, 1, 2), check(D<2, 2>{}, 2, 2), check(D<4, 0>{}, 4, 0), check(D<1, 3>{}, 1, 3);
}

TEST_CASE("the Laplacian as one component is the sum of the second derivatives") {
  using Space = Discretization<PointCloud<3>, MonteCarlo>;
  Engine engine(3);
  const auto net = make_mlp<Sin>({3, 6, 5, 2}, engine);
  const Space points(PointCloud<3>({{0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}},
                                   {{0.1, 0.5, 0.3}, {0.7, 0.2, 0.9}, {0.4, 0.4, 0.6}}));
  const auto collapsed = derivatives<Laplacian, SpaceLaplacian>(net, points);
  const auto each = derivatives<Dxx, Dyy, Dzz>(net, points);
  CHECK(collapsed.value().channels() == 2);
  CHECK(error(collapsed[Laplacian{}], each[Dxx{}] + each[Dyy{}] + each[Dzz{}]) < 1e-14);
  CHECK(error(each[Laplacian{}], collapsed[Laplacian{}]) < 1e-14);
  CHECK(error(collapsed[SpaceLaplacian{}], each[Dxx{}] + each[Dyy{}]) < 1e-14);
}
