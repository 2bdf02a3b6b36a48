// What a law found: did it hold, and if not, every way in which it did not. A law is a function that returns
// a Report, so that it can be called from any test framework:
//
//   const auto report = laws::quadrature<MyRule, MyGrid>();
//   INFO(report.message());
//   CHECK(report.passed());
#pragma once

#include <fredholm/core/error.hpp>

#include <cmath>
#include <ostream>
#include <sstream>
#include <string>

namespace fredholm::laws {

class Report {
 public:
  bool passed() const { return failures_ == 0; }
  explicit operator bool() const { return passed(); }

  /// What was measured, and what did not hold, a line each.
  const std::string& message() const { return message_; }

  /// Writes down a measurement.
  template <class... Parts>
  void note(const Parts&... parts) {
    message_ += join(parts...) + "\n";
  }

  /// Holds the law to a condition, and writes down what is wrong where it fails.
  template <class... Parts>
  bool expect(bool condition, const Parts&... parts) {
    if (!condition) {
      ++failures_;
      message_ += "BROKEN: " + join(parts...) + "\n";
    }
    return condition;
  }

 private:
  template <class... Parts>
  static std::string join(const Parts&... parts) {
    std::ostringstream out;
    (fredholm::detail::write_part(out, parts), ...);
    return out.str();
  }

  int failures_ = 0;
  std::string message_;
};

namespace detail {

/// The largest so far. A NaN stays: no number behind it may hide it.
inline void keep_largest(double& largest, double value) {
  if (!std::isnan(largest) && !(value <= largest)) largest = value;
}

}  // namespace detail

inline std::ostream& operator<<(std::ostream& out, const Report& report) { return out << report.message(); }

}  // namespace fredholm::laws
