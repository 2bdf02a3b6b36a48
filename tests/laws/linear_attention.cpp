// Attention at linear cost: adjoints, and the same operator on every discretization.
#include "../support/attention_laws.hpp"

using namespace attention_laws;

namespace {

/// Keys (and queries) that do not change their sign, channel by channel: elu is smooth on either side of 0.
LinearAttention<> with_signs_kept() {
  auto layer = make<LinearAttention<>>();
  for (auto* map : {&layer.query, &layer.key}) {
    for (Index c = 0; c < options.channels; ++c) map->bias.mutable_data()[c] = c % 2 == 0 ? 12.0 : -12.0;
  }
  for (Index c = 0; c < options.channels; c += 2) layer.query.bias.mutable_data()[c] = 4.0;
  return layer;
}

}  // namespace

TEST_CASE("adjoints of the operations") {
  Values w = normals({9});
  w.mutable_data()[4] = 0.0;
  const auto outer = [&](const Values& k, const Values& v) { return outer_integral(k, v, w, 2); };
  check(laws::gradient(outer, normals({2, 9, 6}), normals({2, 9, 10})));
  check(laws::gradient(outer, normals({1, 9, 2}), normals({1, 9, 40})));
  check(laws::gradient([&](const Values& x) { return outer_integral(x, x, w, 2); }, normals({2, 9, 6})));
  const auto apply = [](const Values& q, const Values& m) { return apply_by_heads(q, m, 2); };
  check(laws::gradient(apply, normals({2, 9, 6}), normals({2, 2, 3, 5})));
  check(laws::gradient(apply, normals({1, 9, 6}), normals({3, 2, 3, 1})));
  check(laws::gradient(apply, normals({3, 1, 40}), normals({1, 2, 20, 17})));
  check(laws::gradient([](const Values& x) { return softmax(x); }, normals({3, 4, 5})));
  check(laws::gradient([](const Values& x) { return softplus(x); }, normals({3, 5})));
  Values kink = normals({3, 5});
  for (Index i = 0; i < kink.size(); ++i) kink.mutable_data()[i] += kink.data()[i] < 0 ? -0.1 : 0.1;
  check(laws::gradient([](const Values& x) { return elu_plus_one(x); }, kink));
  check(laws::gradient(
      {.linear = true}, [](const Values& x) { return swap_axes(x, 1, 3); }, normals({2, 3, 4, 5, 2})));
  check(
      laws::gradient({.linear = true}, [](const Values& x) { return swap_axes(x, 0, 1); }, normals({3, 4})));
  for (const Shape& shape : {Shape{2, 3, 4}, Shape{2, 1, 4}, Shape{2, 3, 1}}) {
    check(
        laws::gradient({.linear = true}, [](const Values& x) { return swap_axes(x, 1, 2); }, normals(shape)));
  }
}

TEST_CASE("adjoints of the layers") {
  check_gradient(with_signs_kept());
  check_gradient(make<SoftplusAttention<>>());
  check_gradient(make<GalerkinAttention<>>());
  check_gradient(make<FourierAttention<>>());
}

TEST_CASE("softplus attention") { check_kind(make<SoftplusAttention<>>()); }
TEST_CASE("linear attention, where no key changes its sign") { check_kind(with_signs_kept()); }
TEST_CASE("Galerkin's attention") { check_kind(make<GalerkinAttention<>>()); }
TEST_CASE("Fourier's attention") { check_kind(make<FourierAttention<>>()); }
TEST_CASE("linear attention, where keys change their sign: elu keeps order 2 and no more than 3") {
  auto elu =
      lifted(with_signs_kept(), options.channels);  // queries keep theirs, so that the output is smooth
  const Values here = elu.layer.key(elu.lift(Values::full({1, 1}, smooth(0.37))));
  for (Index c = 0; c < options.channels; ++c) elu.layer.key.bias.mutable_data()[c] -= here(0, c);
  const auto reference = gauss(2001);
  check_slope(laws::refinement(elu, smooth, on_uniform<Trapezoid>(), reference), 1.9, 2.1);
  check(laws::refinement(elu, smooth, on_uniform<Simpson>(), reference, {.order = 2.5}));
  check_broken(laws::refinement(elu, smooth, on_uniform<Simpson>(), reference));
  check_broken(laws::refinement(elu, smooth, make_gauss, reference, {.sizes = {33, 65}}));
  const Lifted<SoftplusAttention<>> softplus{
      elu.lift, {elu.layer.query, elu.layer.key, elu.layer.value, elu.layer.output, elu.layer.heads}};
  check_slope(laws::refinement(softplus, smooth, on_uniform<Simpson>(), reference, {.sizes = {33, 65, 129}}),
              3.8, 4.2);
  check(laws::refinement(softplus, smooth, make_gauss, reference, {.sizes = {33, 65}}));
}

TEST_CASE("the value at a point does not depend on what else is asked") {
  const auto far = [](const auto& layer) {
    Engine engine(11);
    const auto lift = make_linear(1, options.channels, engine);
    const auto u = lift(sample(smooth, gauss(40)));
    const auto few = lift(sample(smooth, Gauss({0.1, 0.4, 5})));
    return laws::detail::largest_gap(
        layer(few, u).values(),
        resample(layer(u), few.discretization().nodes(0)).reshaped({1, 5, options.channels}));
  };
  CHECK(far(make<SoftplusAttention<>>()) < 1e-10);
  CHECK(far(make<GalerkinAttention<>>()) < 1e-10);
  CHECK(far(make<SliceAttention<>>()) < 1e-10);
  CHECK(far(make<FourierAttention<>>()) < 1e-10);
}

TEST_CASE("counting points fails") {
  check_counting_fails(make<SoftplusAttention<Counting>>());
  check_counting_fails(make<LinearAttention<Counting>>());
  check_counting_fails(make<GalerkinAttention<Counting>>());
  check_counting_fails(make<FourierAttention<Counting>>());
  check_counting_field_fails(make<SoftplusAttention<>>());
  check_counting_field_fails(make<GalerkinAttention<>>());
  check_counting_field_fails(make<FourierAttention<>>());
}
