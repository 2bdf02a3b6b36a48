// The words of the library, as the compiler knows them. Read it from the top: each concept uses only those
// above.
//
//     (K u)(x) = ∫_Ω κ(x, y) u(y) dμ(y)  ≈  Σ_j w_j κ(x, y_j) u(y_j)
//
// A grid gives the points y_j, a rule on a grid gives the weights w_j, the two together are a discretization,
// and a field is the list of values u(y_j) on one. A concept is called Any..., so that a template parameter
// can be called Grid, Rule, Field.
#pragma once

#include <fredholm/core/shape.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/grid_traits.hpp>
#include <fredholm/space/rule_traits.hpp>

#include <concepts>
#include <type_traits>
#include <vector>

namespace fredholm {

/// The values of a field are float or double. Coordinates, nodes and weights are always double.
template <class Scalar>
concept AnyScalar = std::same_as<Scalar, float> || std::same_as<Scalar, double>;

/// A family of points on a box. Your own grid is a struct with these five members, in any namespace:
///
///   struct MyGrid {
///     static constexpr Index dimension = 1;
///     Index size() const;                       // the number of points
///     Box<dimension> box() const;               // the domain that an integral goes over
///     std::vector<double> points() const;       // size() * dimension, point after point; 1-D: ascending
///     bool operator==(const MyGrid&) const = default;
///   };
///
/// It may also state `static constexpr Index extent` (the number of points, fixed in the type) and
/// `static constexpr Family family` (what is known of the points, which opens more rules to it).
template <class Grid>
concept AnyGrid = std::copyable<Grid> && std::equality_comparable<Grid> && requires(const Grid& grid) {
  { Grid::dimension } -> std::convertible_to<Index>;
  { grid.size() } -> std::same_as<Index>;
  { grid.box() } -> std::same_as<Box<Grid::dimension>>;
  { grid.points() } -> std::convertible_to<std::vector<double>>;
};

/// A grid on an interval.
template <class Grid>
concept AnyGrid1D = AnyGrid<Grid> && Grid::dimension == 1;

namespace detail {

/// The least that is a grid. AnyRule shows it to a rule, to see whether the rule has an opinion on grids at
/// all.
struct SomeGrid {
  static constexpr Index dimension = 1;
  Index size() const;
  Box<1> box() const;
  std::vector<double> points() const;
  bool operator==(const SomeGrid&) const = default;
};
static_assert(AnyGrid1D<SomeGrid>);

}  // namespace detail

/// How an integral over the domain becomes a weighted sum over a grid. Your own rule is a struct with two
/// members:
///
///   struct MyRule {
///     template <class Grid> static constexpr bool legal = Grid::dimension == 1;   // where it may stand
///     std::vector<double> weights(const AnyGrid auto& grid) const;                // one weight a point
///   };
///
/// It may also state `static constexpr int order` (2, 4, ..., spectral), `static Index degree(Index n)` (the
/// polynomials that n points integrate exactly), and a nested `template <class Grid> struct check` whose
/// static_assert says in a sentence what is wrong with an illegal grid and what would be right.
template <class Rule>
concept AnyRule = std::copyable<Rule> && requires {
  { Rule::template legal<detail::SomeGrid> } -> std::convertible_to<bool>;
};

/// The rule may stand on the grid: directly, or axis by axis on a product of grids.
template <class Rule, class Grid>
concept RuleOn = AnyRule<Rule> && AnyGrid<Grid> && is_legal<Rule, Grid>;

/// A grid with a rule: a discrete measure, Σ_j w_j δ(x - x_j). The model is Discretization<Grid, Rule>.
template <class Discretization>
concept AnyDiscretization = std::copyable<Discretization> && std::equality_comparable<Discretization> &&
                            RuleOn<typename Discretization::rule_type, typename Discretization::grid_type> &&
                            requires(const Discretization& discretization, Index axis) {
                              { Discretization::dimension } -> std::convertible_to<Index>;  // of the domain
                              {
                                Discretization::rank
                              } -> std::convertible_to<Index>;                   // axes of an array over it
                              { discretization.size() } -> std::same_as<Index>;  // points
                              {
                                discretization.shape()
                              } -> std::convertible_to<Shape>;  // points along each axis
                              { discretization.box() } -> std::same_as<Box<Discretization::dimension>>;
                              { discretization.measure() } -> std::convertible_to<double>;  // of the box
                              {
                                discretization.points()
                              } -> std::convertible_to<std::vector<double>>;  // size x dimension
                              {
                                discretization.weights()
                              } -> std::convertible_to<std::vector<double>>;  // size
                              { discretization.nodes(axis) } -> std::convertible_to<std::vector<double>>;
                            };

/// Samples of a batch of vector-valued functions on a discretization; the array of values has the shape
/// (batch, x1, ..., xd, channel). The model is Field<Discretization, Scalar>.
template <class Field>
concept AnyField = AnyScalar<typename Field::scalar_type> && requires(const Field& field) {
  requires AnyDiscretization<std::remove_cvref_t<decltype(field.discretization())>>;
  field.values();
};

/// An operator between function spaces, seen from one field: it maps the field to a field. A layer is an
/// aggregate with `auto operator()(const AnyField auto& u) const`, and is an operator on the fields of every
/// discretization.
template <class Operator, class Field>
concept OperatorOn = AnyField<Field> && requires(const Operator& op, const Field& field) {
  { op(field) } -> AnyField;
};

}  // namespace fredholm
