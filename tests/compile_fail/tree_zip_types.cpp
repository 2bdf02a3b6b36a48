// EXPECT: zip_parameters walks two models of one type
#include <fredholm/core/cast.hpp>
#include <fredholm/core/tree.hpp>

using namespace fredholm;

template <class Scalar>
struct Layer {
  Parameter<Scalar> weight{Shape{3}};
};

int main() {
  Layer<double> model;
#ifndef FREDHOLM_CONTROL
  const Layer<float> other;
#else
  const auto other = cast<double>(Layer<float>());
#endif
  zip_parameters(model, other, [](auto&, const auto&) {});
}
