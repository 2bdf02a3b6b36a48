// A product of grids: every combination of a point of the first with a point of the second, and so on.
//
//   ProductGrid<UniformGrid<>, PeriodicGrid<>> grid({0.0, 1.0, 65}, {0.0, 2.0, 64});     // 65 x 64 points
//
// Axes are ordered x, y, z and then t; points are listed row-major, the last axis fastest, as in the arrays
// over them. A factor may itself have more than one dimension (PointCloud<2> x UniformGrid<>: a cloud in
// space, times).
#pragma once

#include <fredholm/concepts.hpp>

#include <tuple>
#include <utility>
#include <vector>

namespace fredholm {

template <class... Grids>
class ProductGrid {
  static_assert(sizeof...(Grids) >= 1,
                "A ProductGrid needs at least one grid: ProductGrid<UniformGrid<>, UniformGrid<>>.");
  static_assert((AnyGrid<Grids> && ...),
                "Every argument of ProductGrid must be a grid, such as UniformGrid<> or PeriodicGrid<>. A "
                "rule goes into ProductRule; your own grid needs dimension, size(), box(), points() and "
                "==.");
  static_assert(!(is_product<Grids> || ...),
                "A ProductGrid of a ProductGrid has no order of axes that one could guess. Write all "
                "factors in one list: ProductGrid<A, B, C>.");

 public:
  using Axes = std::tuple<Grids...>;
  static constexpr Index dimension = (Grids::dimension + ...);

  /// The number of points if all factors fix theirs.
  static constexpr Index extent = ((extent_of<Grids> == dynamic) || ...) ? dynamic : (extent_of<Grids> * ...);

  ProductGrid(Grids... grids) : axes_(std::move(grids)...) {}

  /// From factors with a fixed number of points to factors with a dynamic one.
  template <class... Fixed>
    requires(sizeof...(Fixed) == sizeof...(Grids) && !std::same_as<ProductGrid<Fixed...>, ProductGrid> &&
             (std::convertible_to<const Fixed&, Grids> && ...))
  ProductGrid(const ProductGrid<Fixed...>& other) : axes_(other.axes()) {}

  const Axes& axes() const { return axes_; }
  template <std::size_t Axis>
  const auto& axis() const {
    return std::get<Axis>(axes_);
  }

  /// The number of points along each axis.
  Shape shape() const {
    return std::apply([](const Grids&... grids) { return Shape{grids.size()...}; }, axes_);
  }
  Index size() const { return shape().count(); }

  Box<dimension> box() const {
    Box<dimension> box;
    Index axis = 0;
    const auto append = [&](const auto& part) {
      for (Index i = 0; i < part.size(); ++i) box[axis++] = part[i];
    };
    std::apply([&](const Grids&... grids) { (append(grids.box()), ...); }, axes_);
    return box;
  }

  std::vector<double> points() const {
    std::vector<double> coordinates{};
    Index count = 1, width = 0;
    const auto append = [&](const std::vector<double>& factor, Index factor_width) {
      const Index factor_count = std::ssize(factor) / factor_width;
      std::vector<double> next;
      next.reserve(static_cast<std::size_t>(count * factor_count * (width + factor_width)));
      for (Index i = 0; i < count; ++i) {
        for (Index j = 0; j < factor_count; ++j) {
          next.insert(next.end(), coordinates.begin() + i * width, coordinates.begin() + (i + 1) * width);
          next.insert(next.end(), factor.begin() + j * factor_width, factor.begin() + (j + 1) * factor_width);
        }
      }
      coordinates = std::move(next);
      count *= factor_count;
      width += factor_width;
    };
    std::apply([&](const Grids&... grids) { (append(grids.points(), Grids::dimension), ...); }, axes_);
    return coordinates;
  }

  friend bool operator==(const ProductGrid&, const ProductGrid&) = default;

 private:
  Axes axes_;
};

}  // namespace fredholm
