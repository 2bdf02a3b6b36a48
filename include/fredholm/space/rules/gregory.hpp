// Gregory's rule: the trapezoid rule with its end points corrected by differences, to any order P.
//
//   ∫f ≈ h (f_0/2 + f_1 + ... + f_N/2) - h Σ_{k=1}^{P-2} |G_{k+1}| (∇^k f_N + (-1)^k Δ^k f_0),    N = n - 1
//
// with the Gregory coefficients |G_2| = 1/12, |G_3| = 1/24, |G_4| = 19/720, ... of x / ln(1 + x). All weights
// but the P - 1 at either end are h; they are positive up to P = 9. Order P, for any n >= 2 (P - 1), even or
// odd: use it where Simpson and Boole do not fit the number of points, or for a higher order. On a
// PeriodicGrid there is no end to correct: use Trapezoid.
//
// Source: J. Gregory, letter to J. Collins, 1670; Hildebrand, Introduction to Numerical Analysis, 1974, 5.9.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/space/rules/equal_steps.hpp>

#include <cmath>
#include <vector>

namespace fredholm {

template <int P>
struct Gregory {
  static_assert(
      P >= 2,
      "Gregory<P> has order P >= 2. Gregory<2> is the trapezoid rule; use Gregory<4>, Gregory<6>, ...");
  static_assert(P <= 16,
                "Gregory<P> is meant for P <= 16: the end weights change sign from P = 10 on and grow, and "
                "round-off with them. Use Gregory<8>, or a LegendreGrid with GaussLegendre, which is "
                "spectral.");

  static constexpr int order = P;
  static constexpr Index least = 2 * (P - 1);  ///< points, so that the two ends do not overlap

  template <class Grid>
  static constexpr bool legal = Grid::dimension == 1 && family_of<Grid> == Family::uniform &&
                                (extent_of<Grid> == dynamic || extent_of<Grid> >= least);

  template <class Grid>
  struct check {
    static_assert(Grid::dimension == 1 && family_of<Grid> == Family::uniform,
                  "Gregory corrects the two ends of a UniformGrid. On a PeriodicGrid there are no ends "
                  "and Trapezoid is spectral; on other grids use the rule that the nodes belong to, or "
                  "Trapezoid.");
    static_assert(family_of<Grid> != Family::uniform || extent_of<Grid> == dynamic ||
                      extent_of<Grid> >= least,
                  "Gregory<P> needs at least 2 (P - 1) points, so that its two ends do not overlap. Use "
                  "more points, as in UniformGrid<65>, or a lower P.");
  };

  template <AnyGrid1D Grid>
    requires legal<Grid>
  std::vector<double> weights(const Grid& grid) const {
    const Index n = grid.size();
    require(n >= least, "Gregory<", P, "> needs at least ", least,
            " points, so that its two ends do not overlap, and n is ", n, ". Use more points or a lower P.");
    const long double h = detail::step_of(grid);
    std::vector<double> weights(static_cast<std::size_t>(n), static_cast<double>(h));
    const std::vector<long double> end = end_weights();
    for (std::size_t i = 0; i < end.size(); ++i) {
      weights[i] = weights[weights.size() - 1 - i] = static_cast<double>(h * end[i]);
    }
    return weights;
  }

  /// An even P gains a degree by symmetry.
  static Index degree(Index) { return P % 2 == 0 ? P - 1 : P - 2; }

 private:
  /// |G_1|, ..., |G_{P-1}|:  |G_m| = 1/(m + 1) - Σ_{j=1}^{m-1} |G_j| / (m + 1 - j) (all terms of one sign,
  /// from multiplying out ln(1 - x) (1 - Σ |G_j| x^j) = -x).
  static std::vector<long double> coefficients() {
    std::vector<long double> magnitude;
    for (int m = 1; m < P; ++m) {
      long double sum = 1.0L / static_cast<long double>(m + 1);
      for (int j = 1; j < m; ++j)
        sum -= magnitude[static_cast<std::size_t>(j - 1)] / static_cast<long double>(m + 1 - j);
      magnitude.push_back(sum);
    }
    return magnitude;
  }

  /// The P - 1 weights at an end, for h = 1. The k-th difference has binomial coefficients of alternating
  /// sign.
  static std::vector<long double> end_weights() {
    std::vector<long double> weights(static_cast<std::size_t>(P - 1), 1.0L);
    weights[0] = 0.5L;
    const std::vector<long double> magnitude = coefficients();
    for (int k = 1; k <= P - 2; ++k) {
      long double signed_binomial = 1;  // (-1)^i binomial(k, i)
      for (int i = 0; i <= k; ++i) {
        weights[static_cast<std::size_t>(i)] -= magnitude[static_cast<std::size_t>(k)] * signed_binomial;
        signed_binomial *= -static_cast<long double>(k - i) / static_cast<long double>(i + 1);
      }
    }
    return weights;
  }
};

}  // namespace fredholm
