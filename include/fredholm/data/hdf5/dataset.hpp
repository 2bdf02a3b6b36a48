// One dataset of an HDF5 file: its shape, and pieces of it in the scalar of an array.
//
// A part of data/hdf5.hpp, which says what is read and what is refused.
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/data/exact.hpp>
#include <fredholm/data/hdf5/handle.hpp>

namespace fredholm::detail {

class Hdf5Dataset {
 public:
  Hdf5Dataset(std::string title, std::uint64_t file_size, Hdf5Handle set)
      : title_(std::move(title)), set_(std::move(set)) {
    const Hdf5Handle type(H5Dget_type(set_.id()), H5Tclose);
    check_type(type.id());
    const Hdf5Handle space(H5Dget_space(set_.id()), H5Sclose);
    shape_ = shape_of(space.id());
    check_storage(static_cast<std::uint64_t>(H5Tget_size(type.id())), file_size);
  }

  const Shape& shape() const { return shape_; }
  const std::string& title() const { return title_; }

  template <class Scalar>
  Array<Scalar> read() const {
    Array<Scalar> values(shape_);
    if (values.size() > 0) read_piece<Scalar>(H5S_ALL, H5S_ALL, values.mutable_data());
    return values;
  }

  template <class Scalar>
  Array<Scalar> rows(Index begin, Index end) const {
    require(!shape_.empty(), title_, " is a single number and has no rows. Read it as a whole.");
    require(0 <= begin && begin <= end && end <= shape_[0], title_, " has ", shape_[0], " rows, and rows ",
            begin, " to ", end, " were asked for. Give 0 <= begin <= end <= ", shape_[0], ".");
    Shape piece = shape_;
    piece[0] = end - begin;
    Array<Scalar> values(piece);
    if (values.size() == 0) return values;
    const QuietHdf5 quiet;
    const Hdf5Handle space(H5Dget_space(set_.id()), H5Sclose);
    std::vector<hsize_t> start(static_cast<std::size_t>(shape_.size()), 0);
    start[0] = static_cast<hsize_t>(begin);
    const std::vector<hsize_t> count = hdf5_lengths(piece);
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0) {
      refuse(hdf5_reason());
    }
    const Hdf5Handle memory = hdf5_space(piece);
    read_piece<Scalar>(memory.id(), space.id(), values.mutable_data());
    return values;
  }

 private:
  /// What happened in a conversion; HDF5 asks `judge` about every value that it may not convert exactly.
  struct Conversion {
    bool to_float = false;
    const char* refused = nullptr;

    static H5T_conv_ret_t judge(H5T_conv_except_t, hid_t from, hid_t, void* value, void*, void* self) {
      auto& conversion = *static_cast<Conversion*>(self);
      conversion.refused =
          conversion.to_float ? objection<float>(from, value) : objection<double>(from, value);
      return conversion.refused == nullptr ? H5T_CONV_UNHANDLED : H5T_CONV_ABORT;
    }

    /// HDF5 asks too often (negative integers, infinities, every rounding): the value itself decides.
    template <class To>
    static const char* objection(hid_t from, const void* value) {
      std::array<unsigned char, 8> bytes{};
      const std::size_t size = std::min(H5Tget_size(from), bytes.size());
      std::memcpy(bytes.data(), value, size);
      if (H5Tget_order(from) == H5T_ORDER_BE) std::reverse(bytes.data(), bytes.data() + size);
      if (H5Tget_class(from) == H5T_FLOAT) {
        const bool held = size < sizeof(double) || can_hold<To>(std::bit_cast<double>(bytes));
        return held ? nullptr : "it has a value that is too large for a float; load it as double";
      }
      const bool is_signed = H5Tget_sign(from) == H5T_SGN_2;
      if (is_signed && bytes[size - 1] >= 0x80) std::fill(bytes.begin() + size, bytes.end(), 0xff);
      const bool held = is_signed ? can_hold<To>(std::bit_cast<std::int64_t>(bytes))
                                  : can_hold<To>(std::bit_cast<std::uint64_t>(bytes));
      return held ? nullptr
                  : "it has an integer that the scalar does not hold exactly; load it as double, or save "
                    "array.astype('float64')";
    }
  };

  [[noreturn]] void refuse(const std::string& reason) const {
    throw std::runtime_error("cannot read " + title_ + ": " + reason + ".");
  }

  void check_type(hid_t type) const {
    const H5T_class_t kind = H5Tget_class(type);
    const std::size_t bytes = H5Tget_size(type);
    if (kind == H5T_COMPOUND) {
      refuse("its values are compounds, as complex numbers are; save array.real and array.imag");
    }
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || bytes > 8) {
      refuse("its values are neither floats nor integers of up to 8 bytes; save array.astype('float64')");
    }
  }

  Shape shape_of(hid_t space) const {
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) refuse("it has no values");
    if (rank > static_cast<int>(Shape::max_rank)) {
      refuse("it has " + std::to_string(rank) + " axes, and an Array has at most " +
             std::to_string(Shape::max_rank));
    }
    std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
    if (rank > 0) H5Sget_simple_extent_dims(space, lengths.data(), nullptr);
    Shape shape;
    std::uint64_t count = 8;  // bytes of the widest value
    for (hsize_t length : lengths) {
      const hsize_t factor = length == 0 ? 1 : length;
      if (factor > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()) / count) {
        refuse("its shape has more values than any memory");
      }
      count *= factor;
      shape.push_back(static_cast<Index>(length));
    }
    return shape;
  }

  /// A dataset may be larger than its bytes: compressed, or never written, which reads as a fill value. 1032
  /// is the most that deflate can do; a shape beyond that is a lie, or a file of zeros that nobody needs.
  void check_storage(std::uint64_t bytes_of_value, std::uint64_t file_size) const {
    const Hdf5Handle creation(H5Dget_create_plist(set_.id()), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(creation.id());
    if (H5Pget_external_count(creation.id()) > 0) {
      refuse("its values are in another file, of any kind and anywhere, which is not followed");
    }
    if (layout == H5D_VIRTUAL) return;  // a view of datasets in HDF5 files, each with sizes of its own
    const std::uint64_t factor = layout == H5D_CHUNKED ? 1032 : 1;
    const std::uint64_t claimed = static_cast<std::uint64_t>(shape_.count()) * bytes_of_value;
    if (claimed / factor > file_size) {
      refuse("its shape " + to_string(shape_) + " needs " + std::to_string(claimed) +
             " bytes, and the file has " + std::to_string(file_size));
    }
  }

  template <class Scalar>
  void read_piece(hid_t memory, hid_t space, Scalar* to) const {
    const QuietHdf5 quiet;
    Conversion conversion{std::is_same_v<Scalar, float>};
    const Hdf5Handle transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
    H5Pset_type_conv_cb(transfer.id(), &Conversion::judge, &conversion);
    if (H5Dread(set_.id(), hdf5_type<Scalar>(), memory, space, transfer.id(), to) >= 0) return;
    refuse(conversion.refused != nullptr ? conversion.refused : hdf5_reason());
  }

  std::string title_;
  Hdf5Handle set_;
  Shape shape_{};
};

}  // namespace fredholm::detail
