// How the inputs of a loss are cut into tiles.
//
// A batch, of fields or arrays, is cut along its first axis, and the loss is the mean of a term for each
// sample: a tile of b out of B samples counts b / B. If there is no batch, discretizations (collocation
// points) are cut along their points into weighted clouds, and the loss is a sum of integrals: a tile counts
// 1. What is neither (and fields of a batch of 1 beside larger ones) goes to every tile as it is. The tiles
// depend on the sizes alone, never on the threads.
//
// How a batch and a list of points are cut is known to what has them: slice_batch(input, begin, count) and
// part_of_points(discretization, begin, count) are found by argument-dependent lookup (space/field.hpp,
// space/part.hpp).
//
// A loss of neither form, such as a root of a sum over the batch or a maximum over all points, is wrapped in
// `whole(loss)` and not cut.
#pragma once

#include <algorithm>
#include <utility>

#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/core/array.hpp>

namespace fredholm {

/// A loss that is evaluated on all of its inputs at once.
template <class Loss>
struct Whole {
  Loss loss;
  auto operator()(const auto& model, const auto&... inputs) const { return loss(model, inputs...); }
};
template <class Loss>
Whole<Loss> whole(Loss loss) {
  return {std::move(loss)};
}

namespace detail {

/// A batch of functions, and a list of points with weights, as this floor knows them: by their members.
template <class Input>
concept HasBatch = requires(const Input& u) {
  u.batch();
  u.points();
  u.values();
};
template <class Input>
concept HasPoints = requires(const Input& d) {
  d.grid();
  d.rule();
  d.size();
};

template <class T>
inline constexpr bool is_whole = false;
template <class Loss>
inline constexpr bool is_whole<Whole<Loss>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<Array<T>> = true;

template <class Input>
inline constexpr bool has_batch = HasBatch<Input> || is_array<Input>;

/// About as many points as keep the activations of a layer of 64 channels in a second-level cache.
inline constexpr Index points_per_tile = 400;
/// The same of collocation points, where every unit carries some derivatives, too.
inline constexpr Index collocation_points_per_tile = 256;

/// Tiles are dealt to at most as many lanes (autodiff/gradient.hpp).
inline constexpr Index most_lanes = 8;

/// Points with which the activations of a few layers of 32 channels are in a second-level cache mostly.
inline constexpr Index points_near_cache = 8192;

/// How many tiles a batch is cut into. Every tile reads all parameters; where a second-level cache does not
/// hold them, that is from memory each time, and there are then no more tiles than lanes, as long as a tile
/// has fewer points than would take longer to read than the parameters do; up to twice as many where that
/// brings the activations near the cache.
inline Index tiles_of_batch(Index samples, Index points, Index parameters) {
  const auto ceiling = [](Index a, Index b) { return (a + b - 1) / b; };
  const Index in_cache = ceiling(samples, std::max<Index>(1, points_per_tile / points));
  if (parameters < 256 * 1024) return in_cache;
  const Index most = std::max<Index>(1, parameters / (64 * points));  // samples of a tile
  const Index near_cache =
      points <= points_near_cache ? ceiling(samples, points_near_cache / points) : most_lanes;
  return std::min(in_cache,
                  std::max({most_lanes, std::min(near_cache, 2 * most_lanes), ceiling(samples, most)}));
}

struct Tiles {
  Index count = 1;
  Index total = 0;  // samples, or 0 if points are cut
  Index begin(Index tile, Index size) const { return size * tile / count; }
  Index length(Index tile, Index size) const { return begin(tile + 1, size) - begin(tile, size); }
};

template <class Input>
Index batch_of(const Input& input) {
  if constexpr (HasBatch<Input>) return input.batch();
  if constexpr (is_array<Input>) return input.rank() == 0 ? 1 : input.shape(0);
  return 0;
}
template <class Input>
Index points_of(const Input& input) {
  if constexpr (HasBatch<Input>) return input.points();
  if constexpr (HasPoints<Input>) return input.size();
  return 1;
}

/// `parameters` of the model: how many numbers.
template <class... Inputs>
Tiles cut(Index parameters, const Inputs&... inputs) {
  const auto ceiling = [](Index a, Index b) { return (a + b - 1) / b; };
  if constexpr ((... || has_batch<Inputs>)) {
    const Index total = std::max({Index{1}, batch_of(inputs)...});
    Index points = 1;
    const auto check = [&]<class Input>(const Input& input) {
      if constexpr (has_batch<Input>) {
        const Index batch = batch_of(input);
        require(batch > 0,
                "an input of a loss, or of predict, is a batch of 0 functions; give at least one.");
        require(batch == total || batch == 1, "the inputs of a loss have batches of ", batch, " and ", total,
                " samples; give all of them the same, or 1 to share it.");
        if constexpr (HasBatch<Input>) points = std::max(points, input.points());
      }
    };
    (check(inputs), ...);
    return {tiles_of_batch(total, points, parameters), total};
  } else if constexpr ((... || HasPoints<Inputs>)) {
    Index most = 1;
    Index least = 0;
    const auto look = [&]<class Input>(const Input& input) {
      if constexpr (HasPoints<Input>) {
        most = std::max(most, input.size());
        least = least == 0 ? input.size() : std::min(least, input.size());
      }
    };
    (look(inputs), ...);
    return {std::min(least, ceiling(most, collocation_points_per_tile)), 0};
  } else {
    return {1, 0};
  }
}

/// The tile's part of one input.
template <bool CutPoints, class Input>
decltype(auto) part(const Input& input, const Tiles& tiles, Index tile) {
  if constexpr (has_batch<Input>) {
    const bool shared = batch_of(input) != tiles.total;
    const Index size = batch_of(input);
    return slice_batch(input, shared ? 0 : tiles.begin(tile, size), shared ? size : tiles.length(tile, size));
  } else if constexpr (CutPoints && HasPoints<Input>) {
    return part_of_points(input, tiles.begin(tile, input.size()), tiles.length(tile, input.size()));
  } else {
    return (input);  // a reference
  }
}

}  // namespace detail

}  // namespace fredholm
