// A perceptron on jets as one operation, with other activations: the same as layer by layer.
#include "../support/jets.hpp"

using namespace fredholm;

TEST_CASE("gelu, silu") {
  support::compare<Gelu, double, Dxx>(45, 1e-13);
  support::compare<Silu, double, Dxx>(45, 1e-13);
}
