// A perceptron on jets as one operation: the same as layer by layer.
#include "../support/jets.hpp"

using namespace fredholm;

TEST_CASE("for any set of derivatives, and any number of points") {
  support::compare<Tanh, double, Dt, Dx, Dxx>(45, 1e-13);
  support::compare<Sin, double, D<2, 1>>(1, 1e-13);
  support::compare<Tanh, double, Laplacian>(700, 1e-13);
}

template <class... Tags>
using Top = detail::TopDerivatives<jet_set<2, Tags...>>;

TEST_CASE("with one output the derivatives that no other needs go back as one") {
  static_assert(Top<Dt, Dx, Dxx>::count == 2 && Top<Dt, Dx, Dxx>::others == 2);  // u_t and u_xx; u and u_x
  static_assert(Top<Dx, Dt>::count == 2 && Top<Dx, Laplacian>::count == 1);
  static_assert(Top<Dxx, Dxt, Dtt>::count == 3 && Top<D<2, 1>>::count == 1 && Top<>::count == 0);
  support::compare<Tanh, double, Dt, Dx, Dxx>(45, 1e-13, 1);
  support::compare<Tanh, double, Dx, Dt>(150, 1e-13, 1);
  support::compare<Tanh, double, Dxx, Dxt, Dtt>(45, 1e-13, 1);
  support::compare<Sin, double, Dt, Dxx>(45, 1e-13, 1);
}

namespace {

/// A network of a network: the input of the outer one is on the tape, in all derivatives.
template <class Net>
struct Nested {
  Net inner, outer;
  auto operator()(const auto& x) const { return outer(inner(x)); }
};

}  // namespace

TEST_CASE("a network of a network, and many chunks of one tile") {
  Engine engine(3);
  using Slow = support::LayerByLayer<Tanh, double>;
  const Nested<Slow> slow{{make_mlp<Tanh>({2, 6, 3}, engine)}, {make_mlp<Tanh>({3, 8, 5, 1}, engine)}};
  const Nested<Mlp<Tanh>> fast{slow.inner.net, slow.outer.net};
  const auto points = support::cloud(700);
  const auto loss = whole([](const auto& model, const auto& d) {
    const auto u = derivatives<Dt, Dxx>(model, d);
    return integrate(square(u[Dt{}] - u.value() * u[Dx{}] - u[Dxx{}]));
  });
  const auto a = value_and_gradient(loss, fast, points);
  const auto b = value_and_gradient(loss, slow, points);
  CHECK(std::abs(a.value - b.value) <= 1e-13 * b.value);
  const auto same = [](const auto& x, const auto& y) {
    CHECK(support::difference(x.value(), y.value()) <= 1e-12);
  };
  zip_parameters(a.gradient.inner, b.gradient.inner.net, same);
  zip_parameters(a.gradient.outer, b.gradient.outer.net, same);
}

TEST_CASE("the same to the bit for any number of threads") {
  Engine engine(1);
  const auto net = make_mlp<Tanh>({2, 9, 8, 1}, engine);
  const auto points = support::cloud(1500);
  const auto loss = [](const auto& model, const auto& d) {
    return integrate(square(derivatives<Laplacian>(model, d)[Laplacian{}]));
  };
  Workspace one(1), three(3);
  const auto a = value_and_gradient(one, loss, net, points), b = value_and_gradient(three, loss, net, points);
  CHECK(a.value == b.value);
  zip_parameters(a.gradient, b.gradient, [](const auto& x, const auto& y) {
    CHECK(std::equal(x.value().data(), x.value().data() + x.size(), y.value().data()));
  });
}
