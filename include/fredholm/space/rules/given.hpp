// Weights that you give: a mesh's vertex areas, importance sampling, a rule out of a book.
//
//   Discretization<PointCloud<2>, Given> d({box, vertices}, {areas});
//
// It stands on every grid, products included (there is one weight for each point then, row-major as the
// points). Nothing is promised about order or degree, and the weights need not add up to the measure: hold
// your own with laws::quadrature. A rule that you use often is better written as a struct of its own.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>

#include <cmath>
#include <vector>

namespace fredholm {

struct Given {
  std::vector<double> values;  ///< one weight a point

  static constexpr int order = none;
  static constexpr bool separable = false;  // on a product the weights belong to points, not to axes

  template <class Grid>
  static constexpr bool legal = true;

  template <AnyGrid Grid>
  std::vector<double> weights(const Grid& grid) const {
    require(std::ssize(values) == grid.size(), "Given holds ", values.size(), " weights and the grid has ",
            grid.size(), " points. Give one weight a point.");
    for (std::size_t i = 0; i < values.size(); ++i) {
      require(std::isfinite(values[i]), "Given needs finite weights, and weight ", i, " is ", values[i], ".");
    }
    return values;
  }

  friend bool operator==(const Given&, const Given&) = default;
};

}  // namespace fredholm
