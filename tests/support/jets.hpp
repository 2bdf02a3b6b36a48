// Points in a square, and a network applied layer by layer: what the one operation on jets is compared with.
#pragma once

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/part.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

namespace support {

using namespace fredholm;
using Cloud = Discretization<PointCloud<2>, MonteCarlo>;

inline Cloud cloud(int count) {
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> even(0.0, 1.0);
  std::vector<std::array<double, 2>> points;
  for (int i = 0; i < count; ++i) points.push_back({even(engine), even(engine)});
  return Cloud(PointCloud<2>({{0.0, 1.0}, {0.0, 1.0}}, points));
}

/// The same network, layer by layer.
template <class Activation, class Scalar>
struct LayerByLayer {
  Mlp<Activation, Scalar> net;
  auto operator()(const auto& x) const {
    auto v = net.layers[0](x);
    for (std::size_t l = 1; l < net.layers.size(); ++l) v = net.layers[l](Activation{}(v));
    return v;
  }
};

template <class Scalar>
Scalar difference(const Array<Scalar>& a, const Array<Scalar>& b) {
  REQUIRE(a.shape() == b.shape());
  return (flat(a.data(), a.size()) - flat(b.data(), b.size())).abs().maxCoeff() /
         (1 + flat(b.data(), b.size()).abs().maxCoeff());
}

template <class Activation, class Scalar, class... Tags>
void compare(int count, Scalar tolerance, Index outputs = 3) {
  Engine engine(1);
  const LayerByLayer<Activation, Scalar> slow{make_mlp<Activation, Scalar>({2, 7, 19, 8, outputs}, engine)};
  const auto points = cloud(count);
  const auto loss = [outputs](const auto& model, const auto& d) {
    const auto u = derivatives<Tags...>(model, d);
    Number<Scalar> sum = integrate(square(slice_channels(u.value(), 0, 1)));
    const auto add = [&](auto tag) {
      sum = sum + integrate(square(slice_channels(u[tag], 1 % outputs, 1) *
                                   slice_channels(u.value(), 2 % outputs, 1)));
    };
    (add(Tags{}), ...);
    return sum;
  };
  const auto fast = value_and_gradient(loss, slow.net, points);
  const auto wanted = value_and_gradient(loss, slow, points);
  CHECK(std::abs(fast.value - wanted.value) <= tolerance * std::abs(wanted.value));
  zip_parameters(fast.gradient, wanted.gradient.net,
                 [&](const auto& a, const auto& b) { CHECK(difference(a.value(), b.value()) <= tolerance); });
}

}  // namespace support
