// A linear map along one axis of an array: interpolation, differentiation, restriction, a change of basis.
//
//   out[r] = Σ_{0 <= j < width} weights[r * width + j] * in[start[r] + j],    0 <= r < rows,
//
// where in has `cols` entries along the axis and out has `rows`. Every row reads `width` neighbouring
// entries: a band for what is local (finite differences), all of them for what is not (Fourier, Chebyshev).
// The weights are double; whoever applies the map to float values rounds them once. This is data and nothing
// else: applying it to arrays, and its adjoint, are in the operations of the tape.
#pragma once

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

#include <utility>
#include <vector>

namespace fredholm {

struct AxisMap {
  Index rows = 0;
  Index cols = 0;
  Index width = 0;
  std::vector<Index> start;     ///< (rows): the first entry that the row reads
  std::vector<double> weights;  ///< (rows, width), row-major

  /// Every row reads every entry; weights has the shape (rows, cols), row-major.
  static AxisMap dense(Index rows, Index cols, std::vector<double> weights) {
    require(rows >= 0 && cols >= 0 && std::ssize(weights) == rows * cols, "AxisMap::dense(", rows, ", ", cols,
            ") needs rows x cols = ", rows * cols, " weights, and was given ", weights.size(), ".");
    return {rows, cols, cols, std::vector<Index>(static_cast<std::size_t>(rows), 0), std::move(weights)};
  }

  bool is_dense() const { return width == cols; }

  /// The entry of the matrix: zero outside the band.
  double operator()(Index row, Index col) const {
    const Index j = col - start[static_cast<std::size_t>(row)];
    return j < 0 || j >= width ? 0.0 : weights[static_cast<std::size_t>(row * width + j)];
  }

  friend bool operator==(const AxisMap&, const AxisMap&) = default;
};

/// The transpose of a dense map.
inline AxisMap transpose(const AxisMap& map) {
  require(map.is_dense(), "transpose: the map is a band of ", map.width, " entries in ", map.cols,
          "; give a dense one.");
  std::vector<double> weights;
  weights.reserve(map.weights.size());
  for (Index c = 0; c < map.cols; ++c) {
    for (Index r = 0; r < map.rows; ++r) weights.push_back(map(r, c));
  }
  return AxisMap::dense(map.cols, map.rows, std::move(weights));
}

}  // namespace fredholm
