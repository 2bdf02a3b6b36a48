// The Jacobian of a pointwise residual by the parameters, row by row, for Gauss-Newton methods.
//
//   r_(j, c) = residual(model, points) at point j, channel c;     J_(j, c), k = d r_(j, c) / d parameter k
//
//   const auto [residual, jacobian] = residual_rows(f, model, points);      (n m), and (n m, P) row-major
//
// Rows are ordered as the values of the residual (point by point, channel by channel), columns as
// for_each_parameter goes through the parameters that are not frozen, each flat. The residual at a point must
// depend on that point alone: a formula of derivatives<...>(net, points) and of fields. One reverse pass a
// channel, in which the adjoints of the parameters are written point by point instead of summed. Parameters
// may stand in Mlp (on jets), in Linear, and as single numbers, nu or what is computed of it (-nu, exp(nu)),
// in + - * / with fields and jets; elsewhere residual_rows throws and says so. It throws as well where the
// residual at the first point alone is another than among the other points: such a residual mixes points, u +
// integrate(u), and has no rows.
//
// J takes n m P numbers: ask for a part of the points at a time (space/part.hpp) where that is too much.
//
// Method: the per-sample Jacobian by outer products on the way back, Goodfellow (2015).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/autodiff/tiles.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/core/tree.hpp>

namespace fredholm {

template <class Scalar>
struct ResidualAndJacobian {
  Array<Scalar> residual;     ///< (n m)
  RowMajor<Scalar> jacobian;  ///< (n m, P)
};

namespace detail {

/// The leaves that a Jacobian has columns for.
template <class Scalar, class Model>
class JacobianColumns {
 public:
  explicit JacobianColumns(const Model& model) {
    for_each_parameter(model, [this](const auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      static_assert(std::is_same_v<Real, Scalar>,
                    "residual_rows: the residual and the parameters of the model differ in precision.");
      if (leaf.frozen()) return;
      table_.emplace_back(&leaf, std::ssize(offsets_));
      offsets_.push_back(count_);
      count_ += leaf.size();
    });
    std::sort(table_.begin(), table_.end());
  }
  const LeafTable& table() const { return table_; }
  Index leaves() const { return std::ssize(offsets_); }
  Index count() const { return count_; }
  /// Where the rows of each leaf begin if those of the Jacobian begin at `first`.
  std::vector<void*> places(Scalar* first) const {
    std::vector<void*> result;
    for (const Index offset : offsets_) result.push_back(first + offset);
    return result;
  }

 private:
  LeafTable table_;
  std::vector<Index> offsets_;
  Index count_ = 0;
};

/// The rows of some of the points; `first` is the first of them.
template <class Residual, class Model, class Points, class Scalar, class Columns>
void rows_of_part(Tape& tape, const Residual& residual, const Model& model, const Points& points,
                  const Columns& columns, Index channels, Scalar* values, Scalar* jacobian) {
  const Index n = points.size();
  for (Index c = 0; c < channels; ++c) {
    tape.leaves = &columns.table();
    tape.begin_rows(columns.leaves(), n);
    const Activation activation(tape);
    const auto result = residual(model, points).values();
    require(result.size() == n * channels, "residual_rows: the residual on ", n, " points has shape ",
            result.shape(), ", and a part of the points had ", channels, " channels.");
    std::copy_n(result.data(), result.size(), values);
    if (!on_active_tape(result.node())) return;  // no parameter in it
    Array<Scalar> seed = Array<Scalar>::zeros(result.shape());
    for (Index j = 0; j < n; ++j) seed.mutable_data()[j * channels + c] = Scalar{1};
    tape.place_rows(columns.places(jacobian + c * columns.count()), channels * columns.count());
    tape.backward(result, seed.data());
    tape.clear();
  }
}

/// Compares the residual at the first point alone, `one`, with what it is there among the other points. The
/// scale is that of the residual and of its slopes, so that round-off in a residual near 0 is no difference.
template <class Scalar>
void require_by_points(const Scalar* one, const Scalar* values, const Scalar* jacobian, Index points,
                       Index channels, Index parameters) {
  const Scalar size = flat(values, points * channels).abs().maxCoeff();
  for (Index c = 0; c < channels; ++c) {
    const Scalar slopes = flat(jacobian + c * parameters, parameters).abs().sum();
    const bool differs =
        std::abs(one[c] - values[c]) > std::sqrt(std::numeric_limits<Scalar>::epsilon()) * (size + slopes);
    require(
        !differs, "residual_rows: the residual at the first point is ", one[c],
        " if it is asked for alone, and ", values[c], " among ", points,
        " points. It mixes points, as an integral or a norm inside it does, and has no rows point by point: say "
        "whole(residual) in a term of a problem, or take the gradient of the loss with value_and_gradient.");
  }
}

}  // namespace detail

/// The same on the threads of a team.
template <class Residual, class Model, class Points>
auto residual_rows(Team& team, const Residual& residual, const Model& model, const Points& points) {
  static_assert(detail::HasPoints<Points>,
                "residual_rows(residual, model, points): the points are a discretization.");
  static_assert(
      !detail::is_whole<Residual>,
      "residual_rows: a whole(...) residual depends on all points at once and has no rows point by point. Make "
      "it a term of a problem (physics/pinn), or take the gradient of the loss with value_and_gradient.");
  detail::require_no_tape();
  const auto one = residual(model, part_of_points(points, 0, 1));
  using Scalar = typename std::remove_cvref_t<decltype(one.values())>::value_type;
  const Index n = points.size(), channels = one.values().size();
  const detail::JacobianColumns<Scalar, Model> columns(model);
  ResidualAndJacobian<Scalar> result{Array<Scalar>(Shape{n * channels}),
                                     RowMajor<Scalar>::Zero(n * channels, columns.count())};
  Scalar* values = result.residual.mutable_data();
  Scalar* jacobian = result.jacobian.data();
  const detail::Tiles tiles = detail::cut(0, points);
  const Index lanes = std::min(tiles.count, detail::most_lanes);
  team.run(lanes, [&](Index lane) {
    Tape tape;
    for (Index tile = lane; tile < tiles.count; tile += lanes) {
      const Index first = tiles.begin(tile, n);
      detail::rows_of_part(tape, residual, model, part_of_points(points, first, tiles.length(tile, n)),
                           columns, channels, values + first * channels,
                           jacobian + first * channels * columns.count());
    }
  });
  if (n > 0)
    detail::require_by_points(one.values().data(), values, jacobian, tiles.length(0, n), channels,
                              columns.count());
  return result;
}

/// r and J of a pointwise residual.
template <class Residual, class Model, class Points>
  requires(!std::is_same_v<Residual, Team>)
auto residual_rows(const Residual& residual, const Model& model, const Points& points) {
  Team team(1);
  return residual_rows(team, residual, model, points);
}

}  // namespace fredholm
