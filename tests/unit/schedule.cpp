// The values of the schedules.
#include <fredholm/train/schedule.hpp>

#include <doctest/doctest.h>

using namespace fredholm;

TEST_CASE("cosine with warm-up") {
  const CosineDecay rate{.peak = 2.0, .steps = 110, .warmup_steps = 10, .floor = 0.5};
  CHECK(rate(0) == doctest::Approx(0.2));
  CHECK(rate(4) == doctest::Approx(1.0));
  CHECK(rate(9) == doctest::Approx(2.0));
  CHECK(rate(10) == doctest::Approx(2.0));
  CHECK(rate(60) == doctest::Approx(1.25));
  CHECK(rate(110) == doctest::Approx(0.5));
  CHECK(rate(1000) == doctest::Approx(0.5));
  for (Index t = 10; t < 110; ++t) CHECK(rate(t + 1) < rate(t));
}

TEST_CASE("cosine without warm-up") {
  const CosineDecay rate{.peak = 1e-3, .steps = 4};
  CHECK(rate(0) == 1e-3);
  CHECK(rate(2) == doctest::Approx(5e-4));
  CHECK(rate(4) == 0);
  const CosineDecay all_warmup{.peak = 1.0, .steps = 4, .warmup_steps = 4};
  CHECK(all_warmup(3) == 1.0);
  CHECK(all_warmup(4) == 0);
  CHECK_THROWS_AS((CosineDecay{.steps = 0}(0)), std::invalid_argument);
}

TEST_CASE("steps") {
  const StepDecay rate{.initial = 1e-2, .every = 100, .factor = 0.5};
  CHECK(rate(0) == 1e-2);
  CHECK(rate(99) == 1e-2);
  CHECK(rate(100) == doctest::Approx(5e-3));
  CHECK(rate(250) == doctest::Approx(2.5e-3));
  CHECK_THROWS_AS((StepDecay{.every = 0}(0)), std::invalid_argument);
}

TEST_CASE("a warm-up that outlasts the training is refused") {
  CHECK_THROWS_AS((CosineDecay{.steps = 10, .warmup_steps = 20}(0)), std::invalid_argument);
}
