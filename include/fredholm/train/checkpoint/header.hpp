// The header of a safetensors file: what it may say, and how it is read without being believed.
//
// A part of train/checkpoint/safetensors.hpp, which says what the format is.
#pragma once

#include <algorithm>
#include <array>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

using Metadata = std::map<std::string, std::string>;

/// What the header says of one array; the offsets are in bytes from the beginning of the data.
struct TensorInfo {
  std::string name{};
  std::string dtype{};
  std::vector<Index> shape{};
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// An array to write. The values may be shared with somebody else.
struct NamedTensor {
  std::string name{};
  std::string dtype{};
  std::vector<Index> shape{};
  std::shared_ptr<const void> values{};
};

/// The name of a type of values in the format.
template <class T>
inline constexpr std::string_view dtype_of = [] {
  static_assert(sizeof(T) == 0, "safetensors has no name for this type of values.");
  return "";
}();
template <>
inline constexpr std::string_view dtype_of<float> = "F32";
template <>
inline constexpr std::string_view dtype_of<double> = "F64";
template <>
inline constexpr std::string_view dtype_of<std::complex<float>> = "C64";
template <>
inline constexpr std::string_view dtype_of<std::int32_t> = "I32";
template <>
inline constexpr std::string_view dtype_of<std::int64_t> = "I64";

namespace detail {

/// Bytes a value, or 0 for a name that we do not know.
inline std::uint64_t bytes_of_dtype(std::string_view dtype) {
  struct Known {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr std::array<Known, 16> all{{{"F64", 8},
                                       {"F32", 4},
                                       {"F16", 2},
                                       {"BF16", 2},
                                       {"C64", 8},
                                       {"I64", 8},
                                       {"I32", 4},
                                       {"I16", 2},
                                       {"I8", 1},
                                       {"U64", 8},
                                       {"U32", 4},
                                       {"U16", 2},
                                       {"U8", 1},
                                       {"BOOL", 1},
                                       {"F8_E4M3", 1},
                                       {"F8_E5M2", 1}}};
  for (const Known& known : all) {
    if (known.name == dtype) return known.bytes;
  }
  return 0;
}

/// The bytes of an array, or the largest number if there is none for them.
inline std::uint64_t bytes_of_tensor(std::string_view dtype, std::span<const Index> shape) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::uint64_t bytes = bytes_of_dtype(dtype);
  for (Index length : shape) {
    if (bytes > largest / static_cast<std::uint64_t>(length)) return largest;
    bytes *= static_cast<std::uint64_t>(length);
  }
  return bytes;
}

inline std::string shape_text(std::span<const Index> shape) {
  std::string text = "(";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + ")";
}

[[noreturn]] inline void refuse_file(const std::filesystem::path& path, const std::string& reason) {
  throw std::runtime_error("cannot read " + path.string() + " as a safetensors file: " + reason + ".");
}

/// Takes the header as the JSON parser goes through it. No tree is built: what the format has no place for
/// (another nesting, another type, a name given twice) is refused on the spot.
class HeaderReader {
 public:
  explicit HeaderReader(const std::filesystem::path& path) : path_(path) {}

  std::vector<TensorInfo> tensors{};
  Metadata metadata{};

  bool start_object(std::size_t) {
    if (depth_ == 2 || in_list_) misplaced("an object");
    if (++depth_ == 2) {
      tensor_ = TensorInfo{.name = name_};
      fields_.clear();
    }
    return true;
  }

  bool key(std::string& key) {
    if (depth_ == 1) {
      if (!names_.insert(key).second) refuse("the name `" + key + "` is there twice");
      name_ = key;
      in_metadata_ = key == "__metadata__";
    } else {
      if (!fields_.insert(key).second) refuse("`" + name_ + "` has `" + key + "` twice");
      if (!in_metadata_ && key != "dtype" && key != "shape" && key != "data_offsets") {
        refuse("`" + name_ + "` has `" + key + "`, which the format does not know");
      }
      field_ = key;
    }
    return true;
  }

  bool end_object() {
    if (--depth_ == 1 && !in_metadata_) {
      if (fields_.size() != 3)
        refuse("`" + name_ + "` needs dtype, shape and data_offsets, and has not all of them");
      tensors.push_back(std::move(tensor_));
    }
    return true;
  }

  bool start_array(std::size_t) {
    if (depth_ != 2 || in_metadata_ || in_list_ || field_ == "dtype") misplaced("a list");
    in_list_ = true;
    offsets_ = 0;
    return true;
  }
  bool end_array() {
    if (field_ == "data_offsets" && offsets_ != 2)
      refuse("`" + name_ + "` has data_offsets that are not two numbers");
    in_list_ = false;
    return true;
  }

  bool string(std::string& text) {
    if (depth_ != 2 || in_list_ || (!in_metadata_ && field_ != "dtype")) misplaced("a string");
    if (in_metadata_) {
      metadata[field_] = text;
    } else {
      if (bytes_of_dtype(text) == 0) refuse("`" + name_ + "` has the unknown dtype `" + text + "`");
      tensor_.dtype = text;
    }
    return true;
  }

  bool number_unsigned(std::uint64_t value) {
    if (!in_list_) misplaced("a number");
    if (field_ == "shape") {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) {
        refuse("`" + name_ + "` has a length of " + std::to_string(value) + " in its shape");
      }
      tensor_.shape.push_back(static_cast<Index>(value));
    } else {
      if (offsets_ < 2) (offsets_ == 0 ? tensor_.begin : tensor_.end) = value;
      ++offsets_;
    }
    return true;
  }

  bool number_integer(std::int64_t) { misplaced("a negative number"); }
  bool number_float(double, const std::string&) { misplaced("a number that is no 64-bit integer"); }
  bool boolean(bool) { misplaced("a truth value"); }
  bool null() { misplaced("a null"); }
  bool binary(nlohmann::json::binary_t&) { misplaced("binary data"); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
    refuse(std::string("its header is not JSON (") + error.what() + ")");
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const { refuse_file(path_, reason); }
  [[noreturn]] void misplaced(const std::string& what) const {
    if (depth_ == 0) refuse("its header is not a JSON object");
    refuse("`" + name_ + "` has " + what + " in a place where the format has none");
  }

  const std::filesystem::path& path_;
  int depth_ = 0;
  bool in_list_ = false;
  bool in_metadata_ = false;
  int offsets_ = 0;
  std::string name_{};
  std::string field_{};
  TensorInfo tensor_{};
  std::set<std::string> names_{};
  std::set<std::string> fields_{};
};

/// Sorts the arrays by place, and refuses what does not fill the data exactly, once.
inline void check_layout(std::vector<TensorInfo>& tensors, std::uint64_t data_bytes,
                         const std::filesystem::path& path) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t filled = 0;
  for (const TensorInfo& tensor : tensors) {
    const std::string place = "`" + tensor.name + "` is at the bytes " + std::to_string(tensor.begin) +
                              " to " + std::to_string(tensor.end) + " of the data";
    if (tensor.end < tensor.begin) refuse_file(path, place + ", which is backwards");
    if (tensor.end > data_bytes) refuse_file(path, place + ", which has " + std::to_string(data_bytes));
    if (tensor.begin < filled) refuse_file(path, place + " and overlaps with another array");
    if (tensor.begin > filled) refuse_file(path, place + " and leaves a hole before it");
    if (tensor.end - tensor.begin != bytes_of_tensor(tensor.dtype, tensor.shape)) {
      refuse_file(path,
                  place + ", which does not fit " + tensor.dtype + " of shape " + shape_text(tensor.shape));
    }
    filled = tensor.end;
  }
  if (filled != data_bytes) {
    refuse_file(path, "its arrays take " + std::to_string(filled) + " bytes, and the data has " +
                          std::to_string(data_bytes));
  }
}

/// JSON text of a string.
inline std::string quoted(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    fail("names and metadata of a safetensors file are UTF-8, and this text is not: ", text, ".");
  }
}

inline std::string header_text(const std::vector<NamedTensor>& tensors, const Metadata& metadata) {
  std::string header = "{";
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) header += quoted(key) + ":" + quoted(value) + ",";
    header.back() = '}';
    header += ",";
  }
  std::uint64_t place = 0;
  for (const NamedTensor& tensor : tensors) {
    header += quoted(tensor.name) + ":{\"dtype\":" + quoted(tensor.dtype) + ",\"shape\":[";
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      if (axis > 0) header += ',';
      header += std::to_string(tensor.shape[axis]);
    }
    const std::uint64_t end = place + bytes_of_tensor(tensor.dtype, tensor.shape);
    header += "],\"data_offsets\":[" + std::to_string(place) + "," + std::to_string(end) + "]},";
    place = end;
  }
  if (header.back() == ',') header.pop_back();
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

}  // namespace detail

}  // namespace fredholm
