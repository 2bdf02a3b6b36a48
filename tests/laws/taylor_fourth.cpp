// The law of gradients for jets of order 4, whose adjoint takes fifth derivatives, and for a Laplacian beside parts of it.
#include <fredholm/laws/gradient.hpp>
#include <fredholm/layers/mlp.hpp>

#include <doctest/doctest.h>

#include "../support/wall.hpp"

using namespace fredholm;
using support::some_points;
using support::Wall;

TEST_CASE_TEMPLATE("fourth derivatives of a network", Activation, Tanh, Sin, Gelu, Silu) {
  Engine engine(2);
  const Wall<Mlp<Activation>, D<4>> op{make_mlp<Activation>({2, 5, 4, 2}, engine)};
  const auto report = laws::gradient(op, some_points());
  INFO(report.message());
  CHECK(report.passed());
}

TEST_CASE("the Laplacian, Dxx and Dxy together") {
  Engine engine(2);
  const Wall<Mlp<Tanh>, Laplacian, Dxx, Dxy> op{make_mlp<Tanh>({2, 5, 4, 2}, engine)};
  const auto report = laws::gradient(op, some_points());
  INFO(report.message());
  CHECK(report.passed());
}
