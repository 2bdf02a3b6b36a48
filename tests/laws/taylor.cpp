// The law of gradients for networks and formulas on jets.
#include <fredholm/laws/gradient.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

#include <doctest/doctest.h>

#include "../support/wall.hpp"

using namespace fredholm;
using support::some_points;
using support::Wall;

namespace {

/// A hard constraint, features and an unknown coefficient around a network.
struct Constrained {
  Linear<> features;
  Mlp<Tanh> net;
  Parameter<double> nu;
  auto operator()(const auto& p) const {
    const auto x = channel(p, 0), t = channel(p, 1);
    return x * (1 - x) * net(sin(features(p))) / (1 + square(t)) + nu() * exp(-t);
  }
};

/// An operation whose adjoint forgets a factor.
struct Wrong {
  Mlp<Tanh> net;
  auto operator()(const Array<double>& x) const {
    const auto u = net(coordinate_jets<jet_set<2, Dx>>(x));
    const Array<double> slope = u.full(1);
    return record(
        2.0 * detach(slope),
        [slope](Tape& tape, const double* dy) { tape.add(slope, flat(dy, slope.size())); }, slope);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("a network on jets, by its parameters and by the points", Activation, Tanh, Sin, Gelu,
                   Silu) {
  Engine engine(2);
  const Wall<Mlp<Activation>, Dt, Dx, Dxx> op{make_mlp<Activation>({2, 5, 4, 2}, engine)};
  CHECK(laws::gradient(op, some_points()).passed());
}

TEST_CASE("with a hard constraint, features and a coefficient") {
  Engine engine(3);
  const Wall<Constrained, Dt, Laplacian> op{{make_linear(2, 3, engine), make_mlp<Tanh>({3, 4, 1}, engine),
                                             Parameter<double>(Array<double>({1}, {0.3}))}};
  CHECK(laws::gradient(op, some_points()).passed());
}

TEST_CASE("a wrong adjoint fails") {
  Engine engine(3);
  CHECK_FALSE(laws::gradient(Wrong{make_mlp<Tanh>({2, 4, 1}, engine)}, some_points()).passed());
}
