// The Jacobian of a residual, point by point.
#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/autodiff/rows.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/part.hpp>
#include <fredholm/space/rules/given.hpp>

#include <doctest/doctest.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::message_of;
using Cloud = Discretization<PointCloud<2>, Given>;

namespace {

/// With weights of 1, so that an integral is a sum over the points.
Cloud cloud(int count) {
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> even(0.0, 1.0);
  std::vector<std::array<double, 2>> points;
  for (int i = 0; i < count; ++i) points.push_back({even(engine), even(engine)});
  return Cloud(PointCloud<2>({{0.0, 1.0}, {0.0, 1.0}}, points),
               Given{std::vector<double>(points.size(), 1.0)});
}

/// A network behind trained features and under a hard constraint, with an unknown coefficient.
struct Model {
  Linear<> features;
  Mlp<Tanh> net;
  Parameter<double> nu;
  auto operator()(const auto& p) const {
    const auto x = channel(p, 0), t = channel(p, 1);
    return sin(3 * x) + t * x * (1 - x) * net(sin(features(p))) * nu();
  }
};

Model model() {
  Engine engine(4);
  return {make_linear(2, 3, engine), make_mlp<Tanh>({3, 5, 4, 1}, engine),
          Parameter<double>(Array<double>({1}, {0.3}))};
}

const auto burgers = [](const auto& m, const auto& points) {
  const auto u = derivatives<Dt, Dx, Dxx>(m, points);
  return u[Dt{}] + u.value() * u[Dx{}] - m.nu() * u[Dxx{}];
};

}  // namespace

TEST_CASE("a row is the derivative of a residual") {
  auto m = model();
  const auto points = cloud(9);
  const auto [residual, jacobian] = residual_rows(burgers, m, points);
  REQUIRE(jacobian.rows() == 9);
  REQUIRE(jacobian.cols() == count_parameters(m));
  CHECK(flat(residual.data(), 9).isApprox(flat(burgers(m, points).values().data(), 9), 1e-15));
  const auto moved = [&](Index which, double step) {
    auto other = m;
    Index position = 0;
    for_each_parameter(other, [&](auto& leaf) {
      if (which >= position && which < position + leaf.size()) leaf.mutable_data()[which - position] += step;
      position += leaf.size();
    });
    return burgers(other, points).values();
  };
  for (Index k = 0; k < jacobian.cols(); ++k) {
    const double h = 1e-3;
    const auto near = (flat(moved(k, h).data(), 9) - flat(moved(k, -h).data(), 9)).eval();
    const auto far = (flat(moved(k, 2 * h).data(), 9) - flat(moved(k, -2 * h).data(), 9)).eval();
    const Eigen::ArrayXd slope = (8 * near - far) / (12 * h);
    CHECK((slope - jacobian.col(k).array()).abs().maxCoeff() < 1e-8 * (1 + slope.abs().maxCoeff()));
  }
}

TEST_CASE("the sum of rows is the gradient of the sum, on any number of threads") {
  const auto m = model();
  const auto points = cloud(1000);
  Team team(2);
  const auto jacobian = residual_rows(team, burgers, m, points).jacobian;
  CHECK(jacobian == residual_rows(burgers, m, points).jacobian);
  const auto sum = [](const auto& model, const auto& d) { return integrate(burgers(model, d)); };
  const auto gradient = value_and_gradient(sum, m, points).gradient;
  Index position = 0;
  for_each_parameter(gradient, [&](const auto& leaf) {
    const Eigen::ArrayXd rows = jacobian.middleCols(position, leaf.size()).colwise().sum().transpose();
    CHECK((rows - flat(leaf.value().data(), leaf.size())).abs().maxCoeff() <
          1e-11 * (1 + rows.abs().maxCoeff()));
    position += leaf.size();
  });
}

TEST_CASE("at one point the row is the same as among others") {
  const auto m = model();
  const auto few = cloud(3);
  const auto all = residual_rows(burgers, m, few).jacobian;
  const auto one = residual_rows(burgers, m, part_of_points(few, 0, 1)).jacobian;
  CHECK(one.row(0).isApprox(all.row(0), 1e-13));
}

TEST_CASE("frozen parameters have no columns, and channels are rows of their own") {
  auto m = model();
  m.features.weight.set_frozen(true), m.features.bias.set_frozen(true);
  const auto two = [](const auto& net, const auto& points) {
    const auto u = derivatives<Dx>(net, points);
    return concatenate(u.value() * net.nu(), u[Dx{}]);
  };
  const auto points = cloud(5);
  const auto both_rows = residual_rows(two, m, points);
  CHECK(both_rows.jacobian.rows() == 10);
  CHECK(both_rows.jacobian.cols() == count_parameters(m) - 9);
  const auto second =
      residual_rows([](const auto& net, const auto& d) { return derivatives<Dx>(net, d)[Dx{}]; }, m, points);
  for (Index j = 0; j < 5; ++j)
    CHECK(both_rows.jacobian.row(2 * j + 1).isApprox(second.jacobian.row(j), 1e-14));
}

namespace {

template <class Residual>
void check_not_by_points(const Residual& residual, int points) {
  std::string message;
  try {
    residual_rows(residual, model(), cloud(points));
  } catch (const std::logic_error& error) {
    message = error.what();
  }
  CHECK(contains(message, "does not keep gradients apart for each point"));
}

}  // namespace

TEST_CASE("numbers computed of a parameter have rows") {
  const auto m = model();
  const auto points = cloud(7);
  const auto slope = [](const auto& net, const auto& d) { return derivatives<Dx>(net, d)[Dx{}]; };
  const auto same = [&](const auto& one, const auto& other) {
    const auto a = residual_rows(one, m, points).jacobian, b = residual_rows(other, m, points).jacobian;
    CHECK((a - b).cwiseAbs().maxCoeff() < 1e-14 * b.cwiseAbs().maxCoeff());
  };
  same([&](const auto& net, const auto& d) { return slope(net, d) * (-net.nu()); },
       [&](const auto& net, const auto& d) { return -(slope(net, d) * net.nu()); });
  same([&](const auto& net, const auto& d) { return 2.0 * net.nu() * slope(net, d) + 1 / net.nu(); },
       [&](const auto& net, const auto& d) {
         return net.nu() * (2.0 * slope(net, d)) + 1 / (0.0 * slope(net, d) + 1.0) / net.nu();
       });
  same(
      [&](const auto& net, const auto& d) {
        const auto nu_2 = square(net.nu());  // twice, and once more in a number
        return slope(net, d) * nu_2 + values(net, d) * (nu_2 * net.nu()) + nu_2;
      },
      [&](const auto& net, const auto& d) {
        return slope(net, d) * net.nu() * net.nu() + values(net, d) * net.nu() * net.nu() * net.nu() +
               (0.0 * slope(net, d) + 1.0) * net.nu() * net.nu();
      });
}

TEST_CASE("a parameter in an operation without rows is an error that says what to do") {
  const auto slope = [](const auto& m, const auto& points) { return derivatives<Dx>(m, points)[Dx{}]; };
  // A number that met as many values as there are points, which are not laid out by points.
  check_not_by_points(
      [&](const auto& m, const auto& d) {
        const auto u = slope(m, d);
        return concatenate(u, u) * (m.nu() * Array<double>({2}, {1.0, 3.0}));
      },
      2);
  // A number that is an integral of the network.
  check_not_by_points([&](const auto& m, const auto& d) { return slope(m, d) + integrate(values(m, d)); }, 5);
}

TEST_CASE("parameters on other points than those of the rows are an error") {
  for (const int count : {1, 4}) {  // which divide 64
    CAPTURE(count);
    check_not_by_points(
        [other = cloud(64)](const auto& m, const auto& d) {  // Mlp on jets
          return derivatives<Dx>(m, d)[Dx{}] + integrate(derivatives<Dx>(m, other)[Dx{}]);
        },
        count);
    check_not_by_points(
        [other = cloud(64)](const auto& m, const auto& d) {  // Linear
          return values(m, d) + integrate(slice_channels(m.features(coordinates(other)), 0, 1));
        },
        count);
    check_not_by_points(
        [other = cloud(64)](const auto& m, const auto& d) {  // a number
          return values(m, d) + integrate(channel(coordinates(other), 0) * m.nu());
        },
        count);
  }
}

TEST_CASE("a residual that mixes points is an error") {
  const auto mixed = [](const auto& m, const auto& points) {
    const auto u = derivatives<Dx>(m, points);
    return u[Dx{}] + detach(integrate(u.value()));
  };
  CHECK(contains(message_of([&] { residual_rows(mixed, model(), cloud(5)); }), "It mixes points"));
}
