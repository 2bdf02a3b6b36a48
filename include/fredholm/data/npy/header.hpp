// The header of a .npy file: what it may say, and how it is read without being believed.
//
// A part of data/npy.hpp, which says what the format is.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fredholm/core/shape.hpp>

namespace fredholm::detail {

static_assert(std::endian::native == std::endian::little,
              "the files of NumPy are written little-endian, and this machine is not: writing with the bytes "
              "swapped is not implemented.");

[[noreturn]] inline void refuse_npy(const std::string& name, const std::string& reason) {
  throw std::runtime_error("cannot read " + name + " as an array of NumPy: " + reason + ".");
}

struct NpyHeader {
  std::string dtype{};  ///< '<f8': byte order, kind, bytes a value
  bool column_major = false;
  Shape shape{};
  std::uint64_t length = 0;  ///< bytes before the data

  char order() const { return dtype[0]; }
  char kind() const { return dtype[1]; }
  std::uint64_t bytes_of_value() const { return static_cast<std::uint64_t>(dtype[2] - '0'); }
};

/// Reads the dictionary of Python that the header is: three keys, each once, and nothing else.
class NpyHeaderParser {
 public:
  NpyHeaderParser(const std::string& name, std::string_view text) : name_(name), text_(text) {}

  NpyHeader parse() {
    NpyHeader header;
    std::vector<std::string> keys;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
        refuse_npy(name_, "its header has `" + key + "` twice");
      }
      keys.push_back(key);
      expect(':');
      value(key, header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (next_ != text_.size()) refuse_npy(name_, "its header goes on after the closing brace");
    if (keys.size() != 3) refuse_npy(name_, "its header needs descr, fortran_order and shape");
    return header;
  }

 private:
  void value(const std::string& key, NpyHeader& header) {
    if (key == "descr") {
      header.dtype = dtype();
    } else if (key == "fortran_order") {
      header.column_major = boolean();
    } else if (key == "shape") {
      header.shape = shape();
    } else {
      refuse_npy(name_, "its header has the key `" + key + "`, which the format does not know");
    }
  }

  std::string dtype() {
    skip_spaces();
    if (peek() == '[') {
      refuse_npy(name_, "it is a structured array; save one array a field: np.save(file, array['field'])");
    }
    std::string text = quoted();
    const std::string found = "its values are `" + text + "`";
    if (text.size() >= 2 && text[1] == 'O') {
      refuse_npy(name_, found +
                            ", Python objects, which may run code when they are read; save "
                            "array.astype('float64')");
    }
    if (text.size() >= 2 && text[1] == 'c') {
      refuse_npy(name_, found + ", complex; save array.real and array.imag");
    }
    constexpr std::array<std::string_view, 11> known{"f4", "f8", "i1", "i2", "i4", "i8",
                                                     "u1", "u2", "u4", "u8", "b1"};
    bool is_known = false;
    for (std::string_view each : known) is_known |= text.size() == 3 && each == text.substr(1);
    // '|' stands for no byte order: right for a single byte and for nothing else.
    const bool ordered = is_known && (text[0] == '<' || text[0] == '>' || text[0] == '=' ||
                                      (text[0] == '|' && text[2] == '1'));
    if (!ordered) {
      refuse_npy(name_, found +
                            ", and read are floats of 4 or 8 bytes, integers and booleans; save "
                            "array.astype('float64')");
    }
    return text;
  }

  bool boolean() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.substr(next_, word.size()) == word) {
        next_ += word.size();
        return value;
      }
    }
    refuse_npy(name_, "fortran_order is neither True nor False");
  }

  Shape shape() {
    Shape result;
    expect('(');
    while (!accept(')')) {
      if (result.size() == Shape::max_rank) {
        refuse_npy(name_, "its array has more than " + std::to_string(Shape::max_rank) + " axes");
      }
      result.push_back(length());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return result;
  }

  Index length() {
    skip_spaces();
    Index result = 0;
    const std::size_t begin = next_;
    for (; peek() >= '0' && peek() <= '9'; ++next_) {
      const Index digit = peek() - '0';
      if (result > (std::numeric_limits<Index>::max() - digit) / 10) refuse_npy(name_, "an axis is too long");
      result = 10 * result + digit;
    }
    if (next_ == begin) refuse_npy(name_, "its shape is not a tuple of lengths");
    if (peek() == 'L') ++next_;  // a long integer of Python 2
    return result;
  }

  std::string quoted() {
    skip_spaces();
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse_npy(name_, "its header is not a dictionary of Python");
    const std::size_t end = text_.find(quote, next_ + 1);
    if (end == std::string_view::npos) refuse_npy(name_, "a text in its header has no end");
    const std::string result(text_.substr(next_ + 1, end - next_ - 1));
    next_ = end + 1;
    return result;
  }

  char peek() const { return next_ < text_.size() ? text_[next_] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t') ++next_;
  }
  bool accept(char wanted) {
    skip_spaces();
    if (peek() != wanted) return false;
    ++next_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted))
      refuse_npy(name_, std::string("its header lacks a `") + wanted + "` where one belongs");
  }

  const std::string& name_;
  std::string_view text_;
  std::size_t next_ = 0;
};

/// The bytes of the data that the header claims, or the largest number if there is none for them.
inline std::uint64_t npy_data_bytes(const NpyHeader& header) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t bytes = header.bytes_of_value();
  bool empty = false;
  for (Index length : header.shape) {
    empty |= length == 0;
    // An empty array, too, has lengths whose product is computed somewhere: axes of 0 are left out, not
    // trusted.
    const auto factor = static_cast<std::uint64_t>(length == 0 ? 1 : length);
    if (bytes > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()) / factor) return largest;
    bytes *= factor;
  }
  return empty ? 0 : bytes;
}

/// Reads and checks all that comes before the data. `read(to, bytes)` goes on where it stopped; `size` is
/// that of the whole.
template <class Read>
NpyHeader read_npy_header(const std::string& name, std::uint64_t size, Read&& read) {
  constexpr std::uint64_t max_header = 1'000'000;  // NumPy's own have about 100 bytes
  constexpr std::string_view magic = "\x93NUMPY";
  if (size < 10) {
    refuse_npy(name, "it has " + std::to_string(size) + " bytes, fewer than the 10 that begin such a file");
  }
  std::array<unsigned char, 12> begin{};
  read(begin.data(), 10);
  for (std::size_t i = 0; i < magic.size(); ++i) {
    if (begin[i] != static_cast<unsigned char>(magic[i]))
      refuse_npy(name, "it does not begin with \\x93NUMPY");
  }
  const int version = begin[6];
  if (version < 1 || version > 3 || begin[7] != 0) {
    refuse_npy(name, "its version is " + std::to_string(version) + "." + std::to_string(begin[7]) +
                         ", and known are 1.0, 2.0 and 3.0");
  }
  const std::uint64_t before = version == 1 ? 10 : 12;
  std::uint64_t length = begin[8] + 256ULL * begin[9];
  if (version > 1) {
    if (size < before) refuse_npy(name, "it ends within the length of its header");
    read(begin.data() + 10, 2);
    length += 65536ULL * begin[10] + 16777216ULL * begin[11];
  }
  if (length > max_header || length > size - before) {
    refuse_npy(name, "its header would have " + std::to_string(length) + " bytes, and there are " +
                         std::to_string(size - before) + " (at most " + std::to_string(max_header) +
                         " are allowed)");
  }
  std::string text(static_cast<std::size_t>(length), ' ');
  read(text.data(), length);
  NpyHeader header = NpyHeaderParser(name, text).parse();
  header.length = before + length;
  const std::uint64_t bytes = npy_data_bytes(header);
  if (bytes != size - header.length) {
    refuse_npy(name, "its header tells of values of shape " + to_string(header.shape) + " and dtype " +
                         header.dtype + ", and " + std::to_string(size - header.length) +
                         " bytes of values are there");
  }
  return header;
}

/// All that comes before the data, as NumPy writes it: a multiple of 64 bytes.
template <class Scalar>
std::string npy_header_text(const Shape& shape) {
  std::string text =
      "{'descr': '<f" + std::to_string(sizeof(Scalar)) + "', 'fortran_order': False, 'shape': (";
  for (Index axis = 0; axis < shape.size(); ++axis) {
    text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  }
  text += shape.size() == 1 ? ",), }" : "), }";
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  std::string result = "\x93NUMPY";
  result += {'\x01', '\x00', static_cast<char>(text.size() % 256), static_cast<char>(text.size() / 256)};
  return result + text;
}

}  // namespace fredholm::detail
