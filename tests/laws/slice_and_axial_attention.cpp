// Slice attention and axial attention: adjoints, and the same operator on every discretization.
#include "../support/attention_laws.hpp"

using namespace attention_laws;

TEST_CASE("adjoints of slice and axial attention") {
  check_gradient(make<SliceAttention<>>());
  check_gradient(make<AxialAttention<2>>());
}

TEST_CASE("slice attention") { check_kind(make<SliceAttention<>>()); }

TEST_CASE("axial attention") { check_orders(lifted(make<AxialAttention<1>>(), options.channels)); }

TEST_CASE("counting points fails") {
  check_counting_fails(make<SliceAttention<Counting>>());
  check_counting_fails(make<AxialAttention<1, Counting>>());
  check_counting_field_fails(make<SliceAttention<>>());
  check_counting_field_fails(make<AxialAttention<1>>());
}

TEST_CASE("softmax over points in place of the measure breaks axial attention on a square") {
  const laws::RefinementOptions squares{.sizes = {9, 17, 33}, .tolerance = 0.3, .probes = 5};
  const auto op = lifted(make<AxialAttention<2, Counting>>(), options.channels);
  check_broken(laws::refinement(op, smooth2, on_square<Trapezoid>(), gauss_square(24), squares));
}
