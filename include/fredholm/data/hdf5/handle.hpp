// What every call of HDF5 needs: an identifier that closes itself, and its errors as exceptions of ours.
//
// A part of data/hdf5.hpp.
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>
#include <fredholm/data/beside.hpp>

namespace fredholm::detail {

/// An identifier of HDF5 and what closes it. Negative ones are failures and are not closed.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() { close(); }

  hid_t id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// False if what was written could not be brought to the disk.
  bool close() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// While it lives, HDF5 prints no errors; whoever printed them before does so again afterwards.
class QuietHdf5 {
 public:
  QuietHdf5() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  QuietHdf5(const QuietHdf5&) = delete;
  QuietHdf5& operator=(const QuietHdf5&) = delete;
  ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// The innermost of the errors that HDF5 has just met, in its words.
inline std::string hdf5_reason() {
  std::string reason;
  const auto take = [](unsigned, const H5E_error2_t* error, void* to) -> herr_t {
    auto& text = *static_cast<std::string*>(to);
    if (text.empty() && error->desc != nullptr) text = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &reason);
  return reason.empty() ? "HDF5 gives no reason" : "HDF5 says: " + reason;
}

[[noreturn]] inline void refuse_hdf5(const std::string& file, const std::string& reason) {
  throw std::runtime_error("cannot read " + file + " as an HDF5 file: " + reason + ".");
}

[[noreturn]] inline void fail_to_write_hdf5(const std::string& file, const std::string& name) {
  const std::string what = name.empty() ? file : file + " (dataset `" + name + "`)";
  throw std::runtime_error("cannot write " + what + ": " + hdf5_reason() + ".");
}

template <class Scalar>
hid_t hdf5_type() {
  if constexpr (std::is_same_v<Scalar, float>) {
    return H5T_NATIVE_FLOAT;
  } else {
    return H5T_NATIVE_DOUBLE;
  }
}

inline std::vector<hsize_t> hdf5_lengths(const Shape& shape) { return {shape.begin(), shape.end()}; }

/// The data space of an array; () is a scalar.
inline Hdf5Handle hdf5_space(const Shape& shape) {
  if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  return {H5Screate_simple(static_cast<int>(shape.size()), hdf5_lengths(shape).data(), nullptr), H5Sclose};
}

/// A new file, made beside the one of that name.
///
/// HDF5 does not survive a write that fails: the file can be neither used nor closed, and the program crashes
/// when it ends (seen with 1.10.8). So room on the disk is taken before HDF5 writes, and a disk that is full
/// is met here.
class Hdf5Output {
 public:
  explicit Hdf5Output(const std::filesystem::path& file) : beside_(file) {
    // The format of HDF5 1.8, of 2008: everything but the values and the places of chunks has a checksum.
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_LATEST);
    file_ = Hdf5Handle(H5Fcreate(beside_.path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
    if (!file_) fail_to_write_hdf5(title(), "");
  }

  hid_t id() const { return file_.id(); }
  std::string title() const { return beside_.target().string(); }

  /// Room for so many bytes of values, and for what HDF5 notes about them.
  void reserve(std::uint64_t bytes) const {
    constexpr std::uint64_t notes = 1 << 20;
    beside_.reserve(size(), bytes + bytes / 64 + notes);
  }

  void finish() {
    if (H5Fflush(id(), H5F_SCOPE_LOCAL) < 0) fail_to_write_hdf5(title(), "");
    const std::uint64_t used = size();
    if (!file_.close()) fail_to_write_hdf5(title(), "");
    beside_.shorten(used);
    beside_.finish();
  }

 private:
  std::uint64_t size() const {
    hsize_t bytes = 0;
    if (H5Fget_filesize(id(), &bytes) < 0) fail_to_write_hdf5(title(), "");
    return bytes;
  }

  BesideFile beside_;
  Hdf5Handle file_{};
};

/// A new dataset, and the groups that its name leads through. Times of creation are left out, so that the
/// same data give the same bytes.
template <class Scalar>
Hdf5Handle create_hdf5_dataset(hid_t file, const std::string& title, const std::string& name, hid_t space,
                               hid_t creation) {
  const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  const Hdf5Handle own(creation == H5P_DEFAULT ? H5Pcreate(H5P_DATASET_CREATE) : H5Pcopy(creation), H5Pclose);
  H5Pset_create_intermediate_group(links.id(), 1);
  H5Pset_char_encoding(links.id(), H5T_CSET_UTF8);
  H5Pset_obj_track_times(own.id(), false);
  const hid_t type = std::is_same_v<Scalar, float> ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
  Hdf5Handle set(H5Dcreate2(file, name.c_str(), type, space, links.id(), own.id(), H5P_DEFAULT), H5Dclose);
  if (!set) fail_to_write_hdf5(title, name);
  return set;
}

/// The paths of all datasets that are in the file itself, sorted.
inline std::vector<std::string> hdf5_dataset_names(hid_t file, const std::string& title) {
  std::vector<std::string> links;
  const auto take = [](hid_t, const char* name, const H5L_info_t* link, void* to) -> herr_t {
    try {  // an exception must not pass through code of C
      const bool inside = link->type == H5L_TYPE_HARD || link->type == H5L_TYPE_SOFT;
      if (inside) static_cast<std::vector<std::string>*>(to)->emplace_back(name);
      return 0;
    } catch (...) {
      return -1;
    }
  };
  if (H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, take, &links) < 0) refuse_hdf5(title, hdf5_reason());
  std::erase_if(links, [file](const std::string& name) {
    const Hdf5Handle object(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
    return object && H5Iget_type(object.id()) != H5I_DATASET;  // what cannot be opened may have been one
  });
  std::sort(links.begin(), links.end());
  return links;
}

}  // namespace fredholm::detail
