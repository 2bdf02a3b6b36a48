// Progress bars on a terminal, in a file, and where the loop ends early.
#include <fredholm/train/progress.hpp>

#include "../support/messages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace fredholm;
using support::contains;

namespace {

auto count(const std::string& text, char wanted) { return std::count(text.begin(), text.end(), wanted); }
}  // namespace

TEST_CASE("a file gets plain lines: few of them") {
  std::ostringstream out;
  const std::vector<int> range{1, 2, 3, 4};
  int sum = 0;
  for (int i : progress(range, {.label = "train", .out = out})) sum += i;
  CHECK(sum == 10);
  CHECK(count(out.str(), '\n') == 1);
  CHECK(count(out.str(), '\r') == 0);
  CHECK(contains(out.str(), "train 100% 4/4"));
  CHECK(out.str().back() == '\n');
}

TEST_CASE("a terminal gets one line that is drawn over") {
  std::ostringstream out;
  std::vector<int> range(10);
  auto bar = progress(range, {.out = out, .terminal = true, .every = 0.0});
  for (int& i : bar) {
    i = 1;
    bar.note("loss", 0.25);
    bar.note("loss", 0.125);
    bar.note("error", 2.0);
  }
  CHECK(range == std::vector<int>(10, 1));
  const std::string text = out.str();
  CHECK(count(text, '\n') == 1);
  CHECK(count(text, '\r') >= 10);
  CHECK(contains(text, "50% [##########..........] 5/10"));
  CHECK(contains(text, " left, loss 0.125, error 2"));
  CHECK(contains(text, "100% [####################] 10/10"));
}

TEST_CASE("an exception leaves the line finished") {
  std::ostringstream out;
  const auto loop = [&out] {
    for (int i : progress(std::vector<int>{1, 2, 3}, {.out = out, .terminal = true, .every = 0.0})) {
      if (i == 3) throw std::runtime_error("stop");
    }
  };
  CHECK_THROWS_AS(loop(), std::runtime_error);
  CHECK(contains(out.str(), "66%"));
  CHECK(out.str().back() == '\n');
  CHECK(count(out.str(), '\n') == 1);
}

TEST_CASE("so does a break, and a second loop starts anew") {
  std::ostringstream out;
  {
    auto bar = progress(std::vector<int>{1, 2, 3}, {.out = out});
    for (int i : bar) static_cast<void>(i);
    for (int i : bar) {
      if (i == 2) break;
    }
    CHECK(bar.bar().done() == 1);
  }
  CHECK(contains(out.str(), "100% 3/3"));
  CHECK(contains(out.str(), "33% 1/3"));
  CHECK(count(out.str(), '\n') == 2);
}

TEST_CASE("by itself, for nested loops") {
  std::ostringstream out;
  {
    Progress bar(6, {.label = "all", .out = out});
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 3; ++j) bar.step();
    }
    CHECK(bar.done() == 6);
    CHECK(contains(bar.line(), "all 100% 6/6"));
    bar.finish();
    bar.finish();
  }
  CHECK(count(out.str(), '\n') == 1);
}

TEST_CASE("quiet, empty, and of unknown length") {
  std::ostringstream out;
  for (int i : progress(std::vector<int>{1, 2}, {.out = out, .quiet = true})) static_cast<void>(i);
  for (int i : progress(std::vector<int>{}, {.out = out})) static_cast<void>(i);
  {
    Progress bar(5, {.out = out});
  }
  CHECK(out.str().empty());

  Progress bar(Progress::unknown, {.out = out});
  bar.step(3);
  CHECK(bar.line().substr(0, 2) == "3,");
  CHECK(!contains(bar.line(), "left"));
}

TEST_CASE("clocks") {
  CHECK(detail::clock_text(0) == "0:00");
  CHECK(detail::clock_text(75.2) == "1:15");
  CHECK(detail::clock_text(3723) == "1:02:03");
}

TEST_CASE("what was done before counts, and not in the rate") {
  std::ostringstream out;
  Progress bar(10, {.label = "generate", .out = out});
  bar.found(7);
  CHECK(bar.line().starts_with("generate 70% 7/10, 0:00, 7 found"));  // no rate, and no time left, yet
  bar.step(3);
  CHECK(contains(bar.line(), "100% 10/10, "));
  CHECK(contains(bar.line(), ", 7 found"));
  bar.restart(4);
  CHECK_FALSE(contains(bar.line(), "found"));
  bar.found(4);  // nothing was left to do: the line is drawn all the same
  bar.finish();
  CHECK(out.str() == "generate 100% 4/4, 0:00, 4 found\n");
}
