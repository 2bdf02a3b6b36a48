// Arrays in HDF5 files: what h5py, MATLAB (v7.3), netCDF-4 and most simulation codes read and write.
//
//   save_hdf5("darcy.h5", {{"a", a}, {"solution/u", u}});          // '/' parts a group from what is in it
//   Array<float> u = load_hdf5<float>("darcy.h5", "solution/u");
//   Array<float> some = load_hdf5<float>("darcy.h5", "solution/u", 100, 200);   // rows 100 to 199
//
//   Hdf5File file("darcy.h5");
//   file.names();                                   // {"a", "solution/u"}, every dataset
//   file.shape("a");                                // (sample, x, y, channel), say
//   Array<double> a = file.rows<double>("a", 0, 10);
//
// Arrays keep their shape and are row-major on both sides. A row is an index of the first axis with all that
// is behind it. Files larger than memory are read and written a piece at a time: data/hdf5/stream.hpp.
//
// Read are floats of 2, 4 and 8 bytes and integers of up to 8, in both byte orders, compressed or not. Values
// of double are rounded when they are loaded into an Array<float>, and refused if they are too large for it;
// an integer is taken if the scalar holds it exactly. Complex, text and other compounds are refused.
//
// A file that is cut off or is something else, or claims to be far larger than its bytes, throws a
// std::runtime_error with its name and the reason, in HDF5's words where they are HDF5's; it prints nothing.
// The library of HDF5 itself is not made for files from an enemy: a changed byte in a file of its oldest
// format, which has no checksums, can crash it (1.10.8 does so for 2 bytes in 1000). Files are written in the
// format of HDF5 1.8, which has them. Not for two threads at once, unless HDF5 was built for it. Source: The
// HDF Group, HDF5 reference manual.
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/hdf5/dataset.hpp>
#include <fredholm/data/hdf5/handle.hpp>
#include <fredholm/data/named_arrays.hpp>

namespace fredholm {

/// A file that is open for reading. Datasets are named by their path: "u", "0001/data".
class Hdf5File {
 public:
  explicit Hdf5File(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    size_ = std::filesystem::file_size(path_, error);
    if (error) detail::refuse_hdf5(path_.string(), error.message());
    const detail::QuietHdf5 quiet;
    if (H5Fis_hdf5(path_.c_str()) <= 0) {
      detail::refuse_hdf5(path_.string(), "it does not begin with what such a file begins with");
    }
    file_ = detail::Hdf5Handle(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file_) detail::refuse_hdf5(path_.string(), detail::hdf5_reason());
  }

  const std::filesystem::path& path() const { return path_; }
  /// Every dataset, in all groups, by name. Goes through the whole file.
  std::vector<std::string> names() const {
    const detail::QuietHdf5 quiet;
    return detail::hdf5_dataset_names(file_.id(), path_.string());
  }
  Shape shape(const std::string& name) const { return open(name).shape(); }

  /// The whole dataset.
  template <AnyScalar Scalar>
  Array<Scalar> read(const std::string& name) const {
    return open(name).template read<Scalar>();
  }

  /// The rows begin, ..., end - 1: shape (end - begin, ...).
  template <AnyScalar Scalar>
  Array<Scalar> rows(const std::string& name, Index begin, Index end) const {
    return open(name).template rows<Scalar>(begin, end);
  }

  /// A dataset that stays open: for who reads many pieces of it.
  detail::Hdf5Dataset open(const std::string& name) const {
    const detail::QuietHdf5 quiet;
    detail::Hdf5Handle set(H5Dopen2(file_.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!set) not_found(name, detail::hdf5_reason());
    return {path_.string() + " (dataset `" + name + "`)", size_, std::move(set)};
  }

 private:
  [[noreturn]] void not_found(const std::string& name, const std::string& reason) const {
    const std::vector<std::string> all = names();
    require(std::find(all.begin(), all.end(), name) != all.end(), path_.string(), " has no dataset `", name,
            "`. It has: ", detail::list_of_names(all), ".");
    detail::refuse_hdf5(path_.string(),
                        "the dataset `" + name + "` is there and cannot be opened: " + reason);
  }

  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  detail::Hdf5Handle file_{};
};

/// One dataset.
template <AnyScalar Scalar>
Array<Scalar> load_hdf5(const std::filesystem::path& file, const std::string& name) {
  return Hdf5File(file).read<Scalar>(name);
}

/// The rows begin, ..., end - 1 of one dataset.
template <AnyScalar Scalar>
Array<Scalar> load_hdf5(const std::filesystem::path& file, const std::string& name, Index begin, Index end) {
  return Hdf5File(file).rows<Scalar>(name, begin, end);
}

/// Writes arrays of float and double under names, contiguous and not compressed: beside an old file of that
/// name, which it replaces when all is on the disk.
inline void save_hdf5(const std::filesystem::path& file, const NamedArrays& arrays) {
  detail::require_names(file.string(), arrays);
  const detail::QuietHdf5 quiet;
  detail::Hdf5Output out(file);
  for (const auto& named : arrays) {
    const std::string& name = named.first;
    std::visit(
        [&]<class Scalar>(const Array<Scalar>& array) {
          out.reserve(static_cast<std::uint64_t>(array.size()) * sizeof(Scalar));
          const detail::Hdf5Handle space = detail::hdf5_space(array.shape());
          const detail::Hdf5Handle set =
              detail::create_hdf5_dataset<Scalar>(out.id(), out.title(), name, space.id(), H5P_DEFAULT);
          if (array.size() == 0) return;
          const herr_t failed =
              H5Dwrite(set.id(), detail::hdf5_type<Scalar>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, array.data());
          if (failed < 0) detail::fail_to_write_hdf5(out.title(), name);
        },
        named.second);
  }
  out.finish();
}

}  // namespace fredholm
