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
#include <string_view>

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

/// Literals lose their length, so that all messages of one form are one function to the compiler.
template <class Part>
const Part& part_of_message(const Part& part) {
  return part;
}
template <std::size_t Length>
std::string_view part_of_message(const char (&literal)[Length]) {
  return literal;
}

template <class... Parts>
[[noreturn]] void fail_with(const Parts&... parts) {
  std::ostringstream out;
  (write_part(out, parts), ...);
  throw std::invalid_argument(out.str());
}

}  // namespace detail

/// Throws std::invalid_argument whose message is the parts, one after the other.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  detail::fail_with(detail::part_of_message(parts)...);
}

/// Throws unless the condition holds. The parts are not looked at while it does.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) fail(parts...);
}

}  // namespace fredholm
