// Arrays under names, float and double side by side: what a file of several arrays is written from.
//
//   save_npz("data.npz", {{"a", a}, {"u", u}});
#pragma once

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fredholm/core/array.hpp>

namespace fredholm {

using NamedArrays = std::vector<std::pair<std::string, std::variant<Array<float>, Array<double>>>>;

namespace detail {

/// The names are there, and each of them once.
inline void require_names(const std::string& file, const NamedArrays& arrays) {
  require(!arrays.empty(), file, " would be written without an array. Give at least one {\"name\", array}.");
  std::set<std::string> names;
  for (const auto& [name, array] : arrays) {
    require(!name.empty(), "an array for ", file, " has no name. Give every array one.");
    require(name.size() < 1024 && name.find('\0') == std::string::npos, "the name `", name.substr(0, 40),
            "...` of an array for ", file,
            " has a byte of zero, or more than 1023 bytes. Give a shorter one.");
    require(names.insert(name).second, "two arrays for ", file, " have the name `", name,
            "`. Give every array a name of its own.");
  }
}

/// "`a`, `b`", at most eight of them: what a file holds, for those who asked for something else.
inline std::string list_of_names(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < shown; ++i) text += (i > 0 ? ", `" : "`") + names[i] + "`";
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return names.empty() ? "none" : text;
}

}  // namespace detail

}  // namespace fredholm
