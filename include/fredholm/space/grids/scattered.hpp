// Sorted points anywhere on an interval: measured data, adaptive meshes, random samples on a line.
//
//   left <= x_0 <= x_1 <= ... <= x_{n-1} <= right
//
// Rules: Trapezoid (order 2 in the widest gap), MonteCarlo (if the points were drawn uniformly at random),
// Given. The domain is [x_0, x_{n-1}] unless it is given. Points may coincide (a cell cut in two), though
// nothing interpolates between points that do. In more dimensions, or for points in no order, use PointCloud.
#pragma once

#include <fredholm/core/error.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/grid_traits.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace fredholm {

class ScatteredGrid {
 public:
  static constexpr Index dimension = 1;
  static constexpr Family family = Family::scattered;

  /// The domain reaches from the first point to the last.
  ScatteredGrid(std::vector<double> sorted_points)
      : ScatteredGrid(std::move(sorted_points), [](const std::vector<double>& points) {
          require(points.size() >= 2,
                  "ScatteredGrid needs at least 2 points to know its domain, and was given ", points.size(),
                  ". Give more points, or the domain as a second argument.");
          return Interval{points.front(), points.back()};
        }) {}

  ScatteredGrid(std::vector<double> sorted_points, Interval domain)
      : ScatteredGrid(std::move(sorted_points), [domain](const std::vector<double>&) { return domain; }) {}

  Index size() const { return std::ssize(points_); }
  Box<1> box() const { return Box<1>(domain_); }
  std::vector<double> points() const { return points_; }

  friend bool operator==(const ScatteredGrid&, const ScatteredGrid&) = default;

 private:
  template <class Domain>
  ScatteredGrid(std::vector<double> points, Domain domain_of) : points_(std::move(points)) {
    require(!points_.empty(), "ScatteredGrid needs at least 1 point, and was given none.");
    for (std::size_t i = 0; i < points_.size(); ++i) {
      require(std::isfinite(points_[i]), "ScatteredGrid needs finite points, and point ", i, " is ",
              points_[i], ".");
      require(i == 0 || points_[i - 1] <= points_[i], "ScatteredGrid needs sorted points, and point ", i,
              " (", points_[i], ") is less than point ", i - 1, " (", points_[i == 0 ? 0 : i - 1],
              "). Sort them first.");
    }
    domain_ = domain_of(points_);
    require_interval(domain_, "ScatteredGrid");
    require(domain_.contains(points_.front()) && domain_.contains(points_.back()),
            "ScatteredGrid has points from ", points_.front(), " to ", points_.back(), " outside its domain ",
            domain_, ". Give a domain that holds them.");
  }

  std::vector<double> points_;
  Interval domain_;
};

}  // namespace fredholm
