// An address for each type: types as keys of a map, without run-time type information.
#pragma once

namespace fredholm::detail {

template <class T>
inline constexpr char type_mark = 0;

}  // namespace fredholm::detail
