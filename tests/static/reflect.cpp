// What the compiler itself can say of the reflection: numbers of members, names, constness.
#include <array>
#include <complex>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fredholm/core/parameter.hpp>
#include <fredholm/core/reflect.hpp>

using namespace fredholm;

namespace {

template <class Scalar = double>
struct Layer {
  Parameter<Scalar> weight;
  Parameter<Scalar> bias;
};

template <class Function, class Scalar>
struct WithFunction {
  Function function;
  Layer<Scalar> inner;
  Scalar scale = 1;
};

struct Empty {};
struct Nested {
  int first = 1;
  struct {
    int x, y;
  } second;
  double third = 2;
};
struct Members {
  std::vector<Layer<>> vector;
  std::array<Layer<float>, 4> array;
  std::array<double, 3> numbers{};
  std::string string;
  std::optional<double> optional;
  std::function<int(int)> function;
  std::unique_ptr<int> pointer;
  std::map<int, int> map;
  std::complex<double> complex;
  bool flag = true;
  Empty empty;
  [[no_unique_address]] Empty no_address;
  Buffer<std::complex<float>> buffer;
};
struct NoDefault {
  explicit NoDefault(int) {}
};
struct LastWithoutDefault {
  int first;
  NoDefault second;
  int third;
  NoDefault fourth;
};
struct Many {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
};
struct Itself {
  std::vector<Itself> children;
  int value = 0;
};

constexpr auto identity = [](auto x) { return x; };
using Generic = WithFunction<decltype(identity), float>;

static_assert(field_count<Empty> == 0);
static_assert(field_count<Layer<>> == 2);
static_assert(field_count<const Layer<float>> == 2);
static_assert(field_count<Nested> == 3);
static_assert(field_count<Members> == 13);
static_assert(field_count<LastWithoutDefault> == 4);
static_assert(field_count<Many> == 32);
static_assert(field_count<Itself> == 2);
static_assert(field_count<Generic> == 3);

static_assert(field_name<Layer<>, 0> == "weight");
static_assert(field_name<const Layer<>, 1> == "bias");
static_assert(field_name<Generic, 0> == "function");
static_assert(field_name<Generic, 2> == "scale");
static_assert(field_name<Many, 31> == "b15");
static_assert(field_name<Nested, 1> == "second");
static_assert(field_name<Members, 12> == "buffer");

constexpr int sum(const auto& object) {
  int result = 0;
  for_each_field(object, [&](const auto& member) {
    if constexpr (std::is_same_v<decltype(member), const int&>) result += member;
  });
  return result;
}
constexpr int sum_of_many() {
  Many many{};
  many.a5 = 20;
  many.b15 = 300;
  return sum(many);
}
static_assert(sum_of_many() == 320);
static_assert(sum(Nested{.first = 7, .second = {1, 2}}) == 7);

// The constness of the object is the constness of its members.
template <bool Const, class Object>
constexpr bool members_are(Object& object) {
  return with_fields(object,
                     []<class... Member>(Member&...) { return ((std::is_const_v<Member> == Const) && ...); });
}
constexpr bool constness_carries_over() {
  Many many{};
  const Many constant{};
  return members_are<false>(many) && members_are<true>(constant);
}
static_assert(constness_carries_over());

class ByHand {
 public:
  constexpr explicit ByHand(int value) : value_(value) {}
  static constexpr void visit(auto& self, auto&& f) { f("value", self.value_); }

 private:
  int value_;
};
static_assert(Visitable<ByHand>);
static_assert(!Visitable<Layer<>>);
static_assert(sum(ByHand(5)) == 5);

}  // namespace
