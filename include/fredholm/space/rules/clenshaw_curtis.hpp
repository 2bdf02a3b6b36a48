// Clenshaw and Curtis: the integral of the polynomial through the samples on a Chebyshev grid.
//
//   w_i = c_i/N (1 - Σ_{j=1}^{N/2} b_j / (4j² - 1) cos(2πij/N)),    N = n - 1, on [-1, 1]
//
// with c_i = 1 at the ends and 2 within, b_j = 1 if 2j = N and 2 otherwise. Weights are positive and
// symmetric; exact to degree n - 1 (n if n is odd, by symmetry); spectral on smooth functions, and in
// practice nearly as good as GaussLegendre (Trefethen, Is Gauss quadrature better than Clenshaw-Curtis?, SIAM
// Review 50, 2008). Making the weights costs O(n²).
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/space/grids/angles.hpp>

#include <cmath>
#include <vector>

namespace fredholm {

struct ClenshawCurtis {
  static constexpr int order = spectral;

  template <class Grid>
  static constexpr bool legal = Grid::dimension == 1 && family_of<Grid> == Family::chebyshev;

  template <class Grid>
  struct check {
    static_assert(legal<Grid>,
                  "ClenshawCurtis needs the points of a ChebyshevGrid: the nodes belong to the rule. Use "
                  "Discretization<ChebyshevGrid<>, ClenshawCurtis>, or Trapezoid on the grid that you have.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const Index last = grid.size() - 1;
    const long double half = detail::wide_length(grid.box()[0]) / 2;
    const std::vector<long double> cosine = cosines(last);
    std::vector<double> weights(static_cast<std::size_t>(grid.size()));
    for (Index i = 0; i <= last / 2; ++i) {
      const double weight = static_cast<double>(half * reference(i, last, cosine));
      weights[static_cast<std::size_t>(i)] = weights[static_cast<std::size_t>(last - i)] = weight;
    }
    return weights;
  }

  static Index degree(Index n) { return n % 2 == 1 ? n : n - 1; }

 private:
  /// cos(2π m / N) for m = 0, ..., N - 1.
  static std::vector<long double> cosines(Index last) {
    std::vector<long double> cosine;
    for (Index m = 0; m < last; ++m) {
      cosine.push_back(
          std::cos(2 * detail::wide_pi * static_cast<long double>(m) / static_cast<long double>(last)));
    }
    return cosine;
  }

  /// The weight on [-1, 1]. The ends have a closed form; elsewhere small terms are added first, for what is
  /// left near the ends after the subtraction is small.
  static long double reference(Index i, Index last, const std::vector<long double>& cosine) {
    const long double intervals = static_cast<long double>(last);
    if (i == 0) return 1 / (last % 2 == 0 ? intervals * intervals - 1 : intervals * intervals);
    long double sum = 0;
    for (Index j = last / 2; j >= 1; --j) {
      const long double twice = 2 * static_cast<long double>(j);
      const long double share = (2 * j == last ? 1 : 2) / (twice * twice - 1);
      sum += share * cosine[static_cast<std::size_t>(i * j % last)];
    }
    return 2 / intervals * (1 - sum);
  }
};

}  // namespace fredholm
