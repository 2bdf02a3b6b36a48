// Fields: values, arithmetic, what is shared and what is checked.
#include <fredholm/layers/activation.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>
#include <fredholm/space/with_rule.hpp>

#include <cmath>
#include <string>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Trapezoid>;
using Plane = Discretization<ProductGrid<UniformGrid<>, PeriodicGrid<>>, ProductRule<Simpson, Trapezoid>>;

const Line line({0.0, 1.0, 5});
const Plane plane({{0.0, 1.0, 5}, {0.0, 1.0, 4}});

template <class F>
std::string message(F f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class Discretization>
Field<Discretization> ramp(const Discretization& d, Index batch, Index channels, double first = 0.1) {
  Shape shape{batch};
  for (Index length : d.shape()) shape.push_back(length);
  shape.push_back(channels);
  Array<double> values(shape);
  for (Index i = 0; i < values.size(); ++i) values.mutable_data()[i] = first + 0.07 * static_cast<double>(i);
  return {d, values};
}

}  // namespace

TEST_CASE("a field knows its batch, points and channels") {
  const auto u = ramp(line, 2, 3);
  CHECK(u.batch() == 2);
  CHECK(u.points() == 5);
  CHECK(u.channels() == 3);
  CHECK(u.discretization() == line);
  const auto v = ramp(plane, 2, 3);
  CHECK(v.points() == 20);
  CHECK(v.values().shape() == Shape{2, 5, 4, 3});
  static_assert(AnyField<Field<Plane, float>>);
  static_assert(Field<Plane>::rank == 2 && std::same_as<Field<Line>::scalar_type, double>);
}

TEST_CASE("values of another shape throw, and both shapes are said") {
  const std::string text = message([] { Field<Plane>(plane, Array<double>::zeros({2, 5, 5, 1})); });
  CHECK(contains(text, "(2, 5, 5, 1)"));
  CHECK(contains(text, "(5, 4)"));
  CHECK_THROWS_AS(Field<Line>(line, Array<double>::zeros({5})), std::invalid_argument);
  CHECK_THROWS_AS(Field<Line>(line, Array<double>::zeros({5, 1})), std::invalid_argument);
  CHECK_THROWS_AS(ramp(line, 1, 1).with(Array<double>::zeros({1, 6, 1})), std::invalid_argument);
  CHECK(ramp(line, 1, 1).with(Array<double>::zeros({3, 5, 2})).channels() == 2);
}

TEST_CASE("copies share, writing copies first") {
  auto u = ramp(line, 1, 1);
  const auto v = u;
  CHECK(u.values().data() == v.values().data());
  CHECK(u.array().data() == u.values().data());
  u.mutable_array()(0, 2, 0) = 7.0;
  CHECK(u.array()(0, 2, 0) == 7.0);
  CHECK(v.array()(0, 2, 0) != 7.0);
  const double* own = u.values().data();
  u.mutable_array()(0, 3, 0) = 8.0;  // nobody shares it now
  CHECK(u.values().data() == own);
}

TEST_CASE("a tensor is taken over") {
  xt::xtensor<double, 4> values({2, 5, 4, 3});
  for (double& x : values) x = 1.5;
  const double* memory = values.data();
  const Field u(plane, std::move(values));
  static_assert(std::same_as<decltype(u), const Field<Plane, double>>);
  CHECK(u.values().data() == memory);
  CHECK(u.array().data() == memory);
}

TEST_CASE("a fixed number of points converts to a dynamic one, and the values are shared") {
  const Discretization<UniformGrid<5>, Trapezoid> fixed({0.0, 1.0});
  const auto u = ramp(fixed, 1, 2);
  const Field<Line> v = u;
  CHECK(v.values().data() == u.values().data());
  CHECK(v.discretization() == line);
}

TEST_CASE("arithmetic with fields, numbers and arrays") {
  const auto u = ramp(plane, 2, 3), v = ramp(plane, 2, 3, 0.9), single = ramp(plane, 1, 3);
  const double a = u.array()(1, 2, 3, 2), b = v.array()(1, 2, 3, 2), c = single.array()(0, 2, 3, 2);
  const auto at = [](const auto& field) { return field.array()(1, 2, 3, 2); };
  CHECK(at(u + v) == a + b);
  CHECK(at(u - v) == a - b);
  CHECK(at(u * v) == a * b);
  CHECK(at(u / v) == doctest::Approx(a / b));
  CHECK(at(u + single) == a + c);
  CHECK(at(single - u) == c - a);
  CHECK(at(-u) == -a);
  CHECK(at(2 * u) == 2 * a);
  CHECK(at(u / 2) == a / 2);
  CHECK(at(1 - u) == 1 - a);
  CHECK(at(1.0 / u) == doctest::Approx(1 / a));
  CHECK(at(u + 1) == a + 1);
  const Number<double> number = 3.0;
  CHECK(at(u + number) == a + 3);
  CHECK(at(number - u) == 3 - a);
  CHECK(at(number / u) == doctest::Approx(3 / a));
  const Array<double> per_channel(Shape{3}, {10.0, 20.0, 30.0});
  CHECK(at(u * per_channel) == a * 30);
  CHECK(at(per_channel + u) == 30 + a);
  auto w = u;
  w += v, w *= 2, w -= 1.0, w /= v;
  CHECK(at(w) == doctest::Approx(((a + b) * 2 - 1) / b));
  CHECK(at(u) == a);
  const auto f = cast<float>(u);
  static_assert(std::same_as<decltype(2.0 * f), Field<Plane, float>>);
  CHECK((2.0 * f).array()(1, 2, 3, 2) == 2 * static_cast<float>(a));
  CHECK(f.array()(1, 2, 3, 2) == static_cast<float>(a));
}

TEST_CASE("functions of each value") {
  const auto u = ramp(line, 1, 1);
  const double x = u.array()(0, 3, 0);
  const auto at = [](const auto& field) { return field.array()(0, 3, 0); };
  const auto is = [](double value) { return doctest::Approx(value).epsilon(1e-12); };
  CHECK(at(exp(u)) == is(std::exp(x)));
  CHECK(at(log(u)) == is(std::log(x)));
  CHECK(at(sqrt(u)) == is(std::sqrt(x)));
  CHECK(at(square(u)) == is(x * x));
  CHECK(at(abs(-u)) == is(x));
  CHECK(at(tanh(u)) == is(std::tanh(x)));
  CHECK(at(sin(u)) == is(std::sin(x)));
  CHECK(at(cos(u)) == is(std::cos(x)));
  CHECK(at(sigmoid(u)) == is(1 / (1 + std::exp(-x))));
  CHECK(at(relu(-u)) == 0);
  CHECK(at(silu(u)) == is(x / (1 + std::exp(-x))));
  CHECK(at(gelu(u)) == is(x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)))));
}

TEST_CASE("fields on different points do not go together") {
  const Line other({0.0, 1.0, 6}), longer({0.0, 2.0, 5}), same({0.0, 1.0, 5});
  CHECK(contains(message([&] { ramp(line, 1, 1) + ramp(other, 1, 1); }), "different discretizations"));
  CHECK_THROWS_AS(ramp(line, 1, 1) * ramp(longer, 1, 1), std::invalid_argument);
  CHECK_NOTHROW(ramp(line, 1, 1) + ramp(same, 1, 1));
  CHECK_THROWS_AS(ramp(line, 2, 1) + ramp(line, 3, 1), std::invalid_argument);
  CHECK_THROWS_AS(stack(std::vector{ramp(line, 1, 1), ramp(longer, 1, 1)}), std::invalid_argument);
}

TEST_CASE("slices, stacks and channels side by side") {
  const auto u = ramp(plane, 4, 3);
  const auto middle = slice_batch(u, 1, 2);
  CHECK(middle.batch() == 2);
  CHECK(middle.array()(0, 2, 1, 1) == u.array()(1, 2, 1, 1));
  CHECK(middle.values().data() == u.values().data() + 5 * 4 * 3);
  const auto again = stack(std::vector{slice_batch(u, 0, 1), middle, slice_batch(u, 3, 1)});
  CHECK(again.array()(3, 4, 3, 2) == u.array()(3, 4, 3, 2));
  CHECK(again.values().shape() == u.values().shape());
  const auto both = concatenate(u, slice_channels(u, 1, 2));
  CHECK(both.channels() == 5);
  CHECK(both.array()(2, 1, 1, 4) == u.array()(2, 1, 1, 2));
  CHECK_THROWS_AS(slice_batch(u, 3, 2), std::invalid_argument);
  CHECK_THROWS_AS(slice_channels(u, 3, 1), std::invalid_argument);
}

TEST_CASE("coordinates as a field") {
  const auto x = coordinates(plane);
  CHECK(x.values().shape() == Shape{1, 5, 4, 2});
  CHECK(x.array()(0, 3, 1, 0) == 0.75);
  CHECK(x.array()(0, 3, 1, 1) == 0.25);
  static_assert(std::same_as<decltype(coordinates<float>(line)), Field<Line, float>>);
  CHECK(concatenate(ramp(plane, 3, 1), x).values().shape() == Shape{3, 5, 4, 3});
}

TEST_CASE("another rule shares the values") {
  const auto u = ramp(line, 2, 1);
  const auto v = with_rule<Simpson>(u);
  static_assert(std::same_as<decltype(v), const Field<Discretization<UniformGrid<>, Simpson>, double>>);
  CHECK(v.values().data() == u.values().data());
  CHECK(v.discretization().weights() == Simpson{}.weights(line.grid()));
  const auto w = with_rule(line, Given{{1, 2, 3, 4, 5}});
  CHECK(w.weights()[4] == 5);
}

TEST_CASE("under a tape") {
  const auto u = ramp(line, 2, 2);
  SUBCASE("the gradient goes through fields") {
    testing::check_gradient(
        [&](const Array<double>& x) {
          const auto v = u.with(x);
          return sum(
              (concatenate(square(v) * 0.5, exp(-v) / (1 + v * v)) - slice_channels(v, 0, 1)).values());
        },
        u.values());
  }
  SUBCASE("values are read by detach only") {
    const auto slope = testing::gradient_of(
        [&](const Array<double>& x) {
          const auto v = u.with(x);
          CHECK_THROWS_AS(v.array(), std::logic_error);
          CHECK(detach(v).array()(0, 1, 0) == u.array()(0, 1, 0));
          return sum((detach(v) * v).values());
        },
        u.values());
    CHECK(slope[5] == u.values().data()[5]);
  }
}
