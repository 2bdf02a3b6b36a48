// Datasets larger than memory: read and written a piece at a time, along the first axis.
//
//   Hdf5Stream<float> out("heat.h5", "u", {64, 1}, {.deflate = 4});   // rows of shape (x, channel) = (64, 1)
//   for (...) out.append(some.values());                              // (any number of rows, 64, 1)
//   out.finish();
//
//   Hdf5Reader<float> in("heat.h5", "u");
//   for (Index i = 0; i < in.size(); i += 20) {
//     Array<float> batch = in.rows(i, std::min(i + 20, in.size()));    // (20, 64, 1)
//     ...
//   }
//
// Memory holds one piece, and one chunk of about a megabyte besides. The file takes its name in finish(), so
// that a program that dies leaves an old file of that name as it was, and no half of a new one. A stream that
// goes out of scope finishes by itself, unless an exception is what ends the scope; only finish() can tell of
// an error.
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/hdf5.hpp>

namespace fredholm {

/// A dataset that stays open for reading.
template <AnyScalar Scalar>
class Hdf5Reader {
 public:
  Hdf5Reader(const std::filesystem::path& file, const std::string& name)
      : file_(file), set_(file_.open(name)) {
    require(!set_.shape().empty(), set_.title(), " is a single number and has no rows. Use load_hdf5.");
  }

  const Shape& shape() const { return set_.shape(); }
  /// The number of rows.
  Index size() const { return shape()[0]; }
  /// The rows begin, ..., end - 1: shape (end - begin, ...).
  Array<Scalar> rows(Index begin, Index end) const { return set_.template rows<Scalar>(begin, end); }

 private:
  Hdf5File file_;
  detail::Hdf5Dataset set_;
};

struct Hdf5StreamOptions {
  Index rows_per_chunk = 0;  ///< rows that lie together and are compressed together; 0: about a megabyte
  int deflate = 0;           ///< 0: not compressed; 1 (fast) to 9 (small): shuffled and deflated
};

/// A dataset that grows row by row, in a file of its own.
template <AnyScalar Scalar>
class Hdf5Stream {
 public:
  /// `row` is the shape of a row, without the first axis.
  Hdf5Stream(const std::filesystem::path& file, std::string name, const Shape& row,
             const Hdf5StreamOptions& options = {})
      : title_(file.string()), name_(std::move(name)), shape_{0} {
    require(!name_.empty(), "the dataset of ", title_, " has no name. Give it one.");
    require(row.size() < Shape::max_rank && (row.empty() || *std::min_element(row.begin(), row.end()) > 0),
            "Hdf5Stream: a row of ", title_, " has the shape ", row,
            ". Give at most 7 axes, each with at least one value.");
    require(options.deflate >= 0 && options.deflate <= 9, "Hdf5Stream: deflate is ", options.deflate,
            ". Give 0 (not compressed) to 9.");
    require(options.rows_per_chunk >= 0, "Hdf5Stream: rows_per_chunk is ", options.rows_per_chunk,
            ". Give 0 (about a megabyte) or more.");
    for (Index length : row) shape_.push_back(length);
    chunk_ = chunk_of(row, options);
    const detail::QuietHdf5 quiet;
    out_ = std::make_unique<detail::Hdf5Output>(file);
    out_->reserve(0);
    create_dataset(options.deflate);
  }
  Hdf5Stream(const Hdf5Stream&) = delete;
  Hdf5Stream& operator=(const Hdf5Stream&) = delete;
  ~Hdf5Stream() {
    if (std::uncaught_exceptions() > exceptions_) {
      const detail::QuietHdf5 quiet;
      set_.close();
      out_.reset();
      return;
    }
    try {
      finish();
    } catch (const std::exception&) {  // finish() is there for who wants to know
    }
  }

  /// The number of rows so far.
  Index size() const { return shape_[0]; }

  /// Adds rows: an array (rows, ...) with the shape of a row behind the first axis.
  void append(const Array<Scalar>& rows) {
    require(out_ != nullptr, "Hdf5Stream: ", title_, " is finished, and takes no more rows.");
    Shape expected = shape_;
    if (rows.rank() == shape_.size()) expected[0] = rows.shape(0);
    require(rows.shape() == expected, "Hdf5Stream: rows of shape ", rows.shape(), " were given to ", title_,
            " (dataset `", name_, "`), whose shape is ", shape_,
            ". All axes but the first have to be the same.");
    if (rows.size() == 0) return;
    const detail::QuietHdf5 quiet;
    Shape longer = shape_;
    longer[0] += rows.shape(0);
    // Chunks that are begun here, and one that goes on and may move when it is compressed to another length.
    const Index chunks = (longer[0] - 1) / chunk_[0] - shape_[0] / chunk_[0] + 2;
    out_->reserve(static_cast<std::uint64_t>(chunks * chunk_.count()) * sizeof(Scalar));
    if (H5Dset_extent(set_.id(), detail::hdf5_lengths(longer).data()) < 0) fail_to_write();
    const detail::Hdf5Handle space(H5Dget_space(set_.id()), H5Sclose);
    std::vector<hsize_t> start(static_cast<std::size_t>(shape_.size()), 0);
    start[0] = static_cast<hsize_t>(shape_[0]);
    const std::vector<hsize_t> count = detail::hdf5_lengths(rows.shape());
    const detail::Hdf5Handle memory = detail::hdf5_space(rows.shape());
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
        H5Dwrite(set_.id(), detail::hdf5_type<Scalar>(), memory.id(), space.id(), H5P_DEFAULT, rows.data()) <
            0) {
      fail_to_write();
    }
    shape_ = longer;
  }

  /// Brings all to the disk and gives the file its name. A second call does nothing.
  void finish() {
    if (out_ == nullptr) return;
    const auto out = std::move(out_);  // whatever happens, this was the end
    const detail::QuietHdf5 quiet;
    if (H5Fflush(out->id(), H5F_SCOPE_LOCAL) < 0 || !set_.close()) fail_to_write();
    out->finish();
  }

 private:
  [[noreturn]] void fail_to_write() const { detail::fail_to_write_hdf5(title_, name_); }

  static Shape chunk_of(const Shape& row, const Hdf5StreamOptions& options) {
    const Index bytes_of_row = row.count() * static_cast<Index>(sizeof(Scalar));
    Shape chunk{options.rows_per_chunk > 0 ? options.rows_per_chunk
                                           : std::max<Index>(1, (Index{1} << 20) / bytes_of_row)};
    for (Index length : row) chunk.push_back(length);
    // A chunk has less than 4 GB in HDF5.
    require(chunk.count() < (Index{1} << 32) / static_cast<Index>(sizeof(Scalar)), "Hdf5Stream: a chunk of ",
            chunk[0], " rows of shape ", row,
            " has 4 GB or more. Give fewer rows_per_chunk, or smaller rows.");
    return chunk;
  }

  void create_dataset(int deflate) {
    const std::vector<hsize_t> now = detail::hdf5_lengths(shape_);
    std::vector<hsize_t> most = now;
    most[0] = H5S_UNLIMITED;
    const detail::Hdf5Handle space(H5Screate_simple(static_cast<int>(now.size()), now.data(), most.data()),
                                   H5Sclose);
    const detail::Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (H5Pset_chunk(creation.id(), static_cast<int>(now.size()), detail::hdf5_lengths(chunk_).data()) < 0) {
      fail_to_write();
    }
    if (deflate > 0) {
      H5Pset_shuffle(creation.id());
      if (H5Pset_deflate(creation.id(), static_cast<unsigned>(deflate)) < 0) fail_to_write();
    }
    set_ = detail::create_hdf5_dataset<Scalar>(out_->id(), title_, name_, space.id(), creation.id());
  }

  std::string title_;
  std::string name_;
  Shape shape_;
  Shape chunk_{};
  std::unique_ptr<detail::Hdf5Output> out_{};
  detail::Hdf5Handle set_{};
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace fredholm
