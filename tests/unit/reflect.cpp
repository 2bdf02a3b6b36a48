#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fredholm/core/parameter.hpp>
#include <fredholm/core/reflect.hpp>

using namespace fredholm;

namespace {

template <class Scalar = double>
struct Layer {
  Parameter<Scalar> weight{Shape{2, 3}};
  Parameter<Scalar> bias{Shape{3}};
};

struct Model {
  Layer<> lift{};
  std::vector<Layer<>> blocks{};
  std::array<Layer<>, 2> heads{};
  std::string title = "none";
  std::optional<double> scale{};
  std::function<int(int)> function{};
  std::unique_ptr<int> pointer{};
  int depth = 4;
};

std::vector<std::string> names(auto& object) {
  std::vector<std::string> result;
  for_each_field(object, [&](std::string_view name, auto&) { result.emplace_back(name); });
  return result;
}

class ByHand {
 public:
  explicit ByHand(double value) : value_(value) {}
  static void visit(auto& self, auto&& f) { f("value", self.value_); }
  double value() const { return value_; }

 private:
  double value_;
};

template <class Function>
struct WithFunction {
  Function function;
  double scale = 3;
};

}  // namespace

TEST_CASE("the members of a struct are named in their order") {
  Model model;
  const std::vector<std::string> expected{"lift",  "blocks",   "heads",   "title",
                                          "scale", "function", "pointer", "depth"};
  CHECK(names(model) == expected);
  const Layer<float> constant;
  CHECK(names(constant) == std::vector<std::string>{"weight", "bias"});
}

TEST_CASE("the members are those of the object itself") {
  Model model{.title = "heat", .depth = 2};
  int position = 0;
  for_each_field(model, [&](std::string_view name, auto& member) {
    const void* address = &member;
    if (name == "lift") CHECK(address == &model.lift);
    if (name == "heads") CHECK(address == &model.heads);
    if (name == "depth") CHECK(address == &model.depth);
    ++position;
    if constexpr (std::is_same_v<decltype(member), int&>) member = 7;
  });
  CHECK(position == 8);
  CHECK(model.depth == 7);
  CHECK(with_fields(model, [](auto&... members) { return sizeof...(members); }) == 8);
}

TEST_CASE("a function may take the member alone") {
  const Layer<> layer;
  Index size = 0;
  for_each_field(layer, [&](const auto& leaf) { size += leaf.size(); });
  CHECK(size == 9);
}

TEST_CASE("structs of a function and structs with lambdas have names too") {
  struct Local {
    int first;
    WithFunction<std::function<void()>> second;
  };
  Local local{};
  CHECK(names(local) == std::vector<std::string>{"first", "second"});
  double offset = 0.5;
  auto generic = [offset](auto x) { return x + offset; };
  const WithFunction<decltype(generic)> with{generic};
  CHECK(names(with) == std::vector<std::string>{"function", "scale"});
  for_each_field(with, [&](std::string_view name, auto& member) {
    if constexpr (requires { member(1.0); }) {
      CHECK(name == "function");
      CHECK(member(1.0) == 1.5);
    }
  });
}

TEST_CASE("a visit by hand comes before the reflection") {
  ByHand object(2.0);
  CHECK(names(object) == std::vector<std::string>{"value"});
  for_each_field(object, [](double& value) { value = 5.0; });
  CHECK(object.value() == 5.0);
  const ByHand constant(1.0);
  for_each_field(constant, [](std::string_view, const double& value) { CHECK(value == 1.0); });
}
