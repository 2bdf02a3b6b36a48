// A trained model applied to many functions at once, on all processors.
//
//   auto v = predict(model, u);
//
// gives what model(u) gives, for a batch cut into tiles that are dealt to a team of threads. Nothing is
// recorded, and the result does not depend on the number of threads.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tiles.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

template <class Model, AnyField Input>
auto predict(const Model& model, const Input& u, Team& team) {
  if (recording()) {
    throw std::logic_error(
        "predict is called inside a loss: its threads are on no tape, and the gradient would be lost. Call "
        "model(u) there.");
  }
  using Output = std::remove_cvref_t<decltype(model(u))>;
  Index parameters = 0;
  if constexpr (holds_leaves<Model>) parameters = count_parameters(model);
  const detail::Tiles tiles = detail::cut(parameters, u);
  std::vector<std::unique_ptr<Output>> parts(static_cast<std::size_t>(tiles.count));
  const Index lanes = std::min<Index>(tiles.count, team.threads());
  team.run(lanes, [&](Index lane) {
    const detail::MemoryReuse memory;
    for (Index tile = lane; tile < tiles.count; tile += lanes)
      parts[static_cast<std::size_t>(tile)] =
          std::make_unique<Output>(model(detail::part<false>(u, tiles, tile)));
  });
  std::vector<Output> outputs;
  for (auto& part : parts) outputs.push_back(std::move(*part));
  return stack(outputs);
}

template <class Model, AnyField Input>
auto predict(const Model& model, const Input& u) {
  Team team;
  return predict(model, u, team);
}

}  // namespace fredholm
