// Values of a file in the scalar of an array: what is lost on the way, and what is refused.
//
//   integer -> float, double    only if the scalar holds it exactly: every integer up to 2^24 or 2^53
//   double  -> float            rounded to the nearest; refused if it is finite and too large for a float
//   float   -> double           always exact
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

namespace fredholm::detail {

/// Whether the value may be loaded as To, by the rules above.
template <class To, class From>
bool can_hold(From value) {
  if constexpr (std::same_as<To, From> || sizeof(From) < sizeof(To)) {
    return true;
  } else if constexpr (std::floating_point<From>) {
    return !std::isfinite(value) || std::abs(value) <= static_cast<From>(std::numeric_limits<To>::max());
  } else {
    // In the widest type, which holds every integer of 64 bits and every value of To.
    static_assert(std::numeric_limits<long double>::digits >= 64 || sizeof(From) < 8,
                  "integers of 8 bytes are compared in long double, which is too narrow on this machine");
    return static_cast<long double>(static_cast<To>(value)) == static_cast<long double>(value);
  }
}

}  // namespace fredholm::detail
