// Counting: every point has weight 1. Not an integration rule.
//
//   Σ_i f(x_i)
//
// This is what an ordinary transformer, a plain mean and a sum over pixels do: the value depends on how many
// points there are and where they crowd. It is kept as a type so that the failure can be shown beside its
// cure; every law uses it as a negative control. For an integral use any other rule.
#pragma once

#include <fredholm/concepts.hpp>

#include <vector>

namespace fredholm {

struct Counting {
  static constexpr int order = none;

  template <class Grid>
  static constexpr bool legal = true;

  template <AnyGrid Grid>
  std::vector<double> weights(const Grid& grid) const {
    return std::vector<double>(static_cast<std::size_t>(grid.size()), 1.0);
  }
};

}  // namespace fredholm
