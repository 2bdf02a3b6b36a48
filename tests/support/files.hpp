// What tests of files ask: a folder of their own, the bytes of a file, and the files in
// tests/reference/files.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <fredholm/core/array.hpp>

namespace support {

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            ("fredholm_files_" + std::to_string(random()) + std::to_string(random()));
    std::filesystem::create_directory(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::filesystem::path path_;
};

/// A file that NumPy, h5py or SciPy wrote (tests/reference/make_files.py).
inline std::filesystem::path reference(const std::string& name) {
  return std::filesystem::path(__FILE__).parent_path().parent_path() / "reference" / "files" / name;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Calls f(length) with the file cut off at every length, the longest first.
template <class Function>
void for_each_cut(const std::filesystem::path& path, const std::string& whole, Function f) {
  write_bytes(path, whole);
  for (std::size_t length = whole.size(); length-- > 0;) {
    std::filesystem::resize_file(path, length);
    f(length);
  }
}

/// While it lives, this process can write no file beyond so many bytes: a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// The message of whatever the function throws.
template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

/// The floats of make_files.py.
template <class T>
fredholm::Array<T> known_values(fredholm::Shape shape) {
  fredholm::Array<T> result(shape);
  T* const to = result.mutable_data();
  for (fredholm::Index k = 0; k < result.size(); ++k) {
    to[k] = static_cast<T>(static_cast<double>(k * k % 97) / 8 - 3);
  }
  return result;
}

/// The signed integers of make_files.py, shifted by 40 for the unsigned ones.
template <class T>
fredholm::Array<T> known_integers(fredholm::Shape shape, fredholm::Index shift = -40) {
  fredholm::Array<T> result(shape);
  T* const to = result.mutable_data();
  for (fredholm::Index k = 0; k < result.size(); ++k) to[k] = static_cast<T>(k * k % 97 + shift);
  return result;
}

/// Random bits: every value of the type may occur, NaNs and infinities too.
template <class T>
fredholm::Array<T> random_bits(fredholm::Shape shape, unsigned seed = 1) {
  fredholm::Array<T> result(shape);
  std::mt19937 random(seed);
  auto* const to = reinterpret_cast<unsigned char*>(result.mutable_data());
  for (std::size_t i = 0; i < static_cast<std::size_t>(result.size()) * sizeof(T); ++i) {
    to[i] = static_cast<unsigned char>(random());
  }
  return result;
}

/// The same shape and the same bits.
template <class T>
bool same_bits(const fredholm::Array<T>& a, const fredholm::Array<T>& b) {
  if (!(a.shape() == b.shape())) return false;
  return a.size() == 0 ||
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0;
}

}  // namespace support
