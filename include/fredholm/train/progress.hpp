// Progress: a bar on a terminal, plain lines elsewhere.
//
//   for (const auto& batch : progress(loader)) { ... }
//
//   auto bar = progress(loader, {.label = "train"});
//   for (const auto& batch : bar) { ...; bar.note("loss", value); }
//
//   Progress bar(epochs * batches, {.label = "train"});      // by itself, for nested loops
//   for (...) for (...) { ...; bar.note("loss", value); bar.step(); }
//
//   train  42% [########...........] 420/1000, 18.3/s, 0:31 left, loss 0.0123
//
//   bar.found(400);                                          // was done before: counted, and not in the rate
//
// A terminal sees a line that is drawn over, ten times a second at most; a log file sees a line every half a
// minute and one at the end. An exception that leaves the loop leaves the bar where it stopped, on a line of
// its own.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/shape.hpp>

namespace fredholm {

struct ProgressOptions {
  std::string label = {};
  std::ostream& out = std::cerr;
  std::optional<bool> terminal =
      {};  ///< whether `out` can draw over a line; by default std::cerr and std::cout are asked
  std::optional<double> every = {};  ///< seconds between drawings; by default 0.1 on a terminal, 30 elsewhere
  bool quiet = false;                ///< say nothing
};

namespace detail {

inline bool is_terminal(const std::ostream& out) {
  if (&out == &std::cerr || &out == &std::clog) return ::isatty(STDERR_FILENO) == 1;
  return &out == &std::cout && ::isatty(STDOUT_FILENO) == 1;
}

/// "1:02:03" or "2:03".
inline std::string clock_text(double seconds) {
  const auto total = static_cast<long long>(std::min(std::max(seconds, 0.0), 1e9) + 0.5);
  const auto two_digits = [](long long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  const std::string tail = two_digits(total % 60);
  if (total < 3600) return std::to_string(total / 60) + ":" + tail;
  return std::to_string(total / 3600) + ":" + two_digits(total / 60 % 60) + ":" + tail;
}

}  // namespace detail

class Progress {
 public:
  static constexpr Index unknown = -1;

  explicit Progress(Index total = unknown, ProgressOptions options = {})
      : options_(std::move(options)),
        terminal_(options_.terminal ? *options_.terminal : detail::is_terminal(options_.out)),
        every_(options_.every ? *options_.every
               : terminal_    ? 0.1
                              : 30.0) {
    restart(total);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    try {
      finish();
    } catch (...) {  // of a stream that throws: a bar is not worth an abort
    }
  }

  /// Begins anew; the notes are forgotten.
  void restart(Index total) {
    total_ = total;
    done_ = 0;
    found_ = 0;
    finished_ = false;
    notes_.clear();
    start_ = Clock::now();
    drawn_ = start_;
  }

  /// Says that `count` more are done.
  void step(Index count = 1) {
    done_ += count;
    finished_ = false;
    if (options_.quiet) return;
    const auto now = Clock::now();
    if (seconds(drawn_, now) < every_) return;
    drawn_ = now;
    draw();
  }

  /// Says that `count` were done before this run: they count, but not for the rate and the time that is left.
  void found(Index count) {
    done_ += count;
    found_ += count;
    finished_ = false;
  }

  /// A number to show beside the bar, such as the loss. The last value of a name counts.
  void note(std::string_view name, double value) {
    const auto found =
        std::find_if(notes_.begin(), notes_.end(), [&](const auto& note) { return note.first == name; });
    if (found != notes_.end()) {
      found->second = value;
    } else {
      notes_.emplace_back(name, value);
    }
  }

  /// The last line. Done by the destructor too, and only once.
  void finish() {
    if (finished_ || done_ == 0) return;
    finished_ = true;
    if (options_.quiet) return;
    draw();
    if (terminal_) options_.out << '\n' << std::flush;
  }

  Index done() const { return done_; }
  double elapsed() const { return seconds(start_, Clock::now()); }

  /// What is drawn, without the end of the line.
  std::string line() const {
    std::ostringstream text;
    text.precision(4);
    if (!options_.label.empty()) text << options_.label << ' ';
    write_count(text);
    const double time = elapsed();
    const Index made = done_ - found_;
    const double rate = static_cast<double>(made) / std::max(time, 1e-9);
    if (made > 0) write_rate(text, rate);
    if (total_ > done_ && made > 0) {
      text << ", " << detail::clock_text(static_cast<double>(total_ - done_) / rate) << " left";
    } else {
      text << ", " << detail::clock_text(time);
    }
    if (found_ > 0) text << ", " << found_ << " found";
    for (const auto& [name, value] : notes_) text << ", " << name << ' ' << value;
    return text.str();
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  void write_count(std::ostream& text) const {
    if (total_ <= 0) {
      text << done_;
      return;
    }
    const double part = std::min(static_cast<double>(done_) / static_cast<double>(total_), 1.0);
    text << static_cast<int>(100 * part) << "% ";
    if (terminal_) {
      constexpr int width = 20;
      const int full = static_cast<int>(width * part);
      text << '[' << std::string(static_cast<std::size_t>(full), '#')
           << std::string(static_cast<std::size_t>(width - full), '.') << "] ";
    }
    text << done_ << '/' << total_;
  }

  static void write_rate(std::ostream& text, double rate) {
    if (rate >= 1) {
      text << ", " << rate << "/s";
    } else {
      text << ", " << 1 / rate << " s each";
    }
  }

  void draw() {
    if (terminal_) {
      options_.out << '\r' << line() << "\033[K" << std::flush;  // clears what a longer line has left
    } else {
      options_.out << line() << '\n' << std::flush;
    }
  }

  ProgressOptions options_;
  bool terminal_;
  double every_;
  Index total_ = unknown;
  Index done_ = 0;
  Index found_ = 0;  // of those done
  bool finished_ = false;
  std::vector<std::pair<std::string, double>> notes_;
  Clock::time_point start_;
  Clock::time_point drawn_;
};

namespace detail {

/// A range that tells a bar of every element. Holds a reference to a range with a name, and a temporary by
/// value.
template <class Range>
class ProgressRange {
 public:
  ProgressRange(Range&& range, ProgressOptions options)
      : range_(std::forward<Range>(range)), bar_(size(range_), std::move(options)) {}

  void note(std::string_view name, double value) { bar_.note(name, value); }
  Progress& bar() { return bar_; }

  class Iterator {
   public:
    decltype(auto) operator*() const { return *position_; }
    Iterator& operator++() {
      bar_->step();
      ++position_;
      return *this;
    }
    bool operator==(std::default_sentinel_t) const {
      const bool ends = position_ == end_;
      if (ends) bar_->finish();
      return ends;
    }

   private:
    friend class ProgressRange;
    using Position = decltype(std::begin(std::declval<std::remove_reference_t<Range>&>()));
    using End = decltype(std::end(std::declval<std::remove_reference_t<Range>&>()));
    Iterator(Position position, End end, Progress& bar)
        : position_(std::move(position)), end_(std::move(end)), bar_(&bar) {}

    Position position_;
    End end_;
    Progress* bar_;
  };

  Iterator begin() {
    bar_.restart(size(range_));
    return Iterator(std::begin(range_), std::end(range_), bar_);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  static Index size(const std::remove_reference_t<Range>& range) {
    if constexpr (requires { std::size(range); }) {
      return static_cast<Index>(std::size(range));
    } else {
      return Progress::unknown;
    }
  }

  Range range_;  // a reference for what has a name
  Progress bar_;
};

}  // namespace detail

/// The same range with a bar. Keep it in a variable to tell the bar what to show: bar.note("loss", value).
template <class Range>
detail::ProgressRange<Range> progress(Range&& range, ProgressOptions options = {}) {
  return {std::forward<Range>(range), std::move(options)};
}

}  // namespace fredholm
