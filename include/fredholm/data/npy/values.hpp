// The values of a .npy file: bytes swapped, converted and put in row-major order.
//
// A part of data/npy.hpp, which says what the format is.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/data/axis_order.hpp>
#include <fredholm/data/exact.hpp>
#include <fredholm/data/npy/header.hpp>

namespace fredholm::detail {

template <class From>
From swapped(From value) {
  std::array<unsigned char, sizeof(From)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(From));
  std::reverse(bytes.begin(), bytes.end());
  std::memcpy(&value, bytes.data(), sizeof(From));
  return value;
}

template <class To, class From>
To npy_value(const std::string& name, From value) {
  if (!can_hold<To>(value)) {
    refuse_npy(name,
               "it has the value " + std::to_string(value) + ", which " +
                   (std::is_same_v<To, float> ? "a float does not hold; load it as double"
                                              : "a double does not hold; save array.astype('float64')"));
  }
  return static_cast<To>(value);
}

/// The data in the order of the file, block by block: no second copy of the whole is made.
template <class To, class From, class Read>
void read_npy_values(const std::string& name, bool swap, To* to, Index count, Read& read) {
  if constexpr (std::is_same_v<To, From>) {
    if (count > 0) read(to, static_cast<std::uint64_t>(count) * sizeof(To));
    if (swap) std::transform(to, to + count, to, swapped<To>);
  } else {
    constexpr Index block = 1 << 16;
    std::vector<From> values(static_cast<std::size_t>(std::min(block, count)));
    for (Index done = 0; done < count; done += block) {
      const Index length = std::min(block, count - done);
      read(values.data(), static_cast<std::uint64_t>(length) * sizeof(From));
      for (Index i = 0; i < length; ++i) {
        const From value = values[static_cast<std::size_t>(i)];
        to[done + i] = npy_value<To>(name, swap ? swapped(value) : value);
      }
    }
  }
}

/// Calls f.template operator()<T>() with the type of the values of a file.
template <class Function>
void with_npy_type(const NpyHeader& header, Function&& f) {
  const std::string type = header.dtype.substr(1);
  if (type == "f4") f.template operator()<float>();
  if (type == "f8") f.template operator()<double>();
  if (type == "i1") f.template operator()<std::int8_t>();
  if (type == "i2") f.template operator()<std::int16_t>();
  if (type == "i4") f.template operator()<std::int32_t>();
  if (type == "i8") f.template operator()<std::int64_t>();
  if (type == "u1" || type == "b1") f.template operator()<std::uint8_t>();  // False is 0, True is 1
  if (type == "u2") f.template operator()<std::uint16_t>();
  if (type == "u4") f.template operator()<std::uint32_t>();
  if (type == "u8") f.template operator()<std::uint64_t>();
}

/// An array from `size` bytes that `read(to, bytes)` hands out one after the other.
template <class Scalar, class Read>
Array<Scalar> read_npy(const std::string& name, std::uint64_t size, Read&& read) {
  const NpyHeader header = read_npy_header(name, size, read);
  Array<Scalar> values(header.shape);
  with_npy_type(header, [&]<class From>() {
    read_npy_values<Scalar, From>(name, header.order() == '>', values.mutable_data(), values.size(), read);
  });
  return header.column_major ? from_column_major(values) : values;
}

}  // namespace fredholm::detail
