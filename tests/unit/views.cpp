// No copy between a field, xtensor and Eigen: the pointers are equal.
#include <fredholm/core/views.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/rules.hpp>

#include <doctest/doctest.h>

#include <memory>

using namespace fredholm;

TEST_CASE("xtensor and Eigen look at the memory of the field") {
  const Discretization<UniformGrid<>, Simpson> d({0.0, 1.0, 5});
  Array<double> values(Shape{2, 5, 3});
  for (Index i = 0; i < values.size(); ++i) values.mutable_data()[i] = static_cast<double>(i);
  const Field u(d, values);
  CHECK(u.values().data() == values.data());
  const auto view = u.array();
  CHECK(view.data() == u.values().data());
  CHECK(view.shape()[0] == 2);
  CHECK(view.shape()[2] == 3);
  CHECK(view(1, 4, 2) == 29);
  CHECK(&view(1, 2, 0) == u.values().data() + 21);
  const auto rows = matrix(u.values().data(), 10, 3);
  CHECK(rows.data() == u.values().data());
  CHECK(rows(9, 2) == 29);
  CHECK(flat(u.values().data(), 30).data() == u.values().data());
}

TEST_CASE("a view keeps the memory alive") {
  const auto view = tensor<2>(Array<double>::full({2, 2}, 3.0));
  CHECK(view(1, 1) == 3.0);
}

TEST_CASE("an array over the memory of a tensor, and back") {
  xt::xtensor<float, 2> values({3, 2});
  for (float& x : values) x = 2.0F;
  const float* memory = values.data();
  const Array<float> array = array_from(std::move(values));
  CHECK(array.data() == memory);
  CHECK(array.shape() == Shape{3, 2});
  CHECK(tensor<2>(array).data() == memory);
  CHECK_THROWS_AS(tensor<3>(array), std::invalid_argument);
}

TEST_CASE("writing through a view copies what is shared and nothing else") {
  Array<double> array = Array<double>::zeros({2, 2});
  const double* memory = array.data();
  mutable_tensor<2>(array)(0, 1) = 5;
  CHECK(array.data() == memory);
  CHECK(array(0, 1) == 5);
  const Array<double> copy = array;
  mutable_tensor<2>(array)(0, 1) = 6;
  CHECK(copy(0, 1) == 5);
  CHECK(array(0, 1) == 6);
}

TEST_CASE("weights in double are those of the discretization, and are not written to") {
  auto d = std::make_unique<Discretization<UniformGrid<>, Simpson>>(UniformGrid<>(0.0, 1.0, 5));
  Array<double> weights = weights_of(*d);
  CHECK(weights.data() == d->weights().data());
  Array<double> changed = weights;
  changed.mutable_data()[0] = 7;
  CHECK(d->weights()[0] != 7);
  weights.mutable_data()[1] = 7;
  CHECK(d->weights()[1] != 7);
  const Array<double> kept = weights_of(*d);
  const double last = d->weights()[4];
  d.reset();
  CHECK(kept(4) == last);
  const Discretization<UniformGrid<>, Simpson> e({0.0, 1.0, 5});
  CHECK(weights_of<float>(e)(1) == static_cast<float>(e.weights()[1]));
}
