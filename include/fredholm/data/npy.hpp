// One array in a file of NumPy: what np.save writes and np.load reads.
//
//   save_npy("u.npy", u.values());                    // any shape, float or double, as it is
//   Array<double> a = load_npy<double>("a.npy");      // row-major, whatever the order in the file
//
//   6 bytes      93 "NUMPY"
//   2 bytes      version 1.0, 2.0 or 3.0
//   2 or 4 bytes length of the header, little-endian (2 in version 1.0)
//   header       {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }, padded by spaces
//   data         the values, in row-major ('C') or column-major ('Fortran') order
//
// Read are floats of 4 and 8 bytes, integers of 1 to 8 bytes and booleans, in both byte orders. Float64
// values are rounded when they are loaded into an Array<float>; one that is too large for it is refused. An
// integer is taken if the scalar holds it exactly. Complex, half, text, structured and Python objects are
// refused; an object would be a pickle, which can run code. Files are written as version 1.0, little-endian,
// row-major.
//
// Nothing in a file is believed: the shape is compared with the size of the file before memory is taken. A
// file that is cut off, or is something else, throws a std::runtime_error with its name and the reason. A
// write that fails leaves the old file as it was. Source: numpy.lib.format, NEP 1.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/atomic_file.hpp>
#include <fredholm/data/npy/header.hpp>
#include <fredholm/data/npy/values.hpp>

namespace fredholm {

/// Writes an array of float or double: beside an old file of that name, which it replaces when all is on the
/// disk.
template <AnyScalar Scalar>
void save_npy(const std::filesystem::path& file, const Array<Scalar>& array) {
  const std::string header = detail::npy_header_text<Scalar>(array.shape());
  detail::AtomicFile out(file);
  out.write(header.data(), header.size());
  out.write(array.data(), static_cast<std::uint64_t>(array.size()) * sizeof(Scalar));
  out.finish();
}

/// Reads an array, row-major, in the scalar that is asked for.
template <AnyScalar Scalar>
Array<Scalar> load_npy(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(file, error);
  if (error) detail::refuse_npy(name, error.message());
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> stream(std::fopen(file.c_str(), "rb"),
                                                                  &std::fclose);
  if (stream == nullptr) detail::refuse_npy(name, "it cannot be opened");
  return detail::read_npy<Scalar>(name, size, [&](void* to, std::uint64_t bytes) {
    if (std::fread(to, 1, bytes, stream.get()) != bytes) {
      detail::refuse_npy(name, "it ended, or could not be read, before its end");
    }
  });
}

}  // namespace fredholm
