#include <doctest/doctest.h>

#include <array>
#include <complex>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fredholm/core/cast.hpp>
#include <fredholm/core/tree.hpp>

using namespace fredholm;

namespace {

template <class Scalar = double>
struct Linear {
  Parameter<Scalar> weight{Shape{2, 3}};
  Parameter<Scalar> bias{Shape{3}};
};

struct Fourier {};

template <Index Dimension, class Basis, class Scalar = double>
struct Spectral {
  std::array<Index, Dimension> modes{};
  Basis basis{};
  Parameter<std::complex<Scalar>> weight{Shape{2, 2}};
};

template <class Scalar = double>
struct Statistics {
  Buffer<Scalar> mean{Shape{3}};
  Scalar guard = static_cast<Scalar>(0.1);
};

struct Activation {
  double slope = 0.5;
};

template <Index Dimension, class Function, class Scalar = double>
struct Block {
  Spectral<Dimension, Fourier, Scalar> spectral{};
  Linear<Scalar> skip{};
  Function function{};
  std::optional<Statistics<Scalar>> statistics{};
};

struct Options {
  std::string title = "model";
  std::vector<double> levels{1, 2};
};

template <Index Dimension, class Function, class Scalar = double>
struct Network {
  Linear<Scalar> lift{};
  std::vector<Block<Dimension, Function, Scalar>> blocks{};
  std::array<Linear<Scalar>, 2> heads{};
  std::tuple<Activation, Linear<Scalar>> tail{};
  std::pair<Index, Parameter<Scalar>> last{4, Parameter<Scalar>(Shape{1})};
  Options options{};
  std::function<double(double)> callback{};
  decltype([](auto x) { return x + 1; }) own_function{};
};

template <class... Layer>
struct Chain {
  std::tuple<Layer...> layers;
};

template <class Scalar>
struct Tree {
  Parameter<Scalar> here{Shape{1}};
  std::vector<Tree> children{};
};

class ByHand {
 public:
  explicit ByHand(Index width) : weight_(Shape{width}) {}
  static void visit(auto& self, auto&& f) {
    f("width", self.width_);
    f("weight", self.weight_);
  }
  template <class Scalar>
  auto cast() const {
    return *this;
  }

 private:
  Index width_ = 1;
  Parameter<float> weight_;
};

constexpr auto identity = [](auto x) { return x; };
using Function = std::remove_const_t<decltype(identity)>;
template <class Scalar>
using Model = Network<2, Function, Scalar>;

Model<double> make_model() {
  Model<double> model;
  model.blocks.resize(2);
  model.blocks[1].statistics = Statistics<double>{};
  double next = 0.1;
  for_each_leaf(model, [&](auto& leaf) {
    for (Index i = 0; i < leaf.size(); ++i) leaf.mutable_data()[i] = next += 0.1;
  });
  return model;
}

template <class Any>
std::vector<std::string> paths(const Any& model) {
  std::vector<std::string> result;
  for_each_leaf(model, [&](const std::string& path, const auto&) { result.push_back(path); });
  return result;
}

template <class Any>
double total(const Any& model) {
  double sum = 0;
  for_each_leaf(model, [&](const auto& leaf) {
    for (Index i = 0; i < leaf.size(); ++i) sum += static_cast<double>(leaf.value().data()[i]);
  });
  return sum;
}

}  // namespace

TEST_CASE("leaves are named by their paths, in the order of declaration") {
  const std::vector<std::string> expected{"lift.weight",
                                          "lift.bias",
                                          "blocks.0.spectral.weight",
                                          "blocks.0.skip.weight",
                                          "blocks.0.skip.bias",
                                          "blocks.1.spectral.weight",
                                          "blocks.1.skip.weight",
                                          "blocks.1.skip.bias",
                                          "blocks.1.statistics.mean",
                                          "heads.0.weight",
                                          "heads.0.bias",
                                          "heads.1.weight",
                                          "heads.1.bias",
                                          "tail.1.weight",
                                          "tail.1.bias",
                                          "last.1"};
  CHECK(paths(make_model()) == expected);
  CHECK(paths(ByHand(3)) == std::vector<std::string>{"weight"});
  CHECK(paths(Parameter<double>(Shape{2})) == std::vector<std::string>{""});
}

TEST_CASE("for_each_parameter leaves the buffers out and hands over what can be changed") {
  auto model = make_model();
  int parameters = 0;
  for_each_parameter(model, [&](const std::string& path, auto& leaf) {
    CHECK(path != "blocks.1.statistics.mean");
    leaf.set(std::remove_cvref_t<decltype(leaf.value())>::zeros(leaf.value().shape()));
    ++parameters;
  });
  CHECK(parameters == 15);
  CHECK(total(model) != 0);  // the buffer
  model.blocks[1].statistics.reset();
  CHECK(total(model) == 0);
}

TEST_CASE("the leaves are those of the model, not copies") {
  auto model = make_model();
  std::vector<const void*> addresses;
  for_each_leaf(model, [&](auto& leaf) { addresses.push_back(&leaf); });
  CHECK(addresses.front() == &model.lift.weight);
  CHECK(addresses[2] == &model.blocks[0].spectral.weight);
  CHECK(addresses.back() == &model.last.second);
}

TEST_CASE("a struct may hold itself") {
  Tree<double> tree;
  tree.children.resize(2);
  tree.children[1].children.resize(1);
  CHECK(paths(tree) ==
        std::vector<std::string>{"here", "children.0.here", "children.1.here", "children.1.children.0.here"});
  CHECK(count_parameters(cast<float>(tree)) == 4);
}

TEST_CASE("count_parameters counts real numbers that are trained") {
  const auto model = make_model();
  const Index linear = 9;
  const Index spectral = 8;  // 2 x 2 complex
  CHECK(count_parameters(model) == 6 * linear + 2 * spectral + 1);
}

TEST_CASE("what the walk must not look into holds no leaves") {
  static_assert(!holds_leaves<double> && !holds_leaves<std::string> && !holds_leaves<Options>);
  static_assert(!holds_leaves<std::function<void()>> && !holds_leaves<std::vector<double>>);
  static_assert(!holds_leaves<Array<double>> && !holds_leaves<std::vector<std::vector<double>>>);
  static_assert(!holds_leaves<std::map<int, Linear<>>> && !holds_leaves<std::unique_ptr<Linear<>>>);
  static_assert(holds_leaves<Linear<>> && holds_leaves<const Linear<float>> && holds_leaves<Buffer<float>>);
  static_assert(holds_leaves<std::vector<std::array<Linear<>, 2>>> && holds_leaves<ByHand>);
  static_assert(holds_leaves<Tree<double>> && holds_leaves<Chain<Activation, Linear<>>>);
  static_assert(!holds_leaves<Chain<Activation>>);
}

TEST_CASE("zip_parameters pairs the parameters of two models") {
  auto model = make_model();
  const auto other = make_model();
  zip_parameters(model, other, [](auto& a, const auto& b) {
    for (Index i = 0; i < a.size(); ++i) a.mutable_data()[i] -= b.value().data()[i];
  });
  model.blocks[1].statistics.reset();
  CHECK(total(model) == 0);
  std::vector<std::string> seen;
  zip_parameters(other, model, [&](const std::string& path, const auto& a, auto& b) {
    seen.push_back(path);
    CHECK(a.shape() == b.shape());
  });
  CHECK(seen.size() == 15);
  CHECK(seen[2] == "blocks.0.spectral.weight");
}

TEST_CASE("zip_parameters refuses models of different structure, by name") {
  const auto nothing = [](const auto&, const auto&) {};
  const auto model = make_model();
  auto shallow = model;
  shallow.blocks.pop_back();
  CHECK_THROWS_WITH_AS(zip_parameters(model, shallow, nothing),
                       doctest::Contains("no parameter in the place of blocks.1.spectral.weight (2, 2)"),
                       std::invalid_argument);
  CHECK_THROWS_AS(zip_parameters(shallow, model, nothing), std::invalid_argument);
  Tree<double> tree;
  Tree<double> taller;
  taller.children.resize(1);
  CHECK_THROWS_WITH_AS(zip_parameters(tree, taller, nothing),
                       doctest::Contains("the first has 1 parameters, the second 2"), std::invalid_argument);
  auto wide = model;
  wide.heads[1].bias = Parameter<double>(Shape{7});
  CHECK_THROWS_WITH_AS(zip_parameters(model, wide, nothing),
                       doctest::Contains("heads.1.bias has shape (3) in the first and (7) in the second"),
                       std::invalid_argument);
}

TEST_CASE("map_leaves makes a model of other values and leaves the old one alone") {
  const auto model = make_model();
  const double before = total(model);
  const auto zeros = map_leaves(model, [](const auto& leaf) {
    return std::remove_cvref_t<decltype(leaf.value())>::zeros(leaf.value().shape());
  });
  CHECK(total(zeros) == 0);
  CHECK(total(model) == before);
  int named = 0;
  map_leaves(model, [&](const std::string& path, const auto& leaf) {
    named += path.empty() ? 0 : 1;
    return leaf.value();
  });
  CHECK(named == 16);
}

TEST_CASE("detach freezes the parameters of a copy that shares their values") {
  const auto model = make_model();
  const auto frozen = detach(model);
  static_assert(std::is_same_v<decltype(frozen), const Model<double>>);
  CHECK(frozen.lift.weight.frozen());
  CHECK(frozen.blocks[1].skip.bias.frozen());
  CHECK_FALSE(model.lift.weight.frozen());
  CHECK(frozen.lift.weight.value().data() == model.lift.weight.value().data());
}

TEST_CASE("cast goes to the other precision and back") {
  auto model = make_model();
  model.heads[0].bias.set_frozen(true);
  const auto narrow = cast<float>(model);
  static_assert(std::is_same_v<decltype(narrow), const Model<float>>);
  CHECK(paths(narrow) == paths(model));
  CHECK(total(narrow) == doctest::Approx(total(model)));
  CHECK(narrow.blocks[1].statistics->guard == 0.1f);
  CHECK(narrow.heads[0].bias.frozen());
  CHECK_FALSE(narrow.heads[1].bias.frozen());
  CHECK(narrow.options.levels == model.options.levels);
  CHECK(narrow.last.first == 4);
  CHECK(narrow.blocks[0].spectral.weight.shape() == Shape{2, 2});
  CHECK(narrow.lift.weight.value().data()[0] == static_cast<float>(model.lift.weight.value().data()[0]));
  const auto wide = cast<double>(narrow);
  static_assert(std::is_same_v<decltype(wide), const Model<double>>);
  CHECK(total(wide) == total(narrow));
}

TEST_CASE("cast looks inside the layers of a chain and lets a type say itself") {
  const Chain<Linear<double>, Activation, ByHand> chain{{Linear<double>{}, Activation{2}, ByHand(3)}};
  const auto narrow = cast<float>(chain);
  static_assert(std::is_same_v<decltype(narrow), const Chain<Linear<float>, Activation, ByHand>>);
  CHECK(std::get<1>(narrow.layers).slope == 2);
  CHECK(count_parameters(narrow) == 12);
}

TEST_CASE("print shows a line for each layer and the total") {
  auto model = make_model();
  model.heads[1].bias.set_frozen(true);
  std::ostringstream out;
  print(model, out);
  const std::string expected = R"(layer                leaves                          numbers
lift                 weight (2, 3), bias (3)               9
blocks.0.spectral    weight (2, 2) complex                 8
blocks.0.skip        weight (2, 3), bias (3)               9
blocks.1.spectral    weight (2, 2) complex                 8
blocks.1.skip        weight (2, 3), bias (3)               9
blocks.1.statistics  mean (3) kept                         0
heads.0              weight (2, 3), bias (3)               9
heads.1              weight (2, 3), bias (3) frozen        9
tail.1               weight (2, 3), bias (3)               9
last                 1 (1)                                 1
total                                                     71
)";
  CHECK(out.str() == expected);
  std::ostringstream single;
  print(Linear<float>{}, single);
  CHECK(single.str() == R"(layer    leaves                   numbers
(model)  weight (2, 3), bias (3)        9
total                                   9
)");
}
