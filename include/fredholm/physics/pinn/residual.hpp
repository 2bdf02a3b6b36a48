// The residuals of one term, tile by tile.
//
// A part of physics/pinn: what problem.hpp sums, causal.hpp and resampling.hpp look at, and errors are found
// by.
#pragma once

#include <cmath>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/physics/pinn/term.hpp>
#include <fredholm/space/integrate.hpp>

namespace fredholm::detail {

/// How many tiles a term has: units of work, and the pieces that its residual sees. They are longer than
/// those of collocation points elsewhere, since least squares multiply a tile's rows of J with each other.
template <class Points, class Residual>
Index tile_count(const Term<Points, Residual>& term) {
  if constexpr (is_whole<Residual>) {
    return 1;
  } else {
    return (term.points.size() + points_per_tile - 1) / points_per_tile;
  }
}

/// Where a tile's points begin in the term.
inline Index tile_begin(Index size, Index count, Index tile) { return size * tile / count; }

/// The points of a tile; of a whole residual the points themselves. Made once, and kept with the points.
template <class Points, class Residual>
decltype(auto) tile_points(const Term<Points, Residual>& term, Index tile) {
  if constexpr (is_whole<Residual>) {
    return (term.points);
  } else {
    using Tiles = std::vector<WeightedPoints<Points::dimension>>;
    const auto tiles = term.points.template derived<Tiles>("tiles of a loss", [&term] {
      Tiles made;
      const Index count = tile_count(term), size = term.points.size();
      for (Index i = 0; i < count; ++i) {
        const Index begin = tile_begin(size, count, i);
        made.push_back(part_of_points(term.points, begin, tile_begin(size, count, i + 1) - begin));
      }
      return made;
    });
    return WeightedPoints<Points::dimension>((*tiles)[static_cast<std::size_t>(tile)]);
  }
}

/// residual(model, points), or residual(model, points, begin) if that is what it takes.
template <class Residual, class Model, class Tile>
auto call_residual(const Residual& residual, const Model& model, const Tile& points, Index begin) {
  if constexpr (is_whole<Residual>) {
    return call_residual(residual.loss, model, points, begin);
  } else if constexpr (std::is_invocable_v<const Residual&, const Model&, const Tile&, Index>) {
    return residual(model, points, begin);
  } else {
    return residual(model, points);
  }
}

/// Calls the residual on a tile; what it throws is given the name of the term.
template <class Points, class Residual, class Model, class Tile>
auto residual_on(const Term<Points, Residual>& term, const Model& model, const Tile& points, Index begin) {
  using Result = decltype(call_residual(term.residual, model, points, begin));
  constexpr bool field = is_field<Result>;
  constexpr bool number = is_whole<Residual> && is_number<Result>;
  static_assert(
      field || number,
      "term(name, points, residual): the residual must return a Field on the points that it is given, so "
      "that its square can be integrated. A Number (a constraint on an integral) needs "
      "whole(residual).");
  try {
    if constexpr (number) {
      require(!term.causal,
              "it has causal weights, and its residual is a Number, which has no time. Leave .causal out, or "
              "return a Field.");
    }
    Result r = call_residual(term.residual, model, points, begin);
    if constexpr (field) {
      require(r.batch() == 1 && r.points() == points.size(), "the residual has batch ", r.batch(), " and ",
              r.points(), " points, and was given ", points.size(),
              " points. Return one function on the points that the residual is given.");
    }
    return r;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument("term \"" + term.name + "\": " + error.what());
  }
}

template <class Points, class Residual, class Model>
using ResidualOf =
    decltype(residual_on(std::declval<const Term<Points, Residual>&>(), std::declval<const Model&>(),
                         tile_points(std::declval<const Term<Points, Residual>&>(), 0), Index{0}));

template <class T>
struct ScalarOf;
template <class Discretization, class Scalar>
struct ScalarOf<Field<Discretization, Scalar>> {
  using type = Scalar;
};
template <class Scalar>
struct ScalarOf<Number<Scalar>> {
  using type = Scalar;
};

/// Throws for a point with a negative weight, by which a residual would lower the loss.
inline void require_weight(double weight, const std::string& name, Index j, Index tile) {
  require(weight >= 0, "term \"", name, "\": the weight of point ", j, " of tile ", tile, " is ", weight,
          ", and least squares need weights of 0 or more. Take a rule with positive weights: GaussLegendre, "
          "Simpson, Trapezoid.");
}

/// The weights of a tile, times the factors of its points.
template <class Scalar, class Points, class Residual, class Tile>
Array<Scalar> tile_weights(const Term<Points, Residual>& term, const Tile& points, Index tile) {
  if (term.factors.empty()) {
    for (Index j = 0; j < points.size(); ++j)
      require_weight(points.weights()[static_cast<std::size_t>(j)], term.name, j, tile);
    return weights_of<Scalar>(points);
  }
  const Index size = term.points.size();
  require(std::ssize(term.factors) == size, "term \"", term.name, "\": there are ", term.factors.size(),
          " factors for ", size, " points. Give one a point, or none.");
  const Index begin = tile_begin(size, tile_count(term), tile);
  Array<Scalar> weights(Shape{points.size()});
  for (Index j = 0; j < points.size(); ++j) {
    const double weight =
        points.weights()[static_cast<std::size_t>(j)] * term.factors[static_cast<std::size_t>(begin + j)];
    require_weight(weight, term.name, j, tile);
    weights.mutable_data()[j] = static_cast<Scalar>(weight);
  }
  return weights;
}

/// int |r|^2 over a tile, without the weight of the term.
template <class Points, class Residual, class Model>
auto square_on_tile(const Term<Points, Residual>& term, const Model& model, Index tile) {
  decltype(auto) points = tile_points(term, tile);
  const auto r = residual_on(term, model, points, tile_begin(term.points.size(), tile_count(term), tile));
  if constexpr (is_number<std::remove_cvref_t<decltype(r)>>) {
    return r * r;
  } else {
    using Scalar = typename ScalarOf<std::remove_cvref_t<decltype(r)>>::type;
    return sum(weighted_dot(r.values(), r.values(), tile_weights<Scalar>(term, points, tile)));
  }
}

/// sum_c r_c^2 at each point of a term, of the model as it is. A whole number is one value for all points.
template <class Points, class Residual, class Model>
std::vector<double> squares_at_points(Workspace& workspace, const Term<Points, Residual>& term,
                                      const Model& model) {
  const Index count = tile_count(term), size = term.points.size();
  std::vector<double> squares(static_cast<std::size_t>(size));
  workspace.team().run(count, [&](Index tile) {
    decltype(auto) points = tile_points(term, tile);
    const Index begin = tile_begin(size, count, tile), length = points.size();
    const auto r = residual_on(term, model, points, begin);
    for (Index j = 0; j < length; ++j) {
      double total = 0;
      if constexpr (is_number<std::remove_cvref_t<decltype(r)>>) {
        total = static_cast<double>(r.value()) * static_cast<double>(r.value());
      } else {
        const auto* row = r.values().data() + j * r.channels();
        for (Index c = 0; c < r.channels(); ++c)
          total += static_cast<double>(row[c]) * static_cast<double>(row[c]);
      }
      squares[static_cast<std::size_t>(begin + j)] = total;
    }
  });
  return squares;
}

/// "(0.5, 1)": a point of a term.
template <class Points>
std::string point_text(const Points& points, Index j) {
  std::ostringstream text;
  for (Index a = 0; a < Points::dimension; ++a) {
    text << (a == 0 ? "(" : ", ");
    write_part(text, points.points()[static_cast<std::size_t>(j * Points::dimension + a)]);
  }
  text << ")";
  return text.str();
}

}  // namespace fredholm::detail
