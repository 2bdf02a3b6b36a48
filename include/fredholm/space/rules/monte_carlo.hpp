// Monte Carlo: the mean of the samples, times the measure of the domain.
//
//   |Ω| / n Σ_i f(x_i)
//
// For points drawn uniformly at random: error O(n^{-1/2}) in any dimension, and no order in the sense of the
// other rules. It stands on ScatteredGrid and PointCloud. In one or two dimensions any other rule is better;
// for points drawn from another distribution, with density p, give the weights 1 / (n p(x_i)) with Given.
#pragma once

#include <fredholm/concepts.hpp>

#include <vector>

namespace fredholm {

struct MonteCarlo {
  static constexpr int order = none;

  template <class Grid>
  static constexpr bool legal = family_of<Grid> == Family::scattered || family_of<Grid> == Family::cloud;

  template <class Grid>
  struct check {
    static_assert(legal<Grid>,
                  "MonteCarlo needs points that were drawn at random: a PointCloud or a ScatteredGrid. "
                  "Where the points have a structure, a rule that knows it is far more accurate: "
                  "Trapezoid, Simpson, GaussLegendre.");
  };

  template <AnyGrid Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const long double weight =
        static_cast<long double>(grid.box().measure()) / static_cast<long double>(grid.size());
    return std::vector<double>(static_cast<std::size_t>(grid.size()), static_cast<double>(weight));
  }

  static Index degree(Index) { return 0; }
};

}  // namespace fredholm
