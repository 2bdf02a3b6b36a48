// What a run of solve is at a step, as a tree of leaves: what a checkpoint of it holds.
//
// A part of physics/pinn/solve.hpp: model, optimizer, the number of steps, the loss, and of every term its
// weight, the factors of its points, and, where they are drawn anew, the points.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/parameter.hpp>
#include <fredholm/physics/pinn/problem.hpp>

namespace fredholm::detail {

struct TermState {
  Buffer<double> weight;         // (1)
  Buffer<double> factors;        // (points), or (0)
  Buffer<double> points;         // (points, coordinates), or (0) if they stay
  Buffer<double> point_weights;  // (points), or (0)
};

template <class Model, class Optimizer>
struct SolveState {
  Model model;
  Optimizer optimizer;
  Buffer<double> steps, loss;
  std::vector<TermState> terms;
};

inline Buffer<double> buffer_of(const std::vector<double>& values, Index columns = 0) {
  const Index size = std::ssize(values);
  const Shape shape = columns == 0 ? Shape{size} : Shape{size / columns, columns};
  return Buffer<double>(Array<double>(shape, values));
}
inline std::vector<double> values_of(const Buffer<double>& buffer) {
  return {buffer.value().data(), buffer.value().data() + buffer.size()};
}

template <class Problem, class Model, class Optimizer>
SolveState<Model, Optimizer> state_of(const Problem& problem, const Model& model, const Optimizer& optimizer,
                                      Index steps, double loss) {
  SolveState<Model, Optimizer> state{
      model, optimizer, buffer_of({static_cast<double>(steps)}), buffer_of({loss}), {}};
  for_each_term(problem, [&state](const auto& term) {
    const bool moves = term.resampling.has_value();
    const std::vector<double> none;
    state.terms.push_back({buffer_of({term.weight}), buffer_of(term.factors),
                           moves ? buffer_of(term.points.points(), term.dimension) : buffer_of(none),
                           moves ? buffer_of(term.points.weights()) : buffer_of(none)});
  });
  return state;
}

/// Puts a state into a problem with as many terms and points as the one it was made of.
template <class Problem>
void put_back(Problem& problem, const std::vector<TermState>& states) {
  std::size_t k = 0;
  std::vector<std::function<void()>>
      changes;  // made when all points are: an error leaves the problem as it was
  for_each_term(problem, [&]<class Points, class Residual>(Term<Points, Residual>& term) {
    const TermState& state = states[k++];
    changes.push_back([&term, &state] {
      term.weight = *state.weight.value().data();
      term.factors = values_of(state.factors);
    });
    constexpr Index D = Points::dimension;
    if constexpr (std::is_same_v<Points, WeightedPoints<D>>) {
      if (!term.resampling) return;
      std::vector<typename PointCloud<D>::Point> points(static_cast<std::size_t>(state.point_weights.size()));
      for (std::size_t j = 0; j < points.size(); ++j)
        std::copy_n(state.points.value().data() + static_cast<Index>(j) * D, D, points[j].begin());
      Points made(PointCloud<D>(term.points.box(), std::move(points)), Given{values_of(state.point_weights)});
      changes.push_back([&term, made = std::move(made)] { term.points = made; });
    }
  });
  for (const auto& change : changes) change();
}

}  // namespace fredholm::detail
