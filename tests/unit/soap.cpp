// Soap: Adam where the coordinates are turned, what an orthogonal transformation of a weight does to it and to Adam, arrays of
// every kind, and that it goes on to the bit from a file.
#include <fredholm/train/checkpoint.hpp>
#include <fredholm/train/soap.hpp>

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;

namespace {

constexpr Index rows = 5, columns = 4;

struct Weight {
  Parameter<double> w{Shape{rows, columns}};
};

RowMajor<double> of(const Weight& model) { return matrix(model.w.value().data(), rows, columns); }

Weight weight(const RowMajor<double>& values) {
  Weight model;
  matrix(model.w.mutable_data(), rows, columns) = values;
  return model;
}

RowMajor<double> random(Index m, Index n, unsigned seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> normal;
  return RowMajor<double>::NullaryExpr(m, n, [&] { return normal(rng); });
}

/// A product of reflections.
RowMajor<double> orthogonal(Index n, unsigned seed) {
  RowMajor<double> q = RowMajor<double>::Identity(n, n);
  for (unsigned k = 0; k < 3; ++k) {
    Eigen::VectorXd v = random(n, 1, seed + k);
    v.normalize();
    q -= 2 * v * (v.transpose() * q).eval();
  }
  return q;
}

/// The gradient of sum c_ij W_ij^2 / 2 + W_ij^4 / 4 with curvatures from 1 to 100.
RowMajor<double> slope(const RowMajor<double>& w) {
  RowMajor<double> g = w.array().cube();
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j)
      g(i, j) += std::pow(100.0, static_cast<double>(i * columns + j) / 19) * w(i, j);
  }
  return g;
}

/// The same of a loss of the diagonal alone, and so diagonal.
RowMajor<double> slope_of_diagonal(const RowMajor<double>& w) {
  RowMajor<double> g = RowMajor<double>::Zero(rows, columns);
  g.diagonal() = slope(w).diagonal();
  return g;
}

/// Steps on a loss of U^T W V, from U W0 V^T, and W turned back.
template <class Optimizer>
RowMajor<double> after(Optimizer optimizer, const RowMajor<double>& start, const RowMajor<double>& u,
                       const RowMajor<double>& v, int steps,
                       RowMajor<double> (*gradient)(const RowMajor<double>&) = slope) {
  Weight model = weight(u * start * v.transpose());
  for (int k = 0; k < steps; ++k)
    optimizer.step(model, weight(u * gradient(u.transpose() * of(model) * v) * v.transpose()));
  return u.transpose() * of(model) * v;
}

/// Parameters of every kind.
struct Mixed {
  Parameter<float> weight{Shape{6, 3}};
  Parameter<std::complex<float>> modes{Shape{4, 3, 5}};
  Parameter<double> bias{Shape{7}};
  Parameter<double> long_one{Shape{40, 2}};
  Parameter<double> frozen{Shape{3, 3}};
  Buffer<double> kept{Shape{2, 2}};
};

Mixed mixed() {
  Mixed model;
  std::mt19937_64 rng(2);
  std::normal_distribution<double> normal;
  for_each_parameter(model, [&](auto& leaf) {
    auto* values = leaf.mutable_data();
    for (Index i = 0; i < leaf.size(); ++i)
      values[i] = static_cast<std::remove_pointer_t<decltype(values)>>(normal(rng));
  });
  model.frozen.set_frozen(true);
  return model;
}

double distance_of(const Mixed& a, const Mixed& b) {
  double squares = 0;
  zip_parameters(a, b, [&](const auto& x, const auto& y) {
    for (Index i = 0; i < x.size(); ++i)
      squares +=
          std::pow(static_cast<double>(x.value().data()[i]) - static_cast<double>(y.value().data()[i]), 2);
  });
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("where the gradient is diagonal in turned coordinates, it is Adam in those coordinates") {
  const RowMajor<double> u = orthogonal(rows, 10), v = orthogonal(columns, 20);
  RowMajor<double> start = RowMajor<double>::Zero(rows, columns);
  for (Index i = 0; i < columns; ++i) start(i, i) = 1 + 0.5 * static_cast<double>(i);
  const SoapOptions options{.learning_rate = 0.01, .epsilon = 1e-3, .refresh = 3};
  const RowMajor<double> identity_u = RowMajor<double>::Identity(rows, rows),
                         identity_v = RowMajor<double>::Identity(columns, columns);
  const RowMajor<double> soap = after(Soap(Weight{}, options), start, u, v, 41, slope_of_diagonal);
  // The first call finds the bases, so that there is a step less.
  const RowMajor<double> adam = after(Adam(Weight{}, detail::adam_options(options)), start, identity_u,
                                      identity_v, 40, slope_of_diagonal);
  CHECK((soap - adam).norm() < 1e-9);
  CHECK((start - adam).norm() > 0.1);
}

TEST_CASE("a turned weight takes turned steps; with Adam it does not") {
  const RowMajor<double> start = random(rows, columns, 1);
  const RowMajor<double> u = orthogonal(rows, 30), v = orthogonal(columns, 40);
  const RowMajor<double> same_u = RowMajor<double>::Identity(rows, rows),
                         same_v = RowMajor<double>::Identity(columns, columns);
  const Soap soap(Weight{}, {.learning_rate = 0.01, .epsilon = 1e-3, .refresh = 4});
  CHECK((after(soap, start, u, v, 30) - after(soap, start, same_u, same_v, 30)).norm() < 1e-9);
  const Adam adam(Weight{}, {.learning_rate = 0.01, .epsilon = 1e-3});
  CHECK((after(adam, start, u, v, 30) - after(adam, start, same_u, same_v, 30)).norm() > 1e-2);
}

TEST_CASE("without sides it is Adam to the bit, a step later") {
  const SoapOptions options{.learning_rate = 0.02, .weight_decay = 0.1, .longest_side = 0};
  Mixed model = mixed(), other = mixed();
  Soap soap(model, options);
  Adam adam(other, detail::adam_options(options));
  soap.step(model, Mixed(model));
  CHECK(distance_of(model, other) == 0);
  for (int k = 0; k < 5; ++k) {
    soap.step(model, Mixed(model));
    adam.step(other, Mixed(other));
  }
  CHECK(distance_of(model, other) == 0);
  CHECK(soap.steps() == 6);
}

TEST_CASE("a parameter that was frozen at first begins when it no longer is, as with a Soap of its own") {
  Mixed model = mixed();
  Soap soap(model, {.refresh = 2});
  for (int k = 0; k < 4; ++k) soap.step(model, Mixed(model));
  model.frozen.set_frozen(false);
  Weight alone{Parameter<double>(model.frozen.value())};
  Soap own(alone, {.refresh = 2});
  for (int k = 0; k < 5; ++k) {
    soap.step(model, Mixed(model));
    own.step(alone, Weight(alone));
  }
  const auto value = [](const Parameter<double>& leaf) {
    return Eigen::Map<const Eigen::VectorXd>(leaf.value().data(), leaf.size()).eval();
  };
  CHECK(value(model.frozen) == value(alone.w));
  CHECK(value(model.frozen) != value(mixed().frozen));
}

TEST_CASE("an axis is turned and turned back, and its moment is that of the other axes") {
  const Shape shape{3, 4, 5};
  const RowMajor<double> values = random(1, 60, 7);
  for (Index axis = 0; axis < 3; ++axis) {
    const detail::AxisView view(shape, axis);
    const RowMajor<double> q = orthogonal(view.length, 50);
    RowMajor<double> turned(1, 60), back(1, 60);
    detail::turn(view, q.data(), false, values.data(), turned.data());
    detail::turn(view, q.data(), true, static_cast<const double*>(turned.data()), back.data());
    CHECK((back - values).norm() < 1e-13);
    RowMajor<double> moment = RowMajor<double>::Zero(view.length, view.length), of_turned = moment;
    detail::add_moment(view, values.data(), 0, 1, moment.data());
    detail::add_moment(view, static_cast<const double*>(turned.data()), 0, 1, of_turned.data());
    CHECK((of_turned - q * moment * q.transpose()).norm() < 1e-12);
    CHECK(moment.trace() == doctest::Approx(values.squaredNorm()).epsilon(1e-14));
    // Eigenvectors, and vectors near them that a renewal draws nearer.
    const RowMajor<double> basis = detail::eigenbasis(moment);
    const auto off_diagonal = [&moment](const RowMajor<double>& b) {
      RowMajor<double> turned_moment = b * moment * b.transpose();
      turned_moment.diagonal().setZero();
      return turned_moment.norm();
    };
    CHECK(off_diagonal(basis) < 1e-12);
    const auto kept = detail::renewed_basis(moment, basis);
    CHECK(off_diagonal(kept.basis) < 1e-12);
    CHECK(std::is_sorted(kept.order.begin(), kept.order.end()));
    const RowMajor<double> near = basis + 0.01 * random(view.length, view.length, 9);
    CHECK(off_diagonal(detail::renewed_basis(moment, near).basis) < 0.8 * off_diagonal(near));
  }
}

TEST_CASE("an eigenbasis of a matrix without full rank is orthonormal, and stays so") {
  constexpr Index n = 12;
  const RowMajor<double> half = random(n, 3, 60);
  const RowMajor<double> moment = half * half.transpose();
  RowMajor<double> basis = detail::eigenbasis(moment);
  for (int k = 0; k < 4; ++k) {
    CHECK((basis * basis.transpose() - RowMajor<double>::Identity(n, n)).norm() < 1e-13);
    RowMajor<double> turned = basis * moment * basis.transpose();
    for (Index i = 0; i + 1 < n; ++i) CHECK(turned(i, i) > turned(i + 1, i + 1) - 1e-12);
    turned.diagonal().setZero();
    CHECK(turned.norm() < 1e-12);
    basis = detail::renewed_basis(moment, basis).basis;
  }
  // Nothing to go by: any basis, and no NaN.
  const RowMajor<double> zero = RowMajor<double>::Zero(n, n);
  basis = detail::renewed_basis(zero, detail::eigenbasis(zero)).basis;
  CHECK((basis * basis.transpose() - RowMajor<double>::Identity(n, n)).norm() < 1e-13);
}

TEST_CASE("parameters of every kind fall to the minimum of a sum of squares; frozen ones stay") {
  Mixed model = mixed();
  const Mixed start = model;
  Soap soap(model, {.learning_rate = 0.05, .longest_side = 16});
  for (int k = 0; k < 400; ++k) {
    soap.options.learning_rate = 0.1 * std::pow(0.98, k);
    soap.step(model, Mixed(model));  // the gradient of |x|^2 / 2
  }
  CHECK(distance_of(model, start) > 1);
  for (Index i = 0; i < 9; ++i) CHECK(model.frozen.value().data()[i] == start.frozen.value().data()[i]);
  double largest = 0;
  for_each_parameter(model, [&](const auto& leaf) {
    if (!leaf.frozen())
      largest =
          std::max(largest, static_cast<double>(flat(leaf.value().data(), leaf.size()).abs().maxCoeff()));
  });
  CHECK(largest < 1e-2);
}

TEST_CASE("k steps, a file and k steps are 2k steps to the bit") {
  const support::Folder folder;
  Mixed model = mixed();
  Soap soap(model, {.learning_rate = 0.01, .refresh = 3});
  for (int k = 0; k < 8; ++k) soap.step(model, Mixed(model));
  save(soap, folder / "soap.safetensors");
  Mixed again = model;
  Soap fresh(again, {.learning_rate = 0.01, .refresh = 3});
  load(fresh, folder / "soap.safetensors");
  for (int k = 0; k < 8; ++k) {
    soap.step(model, Mixed(model));
    fresh.step(again, Mixed(again));
  }
  CHECK(distance_of(model, again) == 0);
  CHECK(fresh.steps() == 16);
}

TEST_CASE("what is wrong is named, and the model is as it was") {
  Mixed model = mixed();
  const Mixed start = model;
  Soap soap(model);
  soap.step(model, Mixed(model));
  Mixed bad = model;
  bad.modes.mutable_data()[3] = std::numeric_limits<float>::quiet_NaN();
  try {
    soap.step(model, bad);
    CHECK(false);
  } catch (const std::runtime_error& error) {
    CHECK(support::contains(error.what(), "Soap::step: the gradient has NaN or infinity in modes;"));
  }
  CHECK(distance_of(model, start) == 0);
  CHECK(soap.steps() == 1);
  CHECK(support::contains(support::message_of([&] { Soap(model, {.beta2 = 1}); }), "beta2 is 1"));
  CHECK(support::contains(support::message_of([&] { Soap(model, {.refresh = 0}); }), "refresh is 0"));
}
