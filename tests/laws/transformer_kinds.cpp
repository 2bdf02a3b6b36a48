// Transformers put together by type: what the types are, gradients, and orders.
#include "../support/transformer_laws.hpp"

using namespace transformer_laws;

namespace {

/// Positions of queries and keys by their index: what a model of language does.
struct RotaryInCells {
  Linear<> lift;
  Attention<> attention;
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Index n = u.points();
    Array<double> turn(Shape{n, 2});
    for (Index j = 0; j < n; ++j) {
      turn.mutable_data()[2 * j] = std::cos(0.1 * static_cast<double>(j));
      turn.mutable_data()[2 * j + 1] = std::sin(0.1 * static_cast<double>(j));
    }
    const auto v = lift(u).values();
    const auto turned = [&](const Array<double>& x) { return rotate(x, turn, attention.heads); };
    return u.with(fredholm::attention(turned(attention.query(v)), turned(attention.key(v)),
                                      attention.value(v), weights_of(u.discretization()), attention.heads));
  }
};

/// The same with coordinates.
struct RotaryInUnits {
  Linear<> lift;
  Attention<> attention;
  RotaryPosition<> position;
  auto operator()(const AnyField auto& u) const {
    const auto v = lift(u);
    return attention(v, v, position);
  }
};

}  // namespace

TEST_CASE("arguments are told apart by kind, in any order, and take the scalar of the model") {
  using fredholm::detail::TransformerKind;
  static_assert(std::is_same_v<Transformer<1>,
                               BasicTransformer<1, Attention<>, LayerNorm<>, FourierFeatures<>, double>>);
  static_assert(std::is_same_v<Transformer<1, Counting, float>, Transformer<1, float, Attention<Counting>>>);
  static_assert(std::is_same_v<Transformer<1, RuleOfField, double>, Transformer<1>>);
  static_assert(std::is_same_v<Transformer<2, MeasureNorm<Simpson>, float, CoordinateEmbedding>,
                               BasicTransformer<2, Attention<RuleOfField, float>, MeasureNorm<Simpson, float>,
                                                CoordinateEmbedding, float>>);
  static_assert(std::is_same_v<TransformerKind<1, outside::MeanAttention<>, float>::attention,
                               outside::MeanAttention<float>>);
  static_assert(std::is_same_v<Transformer<1, Attention<RuleOfField, float>, float>, Transformer<1, float>>);
  static_assert(!AnyAttention<Counting> && !AnyAttention<LayerNorm<>> && !AnyNorm<Attention<>> &&
                AnyNorm<MeasureNorm<>> && AnyPosition<RotaryPosition<>, 2> && !AnyPosition<float, 1>);
  const auto model = transformer();
  static_assert(std::is_same_v<std::remove_const_t<decltype(model)>, Transformer<1>>);
  static_assert(std::is_same_v<decltype(cast<float>(model)), Transformer<1, float>>);
  static_assert(std::is_same_v<decltype(cast<float>(encoder_decoder<MeasureNorm<>>())),
                               EncoderDecoder<1, MeasureNorm<>, float>>);
  static_assert(std::is_same_v<decltype(cast<double>(transformer<RotaryPosition<>, float>())),
                               Transformer<1, RotaryPosition<>>>);
}

TEST_CASE("the paths of the parameters, which checkpoints go by") {
  std::vector<std::string> paths;
  const auto collect = [&](const std::string& path, const auto&) { paths.push_back(path); };
  const auto plain = transformer();
  for_each_leaf(plain, collect);
  const auto has = [&](const std::string& path) { return std::count(paths.begin(), paths.end(), path) == 1; };
  CHECK(has("position.frequency"));
  CHECK(has("lift.weight"));
  CHECK(has("blocks.1.attention_norm.scale"));
  CHECK(has("blocks.1.attention.query.weight"));
  CHECK(has("blocks.1.attention.output.bias"));
  CHECK(has("blocks.1.mlp_norm.shift"));
  CHECK(has("blocks.0.mlp.layers.1.weight"));
  CHECK(has("norm.scale"));
  CHECK(has("project.layers.0.weight"));
  CHECK(paths.size() == 1 + 2 + 2 * 16 + 2 + 4);
  const auto usual = paths;
  paths.clear();
  const auto other = transformer<RotaryPosition<>, MeasureNorm<>>();
  for_each_leaf(other, collect);
  CHECK(paths == usual);
}

TEST_CASE("gradients of every kind") {
  Engine rng(3);
  const auto u = random_field(Line({0.0, 1.0, 9}), 2, 1, rng);
  const auto p = random_field(Plane({{0.0, 1.0, 3}, {0.0, 1.0, 4}}), 2, 1, rng);
  const TransformerOptions small{.channels = 4, .heads = 2, .depth = 2, .frequencies = 1};
  check(laws::gradient(curved, make_transformer<1, MeasureNorm<>>(small, rng), u));
  check(laws::gradient(curved, make_transformer<1, RotaryPosition<>>(small, rng), u));
  check(laws::gradient(curved, make_transformer<1, CoordinateEmbedding>(small, rng), u));
  check(laws::gradient(curved, make_transformer<1, NoPosition, MeasureNorm<>>(small, rng), u));
  check(laws::gradient(curved, make_transformer<1, outside::MeanAttention<>>(small, rng), u));
  check(laws::gradient(curved, make_transformer<2, MeasureNorm<>, CoordinateEmbedding>(small, rng), p));
  check(laws::gradient(curved,
                       make_transformer<2, RotaryPosition<>>(
                           {.channels = 8, .heads = 2, .depth = 1, .frequencies = 1, .length = 0.5}, rng),
                       p));
}

TEST_CASE("every kind converges at the order of the rule") {
  check_orders(transformer<MeasureNorm<>>());
  check_orders(transformer<RotaryPosition<>>());
  check_orders(transformer<outside::MeanAttention<>, outside::SizeNorm<>, outside::SquarePosition>());
}

TEST_CASE("positions in indices are another operator on every grid; in coordinates they are one") {
  Engine rng(9);
  auto lift = make_linear(1, 8, rng);
  auto layer = make_attention(8, 2, rng);
  const RotaryInCells cells{lift, layer};
  const RotaryInUnits units{lift, layer, make_rotary_position<1>(1, 1.0)};
  const laws::RefinementOptions sizes{.sizes = {33, 65, 129}};
  const auto reference = gauss(80);
  check(laws::refinement(units, smooth, on_uniform<Trapezoid>(), reference, sizes));
  check(laws::permutation(units, smooth, gauss(40)));
  check_broken(laws::refinement(cells, smooth, on_uniform<Trapezoid>(), on_uniform<Trapezoid>()(513), sizes));
  check_broken(laws::refinement(cells, smooth, on_uniform<Trapezoid>(), reference,
                                {.sizes = {33, 65, 129}, .order = 0.5}));
  check_broken(laws::permutation(cells, smooth, gauss(40)));
}

TEST_CASE("counting fails") {
  const auto broken = [](const auto& op) {
    const laws::RefinementOptions sizes{.sizes = {65, 129, 257}};
    check_broken(laws::refinement(op, smooth, on_uniform<Trapezoid>(), gauss(160), sizes));
    check_broken(laws::refinement(op, smooth, on_uniform<Simpson>(), gauss(160), sizes));
  };
  broken(transformer<Counting, RotaryPosition<>>());
  broken(transformer<MeasureNorm<Counting>>());
}
