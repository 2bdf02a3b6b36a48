// What tests of error messages ask.
#pragma once

#include <stdexcept>
#include <string>

namespace support {

/// The message of the std::invalid_argument that the function throws.
template <class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

inline bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace support
