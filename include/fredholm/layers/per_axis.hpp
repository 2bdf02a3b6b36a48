// One value for every axis of the domain, or one an axis: {.modes = 16}, {.modes = {16, 8}}.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

template <class T>
struct PerAxis {
  std::vector<T> values;

  PerAxis(T value) : values{value} {}
  PerAxis(std::initializer_list<T> list) : values(list) {}

  /// For D axes. Throws std::invalid_argument if there are neither one value nor D; `what` names them.
  template <Index D>
  std::array<T, static_cast<std::size_t>(D)> on(const char* what) const {
    require(values.size() == 1 || std::ssize(values) == D, what, " has ", values.size(), " values for ", D,
            " axes; give one for all of them, or one for each.");
    std::array<T, static_cast<std::size_t>(D)> result{};
    for (std::size_t a = 0; a < result.size(); ++a) result[a] = values[values.size() == 1 ? 0 : a];
    return result;
  }
};

}  // namespace fredholm
