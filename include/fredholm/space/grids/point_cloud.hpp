// Points in a box of any dimension, in no order: collocation points, particles, the vertices of a mesh.
//
// Rules: MonteCarlo (if the points were drawn uniformly at random; error O(n^{-1/2})) and Given (weights from
// a mesh, from a quasi-random sequence, from importance sampling). An array over a cloud has one axis for all
// points, whatever the dimension. Where the points have a structure, ProductGrid is far more accurate.
#pragma once

#include <fredholm/core/error.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/grid_traits.hpp>

#include <array>
#include <utility>
#include <vector>

namespace fredholm {

template <Index D>
class PointCloud {
  static_assert(D >= 1, "A PointCloud has at least one coordinate. Use PointCloud<1>, PointCloud<2>, ...");

 public:
  static constexpr Index dimension = D;
  static constexpr Family family = Family::cloud;
  using Point = std::array<double, static_cast<std::size_t>(D)>;

  PointCloud(Box<D> box, std::vector<Point> points) : box_(box), points_(std::move(points)) {
    require(!points_.empty(), "PointCloud needs at least 1 point, and was given none.");
    for (Index axis = 0; axis < D; ++axis) require_interval(box_[axis], "PointCloud");
    for (std::size_t i = 0; i < points_.size(); ++i) {
      for (std::size_t axis = 0; axis < points_[i].size(); ++axis) {  // a NaN is in no interval
        const Interval& interval = box_[static_cast<Index>(axis)];
        require(interval.contains(points_[i][axis]), "PointCloud: coordinate ", axis, " of point ", i, " is ",
                points_[i][axis], ", outside the box, which has ", interval,
                " there. Give a box that holds the points.");
      }
    }
  }

  Index size() const { return std::ssize(points_); }
  Box<D> box() const { return box_; }
  std::vector<double> points() const {
    std::vector<double> coordinates;
    coordinates.reserve(points_.size() * static_cast<std::size_t>(D));
    for (const Point& point : points_) coordinates.insert(coordinates.end(), point.begin(), point.end());
    return coordinates;
  }

  friend bool operator==(const PointCloud&, const PointCloud&) = default;

 private:
  Box<D> box_;
  std::vector<Point> points_;
};

}  // namespace fredholm
