// The safetensors format: named arrays in one file that nobody has to trust.
//
//   SafetensorsFile file = read_safetensors("weights.safetensors");
//   for (const TensorInfo& tensor : file.tensors()) ...            // name, dtype, shape
//   std::vector<float> values = file.values<float>("lift.weight");  // row-major
//
//   8 bytes      length of the header, little-endian
//   header       JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}, padded by
//   spaces data         the arrays, little-endian, row-major, without a hole between them
//
// Nothing in a file can be executed, and nothing in it is believed: lengths, offsets, shapes and names are
// checked against each other and against the size of the file before a byte of data is read, and what does
// not agree is refused with a std::runtime_error that names the file and the reason. Files are written beside
// the old one and renamed, so that a write that fails leaves the old one. Source:
// github.com/huggingface/safetensors, README.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fredholm/core/atomic_file.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/train/checkpoint/header.hpp>

namespace fredholm {

static_assert(
    std::endian::native == std::endian::little,
    "safetensors files are little-endian, and this machine is not: swapping the bytes is not implemented.");

/// A file whose header has been read and checked; the data are read when they are asked for.
class SafetensorsFile {
 public:
  static constexpr std::uint64_t max_header = 100'000'000;  // as in the reference implementation

  explicit SafetensorsFile(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(path_, error);
    if (error) refuse(error.message());
    stream_.open(path_, std::ios::binary);
    if (!stream_) refuse("it cannot be opened");
    if (size < 8)
      refuse("it has " + std::to_string(size) + " bytes, fewer than the 8 that say how long its header is");
    std::uint64_t length = 0;
    read_bytes(&length, sizeof(length));
    if (length > max_header || length > size - 8) {
      refuse("its header would have " + std::to_string(length) + " bytes, and there are " +
             std::to_string(size - 8) + " (at most " + std::to_string(max_header) + " are allowed)");
    }
    std::string header(static_cast<std::size_t>(length), ' ');
    read_bytes(header.data(), length);
    if (header.empty() || header.front() != '{') refuse("its header is not a JSON object");
    // The parser would take a zero for the end, and leave what is behind it unseen.
    if (header.find('\0') != std::string::npos) refuse("its header has a byte of zero");
    detail::HeaderReader reader(path_);
    nlohmann::json::sax_parse(header, &reader);
    tensors_ = std::move(reader.tensors);
    metadata_ = std::move(reader.metadata);
    data_ = 8 + length;
    detail::check_layout(tensors_, size - data_, path_);
    for (std::size_t i = 0; i < tensors_.size(); ++i) places_[tensors_[i].name] = i;
  }

  const std::filesystem::path& path() const { return path_; }
  const Metadata& metadata() const { return metadata_; }
  /// In the order of their data.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  /// The array of a name, or a null pointer.
  const TensorInfo* find(const std::string& name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? nullptr : &tensors_[place->second];
  }

  /// Reads an array: row-major, in its own type (float for F32, double for F64, std::complex<float> for C64,
  /// ...).
  template <class T>
  std::vector<T> values(const std::string& name) {
    std::vector<T> result(static_cast<std::size_t>(size_of<T>(name) / sizeof(T)));
    read(name, std::span<T>(result));
    return result;
  }

  /// The same into memory that is there already.
  template <class T>
  void read(const std::string& name, std::span<T> to) {
    const std::uint64_t bytes = size_of<T>(name);
    require(to.size_bytes() == bytes, "the array `", name, "` of ", path_.string(), " has ",
            bytes / sizeof(T), " values, and room was given for ", to.size(), ".");
    stream_.seekg(static_cast<std::streamoff>(data_ + find(name)->begin));
    read_bytes(to.data(), bytes);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const { detail::refuse_file(path_, reason); }

  template <class T>
  std::uint64_t size_of(const std::string& name) const {
    const TensorInfo* tensor = find(name);
    require(tensor != nullptr, path_.string(), " has no array `", name, "`.");
    require(tensor->dtype == dtype_of<T>, "the array `", name, "` of ", path_.string(), " is ", tensor->dtype,
            ", and was asked for as ", dtype_of<T>, ".");
    return tensor->end - tensor->begin;
  }

  void read_bytes(void* to, std::uint64_t bytes) {
    if (bytes == 0) return;
    stream_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!stream_) refuse("it ended, or could not be read, before its end");
  }

  std::filesystem::path path_;
  std::ifstream stream_{};
  std::uint64_t data_ = 0;
  std::vector<TensorInfo> tensors_{};
  Metadata metadata_{};
  std::map<std::string, std::size_t> places_{};
};

/// Opens a file, reads its header and checks it.
inline SafetensorsFile read_safetensors(const std::filesystem::path& path) { return SafetensorsFile(path); }

/// Writes a file: beside an old one of that name, which it replaces when all is on the disk.
inline void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                              const Metadata& metadata = {}) {
  std::set<std::string> names{"__metadata__"};
  for (const NamedTensor& tensor : tensors) {
    require(names.insert(tensor.name).second, "an array of a safetensors file cannot have the name `",
            tensor.name, "`: it is taken.");
    require(detail::bytes_of_dtype(tensor.dtype) > 0, "`", tensor.dtype, "` is no dtype of safetensors.");
  }
  // Wide values first, so that every array lies at a multiple of the size of its values.
  std::vector<NamedTensor> ordered;
  for (std::uint64_t bytes : {8U, 4U, 2U, 1U}) {
    for (const NamedTensor& tensor : tensors) {
      if (detail::bytes_of_dtype(tensor.dtype) == bytes) ordered.push_back(tensor);
    }
  }
  const std::string header = detail::header_text(ordered, metadata);
  const std::uint64_t length = header.size();
  detail::AtomicFile file(path);
  file.write(&length, sizeof(length));
  file.write(header.data(), header.size());
  for (const NamedTensor& tensor : ordered) {
    file.write(tensor.values.get(), detail::bytes_of_tensor(tensor.dtype, tensor.shape));
  }
  file.finish();
}

}  // namespace fredholm
