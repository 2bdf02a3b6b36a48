// A problem: terms that are to vanish at once.
//
//   loss(model) = sum_k weight_k int |r_k(model)|^2 dmu_k
//
//   auto problem = make_problem(term("equation", inside, equation),
//                               term("initial", initial(inside), start, {.weight = 100}),
//                               term("walls", walls(inside), rim));
//   auto [value, gradient] = value_and_gradient(workspace, problem, model);
//   const Losses now = losses(problem, model);                                // now["equation"], now.total
//
// Each integral is by the rule of the points of its term, so the loss converges to the exact one at the order
// of those rules. The points of every term are cut into tiles by themselves, and all tiles are dealt to the
// lanes of the workspace: a boundary of ten points does not make the tiles of the interior large. Value and
// gradient are the same to the bit for any number of threads.
//
// A problem is also a least-squares problem (train/least_squares.hpp): its rows are sqrt(w_j weight_k)
// r_kc(x_j), which is what Gauss-Newton methods go by. make_problem(box, terms...) checks that no point of a
// term lies outside of the box. NaN is not looked for here (line searches probe far); `solve` does, and
// `require_finite` says which term and where.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/physics/pinn/residual.hpp>
#include <fredholm/train/least_squares.hpp>

namespace fredholm {

template <class... Terms>
struct Problem {
  std::tuple<Terms...> terms;

  /// The loss: what least squares are about.
  template <class Model>
  double sum_of_squares(Workspace& workspace, const Model& model) const;

  /// The weighted residuals and their derivatives by the parameters, a tile at a time. Include pinn.hpp or
  /// pinn/rows.hpp, where it is.
  template <class Model>
  void residual_rows(Workspace& workspace, const Model& model, const TakeRows& take) const;

  /// The weighted residuals alone, in the order of those rows.
  template <class Model>
  std::vector<double> residuals(Workspace& workspace, const Model& model) const;
};

/// Calls f(term) for each term in order.
template <class... Terms, class F>
void for_each_term(const Problem<Terms...>& problem, F&& f) {
  std::apply([&f](const auto&... terms) { (f(terms), ...); }, problem.terms);
}
template <class... Terms, class F>
void for_each_term(Problem<Terms...>& problem, F&& f) {
  std::apply([&f](auto&... terms) { (f(terms), ...); }, problem.terms);
}

namespace detail {

template <class... Terms>
void require_names(const Problem<Terms...>& problem) {
  std::vector<std::string> names;
  for_each_term(problem, [&names](const auto& term) {
    for (const std::string& name : names)
      require(name != term.name, "make_problem: two terms are called \"", name,
              "\". Give each its own name.");
    names.push_back(term.name);
  });
}

}  // namespace detail

template <detail::AnyTerm First, detail::AnyTerm... Terms>
Problem<First, Terms...> make_problem(First first, Terms... terms) {
  static_assert((... && (Terms::dimension == First::dimension)),
                "make_problem: the terms have points of different dimensions. Points of a boundary have all "
                "coordinates of the domain: make them with face(box, axis, side, on_face), initial(inside), "
                "walls(inside).");
  Problem<First, Terms...> problem{std::tuple<First, Terms...>(std::move(first), std::move(terms)...)};
  detail::require_names(problem);
  return problem;
}

/// The same, where every term's points must lie in the domain.
template <Index D, detail::AnyTerm... Terms>
Problem<Terms...> make_problem(const Box<D>& domain, Terms... terms) {
  auto problem = make_problem(std::move(terms)...);
  for_each_term(problem, [&domain](const auto& term) {
    constexpr bool fits = std::remove_cvref_t<decltype(term)>::dimension == D;
    static_assert(
        fits,
        "make_problem(domain, terms...): the points of a term have another dimension than the domain. Points of a "
        "boundary have all of its coordinates: make them with face(box, axis, side, on_face), initial(inside), "
        "walls(inside).");
    for (Index j = 0; fits && j < term.points.size(); ++j) {
      for (Index a = 0; a < D; ++a) {
        const double x = term.points.points()[static_cast<std::size_t>(j * D + a)];
        require(domain[a].contains(x), "term \"", term.name, "\": point ", j, " has coordinate ", a, " = ", x,
                ", outside of the domain, which has ", domain[a],
                " there. Put the points into the domain (those of a boundary by face, initial or walls), or "
                "give make_problem the right one.");
      }
    }
  });
  return problem;
}

/// The loss of a problem, term by term.
struct Losses {
  std::vector<std::string> names;
  std::vector<double>
      integrals;  ///< of |r|^2, with the factors of the points, without the weights of the terms
  std::vector<double> weights;
  double total = 0;  ///< sum of weight * integral

  /// The integral of a term.
  double operator[](const std::string& name) const {
    for (std::size_t k = 0; k < names.size(); ++k) {
      if (names[k] == name) return integrals[k];
    }
    fail("Losses: there is no term called \"", name, "\".");
  }
};

namespace detail {

/// All tiles of all terms, in order, as a list of work.
template <class... Terms>
class TermUnits {
 public:
  explicit TermUnits(const Problem<Terms...>& problem) : problem_(problem) {
    std::size_t k = 0;
    for_each_term(problem, [&](const auto& term) {
      require(term.weight >= 0, "term \"", term.name, "\": the weight of the term is ", term.weight,
              ". Set it to 0 or more.");
      const Index tiles = term.weight == 0 ? 0 : tile_count(term);  // what counts nothing is not computed
      for (Index tile = 0; tile < tiles; ++tile) units_.push_back({k, tile});
      ++k;
    });
  }

  Index size() const { return std::ssize(units_); }
  std::size_t term_of(Index unit) const { return units_[static_cast<std::size_t>(unit)].term; }

  /// Calls f(term, tile) for a unit.
  template <class F>
  void at(Index unit, F&& f) const {
    const Unit& found = units_[static_cast<std::size_t>(unit)];
    std::size_t k = 0;
    for_each_term(problem_, [&](const auto& term) {
      if (k++ == found.term) f(term, found.tile);
    });
  }

 private:
  struct Unit {
    std::size_t term;
    Index tile;
  };
  const Problem<Terms...>& problem_;
  std::vector<Unit> units_;
};

template <class Model, class... Terms>
struct ScalarOfProblem;
template <class Model, class Points, class Residual, class... Others>
struct ScalarOfProblem<Model, Term<Points, Residual>, Others...> {
  using type = typename ScalarOf<ResidualOf<Points, Residual, Model>>::type;
};

template <class... Terms>
Losses losses_of_units(const Problem<Terms...>& problem, const TermUnits<Terms...>& units,
                       const std::vector<double>& values) {
  Losses result;
  for_each_term(problem, [&](const auto& term) {
    result.names.push_back(term.name);
    result.weights.push_back(term.weight);
  });
  result.integrals.resize(result.names.size());
  for (Index i = 0; i < units.size(); ++i)
    result.integrals[units.term_of(i)] += values[static_cast<std::size_t>(i)];
  for (std::size_t k = 0; k < result.names.size(); ++k)
    result.total += result.weights[k] * result.integrals[k];
  return result;
}

/// Value and gradient, and the losses that they are made of, in one pass.
template <class... Terms, class Model>
auto value_gradient_losses(Workspace& workspace, const Problem<Terms...>& problem, const Model& model,
                           Losses* losses) {
  static_assert(holds_leaves<Model>,
                "value_and_gradient(problem, model): the model holds no Parameter to differentiate by.");
  using Scalar = typename ScalarOfProblem<Model, Terms...>::type;
  const TermUnits<Terms...> units(problem);
  require(units.size() > 0, "value_and_gradient(problem, model): every term has the weight 0.");
  std::vector<double> values(static_cast<std::size_t>(units.size()));
  auto result = sum_and_gradient(workspace, model, units.size(), [&](Index i) {
    Share<Scalar> share;
    units.at(i, [&](const auto& term, Index tile) {
      const auto square = square_on_tile(term, model, tile);
      using Found = typename std::remove_cvref_t<decltype(square)>::value_type;
      static_assert(
          std::is_same_v<Found, Scalar>,
          "value_and_gradient(problem, model): the residuals of some terms are float and those of others "
          "double. Sample known functions in the precision of the network: sample<float>(f, points).");
      share = {square, term.weight};
    });
    values[static_cast<std::size_t>(i)] = static_cast<double>(share.value.value());
    return share;
  });
  if (losses != nullptr) *losses = losses_of_units(problem, units, values);
  return result;
}

}  // namespace detail

/// The loss and its gradient.
template <class... Terms, class Model>
auto value_and_gradient(Workspace& workspace, const Problem<Terms...>& problem, const Model& model) {
  return detail::value_gradient_losses(workspace, problem, model, nullptr);
}
template <class... Terms, class Model>
auto value_and_gradient(const Problem<Terms...>& problem, const Model& model) {
  Workspace workspace;
  return value_and_gradient(workspace, problem, model);
}

/// The loss of each term, without a gradient. The integral of a term of weight 0 is not computed, and 0.
template <class... Terms, class Model>
Losses losses(Workspace& workspace, const Problem<Terms...>& problem, const Model& model) {
  const detail::TermUnits<Terms...> units(problem);
  std::vector<double> values(static_cast<std::size_t>(units.size()));
  workspace.team().run(units.size(), [&](Index i) {
    units.at(i, [&](const auto& term, Index tile) {
      values[static_cast<std::size_t>(i)] =
          static_cast<double>(detail::square_on_tile(term, model, tile).value());
    });
  });
  return detail::losses_of_units(problem, units, values);
}
template <class... Terms, class Model>
Losses losses(const Problem<Terms...>& problem, const Model& model) {
  Workspace workspace;
  return losses(workspace, problem, model);
}

template <class... Terms>
template <class Model>
double Problem<Terms...>::sum_of_squares(Workspace& workspace, const Model& model) const {
  return losses(workspace, *this, model).total;
}

namespace detail {

/// Which terms are not finite and where, in words; empty if all are finite.
template <class... Terms, class Model>
std::string not_finite(Workspace& workspace, const Problem<Terms...>& problem, const Model& model) {
  std::string text;
  for_each_term(problem, [&](const auto& term) {
    const std::vector<double> squares = squares_at_points(workspace, term, model);
    for (std::size_t j = 0; j < squares.size(); ++j) {
      if (std::isfinite(squares[j])) continue;
      text += (text.empty() ? "" : ", ") + ("term \"" + term.name + "\" is ") + std::to_string(squares[j]) +
              " at point " + std::to_string(j) + ", " + point_text(term.points, static_cast<Index>(j));
      return;
    }
  });
  return text;
}

}  // namespace detail

/// Throws std::runtime_error that names the terms with NaN or infinity in their residuals, and the first such
/// points.
template <class... Terms, class Model>
void require_finite(const Problem<Terms...>& problem, const Model& model) {
  Workspace workspace;
  const std::string found = detail::not_finite(workspace, problem, model);
  if (!found.empty()) throw std::runtime_error("The squared residual of " + found + ".");
}

}  // namespace fredholm
