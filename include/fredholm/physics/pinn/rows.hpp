// The rows of a problem: weighted residuals and their derivatives by the parameters, for Gauss-Newton methods.
//
//   r~ = sqrt(weight_k w_j f_j) r_kc(x_j),     J~ = d r~ / d theta,     |r~|^2 = loss
//
// A part of physics/pinn/problem.hpp. A block is a tile of a term, points first and channels within a point, in the order of
// the terms. The blocks of a few tiles are computed at once on the threads of the workspace and handed over in order. A
// Number of a whole(residual) is one row; a Field of one takes a pass forward and back for every row, which is slow
// beyond some hundred.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/train/flat.hpp>

namespace fredholm {

namespace detail {

/// Some rows, not yet weighted.
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

  /// Runs f() on the tape, and back from element i of the array that it returns; the value there. Writes the row.
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

/// The values of a residual as an array.
template <class Result>
auto array_of_residual(const Result& r) {
  if constexpr (is_number<Result>) {
    return as_array(r);
  } else {
    return r.values();
  }
}

/// All rows of a tile.
template <class Points, class Residual, class Model>
RowBlock rows_of_tile(const Term<Points, Residual>& term, const Model& model, Index parameters, Index tile) {
  RowBlock block;
  decltype(auto) points = tile_points(term, tile);
  const Index begin = tile_begin(term.points.size(), tile_count(term), tile);
  RowsByPasses<Model> pass(model);
  const auto all = residual_on(term, model, points, begin);
  const auto add_rows = [&](const auto& some, Index first, Index rows) {
    const auto residual = [&] { return array_of_residual(residual_on(term, model, some, first)); };
    for (Index i = 0; i < rows; ++i) {
      const std::size_t at = block.jacobian.size();
      block.jacobian.resize(at + static_cast<std::size_t>(parameters));
      block.residual.push_back(pass(residual, i, block.jacobian.data() + at));
    }
  };
  if constexpr (is_number<std::remove_cvref_t<decltype(all)>>) {
    add_rows(points, begin, 1);
  } else if constexpr (is_whole<Residual>) {
    add_rows(points, begin, points.size() * all.channels());
  } else {
    for (Index j = 0; j < points.size(); ++j)
      add_rows(part_of_points(points, j, 1), begin + j, all.channels());
  }
  return block;
}

/// Multiplies the rows by the roots of weight_k w_j f_j.
template <class Model, class Points, class Residual>
void weigh_rows(const Term<Points, Residual>& term, Index tile, Index parameters, RowBlock& block) {
  decltype(auto) points = tile_points(term, tile);
  constexpr bool number = is_number<ResidualOf<Points, Residual, Model>>;
  const Index rows = std::ssize(block.residual), size = term.points.size();
  const Index channels = number ? 1 : rows / points.size();
  const Index begin = tile_begin(size, tile_count(term), tile);
  for (Index i = 0; i < rows; ++i) {
    double weight = term.weight;
    if constexpr (!number) {
      const Index j = i / channels;
      weight *= points.weights()[static_cast<std::size_t>(j)];
      if (!term.factors.empty()) weight *= term.factors[static_cast<std::size_t>(begin + j)];
    }
    require(
        weight >= 0, "term \"", term.name, "\": the weight of a point is ", weight,
        ", and least squares need weights of 0 or more. Take a rule with positive weights: GaussLegendre, "
        "Simpson, Trapezoid.");
    const double root = std::sqrt(weight);
    block.residual[static_cast<std::size_t>(i)] *= root;
    double* row = block.jacobian.data() + i * parameters;
    for (Index p = 0; p < parameters; ++p) row[p] *= root;
  }
}

}  // namespace detail

template <class... Terms>
template <class Model>
void Problem<Terms...>::residual_rows(Workspace& workspace, const Model& model, const TakeRows& take) const {
  detail::require_no_tape();
  const detail::TermUnits<Terms...> units(*this);
  const Index parameters = count_trained(model);
  std::vector<detail::RowBlock> blocks(
      static_cast<std::size_t>(std::min(units.size(), Workspace::max_lanes)));
  for (Index begin = 0; begin < units.size(); begin += Workspace::max_lanes) {
    const Index count = std::min(Workspace::max_lanes, units.size() - begin);
    workspace.team().run(count, [&](Index i) {
      units.at(begin + i, [&](const auto& term, Index tile) {
        auto& block = blocks[static_cast<std::size_t>(i)];
        block = detail::rows_of_tile(term, model, parameters, tile);
        detail::weigh_rows<Model>(term, tile, parameters, block);
      });
    });
    for (Index i = 0; i < count; ++i) {
      const detail::RowBlock& block = blocks[static_cast<std::size_t>(i)];
      take({block.jacobian.data(), block.residual.data(), std::ssize(block.residual), parameters});
    }
  }
}

}  // namespace fredholm
