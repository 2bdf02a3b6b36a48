// Points where the residual is large (RAD: residual-based adaptive distribution).
//
//   p(x) ~ |r(x)|^power / mean(|r|^power) + constant,     points drawn from p anew every some hundred steps
//
//   auto equation = resampled(term("equation", sobol_points(box, 2000), residual), {.power = 1, .constant = 1});
//   resample(workspace, problem, model, round);          // or solve(..., {.resample_every = 500})
//
// For solutions with fronts and layers that even points miss (Burgers, Allen-Cahn). Random points integrate
// with an error of O(n^{-1/2}): where the solution is smooth, a product grid with a rule is better and needs
// no resampling.
//
// The points all weigh the same, measure / n, as in the paper: the loss is then int p |r|^2, not int |r|^2,
// and gives more to where p is large. With `.unbiased = true` each point weighs 1 / (n p) and the loss has
// int |r|^2 as its expectation (importance sampling; its variance is small where r^2 ~ p). The points are a
// systematic sample of the candidates, so that no point comes twice unless p asks for more points there than
// there are candidates.
//
// Source: Wu, Zhu, Tan, Kartha and Lu, A comprehensive study of non-adaptive and residual-based adaptive
// sampling for physics-informed neural networks, CMAME 403, 2023, (2) and algorithm 3.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/space/points/random.hpp>

namespace fredholm {

namespace detail {

/// Whether an integral over the points is one over their box: they come from a grid or a sequence of points
/// with a rule, and not from `face`, `walls`, `join`; the weights say so, and the points are in no plane. The
/// sum of the weights alone would not do: the walls of [-1, 1] x [0, T] have the measure 2T of their box.
template <class Points>
bool fill_their_box(const Points& points) {
  if (std::is_same_v<Points, WeightedPoints<Points::dimension>>) return false;
  double measure = 0;
  for (double weight : points.weights()) measure += weight;
  bool fill = std::abs(measure - points.box().measure()) < 1e-6 * points.box().measure();
  for (Index a = 0; a < Points::dimension; ++a) {
    const auto x = [&](Index j) {
      return points.points()[static_cast<std::size_t>(j * Points::dimension + a)];
    };
    bool flat = points.size() > 1;
    for (Index j = 1; flat && j < points.size(); ++j) flat = x(j) == x(0);
    fill = fill && !flat;
  }
  return fill;
}

}  // namespace detail

/// The term with points that `resample` may replace: a weighted cloud.
template <class Points, class Residual>
auto resampled(Term<Points, Residual> term, Resampling<Points::dimension> options = {}) {
  constexpr Index D = Points::dimension;
  static_assert(
      !detail::is_whole<Residual>,
      "resampled(term): a whole(residual) needs its points as they are; only pointwise residuals can be "
      "evaluated at candidates.");
  static_assert(
      !detail::is_numbered<Residual>,
      "resampled(term): data_term(...) has data at its own points, and none at candidates. Resample the equation.");
  require(options.power > 0 && options.constant >= 0 && options.candidates >= 0, "resampled: term \"",
          term.name, "\" has power ", options.power, ", constant ", options.constant, " and ",
          options.candidates, " candidates. Give power > 0, constant >= 0, candidates >= 0.");
  require(
      options.draw || detail::fill_their_box(term.points), "resampled: the points of term \"", term.name,
      "\" do not fill their box, in which candidates would be drawn: they are a cloud with weights of its own (a "
      "face, walls), lie in a plane, or have weights that do not add up to its measure. Say where to draw: "
      ".draw = [](Index n, Engine& rng) { return face(...); }.");
  return Term<WeightedPoints<D>, Residual>{std::move(term.name),     weighted_points(term.points),
                                           std::move(term.residual), term.weight,
                                           std::move(term.factors),  term.causal,
                                           std::move(options)};
}

namespace detail {

/// An engine for one round of one term: a resumed run draws the same points. `position` counts the resampled
/// terms, so that two of them with the same seed have candidates of their own; the first draws as it would
/// alone.
inline Engine engine_of_round(std::uint64_t seed, Index round, Index position) {
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                   static_cast<std::uint32_t>(round),
                                   static_cast<std::uint32_t>(round >> 32)};
  if (position > 0) words.push_back(static_cast<std::uint32_t>(position));
  std::seed_seq sequence(words.begin(), words.end());
  return Engine(sequence);
}

template <Index D>
WeightedPoints<D> draw_candidates(const Resampling<D>& options, const Box<D>& box, Index points,
                                  Engine& engine) {
  const Index count = options.candidates > 0 ? options.candidates : 10 * points;
  if (options.draw) return options.draw(count, engine);
  return weighted_points(random_points(box, count, engine));
}

/// n of the candidates, each with the inclusion probability n c_j p_j / sum(c p), c its own weight.
template <Index D>
WeightedPoints<D> chosen(const Resampling<D>& options, const WeightedPoints<D>& candidates,
                         const std::vector<double>& squares, Index n, Engine& engine) {
  const std::vector<double>& own = candidates.weights();
  std::vector<double> density(squares.size());
  double measure = 0, mean = 0;
  for (std::size_t j = 0; j < squares.size(); ++j) {
    density[j] = std::pow(squares[j], options.power / 2);
    measure += own[j];
    mean += own[j] * density[j];
  }
  mean /= measure;
  double total = 0;
  for (std::size_t j = 0; j < squares.size(); ++j) {
    density[j] = (mean > 0 ? density[j] / mean : 1.0) + options.constant;
    total += own[j] * density[j];
  }
  std::vector<typename PointCloud<D>::Point> points;
  std::vector<double> weights;
  double sum = 0, next = uniform(engine);
  for (std::size_t j = 0; j < squares.size(); ++j) {
    sum += own[j] * density[j] / total * static_cast<double>(n);
    // By round-off the last sum may be a little under n.
    for (; std::ssize(points) < n && (next < sum || j + 1 == squares.size()); next += 1) {
      points.emplace_back();
      std::copy_n(candidates.points().begin() + static_cast<Index>(j) * D, D, points.back().begin());
      weights.push_back((options.unbiased ? total / density[j] : measure) / static_cast<double>(n));
    }
  }
  return {PointCloud<D>(candidates.box(), std::move(points)), Given{std::move(weights)}};
}

}  // namespace detail

/// Draws the points of all resampled terms anew, as many as they have, by the residuals of the model as it
/// is. Whether there were any. `round` tells one call from the next; the same one draws the same points for
/// the same model.
template <class... Terms, class Model>
bool resample(Workspace& workspace, Problem<Terms...>& problem, const Model& model, Index round) {
  Index position = 0;
  std::vector<std::function<void()>>
      changes;  // made when all is drawn: an error in one term leaves all as they were
  for_each_term(problem, [&]<class Points, class Residual>(Term<Points, Residual>& term) {
    if constexpr (std::is_same_v<Points, WeightedPoints<Points::dimension>>) {
      if (!term.resampling) return;
      constexpr bool numbered = std::is_invocable_v<const Residual&, const Model&, const Points&, Index>;
      require(
          !numbered, "resample: the residual of term \"", term.name,
          "\" takes the numbers of points, residual(model, points, begin), and candidates have none. Take residual(model, "
          "points), or do not resample this term.");
      Engine engine = detail::engine_of_round(term.resampling->seed, round, position++);
      auto candidates =
          detail::draw_candidates(*term.resampling, term.points.box(), term.points.size(), engine);
      const Term<Points, Residual> there{term.name, candidates, term.residual};
      const std::vector<double> squares = detail::squares_at_points(workspace, there, model);
      for (std::size_t j = 0; j < squares.size(); ++j) {
        if (std::isfinite(squares[j])) continue;
        throw std::runtime_error("resample: the squared residual of term \"" + term.name + "\" is " +
                                 std::to_string(squares[j]) + " at " +
                                 detail::point_text(candidates, static_cast<Index>(j)) +
                                 "; the points are as they were.");
      }
      auto points = detail::chosen(*term.resampling, candidates, squares, term.points.size(), engine);
      changes.push_back([&term, points = std::move(points)] {
        term.points = points;
        if (!term.factors.empty()) term.factors.assign(static_cast<std::size_t>(term.points.size()), 1.0);
      });
    }
  });
  for (const auto& change : changes) change();
  return !changes.empty();
}

}  // namespace fredholm
