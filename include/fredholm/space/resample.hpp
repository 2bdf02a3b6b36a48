// A field at other points.
//
//   v(y_i) = u(y_i),   where u is the function that its grid puts through the values
//   (space/interpolation.hpp)
//
//   resample(u, d)         a field on another discretization; on its own, u itself
//   resample(u, points)    (batch, points, channel), at a list of doubles or of std::array<double, D>
//
// Spectral from periodic, Chebyshev and Legendre grids, order 8 from uniform and midpoint grids, order 4 from
// scattered points. On products it goes axis by axis; at points in no order, by products of rows, which costs
// a sum over all the neighbours of each point. Linear, and an operation of the tape: v' goes back through the
// transposed map.
//
// It takes values, it does not average: on a coarser grid, what that cannot hold is aliased and not removed.
// A point outside of the domain throws; on a periodic grid it wraps.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <fredholm/space/derivative.hpp>

namespace fredholm {

namespace detail {

/// The entries of one row of the product of maps: all neighbours of a point, with their weights.
struct Neighbours {
  std::vector<Index> position;
  std::vector<double> weight;

  void collect(const std::vector<AxisMap>& maps, Index row) {
    position.assign(1, 0), weight.assign(1, 1.0);
    for (const AxisMap& map : maps) {
      std::vector<Index> positions;
      std::vector<double> weights;
      const Index start = map.start[static_cast<std::size_t>(row)];
      const double* entries = map.weights.data() + row * map.width;
      for (std::size_t i = 0; i < position.size(); ++i) {
        for (Index k = 0; k < map.width; ++k) {
          positions.push_back(position[i] * map.cols + start + k);
          weights.push_back(weight[i] * entries[k]);
        }
      }
      position.swap(positions), weight.swap(weights);
    }
  }
};

/// x (batch, n1, ..., nd, channel) at points, by one map (points, n_k) an axis: (batch, points, channel).
///   y_p = sum_ij... A_pi B_pj ... x_ij...,   x'_ij... += A_pi B_pj ... y'_p
template <class T>
Array<T> apply_rows(const Array<T>& x, std::vector<AxisMap> axis_maps) {
  const auto maps = std::make_shared<const std::vector<AxisMap>>(std::move(axis_maps));
  const Index batch = x.shape(0), points = maps->front().rows, channels = x.shape().back();
  const Index sample = batch == 0 ? 0 : x.size() / batch;
  Array<T> y = Array<T>::zeros({batch, points, channels});
  T* out = y.mutable_data();
  Neighbours near;
  for (Index p = 0; p < points; ++p) {
    near.collect(*maps, p);
    for (Index b = 0; b < batch; ++b) {
      auto row = flat(out + (b * points + p) * channels, channels);
      for (std::size_t i = 0; i < near.position.size(); ++i) {
        row += static_cast<T>(near.weight[i]) *
               flat(x.data() + b * sample + near.position[i] * channels, channels);
      }
    }
  }
  return record(
      y,
      [x, maps, batch, points, channels, sample](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx) {
          Neighbours around;
          for (Index p = 0; p < points; ++p) {
            around.collect(*maps, p);
            for (Index b = 0; b < batch; ++b) {
              const auto row = flat(dy + (b * points + p) * channels, channels);
              for (std::size_t i = 0; i < around.position.size(); ++i) {
                flat(dx + b * sample + around.position[i] * channels, channels) +=
                    static_cast<T>(around.weight[i]) * row;
              }
            }
          }
        });
      },
      x);
}

template <class Discretization>
inline constexpr bool on_lines = []<std::size_t... Axis>(std::index_sequence<Axis...>) {
  return (is_line<GridAlong<static_cast<Index>(Axis), Discretization>> && ...);
}(std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());

/// Axis by axis: each axis of the source is a line or the same kind of cloud as that of the target.
template <Index Axis, class Source, class Target>
inline constexpr bool axis_fits = std::same_as<GridAlong<Axis, Source>, GridAlong<Axis, Target>> ||
                                  (is_line<GridAlong<Axis, Source>> && AnyGrid1D<GridAlong<Axis, Target>>);

template <class Source, class Target>
consteval bool goes_axis_by_axis() {
  if constexpr (Source::rank == Target::rank) {
    return []<std::size_t... Axis>(std::index_sequence<Axis...>) {
      return (axis_fits<static_cast<Index>(Axis), Source, Target> && ...);
    }(std::make_index_sequence<static_cast<std::size_t>(Source::rank)>());
  } else {
    return false;
  }
}

/// One axis onto the nodes of the target.
template <Index Axis, class Scalar, class Source, class Target>
Array<Scalar> resample_axis(const Array<Scalar>& values, const Source& source, const Target& target) {
  if (source.nodes(Axis) == target.nodes(Axis)) return values;
  if constexpr (is_line<GridAlong<Axis, Source>>) {
    return apply_along(values, Axis + 1, interpolation(grid_along<Axis>(source.grid()), target.nodes(Axis)));
  } else {
    fail("resample(u, d): the points of u along axis ", Axis,
         " are in no order, and d has others there. Nothing is known between them.");
  }
}

/// The values at points (count, dimension), given row after row: (batch, count, channel).
template <class Discretization, class Scalar>
Array<Scalar> at_points(const Field<Discretization, Scalar>& u, const std::vector<double>& points) {
  constexpr auto dimension = static_cast<std::size_t>(Discretization::dimension);
  return [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
    const auto along = [&](std::size_t axis) {
      std::vector<double> coordinates;
      for (std::size_t at = axis; at < points.size(); at += dimension) coordinates.push_back(points[at]);
      return coordinates;
    };
    std::vector<AxisMap> maps{
        interpolation(grid_along<static_cast<Index>(Axis)>(u.discretization().grid()), along(Axis))...};
    if constexpr (dimension == 1) {
      return apply_along(u.values(), 1, std::move(maps.front()));
    } else {
      return apply_rows(u.values(), std::move(maps));
    }
  }(std::make_index_sequence<dimension>());
}

/// The sentence, for both ways to resample.
template <class Source, bool Possible>
consteval bool check_source() {
  static_assert(Possible,
                "resample(u, ...): u lives on a cloud of points in no order, and nothing is known between "
                "them. Sample the function on a grid, or apply the operator that made u on the new points.");
  return Possible;
}

}  // namespace detail

/// The field on another discretization of the same domain, or of a part of it.
template <class Source, class Scalar, AnyDiscretization Target>
Field<Target, Scalar> resample(const Field<Source, Scalar>& u, const Target& target) {
  static_assert(Source::dimension == Target::dimension,
                "resample(u, d): the field and the discretization have different dimensions.");
  if constexpr (std::same_as<Source, Target>) {
    if (u.discretization() == target) return {target, u.values()};
  }
  if constexpr (Source::dimension != Target::dimension) {
    return {target, u.values()};  // not reached: the sentence above has been said
  } else if constexpr (detail::goes_axis_by_axis<Source, Target>()) {
    return [&]<std::size_t... Axis>(std::index_sequence<Axis...>) -> Field<Target, Scalar> {
      Array<Scalar> values = u.values();
      ((values = detail::resample_axis<static_cast<Index>(Axis)>(values, u.discretization(), target)), ...);
      return {target, values};
    }(std::make_index_sequence<static_cast<std::size_t>(Target::rank)>());
  } else if constexpr (detail::check_source<Source, detail::on_lines<Source>>()) {
    const Shape shape = detail::field_shape(u.batch(), target.shape(), u.channels());
    return {target, detail::at_points(u, target.points()).reshaped(shape)};
  }
}

/// The values at points on a line: (batch, points, channel).
template <class Source, class Scalar>
Array<Scalar> resample(const Field<Source, Scalar>& u, const std::vector<double>& points) {
  static_assert(Source::dimension == 1,
                "resample(u, points): the points of a field in D dimensions are std::array<double, D>.");
  if constexpr (Source::dimension == 1 && detail::check_source<Source, detail::on_lines<Source>>()) {
    return detail::at_points(u, points);
  }
}

/// The values at points in D dimensions: (batch, points, channel).
template <class Source, class Scalar, std::size_t D>
Array<Scalar> resample(const Field<Source, Scalar>& u, const std::vector<std::array<double, D>>& points) {
  constexpr bool fits = static_cast<std::size_t>(Source::dimension) == D;
  static_assert(fits, "resample(u, points): the field and the points have different dimensions.");
  if constexpr (fits && detail::check_source<Source, detail::on_lines<Source>>()) {
    std::vector<double> coordinates;
    coordinates.reserve(points.size() * D);
    for (const auto& point : points) coordinates.insert(coordinates.end(), point.begin(), point.end());
    return detail::at_points(u, coordinates);
  }
}

}  // namespace fredholm
