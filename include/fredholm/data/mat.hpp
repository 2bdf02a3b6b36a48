// Arrays in files of MATLAB (.mat), version 5 to 7 and 7.3: what save(...) writes and load(...) reads.
//
//   save_mat("darcy.mat", {{"coeff", a}, {"sol", u}});
//   Array<float> a = load_mat<float>("darcy.mat", "coeff");
//   mat_names("darcy.mat");                                      // {"coeff", "sol"}
//
// MATLAB's arrays are column-major, ours row-major: the values are put in the other order, so that element
// (i, j, k) stays element (i, j, k), and size(sol) in MATLAB is the shape here. (h5py on a file of version
// 7.3 shows the axes the other way round.) Everything in MATLAB has two axes at least: an array of shape (n)
// is written as n x 1, a number as 1 x 1, and both come back so; trailing axes of 1 beyond the second are
// dropped by MATLAB.
//
// Read are double, single and all integers, as MATLAB's class says whatever the file stores them as. Values
// of double are rounded when they are loaded into an Array<float>, and refused if they are too large for it;
// an integer is taken if the scalar holds it exactly. Complex, sparse, cells, structs, text and objects are
// refused.
//
// A file that is cut off or is something else, or claims to be far larger than its bytes, throws a
// std::runtime_error with its name and the reason. A write that fails leaves the old file as it was. Source:
// MathWorks, MAT-File Format (R2023b); read and written by matio, which is not made for files from an enemy.
// Not for two threads at once.
#pragma once

#include <matio.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/axis_order.hpp>
#include <fredholm/data/beside.hpp>
#include <fredholm/data/exact.hpp>
#include <fredholm/data/hdf5/handle.hpp>
#include <fredholm/data/named_arrays.hpp>

namespace fredholm {

enum class MatVersion {
  v5,   ///< read by every MATLAB and by SciPy; an array has less than 2 GB
  v73,  ///< HDF5; no limit
};

struct MatOptions {
  MatVersion version = MatVersion::v5;
  bool compressed = false;  ///< deflated, as MATLAB does by itself
};

namespace detail {

[[noreturn]] inline void refuse_mat(const std::string& file, const std::string& reason) {
  throw std::runtime_error("cannot read " + file + " as a file of MATLAB: " + reason + ".");
}

struct CloseMat {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
struct FreeMatVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using MatHandle = std::unique_ptr<mat_t, CloseMat>;
using MatVariable = std::unique_ptr<matvar_t, FreeMatVariable>;

/// Goes over the elements of a file of version 5: each tells its length, and the last one ends with the file.
inline void check_mat_elements(const std::string& title, std::ifstream& stream, std::uint64_t size,
                               bool swap) {
  std::uint64_t place = 128;
  while (place < size) {
    std::array<unsigned char, 8> tag{};
    stream.seekg(static_cast<std::streamoff>(place));
    stream.read(reinterpret_cast<char*>(tag.data()), 8);
    if (!stream) refuse_mat(title, "it ends within the first bytes of an array");
    const auto word = [&](std::size_t begin) {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = 256 * value + tag[begin + (swap ? i : 3 - i)];
      return value;
    };
    constexpr std::uint64_t matrix = 14, compressed = 15;
    if (word(0) != matrix && word(0) != compressed) refuse_mat(title, "it has something that is no array");
    if (word(4) > size - place - 8) {
      refuse_mat(title, "an array would have " + std::to_string(word(4)) + " bytes, and " +
                            std::to_string(size - place - 8) + " are left");
    }
    place += 8 + word(4);
  }
}

/// Opens a file after a look at what begins it and at whether it is whole.
class MatFile {
 public:
  explicit MatFile(const std::filesystem::path& file) : title_(file.string()) {
    std::error_code error;
    size_ = std::filesystem::file_size(file, error);
    if (error) refuse_mat(title_, error.message());
    std::ifstream stream(file, std::ios::binary);
    std::array<char, 128> begin{};
    stream.read(begin.data(), begin.size());
    const std::string ending(begin.data() + 126, 2);
    if (!stream || (ending != "IM" && ending != "MI")) {
      refuse_mat(title_,
                 "it does not begin with the 128 bytes of version 5 or 7.3. Files of version 4 are not read; "
                 "say save -v7 in MATLAB");
    }
    const int version = begin[ending == "IM" ? 125 : 124];
    if (version != 1 && version != 2) refuse_mat(title_, "its version is neither 5 nor 7.3");
    if (version == 1) check_mat_elements(title_, stream, size_, ending == "MI");
    file_.reset(Mat_Open(file.c_str(), MAT_ACC_RDONLY));
    if (file_ == nullptr) refuse_mat(title_, version == 2 ? hdf5_reason() : "matio cannot open it");
  }

  const std::string& title() const { return title_; }

  std::vector<std::string> names() {
    std::vector<std::string> names;
    Mat_Rewind(file_.get());
    while (const MatVariable variable{Mat_VarReadNextInfo(file_.get())}) {
      if (variable->name != nullptr) names.emplace_back(variable->name);
    }
    return names;
  }

  /// Shape and class of a variable, and its values if it may have them.
  MatVariable read(const std::string& name) {
    MatVariable variable(Mat_VarReadInfo(file_.get(), name.c_str()));
    if (variable == nullptr) {
      require(false, title_, " has no array `", name, "`. It has: ", list_of_names(names()), ".");
    }
    check(name, *variable);
    if (Mat_VarReadDataAll(file_.get(), variable.get()) != 0) {
      refuse_mat(title_, "the values of `" + name + "` cannot be read");
    }
    return variable;
  }

 private:
  void check(const std::string& name, const matvar_t& variable) const {
    const auto refuse = [&](const std::string& reason) { refuse_mat(title_, "`" + name + "` " + reason); };
    if (variable.class_type < MAT_C_DOUBLE || variable.class_type > MAT_C_UINT64) {
      refuse(
          "is no array of numbers (but sparse, a cell, a struct, a text or an object); save full(double(x))");
    }
    if (variable.isComplex != 0) refuse("is complex; save real(x) and imag(x)");
    if (variable.rank < 2 || variable.rank > static_cast<int>(Shape::max_rank) || variable.dims == nullptr) {
      refuse("has " + std::to_string(variable.rank) + " axes, and an Array has at most " +
             std::to_string(Shape::max_rank));
    }
    // A value has a byte at least, and deflate makes at most 1032 of one.
    std::uint64_t count = 1;
    bool empty = false;
    for (int axis = 0; axis < variable.rank; ++axis) {
      const std::uint64_t length = variable.dims[axis];
      empty = empty || length == 0;
      if (length > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()) / 8 / count) {
        refuse("has a shape with more values than any memory");
      }
      count *= std::max<std::uint64_t>(length, 1);
    }
    if (!empty && count / 1032 > size_) {
      refuse("has " + std::to_string(count) + " values, and the file has " + std::to_string(size_) +
             " bytes");
    }
  }

  QuietHdf5 quiet_{};  // version 7.3 is HDF5, which prints errors
  std::string title_;
  std::uint64_t size_ = 0;
  MatHandle file_{};
};

template <class Scalar, class From>
Array<Scalar> mat_values(const std::string& title, const matvar_t& variable, const Shape& shape) {
  Array<Scalar> values(shape);
  const auto bytes = static_cast<std::size_t>(values.size()) * sizeof(From);
  if (bytes == 0) return values;
  if (variable.data == nullptr || variable.nbytes != bytes)
    refuse_mat(title, "the array ended before its end");
  Scalar* const to = values.mutable_data();
  const auto* const from = static_cast<const From*>(variable.data);
  for (Index i = 0; i < values.size(); ++i) {
    if (!can_hold<Scalar>(from[i])) {
      refuse_mat(title, "it has the value " + std::to_string(from[i]) + ", which " +
                            (std::is_same_v<Scalar, float> ? "a float does not hold; load it as double"
                                                           : "a double does not hold; save double(x)"));
    }
    to[i] = static_cast<Scalar>(from[i]);
  }
  return from_column_major(values);
}

}  // namespace detail

/// The names of all variables, arrays or not, in the order of the file.
inline std::vector<std::string> mat_names(const std::filesystem::path& file) {
  return detail::MatFile(file).names();
}

/// One array, row-major, in the scalar that is asked for.
template <AnyScalar Scalar>
Array<Scalar> load_mat(const std::filesystem::path& file, const std::string& name) {
  detail::MatFile in(file);
  const detail::MatVariable variable = in.read(name);
  Shape shape;
  for (int axis = 0; axis < variable->rank; ++axis) shape.push_back(static_cast<Index>(variable->dims[axis]));
  const std::string title = in.title() + " (array `" + name + "`)";
  const auto values = [&]<class From>(From) {
    return detail::mat_values<Scalar, From>(title, *variable, shape);
  };
  switch (variable->class_type) {
    case MAT_C_DOUBLE:
      return values(double{});
    case MAT_C_SINGLE:
      return values(float{});
    case MAT_C_INT8:
      return values(std::int8_t{});
    case MAT_C_UINT8:
      return values(std::uint8_t{});
    case MAT_C_INT16:
      return values(std::int16_t{});
    case MAT_C_UINT16:
      return values(std::uint16_t{});
    case MAT_C_INT32:
      return values(std::int32_t{});
    case MAT_C_UINT32:
      return values(std::uint32_t{});
    case MAT_C_INT64:
      return values(std::int64_t{});
    case MAT_C_UINT64:
      return values(std::uint64_t{});
    default:
      detail::refuse_mat(title, "it is no array of numbers");
  }
}

namespace detail {

/// MATLAB takes letters, digits and underscores, a letter first.
inline void require_mat_name(const std::string& file, const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool fits =
      letter(name.front()) && name.size() < 64 &&
      std::all_of(
          name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
  require(fits, "`", name, "` is no name of a variable of MATLAB, for ", file,
          ". Give at most 63 letters, digits and underscores, a letter first.");
}

template <class Scalar>
void write_mat(mat_t* out, const std::string& title, const std::string& name, const Array<Scalar>& array,
               const MatOptions& options) {
  constexpr bool is_float = std::is_same_v<Scalar, float>;
  const auto bytes = static_cast<std::uint64_t>(array.size()) * sizeof(Scalar);
  require(options.version == MatVersion::v73 || bytes < (1ULL << 31) - 1024, "the array `", name, "` for ",
          title, " has ", bytes,
          " bytes, and version 5 of MATLAB's files holds less than 2 GB. Say {.version = "
          "MatVersion::v73}.");
  std::vector<std::size_t> lengths(array.shape().begin(), array.shape().end());
  while (lengths.size() < 2) lengths.push_back(1);
  Array<Scalar> values = to_column_major(array);
  const MatVariable variable(Mat_VarCreate(
      name.c_str(), is_float ? MAT_C_SINGLE : MAT_C_DOUBLE, is_float ? MAT_T_SINGLE : MAT_T_DOUBLE,
      static_cast<int>(lengths.size()), lengths.data(), values.mutable_data(), MAT_F_DONT_COPY_DATA));
  const auto compression = options.compressed ? MAT_COMPRESSION_ZLIB : MAT_COMPRESSION_NONE;
  if (variable == nullptr || Mat_VarWrite(out, variable.get(), compression) != 0) {
    throw std::runtime_error("cannot write the array `" + name + "` to " + title +
                             ": matio gives no reason.");
  }
}

}  // namespace detail

/// Writes arrays of float and double under names: beside an old file of that name, which it replaces when all
/// is on the disk.
inline void save_mat(const std::filesystem::path& file, const NamedArrays& arrays,
                     const MatOptions& options = {}) {
  const std::string title = file.string();
  detail::require_names(title, arrays);
  std::uint64_t bytes = 1 << 20;
  for (const auto& [name, array] : arrays) {
    detail::require_mat_name(title, name);
    bytes += std::visit(
        [](const auto& a) { return static_cast<std::uint64_t>(a.size()) * sizeof(*a.data()); }, array);
  }
  const detail::QuietHdf5 quiet;
  detail::BesideFile beside(file);
  beside.reserve(0,
                 bytes);  // a look at the disk: matio begins the file anew, and overlooks a disk that is full
  const bool v73 = options.version == MatVersion::v73;
  detail::MatHandle out(Mat_CreateVer(beside.path().c_str(), nullptr, v73 ? MAT_FT_MAT73 : MAT_FT_MAT5));
  if (out == nullptr) throw std::runtime_error("cannot write " + title + ": matio cannot make a file.");
  for (const auto& named : arrays) {
    std::visit([&](const auto& array) { detail::write_mat(out.get(), title, named.first, array, options); },
               named.second);
  }
  const bool closed = Mat_Close(out.release()) == 0;
  if (!closed || detail::MatFile(beside.path()).names().size() != arrays.size()) {
    throw std::runtime_error("cannot write " + title + ": what was written is not whole.");
  }
  beside.finish();
}

}  // namespace fredholm
