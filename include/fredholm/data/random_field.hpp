// Gaussian random fields on a box, as functions.
//
//   u ~ N(0, sigma² (-Delta + tau²)^{-gamma}),    u = sum_k sigma (lambda_k + tau²)^{-gamma / 2} xi_k phi_k,
//
// the Karhunen and Loève series (Lord, Powell and Shardlow, 2014, chapter 7) in the eigenfunctions phi_k of
// the Laplacian (data/eigen_series.hpp), xi_k independent standard normal, cut off at the wave number `modes`
// on each axis. 1 / tau is the length over which u is correlated and gamma its smoothness: without the cut u
// would have gamma - D / 2 square-integrable derivatives, less a bit. The variance that the cut leaves out is
// of the order modes^{D - 2 gamma}.
//
//   auto u = random_fields<1>(1000, {.box = d.box(), .ends = Ends::periodic, .sigma = 25, .tau = 5}, engine);
//   auto u0 = sample(u, d);
//
// The coefficients belong to the function and not to a grid: one seed gives the same functions at every
// resolution. They are drawn in order of their highest index, each function with an engine of its own, so
// that more modes add finer detail to the same functions, and more functions follow the same first ones. tau
// = 0 has a variance only without the mean mode. Lengths are in the unit of the box, and so are 1 / tau and
// sigma's part of it: u carries the unit sigma length^{gamma - D/2}.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/data/eigen_series.hpp>

namespace fredholm {

template <Index D>
struct RandomFieldOptions {
  Box<D> box = {};
  Ends ends = Ends::neumann;
  double sigma = 1.0;
  double tau = 3.0;
  double gamma = 2.0;
  Index modes = 32;        ///< the highest wave number on each axis
  bool drop_mean = false;  ///< without the constant function: every u has mean 0 over the box
};

namespace detail {

/// One term of the series: where its coefficient stands, and the standard deviation of that.
struct SeriesTerm {
  Index position;
  Index shell;  // its highest index on any axis
  double deviation;
};

/// All terms, in the order in which they are drawn.
template <Index D>
std::vector<SeriesTerm> series_terms(const RandomFieldOptions<D>& options) {
  const Index m = eigenfunctions(options.ends, options.modes);
  Index count = 1;
  for (Index axis = 0; axis < D; ++axis) count *= m;
  std::vector<SeriesTerm> terms;
  terms.reserve(static_cast<std::size_t>(count));
  for (Index position = 0; position < count; ++position) {
    Index shell = 0, rest = position;
    double eigenvalue = options.tau * options.tau;
    for (Index axis = D - 1; axis >= 0; --axis) {
      const Index i = rest % m;
      rest /= m;
      shell = std::max(shell, i);
      const double wave = eigenwave(options.ends, options.box[axis], i);
      eigenvalue += wave * wave;
    }
    const bool dropped = options.drop_mean && options.ends != Ends::dirichlet && position == 0;
    require(dropped || eigenvalue > 0.0,
            "random_fields: tau is 0, so the mean of the field has no variance. ",
            "Set drop_mean, or give tau > 0.");
    terms.push_back(
        {position, shell, dropped ? 0.0 : options.sigma * std::pow(eigenvalue, -0.5 * options.gamma)});
  }
  // Lexicographic within a shell; with more modes than before, a shell is what it was.
  std::sort(terms.begin(), terms.end(), [](const SeriesTerm& a, const SeriesTerm& b) {
    return std::pair(a.shell, a.position) < std::pair(b.shell, b.position);
  });
  return terms;
}

}  // namespace detail

/// `count` independent random functions. The engine is asked for one number each.
template <Index D>
std::vector<EigenSeries<D>> random_fields(Index count, const RandomFieldOptions<D>& options, Engine& engine) {
  require(count >= 0 && options.modes >= 1, "random_fields: ", count, " functions of ", options.modes,
          " modes; give at least one mode.");
  require(options.sigma >= 0.0 && std::isfinite(options.sigma) && std::isfinite(options.tau) &&
              std::isfinite(options.gamma),
          "random_fields: sigma is ", options.sigma, ", tau is ", options.tau, " and gamma is ",
          options.gamma, ". Give finite numbers, and sigma >= 0.");
  const std::vector<detail::SeriesTerm> terms = detail::series_terms(options);
  std::vector<EigenSeries<D>> functions(static_cast<std::size_t>(count),
                                        EigenSeries<D>{options.box, options.ends, options.modes, {}});
  for (EigenSeries<D>& u : functions) {
    Engine own(engine());
    u.coefficients.resize(terms.size());
    for (const detail::SeriesTerm& term :
         terms)  // the mean is drawn even where it is dropped: the others stay
      u.coefficients[static_cast<std::size_t>(term.position)] = term.deviation * normal(own);
  }
  return functions;
}

}  // namespace fredholm
