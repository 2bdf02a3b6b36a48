// A perceptron on jets as one operation, in float: the same as layer by layer.
#include "../support/jets.hpp"

using namespace fredholm;

TEST_CASE("in float") {
  support::compare<Tanh, float, Dt, Dx, Dxx>(45, 5e-5F);
  support::compare<Tanh, float, Dt, Dx, Dxx>(45, 5e-5F, 1);
}
