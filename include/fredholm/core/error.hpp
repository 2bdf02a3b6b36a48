// What happens when only the run can know that something is wrong: a std::invalid_argument that says what was
// wrong, the value, and what would be right.
//
//   require(n >= 2, "UniformGrid needs at least 2 points, and n is ", n, ". Give n >= 2.");
//
// The parts are put together only if the requirement fails. Numbers are written with as many digits as tell
// them apart and no more.
#pragma once

#include <concepts>
#include <sstream>
#include <stdexcept>

#include <fredholm/core/digits.hpp>

namespace fredholm {

namespace detail {

template <class Part>
void write_part(std::ostringstream& out, const Part& part) {
  if constexpr (std::same_as<Part, bool>) {
    out << (part ? "true" : "false");
  } else if constexpr (std::same_as<Part, float> || std::same_as<Part, double>) {
    out << all_digits(part);
  } else {
    out << part;
  }
}

}  // namespace detail

/// Throws std::invalid_argument whose message is the parts, one after the other.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream out;
  (detail::write_part(out, parts), ...);
  throw std::invalid_argument(out.str());
}

/// Throws unless the condition holds. The parts are not looked at while it does.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) fail(parts...);
}

}  // namespace fredholm
