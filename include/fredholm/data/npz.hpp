// Several arrays in one file of NumPy: what np.savez and np.savez_compressed write and np.load reads.
//
//   save_npz("burgers.npz", {{"a", a}, {"u", u}}, {.compressed = true});
//   NpzFile file = load_npz("burgers.npz");
//   file.names();                                   // {"a", "u"}
//   Array<double> a = file.get<double>("a");        // read now; row-major
//
// The file is a zip archive whose members are .npy files (data/npy.hpp, which says what types are read and
// how they are converted): stored as they are, or deflated. Members that are no .npy are left alone.
//
// What a member claims is believed only as far as its compressed bytes can carry it: deflate makes at most
// 1032 bytes of one, and the sizes in the archive, in the .npy header and of the file have to agree before
// memory is taken. The checksum is compared. What does not agree throws a std::runtime_error that names the
// file and the array. A write that fails leaves the old file as it was; the same arrays give the same bytes.
// Source: numpy.savez, PKWARE APPNOTE.TXT; read and written by libzip.
#pragma once

#include <zip.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/beside.hpp>
#include <fredholm/data/named_arrays.hpp>
#include <fredholm/data/npy/header.hpp>
#include <fredholm/data/npy/values.hpp>

namespace fredholm {

namespace detail {

struct DiscardZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using ZipHandle = std::unique_ptr<zip_t, DiscardZip>;

struct CloseZipMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using ZipMemberHandle = std::unique_ptr<zip_file_t, CloseZipMember>;

[[noreturn]] inline void refuse_npz(const std::string& file, const std::string& reason) {
  throw std::runtime_error("cannot read " + file + " as a .npz file: " + reason + ".");
}

/// A handle of libzip, or an exception with its reason.
inline ZipHandle open_zip(const std::string& file, int flags, std::string_view doing) {
  int code = 0;
  ZipHandle archive(zip_open(file.c_str(), flags, &code));
  if (archive != nullptr) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw std::runtime_error("cannot " + std::string(doing) + ": " + reason + ".");
}

}  // namespace detail

/// A file whose list of members has been read; the arrays are read when they are asked for. Not for two
/// threads at once.
class NpzFile {
 public:
  explicit NpzFile(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    size_ = std::filesystem::file_size(path_, error);
    if (error) detail::refuse_npz(path_.string(), error.message());
    archive_ = detail::open_zip(path_.string(), ZIP_RDONLY, "read " + path_.string() + " as a .npz file");
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive_.get(), 0); ++i) {
      const char* raw = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
      const std::string name = raw == nullptr ? "" : raw;
      if (!name.ends_with(suffix)) continue;
      names_.push_back(name.substr(0, name.size() - suffix.size()));
      places_.push_back(static_cast<zip_uint64_t>(i));
    }
  }

  const std::filesystem::path& path() const { return path_; }
  /// In the order of the file.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  /// Reads an array, row-major, in the scalar that is asked for.
  template <AnyScalar Scalar>
  Array<Scalar> get(const std::string& name) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    require(found != names_.end(), path_.string(), " has no array `", name,
            "`. It has: ", detail::list_of_names(names_), ".");
    const zip_uint64_t place = places_[static_cast<std::size_t>(found - names_.begin())];
    const std::string title = path_.string() + " (array `" + name + "`)";
    const std::uint64_t size = size_of(title, place);
    detail::ZipMemberHandle member(zip_fopen_index(archive_.get(), place, 0));
    if (member == nullptr) detail::refuse_npy(title, zip_strerror(archive_.get()));
    Array<Scalar> values = detail::read_npy<Scalar>(
        title, size, [&](void* to, std::uint64_t bytes) { read(title, member.get(), to, bytes); });
    // The checksum is compared when the end has been read, and not before.
    char more = 0;
    if (zip_fread(member.get(), &more, 1) != 0) detail::refuse_npy(title, reason_of(member.get()));
    return values;
  }

 private:
  static constexpr std::string_view suffix = ".npy";

  /// The size of a member after it is inflated, as far as it can be true.
  std::uint64_t size_of(const std::string& title, zip_uint64_t place) const {
    constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(archive_.get(), place, 0, &about) != 0 || (about.valid & needed) != needed) {
      detail::refuse_npy(title, "the archive does not say how large it is");
    }
    if (about.comp_method != ZIP_CM_STORE && about.comp_method != ZIP_CM_DEFLATE) {
      detail::refuse_npy(title, "it is compressed by method " + std::to_string(about.comp_method) +
                                    " of zip, and read are stored (0) and deflated (8) arrays");
    }
    // 1032 is the most that deflate can do: a block of 258 equal bytes for each two bits.
    const std::uint64_t factor = about.comp_method == ZIP_CM_STORE ? 1 : 1032;
    if (about.comp_size > size_ || about.size / factor > about.comp_size) {
      detail::refuse_npy(title, "the archive tells of " + std::to_string(about.size) +
                                    " bytes, compressed to " + std::to_string(about.comp_size) +
                                    ", in a file of " + std::to_string(size_));
    }
    return about.size;
  }

  static std::string reason_of(zip_file_t* member) {
    const std::string reason = zip_file_strerror(member);
    return reason == "No error" ? "it has another length than the archive tells of" : reason;
  }

  static void read(const std::string& title, zip_file_t* member, void* to, std::uint64_t bytes) {
    char* next = static_cast<char*>(to);
    while (bytes > 0) {
      const zip_int64_t count = zip_fread(member, next, std::min<std::uint64_t>(bytes, 1U << 30));
      if (count <= 0) detail::refuse_npy(title, reason_of(member));
      next += count;
      bytes -= static_cast<std::uint64_t>(count);
    }
  }

  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  detail::ZipHandle archive_{};
  std::vector<std::string> names_{};
  std::vector<zip_uint64_t> places_{};
};

/// Opens a file and reads the list of its arrays.
inline NpzFile load_npz(const std::filesystem::path& file) { return NpzFile(file); }

struct NpzOptions {
  bool compressed = false;  ///< deflated, as by np.savez_compressed
};

/// Writes arrays of float and double under names: beside an old file of that name, which it replaces when all
/// is on the disk.
inline void save_npz(const std::filesystem::path& file, const NamedArrays& arrays,
                     const NpzOptions& options = {}) {
  detail::require_names(file.string(), arrays);
  const std::string doing = "write " + file.string();
  detail::BesideFile beside(file);
  std::vector<std::string> headers(arrays.size());  // libzip reads all of it when the archive is closed
  auto archive = detail::open_zip(beside.path().string(), ZIP_CREATE | ZIP_TRUNCATE, doing);
  const auto give_up = [&] {
    throw std::runtime_error("cannot " + doing + ": " + zip_strerror(archive.get()) + ".");
  };
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    zip_buffer_fragment_t parts[2] = {};
    std::visit(
        [&]<class Scalar>(const Array<Scalar>& array) {
          headers[i] = detail::npy_header_text<Scalar>(array.shape());
          // libzip takes bytes that it may write to, and does not.
          parts[1].data = reinterpret_cast<zip_uint8_t*>(const_cast<Scalar*>(array.data()));
          parts[1].length = static_cast<zip_uint64_t>(array.size()) * sizeof(Scalar);
        },
        arrays[i].second);
    parts[0].data = reinterpret_cast<zip_uint8_t*>(headers[i].data());
    parts[0].length = headers[i].size();
    zip_source_t* source = zip_source_buffer_fragment(archive.get(), parts, parts[1].length > 0 ? 2 : 1, 0);
    if (source == nullptr) give_up();
    const zip_int64_t place =
        zip_file_add(archive.get(), (arrays[i].first + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
      zip_source_free(source);
      give_up();
    }
    const auto member = static_cast<zip_uint64_t>(place);
    constexpr zip_uint16_t first_day = (1 << 5) | 1;  // 1980-01-01, as NumPy: no time of day in the bytes
    if (zip_set_file_compression(archive.get(), member, options.compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                 0) != 0 ||
        zip_file_set_dostime(archive.get(), member, 0, first_day, 0) != 0) {
      give_up();
    }
  }
  if (zip_close(archive.get()) != 0) give_up();
  static_cast<void>(archive.release());  // closed: nothing to discard
  beside.finish();
}

}  // namespace fredholm
