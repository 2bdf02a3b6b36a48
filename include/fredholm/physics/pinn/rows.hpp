// The rows of a problem: weighted residuals and their derivatives by the parameters, for Gauss-Newton
// methods.
//
//   r~ = sqrt(weight_k w_j f_j) r_kc(x_j),     J~ = d r~ / d theta,     |r~|^2 = loss
//
// A part of physics/pinn/problem.hpp. A block is a tile of a term, points first and channels within a point,
// in the order of the terms. As many tiles as there are threads are computed at once, and handed over in
// order. A Number of a whole(residual) is one row; a Field of one takes a pass forward and back for every
// row, which is slow beyond some hundred.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fredholm/autodiff/rows.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/train/flat.hpp>

namespace fredholm {

namespace detail {

/// The rows of a tile.
struct RowBlock {
  std::vector<double> residual;  ///< (rows)
  std::vector<double> jacobian;  ///< (rows, parameters)
};

/// Rows of a Jacobian by all parameters that are not frozen, one pass back for each.
template <class Model>
class RowsByPasses {
 public:
  explicit RowsByPasses(const Model& model) : model_(model) {
    std::size_t doubles = 0, singles = 0;
    for_each_parameter(model, [&](const auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      (std::is_same_v<Real, float> ? singles : doubles) += static_cast<std::size_t>(leaf.size());
      leaves_.emplace_back(&leaf, static_cast<Index>(leaves_.size()));
    });
    std::sort(leaves_.begin(), leaves_.end());
    doubles_.resize(doubles), singles_.resize(singles);
    double* d = doubles_.data();
    float* f = singles_.data();
    for_each_parameter(model, [&](const auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      if constexpr (std::is_same_v<Real, float>) {
        adjoints_.push_back(f);
        f += leaf.size();
      } else {
        adjoints_.push_back(d);
        d += leaf.size();
      }
    });
    tape_.leaves = &leaves_;
  }

  /// Runs f() on the tape, and back from element i of the array that it returns; the value there. Writes the
  /// row.
  template <class F>
  double operator()(F&& f, Index i, double* row) {
    std::fill(doubles_.begin(), doubles_.end(), 0.0);
    std::fill(singles_.begin(), singles_.end(), 0.0F);
    tape_.begin(adjoints_);
    double value = 0;
    {
      const Activation activation(tape_);
      const auto array = f();
      using Real = std::remove_cvref_t<decltype(*array.data())>;
      std::vector<Real> seed(static_cast<std::size_t>(array.size()), Real{0});
      seed[static_cast<std::size_t>(i)] = Real{1};
      value = static_cast<double>(array.data()[i]);
      tape_.backward(array, seed.data());
    }
    tape_.clear();
    std::size_t leaf_number = 0;
    for_each_parameter(model_, [&](const auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      const auto* adjoint = static_cast<const Real*>(adjoints_[leaf_number++]);
      if (!leaf.frozen()) row = std::copy_n(adjoint, leaf.size(), row);
    });
    return value;
  }

 private:
  const Model& model_;
  LeafTable leaves_;
  std::vector<double> doubles_;
  std::vector<float> singles_;
  std::vector<void*> adjoints_;
  Tape tape_;
};

/// The roots of weight_k w_j f_j, (points, 1).
template <class Scalar, class Points, class Residual, class Tile>
Array<Scalar> roots_of_weights(const Term<Points, Residual>& term, const Tile& points, Index tile) {
  const Array<double> weights = tile_weights<double>(term, points, tile);
  Array<Scalar> roots(Shape{points.size(), 1});
  for (Index j = 0; j < points.size(); ++j) {
    const double weight = term.weight * weights.data()[j];
    require(
        weight >= 0, "term \"", term.name, "\": the weight of point ", j, " of tile ", tile, " is ", weight,
        ", and least squares need weights of 0 or more. Take a rule with positive weights: GaussLegendre, "
        "Simpson, Trapezoid.");
    roots.mutable_data()[j] = static_cast<Scalar>(std::sqrt(weight));
  }
  return roots;
}

/// (1, points..., channel) times (points, 1)
template <class Scalar>
Array<Scalar> weighed(const Array<Scalar>& values, const Array<Scalar>& roots) {
  const Index points = roots.size();
  return values.reshaped({points, values.size() / points}) * roots;
}

/// An array that is called a field's values, for rows_of_part.
template <class Scalar>
struct WeighedResidual {
  Array<Scalar> array;
  const Array<Scalar>& values() const { return array; }
};

/// All rows of a tile of a pointwise residual: one pass for each channel (autodiff/rows.hpp).
template <class Points, class Residual, class Model, class Columns>
void rows_by_points(Tape& tape, const Term<Points, Residual>& term, const Model& model,
                    const Columns& columns, Index tile, RowBlock& block) {
  using Scalar = typename ScalarOf<ResidualOf<Points, Residual, Model>>::type;
  const auto points = tile_points(term, tile);
  const Index begin = tile_begin(term.points.size(), tile_count(term), tile);
  const Array<Scalar> roots = roots_of_weights<Scalar>(term, points, tile);
  const auto residual = [&](const Model& m, const auto& some) {
    return WeighedResidual<Scalar>{weighed(residual_on(term, m, some, begin).values(), roots)};
  };
  const auto one = residual_on(term, model, part_of_points(points, 0, 1), begin);
  const Index channels = one.channels();
  const Array<Scalar> first = one.values() * *roots.data();  // among the rows
  const Index rows = points.size() * channels;
  block.residual.resize(static_cast<std::size_t>(rows));
  block.jacobian.assign(static_cast<std::size_t>(rows * columns.count()), 0.0);
  if constexpr (std::is_same_v<Scalar, double>) {
    rows_of_part(tape, residual, model, points, columns, channels, block.residual.data(),
                 block.jacobian.data());
    require_by_points(first.data(), block.residual.data(), block.jacobian.data(), points.size(), channels,
                      columns.count());
  } else {
    std::vector<Scalar> values(block.residual.size()), jacobian(block.jacobian.size(), Scalar{0});
    rows_of_part(tape, residual, model, points, columns, channels, values.data(), jacobian.data());
    require_by_points(first.data(), values.data(), jacobian.data(), points.size(), channels, columns.count());
    std::copy(values.begin(), values.end(), block.residual.begin());
    std::copy(jacobian.begin(), jacobian.end(), block.jacobian.begin());
  }
}

/// The weighted residuals of a whole residual.
template <class Points, class Residual, class Model>
auto weighed_whole(const Term<Points, Residual>& term, const Model& model) {
  using Result = ResidualOf<Points, Residual, Model>;
  using Scalar = typename ScalarOf<Result>::type;
  const auto r = residual_on(term, model, term.points, 0);
  if constexpr (is_number<Result>) {
    return as_array(r) * static_cast<Scalar>(std::sqrt(term.weight));
  } else {
    return weighed(r.values(), roots_of_weights<Scalar>(term, term.points, 0));
  }
}

/// Those of a tile of a pointwise residual.
template <class Points, class Residual, class Model>
auto weighed_on_tile(const Term<Points, Residual>& term, const Model& model, Index tile) {
  using Scalar = typename ScalarOf<ResidualOf<Points, Residual, Model>>::type;
  const auto points = tile_points(term, tile);
  const Index begin = tile_begin(term.points.size(), tile_count(term), tile);
  return weighed(residual_on(term, model, points, begin).values(),
                 roots_of_weights<Scalar>(term, points, tile));
}

/// All rows of a whole residual: one pass for each.
template <class Points, class Residual, class Model>
void rows_by_passes(const Term<Points, Residual>& term, const Model& model, Index parameters,
                    RowBlock& block) {
  const auto residual = [&] { return weighed_whole(term, model); };
  const Index rows = residual().size();
  RowsByPasses<Model> pass(model);
  block.residual.resize(static_cast<std::size_t>(rows));
  block.jacobian.resize(static_cast<std::size_t>(rows * parameters));
  for (Index i = 0; i < rows; ++i)
    block.residual[static_cast<std::size_t>(i)] = pass(residual, i, block.jacobian.data() + i * parameters);
}

}  // namespace detail

template <class... Terms>
template <class Model>
void Problem<Terms...>::residual_rows(Workspace& workspace, const Model& model, const TakeRows& take) const {
  detail::require_no_tape();
  const detail::TermUnits<Terms...> units(*this);
  const Index parameters = count_trained(model);
  using Scalar = typename detail::ScalarOfProblem<Model, Terms...>::type;
  const detail::JacobianColumns<Scalar, Model> columns(model);
  const Index at_once = std::min(units.size(), static_cast<Index>(workspace.threads()));
  std::vector<detail::RowBlock> blocks(static_cast<std::size_t>(at_once));
  std::vector<Tape> tapes(static_cast<std::size_t>(at_once));
  for (Index begin = 0; begin < units.size(); begin += at_once) {
    const Index count = std::min(at_once, units.size() - begin);
    workspace.team().run(count, [&](Index i) {
      units.at(begin + i, [&](const auto& term, Index tile) {
        auto& block = blocks[static_cast<std::size_t>(i)];
        if constexpr (detail::is_whole<std::remove_cvref_t<decltype(term.residual)>>) {
          detail::rows_by_passes(term, model, parameters, block);
        } else {
          detail::rows_by_points(tapes[static_cast<std::size_t>(i)], term, model, columns, tile, block);
        }
      });
    });
    for (Index i = 0; i < count; ++i) {
      const detail::RowBlock& block = blocks[static_cast<std::size_t>(i)];
      take({block.jacobian.data(), block.residual.data(), std::ssize(block.residual), parameters});
    }
  }
}

template <class... Terms>
template <class Model>
std::vector<double> Problem<Terms...>::residuals(Workspace& workspace, const Model& model) const {
  detail::require_no_tape();
  const detail::TermUnits<Terms...> units(*this);
  std::vector<std::vector<double>> blocks(static_cast<std::size_t>(units.size()));
  workspace.team().run(units.size(), [&](Index i) {
    units.at(i, [&](const auto& term, Index tile) {
      const auto values = [&] {
        if constexpr (detail::is_whole<std::remove_cvref_t<decltype(term.residual)>>) {
          return detail::weighed_whole(term, model);
        } else {
          return detail::weighed_on_tile(term, model, tile);
        }
      }();
      blocks[static_cast<std::size_t>(i)].assign(values.data(), values.data() + values.size());
    });
  });
  std::vector<double> all;
  for (const auto& block : blocks) all.insert(all.end(), block.begin(), block.end());
  return all;
}

}  // namespace fredholm
