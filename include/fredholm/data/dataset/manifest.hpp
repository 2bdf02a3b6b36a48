// What the folder of a data set says of itself: lines of a key and a value.
//
// A part of data/dataset.hpp, which says what is kept.
//
//   format fredholm data set 1
//   recipe darcy, 33 -> 17 points
//   seed 7
//   first 0
//   input.scalar float64
//   input.shape 1 17 17 1             of one sample: (batch, points..., channel)
//   input.box 0 1 0 1                 fields only: left and right, axis by axis
//   input.nodes.0 0 0.0625 ... 1      the points along each axis, or all of them if there is but one axis
//   input.weights.0 0.03125 ...       of the rule, in the same way
//   ...                               the same of the output
//   count 1000                        samples in input.npy and output.npy; 0 before they are written
//   input.checksum 5d1c0b2f93a8e470   of these samples
//   output.checksum 08e77a0c4be93d15
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/digits.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm::detail {

[[noreturn]] inline void refuse_kept(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error("cannot read " + file.string() + " as a part of a data set: " + reason + ".");
}

/// A checksum of the bytes and the number of a sample. Every step can be undone, so that a change within one
/// word of eight bytes never goes unseen. Those of several samples are added: their order does not matter.
inline std::uint64_t sample_checksum(const void* bytes, std::size_t count, std::uint64_t number) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint64_t sum = number + 0x9E3779B97F4A7C15U;
  for (std::size_t i = 0; i < count; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i, std::min<std::size_t>(8, count - i));
    sum = std::rotl(sum ^ word, 29) * 0x9E3779B97F4A7C15U;
  }
  sum = (sum ^ (sum >> 32U)) * 0xD6E8FEB86659FD93U;
  return sum ^ (sum >> 32U);
}

/// 16 digits.
inline std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4U) text[i] = "0123456789abcdef"[value & 15U];
  return text;
}

/// Numbers with as many digits as tell them apart, parted by spaces.
template <class List>
std::string list_text(const List& numbers) {
  std::string text;
  for (const auto number : numbers) {
    if (!text.empty()) text += ' ';
    text += fredholm::detail::all_digits(number);
  }
  return text;
}

/// The numbers of such a text; false if it is something else.
template <class Number>
bool read_list(std::string_view text, std::vector<Number>& numbers, [[maybe_unused]] int base = 10) {
  const char* next = text.data();
  const char* const end = next + text.size();
  while (next != end) {
    Number number{};
    std::from_chars_result result{};
    if constexpr (std::is_floating_point_v<Number>) {
      result = std::from_chars(next, end, number);
    } else {
      result = std::from_chars(next, end, number, base);
    }
    if (result.ec != std::errc()) return false;
    numbers.push_back(number);
    next = result.ptr;
    if (next != end && *next++ != ' ') return false;
  }
  return !numbers.empty();
}

class KeyValues {
 public:
  using Line = std::pair<std::string, std::string>;

  void add(std::string key, std::string value) { lines_.emplace_back(std::move(key), std::move(value)); }
  const std::vector<Line>& lines() const { return lines_; }

  std::string text() const {
    std::string text;
    for (const auto& [key, value] : lines_) text += key + " " + value + "\n";
    return text;
  }

  /// Reads until an empty line or the end. The first line says what the file is.
  static KeyValues read(const std::filesystem::path& file, std::istream& stream, const std::string& format) {
    KeyValues result;
    std::string line;
    while (std::getline(stream, line) && !line.empty()) {
      const std::size_t space = line.find(' ');
      const bool whole = !stream.eof() && space != std::string::npos;
      if (result.lines_.empty() && (!whole || line != "format " + format)) {
        refuse_kept(file,
                    "its first line is `" + shortened(line) + "`, and `format " + format + "` was expected");
      }
      if (!whole) {
        refuse_kept(file, "it ends within the line `" + shortened(line) +
                              "`, and a key, a space and a value were expected");
      }
      result.add(line.substr(0, space), line.substr(space + 1));
    }
    if (result.lines_.empty()) refuse_kept(file, "it is empty, and `format " + format + "` was expected");
    return result;
  }

  const std::string* find(const std::string& key) const {
    const auto found =
        std::find_if(lines_.begin(), lines_.end(), [&](const Line& l) { return l.first == key; });
    return found == lines_.end() ? nullptr : &found->second;
  }

  const std::string& get(const std::filesystem::path& file, const std::string& key) const {
    const std::string* const value = find(key);
    if (value == nullptr) refuse_kept(file, "it has no line `" + key + "`; it is cut off or was changed");
    return *value;
  }

  /// One or more numbers.
  template <class Number>
  std::vector<Number> numbers(const std::filesystem::path& file, const std::string& key,
                              int base = 10) const {
    std::vector<Number> result;
    const std::string& value = get(file, key);
    if (!read_list(value, result, base)) {
      refuse_kept(file, "its line `" + key + "` is `" + shortened(value) + "`, and numbers were expected");
    }
    return result;
  }

  std::uint64_t checksum(const std::filesystem::path& file, const std::string& key) const {
    const auto sums = numbers<std::uint64_t>(file, key, 16);
    if (sums.size() != 1 || get(file, key).size() != 16) {
      refuse_kept(file, "its line `" + key + "` is `" + shortened(get(file, key)) +
                            "`, and a checksum of 16 digits was expected");
    }
    return sums.front();
  }

  static std::string shortened(const std::string& text) {
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
  }

 private:
  std::vector<Line> lines_{};
};

/// What one side of a sample is, without its values.
struct SampleLayout {
  std::string scalar{};
  Shape shape{};  ///< of one sample, its batch first
  std::vector<double> box{};
  std::vector<std::vector<double>> nodes{};
  std::vector<std::vector<double>> weights{};

  std::size_t bytes() const {
    return static_cast<std::size_t>(shape.count()) * (scalar == "float32" ? sizeof(float) : sizeof(double));
  }

  void write_to(KeyValues& lines, const std::string& side) const {
    lines.add(side + ".scalar", scalar);
    lines.add(side + ".shape", list_text(shape));
    if (!box.empty()) lines.add(side + ".box", list_text(box));
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      lines.add(side + ".nodes." + std::to_string(a), list_text(nodes[a]));
    }
    for (std::size_t a = 0; a < weights.size(); ++a) {
      lines.add(side + ".weights." + std::to_string(a), list_text(weights[a]));
    }
  }
};

template <AnyScalar Scalar>
SampleLayout layout_of(const Array<Scalar>& values) {
  return {.scalar = sizeof(Scalar) == sizeof(float) ? "float32" : "float64", .shape = values.shape()};
}

template <class Discretization, class Scalar>
SampleLayout layout_of(const Field<Discretization, Scalar>& field) {
  SampleLayout layout = layout_of(field.values());
  const Discretization& d = field.discretization();
  const auto box = d.box();
  for (Index axis = 0; axis < box.size(); ++axis) {
    layout.box.push_back(box[axis].left);
    layout.box.push_back(box[axis].right);
  }
  for (Index axis = 0; axis < Discretization::rank; ++axis) {
    layout.nodes.push_back(d.nodes(axis));
    if constexpr (Discretization::separable) layout.weights.push_back(d.axis_weights(axis));
  }
  if constexpr (!Discretization::separable) layout.weights.push_back(d.weights());
  return layout;
}

/// Two lists of numbers that are the same up to round-off: another machine may round a node otherwise.
inline bool same_up_to_roundoff(const std::string& a, const std::string& b) {
  std::vector<double> x, y;
  if (!read_list(a, x) || !read_list(b, y) || x.size() != y.size()) return false;
  double scale = 0, gap = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    scale = std::max(scale, std::abs(x[i]));
    gap = std::max(gap, std::abs(x[i] - y[i]));
  }
  return gap <= 1e-12 * scale;
}

/// The text from where it parts from the other one, if that is far behind.
inline std::string difference_of(const std::string& text, const std::string& other) {
  const auto parts = std::mismatch(text.begin(), text.end(), other.begin(), other.end()).first;
  const auto common = static_cast<std::size_t>(parts - text.begin());
  const std::size_t space = common < 40 ? std::string::npos : text.rfind(' ', common);
  return KeyValues::shortened(space == std::string::npos ? text : "..." + text.substr(space));
}

/// Throws unless every line of `now` is kept as it is.
inline void require_same_lines(const std::filesystem::path& folder, const KeyValues& kept,
                               const KeyValues& now, const std::string& remedy) {
  for (const auto& [key, value] : now.lines()) {
    const std::string* const other = kept.find(key);
    const bool roundoff = key.find(".box") != std::string::npos || key.find(".nodes.") != std::string::npos ||
                          key.find(".weights.") != std::string::npos;
    if (other != nullptr && (*other == value || (roundoff && same_up_to_roundoff(*other, value)))) continue;
    fail("generate: the data set in ", folder.string(), " has the ", key, " `",
         other == nullptr ? std::string() : difference_of(*other, value), "`, and here it is `",
         difference_of(value, other == nullptr ? std::string() : *other), "`. ", remedy,
         ", or give another folder in .keep.");
  }
  for (const auto& [key, value] :
       kept.lines()) {  // fields are not taken up as arrays: they would lose their points
    const bool of_samples =
        (key.starts_with("input.") || key.starts_with("output.")) && !key.ends_with(".checksum");
    require(!of_samples || now.find(key) != nullptr, "generate: the data set in ", folder.string(),
            " has the ", key, " `", value, "`, and here there is none. ", remedy,
            ", or give another folder in .keep.");
  }
}

}  // namespace fredholm::detail
