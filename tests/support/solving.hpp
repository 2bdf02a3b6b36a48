// What tests of `solve` share: a domain, a network, and a run that is stopped and goes on from its file.
#pragma once

#include <cstring>
#include <tuple>

#include <doctest/doctest.h>

#include <fredholm/checkpoint.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/space.hpp>

#include "files.hpp"

namespace support {

inline const fredholm::Box<2> box{{0.0, 1.0}, {0.0, 2.0}};

inline auto network(fredholm::Index width) {
  fredholm::Engine engine(4);
  return fredholm::make_mlp<fredholm::Tanh>({2, width, 1}, engine);
}

template <class Model>
bool same_bits(const Model& a, const Model& b) {
  const Eigen::VectorXd x = fredholm::flatten(a), y = fredholm::flatten(b);
  return std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(double)) == 0;
}

/// All steps at once, and `stop` steps and then the rest from a file, into another model.
template <class MakeProblem, class MakeOptimizer>
void resumes(const MakeProblem& problem, const MakeOptimizer& optimizer, fredholm::Index width,
             const fredholm::SolveOptions& options, fredholm::Index stop, fredholm::Index every) {
  auto through = network(width);
  auto all = problem();
  auto at_once = optimizer(through);
  const double before = fredholm::losses(all, through).total;
  CHECK(fredholm::solve(all, through, at_once, options).loss < before);

  const Folder folder;
  const fredholm::CheckpointFile checkpoint{folder / "run.safetensors", every};
  fredholm::SolveOptions fewer = options;
  fewer.steps = stop;
  auto stopped = network(width), resumed = network(width);
  auto first_half = problem(), second_half = problem();
  auto first = optimizer(stopped), second = optimizer(resumed);
  fredholm::solve(first_half, stopped, first, fewer, checkpoint);
  CHECK(fredholm::solve(second_half, resumed, second, options, checkpoint).steps == options.steps - stop);
  CHECK_FALSE(same_bits(stopped, through));
  CHECK(same_bits(resumed, through));
  CHECK(std::get<0>(second_half.terms).points == std::get<0>(all.terms).points);
  CHECK(fredholm::solve(second_half, resumed, second, options, checkpoint).steps == 0);
}

}  // namespace support
