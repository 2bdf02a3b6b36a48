// Which sources each target is joined to: the pattern of a sparse matrix, row by row.
//
//   target i sees the sources columns[starts[i]], ..., columns[starts[i + 1] - 1],   ascending
//
// Made by a search (space/neighbours/within.hpp) or by hand, and then to be looked at once by check(edges);
// taken by gather_rows, segment_sum and edge_attention (autodiff/ops), which trust them. An edge costs four
// bytes.
#pragma once

#include <cstdint>
#include <vector>

#include <fredholm/core/error.hpp>
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

/// Throws std::invalid_argument unless the lists fit each other and name sources and targets that there are.
inline void check(const Edges& edges) {
  require(!edges.starts.empty() && edges.starts.front() == 0 && edges.starts.back() == edges.count(),
          "edges: starts goes from 0 to the number of columns, ", edges.count(),
          ", one more than there are targets.");
  for (Index i = 0; i < edges.targets(); ++i)
    require(edges.begin(i) <= edges.end(i), "edges: starts falls at target ", i, ".");
  for (Index e = 0; e < edges.count(); ++e)
    require(edges.column(e) >= 0 && edges.column(e) < edges.sources, "edges: column ", e, " is ",
            edges.column(e), ", and there are ", edges.sources, " sources.");
  std::vector<char> seen(static_cast<std::size_t>(edges.targets()), 0);
  require(edges.order.empty() || edges.order.size() == seen.size(), "edges: order names ", edges.order.size(),
          " of ", seen.size(), " targets.");
  for (const std::int32_t i : edges.order) {
    require(i >= 0 && i < edges.targets() && seen[static_cast<std::size_t>(i)] == 0,
            "edges: order names target ", i, " twice, or there is none.");
    seen[static_cast<std::size_t>(i)] = 1;
  }
}

}  // namespace fredholm
