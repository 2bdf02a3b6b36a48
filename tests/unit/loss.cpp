// Mean squared errors of arrays and fields: values, independence of the grid, batches, adjoints.
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>
#include <fredholm/train/loss.hpp>

#include <cmath>

#include "../support/field_gradient.hpp"

using namespace fredholm;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;
using Gauss = Discretization<LegendreGrid<>, GaussLegendre>;

}  // namespace

TEST_CASE("arrays") {
  const Array<double> u({2, 2}, {1, 2, 3, 4});
  const Array<double> v({2, 2}, {1, 0, 0, 8});
  CHECK(mean_squared_error(u, v) == doctest::Approx((0.0 + 4 + 9 + 16) / 4));
  CHECK_THROWS_AS(mean_squared_error(u, v.reshaped({4})), std::invalid_argument);
  CHECK_THROWS_AS(mean_squared_error(u, v.reshaped({4, 1})), std::invalid_argument);
  testing::check_gradient([&](const auto& x) { return mean_squared_error(x, v); }, u);
}

TEST_CASE("of fields, it is an integral over the domain, whatever the grid") {
  const auto f = [](double x) { return x * x; };
  const auto zero = [](double) { return 0.0; };
  const Line a({0.0, 2.0, 65});
  const Gauss b({0.0, 2.0, 9});
  const double exact = 32.0 / 5 / 2;  // (1/2) ∫_0^2 x^4
  CHECK(mean_squared_error(sample(f, a), sample(zero, a)) == doctest::Approx(exact).epsilon(1e-5));
  CHECK(mean_squared_error(sample(f, b), sample(zero, b)) == doctest::Approx(exact).epsilon(1e-13));
  const float single = mean_squared_error(sample<float>(f, b), sample<float>(zero, b));
  CHECK(single == doctest::Approx(exact).epsilon(1e-6));
}

TEST_CASE("the mean over batch and channels, sample by sample") {
  const Line d({0.0, 1.0, 3});
  Array<double> values({2, 3, 2});
  for (Index i = 0; i < 12; ++i) values.mutable_data()[i] = std::sin(1.0 + static_cast<double>(i));
  const Field u(d, values);
  const Field v(d, Array<double>::full({2, 3, 2}, 0.5));
  const double whole = mean_squared_error(u, v);
  const double first = mean_squared_error(slice_batch(u, 0, 1), slice_batch(v, 0, 1));
  const double second = mean_squared_error(slice_batch(u, 1, 1), slice_batch(v, 1, 1));
  CHECK(whole == doctest::Approx((first + second) / 2).epsilon(1e-14));
  CHECK(mean_squared_error(v, u) == doctest::Approx(whole).epsilon(1e-14));
  CHECK_THROWS_AS(mean_squared_error(u, slice_channels(v, 0, 1)), std::invalid_argument);
  testing::check_gradient([&](const auto& x) { return mean_squared_error(Field(d, x), v); }, values);
}
