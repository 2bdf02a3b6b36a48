// Which sources each target is joined to: the pattern of a sparse matrix, row by row.
//
//   target i sees the sources columns[starts[i]], ..., columns[starts[i + 1] - 1],   ascending
//
// Made by a search (space/neighbours/within.hpp) or by hand; taken by gather_rows, segment_sum and edge_attention
// (autodiff/ops). An edge costs four bytes.
#pragma once

#include <cstdint>
#include <vector>

#include <fredholm/core/shape.hpp>

namespace fredholm {

struct Edges {
  Index sources = 0;                  ///< columns are less than it
  std::vector<Index> starts{0};       ///< (targets + 1)
  std::vector<std::int32_t> columns;  ///< (count)
  std::vector<std::int32_t>
      order{};  ///< all targets, one near the other, for those who go through them; none: as they are

  Index targets() const { return static_cast<Index>(starts.size()) - 1; }
  Index count() const { return static_cast<Index>(columns.size()); }
  Index begin(Index target) const { return starts[static_cast<std::size_t>(target)]; }
  Index end(Index target) const { return starts[static_cast<std::size_t>(target) + 1]; }
  /// The target that comes i-th.
  Index visited(Index i) const { return order.empty() ? i : order[static_cast<std::size_t>(i)]; }
  Index column(Index edge) const { return columns[static_cast<std::size_t>(edge)]; }
};

}  // namespace fredholm
