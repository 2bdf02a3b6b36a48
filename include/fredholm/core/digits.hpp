// A number as text with as many digits as tell it apart from every other and no more. What goes by the text
// of a number, goes by the number.
#pragma once

#include <array>
#include <charconv>
#include <string>

namespace fredholm::detail {

template <class Number>
std::string all_digits(Number value) {
  std::array<char, 40> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace fredholm::detail
