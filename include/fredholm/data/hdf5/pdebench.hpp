// The files of PDEBench, in its three layouts, as arrays (sample, time, x1, ..., xd, channel).
//
//   PdebenchFile file("1D_Burgers_Sols_Nu0.01.hdf5");
//   Array<float> u = file.rows<float>(0, 100);              // the first hundred: (100, 201, 1024, 1)
//   Discretization<MidpointGrid<>, Midpoint> d(grid_from<MidpointGrid<>>(file.coordinates(0)));
//   Field input(d, at_time(u, 0)), output(d, at_time(u, 200));
//
//   advection, Burgers,         tensor (sample, time, x), x-coordinate, t-coordinate
//   reaction-diffusion, Darcy   and y-coordinate and nu (sample, x, y), the coefficient, where d = 2
//   compressible flow           density, pressure, Vx, Vy, Vz: (sample, time, x, y, z) each, a channel each
//   diffusion-sorption,         a group a sample, 0000, 0001, ...: data (time, x, y, channel),
//   shallow water, ...          grid/x, grid/y, grid/t
//
// Space is in the order of the file, x first; time comes before it, as in the file, since a sample at one
// time is what a field holds. PDEBench stores one time more than `tensor` has in some files: the last one is
// left out. Only the rows that are asked for are read. The incompressible flows have another layout
// (velocity, particles, force, without coordinates): read those with Hdf5File. Source: Takamoto et al. 2022,
// "PDEBench: An Extensive Benchmark for Scientific Machine Learning"; pdebench/models/fno/utils.py and
// data_download/visualize_pdes.py of its repository.
#pragma once

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/concepts.hpp>
#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/grid_from.hpp>
#include <fredholm/data/hdf5.hpp>

namespace fredholm {

class PdebenchFile {
 public:
  explicit PdebenchFile(const std::filesystem::path& file) : file_(file) {
    const std::vector<std::string> names = file_.names();
    const auto has = [&](const std::string& name) {
      return std::binary_search(names.begin(), names.end(), name);
    };
    for (const std::string& name : names) {
      const std::size_t digits = name.find_first_not_of("0123456789");
      if (digits != std::string::npos && digits > 0 && name.substr(digits) == "/data")
        samples_.push_back(name);
    }
    std::string place;  // of the coordinates
    std::string ending = "-coordinate";
    if (has("tensor")) {
      variables_ = {"tensor"};
    } else if (has("density")) {
      for (const char* name : {"density", "pressure", "Vx", "Vy", "Vz"}) {
        if (has(name)) variables_.emplace_back(name);
      }
    } else if (!samples_.empty()) {
      place = samples_.front().substr(0, samples_.front().size() - 4) + "grid/";
      ending = "";
    } else {
      refuse("it has neither `tensor` nor `density` nor samples `0000/data`. It has: " +
             detail::list_of_names(names));
    }
    if (!variables_.empty()) samples_.clear();
    for (const char* axis : {"x", "y", "z"}) {
      if (!has(place + axis + ending)) break;
      coordinates_.push_back(numbers(place + axis + ending));
    }
    if (coordinates_.empty()) refuse("it has no `" + place + "x" + ending + "`");
    find_shape();
    if (has(place + "t" + ending)) times_ = numbers(place + "t" + ending);
    check_lengths();
    has_coefficient_ = has("nu");
  }

  const std::filesystem::path& path() const { return file_.path(); }
  /// (sample, time, x1, ..., xd, channel): what all rows would be.
  const Shape& shape() const { return shape_; }
  /// The number of samples.
  Index size() const { return shape_[0]; }
  /// Axes of space.
  Index dimension() const { return static_cast<Index>(coordinates_.size()); }
  /// A time each; empty if the file tells none (Darcy).
  const std::vector<double>& times() const { return times_; }
  /// Of the points along an axis of space: 0 for x, 1 for y, 2 for z.
  const std::vector<double>& coordinates(Index axis) const {
    require(axis >= 0 && axis < dimension(), path().string(), " has ", dimension(),
            " axes of space, and axis ", axis, " was asked for. Give 0 to ", dimension() - 1, ".");
    return coordinates_[static_cast<std::size_t>(axis)];
  }

  /// The samples begin, ..., end - 1: (end - begin, time, x1, ..., xd, channel).
  template <AnyScalar Scalar>
  Array<Scalar> rows(Index begin, Index end) const {
    require(0 <= begin && begin <= end && end <= size(), path().string(), " has ", size(), " samples, and ",
            begin, " to ", end, " were asked for. Give 0 <= begin <= end <= ", size(), ".");
    Shape piece = shape_;
    piece[0] = end - begin;
    if (variables_.size() == 1) return file_.rows<Scalar>(variables_[0], begin, end).reshaped(piece);
    return variables_.empty() ? of_samples<Scalar>(begin, piece) : of_channels<Scalar>(begin, end, piece);
  }

  /// Whether the file has `nu`, the coefficient of Darcy's equation.
  bool has_coefficient() const { return has_coefficient_; }
  /// nu of the samples begin, ..., end - 1: (end - begin, x1, ..., xd, 1).
  template <AnyScalar Scalar>
  Array<Scalar> coefficient(Index begin, Index end) const {
    require(has_coefficient_, path().string(),
            " has no coefficient `nu`. Files of Darcy's equation have one.");
    const Array<Scalar> values = file_.rows<Scalar>("nu", begin, end);
    Shape shape{end - begin};
    for (const auto& x : coordinates_) shape.push_back(static_cast<Index>(x.size()));
    shape.push_back(1);
    if (values.size() != shape.count()) refuse("`nu` has the shape " + to_string(values.shape()));
    return values.reshaped(shape);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw std::runtime_error("cannot read " + path().string() + " as a file of PDEBench: " + reason + ".");
  }

  std::vector<double> numbers(const std::string& name) const {
    const Array<double> values = file_.read<double>(name);
    if (values.rank() != 1)
      refuse("`" + name + "` has the shape " + to_string(values.shape()) + " and not (n)");
    return {values.data(), values.data() + values.size()};
  }

  void find_shape() {
    const std::string& name = variables_.empty() ? samples_.front() : variables_.front();
    const Shape found = file_.shape(name);
    if (variables_.empty()) shape_.push_back(static_cast<Index>(samples_.size()));
    for (Index length : found) {
      if (shape_.size() == Shape::max_rank) break;
      shape_.push_back(length);
    }
    const Index rank = dimension() + 3;
    if (variables_.size() > 1 && shape_.size() == rank - 1) {
      shape_.push_back(static_cast<Index>(variables_.size()));
    } else if (variables_.size() == 1 && shape_.size() == rank - 1) {
      shape_.push_back(1);
    } else if (variables_.size() > 1 || shape_.size() != rank) {
      refuse("`" + name + "` has the shape " + to_string(found) + ", and there are coordinates of " +
             std::to_string(dimension()) +
             " axes of space. Expected are (sample, time, x, ...) in `tensor`, "
             "`density`, ... and (time, x, ..., channel) in `0000/data`");
    }
    for (const std::string& other : variables_) {
      if (!(file_.shape(other) == found)) {
        refuse("`" + other + "` has the shape " + to_string(file_.shape(other)) + ", and `" + name +
               "` has " + to_string(found));
      }
    }
  }

  void check_lengths() {
    for (Index axis = 0; axis < dimension(); ++axis) {
      const auto points = static_cast<Index>(coordinates(axis).size());
      if (points != shape_[axis + 2]) {
        refuse("axis " + std::to_string(axis) + " of space has " + std::to_string(points) +
               " coordinates, and the values have the shape " + to_string(shape_));
      }
    }
    const auto count = static_cast<std::size_t>(shape_[1]);
    if (!times_.empty() && times_.size() < count) {
      refuse("it has " + std::to_string(times_.size()) + " times, and the values have the shape " +
             to_string(shape_));
    }
    if (!times_.empty()) times_.resize(count);
  }

  template <class Scalar>
  Array<Scalar> of_samples(Index begin, const Shape& piece) const {
    Array<Scalar> result(piece);
    const Index length = piece[0] == 0 ? 0 : result.size() / piece[0];
    for (Index i = 0; i < piece[0]; ++i) {
      const std::string& name = samples_[static_cast<std::size_t>(begin + i)];
      const Array<Scalar> values = file_.read<Scalar>(name);
      if (values.rank() + 1 != piece.size() ||
          !std::equal(values.shape().begin(), values.shape().end(), piece.begin() + 1)) {
        refuse("`" + name + "` has the shape " + to_string(values.shape()) + ", and `" + samples_.front() +
               "` another");
      }
      std::copy_n(values.data(), length, result.mutable_data() + i * length);
    }
    return result;
  }

  template <class Scalar>
  Array<Scalar> of_channels(Index begin, Index end, const Shape& piece) const {
    Array<Scalar> result(piece);
    Scalar* const to = result.mutable_data();
    const Index channels = piece.back();
    for (Index c = 0; c < channels; ++c) {
      const Array<Scalar> values = file_.rows<Scalar>(variables_[static_cast<std::size_t>(c)], begin, end);
      for (Index i = 0; i < values.size(); ++i) to[i * channels + c] = values.data()[i];
    }
    return result;
  }

  Hdf5File file_;
  std::vector<std::string> variables_{};  ///< `tensor`, or a channel each
  std::vector<std::string> samples_{};    ///< `0000/data`, ...: a dataset each
  std::vector<std::vector<double>> coordinates_{};
  std::vector<double> times_{};
  Shape shape_{};
  bool has_coefficient_ = false;
};

/// The samples at one time: (sample, x1, ..., xd, channel) of (sample, time, x1, ..., xd, channel), as the
/// values of a field are.
template <AnyScalar Scalar>
Array<Scalar> at_time(const Array<Scalar>& trajectories, Index time) {
  const Shape& shape = trajectories.shape();
  require(shape.size() >= 2 && time >= 0 && time < shape[1], "at_time: time ", time, " of an array of shape ",
          shape, ". Give an array (sample, time, ...) and 0 <= time < its second length.");
  Shape one{shape[0]};
  for (Index axis = 2; axis < shape.size(); ++axis) one.push_back(shape[axis]);
  Array<Scalar> result(one);
  const Index length = shape[0] == 0 ? 0 : result.size() / shape[0];
  for (Index i = 0; i < shape[0]; ++i) {
    std::copy_n(trajectories.data() + (i * shape[1] + time) * length, length,
                result.mutable_data() + i * length);
  }
  return result;
}

}  // namespace fredholm
