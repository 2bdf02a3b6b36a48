// A multipole integral: near points by themselves, far ones gathered on coarser and coarser levels.
//
//   down:  u_0 = u,  u_{l+1} = D_l u_l
//   up:    v_L = K_L u_L,  v_l = K_l u_l + U_l v_{l+1};     the layer: u to v_0
//
// each of D_l (from level l to l + 1), K_l (within level l) and U_l (back) a RadiusKernelIntegral with a
// learned kernel. Level 0 are the points of the field with their weights. Level l = 1 ... L is a lattice in
// the box with a step of about spacing 2^{l-1}, in the unit of x; each point of the field gives its weight to
// the corners of its cell by the hat functions there, so that the sum of the weights, the measure, is kept.
// Radii are reach * spacing * 2^{l-1} (level 0: half of level 1's; a transition: that of its coarser level).
//
// The lattice knows the box and the spacing, not the points: more points are the same operator, computed
// better. Order: the rule's for levels 0; the weights of the lattice are of order 2, or of the rule's order
// where the lattice lies on nodes. Cost: with spacing ~ n^{-1/D} a point has a constant number of neighbours
// on each level, and all is O(n); with a fixed spacing level 0 has neighbours in proportion to n.
//
//   auto layer =
//       MultipoleIntegral<>::make({.dimension = 2, .channels = 16, .spacing = 0.05, .levels = 4}, rng);
//
// When: 10^4 points and more, and interaction over all distances. When not: LowRankKernel is cheaper where
// the kernel is smooth.
//
// Li et al. (2020), arXiv:2006.09535 (MGNO), the V-cycle without its activations; there, each level is a
// random subset of the points. The lattice in its place is ours.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/layers/neighbours/pairs_within.hpp>

namespace fredholm {

struct MultipoleOptions {
  Index dimension = 1;    ///< of the domain
  Index channels = 32;    ///< in and out
  double spacing = 0.05;  ///< of the first coarse level, in the unit of x
  double reach = 2.0;     ///< radius of a ball, in spacings of its level; 1 or more
  Index levels = 3;       ///< with that of the points; 1: no coarse one
  Index width = 32;       ///< of a hidden layer of a kernel
  Index depth = 1;        ///< hidden layers of a kernel
  bool diagonal = true;   ///< kernels with one number a channel in place of a matrix
};

namespace detail {

/// Points with weights.
template <Index D>
struct Measure {
  std::vector<double> points, weights;
  Coordinates<D> left{}, period{};
  Sites<D> sites() const { return {points.data(), std::ssize(weights), left, period}; }
};

/// A lattice of the box with the weights of the points, each shared out among the corners of its cell.
template <Index D>
Measure<D> on_lattice(const Measure<D>& fine, const Box<D>& box, double spacing) {
  Coordinates<D> cells, step;
  for (std::size_t a = 0; a < cells.size(); ++a) {
    const double length = box[static_cast<Index>(a)].length();
    cells[a] = std::max(1.0, std::round(length / spacing));
    step[a] = length / cells[a];
  }
  std::map<std::array<Index, static_cast<std::size_t>(D)>, double> shares;
  for (std::size_t j = 0; j < fine.weights.size(); ++j) {
    for (std::size_t corner = 0; corner < (std::size_t{1} << D); ++corner) {
      std::array<Index, static_cast<std::size_t>(D)> node;
      double share = 1.0;
      for (std::size_t a = 0; a < node.size(); ++a) {
        const double left = box[static_cast<Index>(a)].left;
        const double t = (fine.points[j * static_cast<std::size_t>(D) + a] - left) / step[a];
        const double cell = std::min(std::max(std::floor(t), 0.0), cells[a] - 1.0);
        const bool upper = (corner >> a & 1) != 0;
        share *= upper ? t - cell : 1.0 - (t - cell);
        node[a] = static_cast<Index>(cell) + (upper ? 1 : 0);
        if (fine.period[a] != 0.0) node[a] %= static_cast<Index>(cells[a]);
      }
      if (share != 0.0) shares[node] += share * fine.weights[j];
    }
  }
  Measure<D> coarse{{}, {}, fine.left, fine.period};
  for (const auto& [node, weight] : shares) {
    for (std::size_t a = 0; a < node.size(); ++a)
      coarse.points.push_back(box[static_cast<Index>(a)].left + static_cast<double>(node[a]) * step[a]);
    coarse.weights.push_back(weight);
  }
  return coarse;
}

/// The pairs of all levels of a multipole integral on one discretization.
template <class Rule, class T>
struct MultipolePairs {
  std::vector<Pairs<T>> within, down, up;
};

template <class Rule, class T, AnyDiscretization Discretization>
MultipolePairs<Rule, T> multipole_pairs(const Discretization& d, double spacing, double reach, Index levels) {
  constexpr Index D = Discretization::dimension;
  const auto pairs = [](const Measure<D>& targets, const Measure<D>& sources, double radius) {
    auto edges = std::make_shared<const Edges>(search_within(targets.sites(), sources.sites(), radius));
    return weighted_pairs<T>(targets.sites(), sources.sites(), sources.weights.data(), std::move(edges),
                             radius, Window::quartic);
  };
  const Sites<D> sites = sites_of(d);
  const Array<double> weights = layer_weights<Rule, double>(d);
  const Measure<D> points{d.points(), std::vector<double>(weights.data(), weights.data() + weights.size()),
                          sites.left, sites.period};
  MultipolePairs<Rule, T> result;
  Measure<D> level = points;
  double radius = 0.5 * reach * spacing;
  for (Index l = 0; l < levels; ++l, radius *= 2.0) {
    result.within.push_back(pairs(level, level, radius));
    if (l + 1 == levels) break;
    Measure<D> coarse = on_lattice(points, d.box(), spacing * std::pow(2.0, static_cast<double>(l)));
    result.down.push_back(pairs(coarse, level, 2.0 * radius));
    result.up.push_back(pairs(level, coarse, 2.0 * radius));
    level = std::move(coarse);
  }
  return result;
}

}  // namespace detail

template <class Rule = RuleOfField, class Activation = Gelu, class Scalar = double>
struct MultipoleIntegral {
  std::vector<MlpKernel<Activation, Scalar>> within;  // a level
  std::vector<MlpKernel<Activation, Scalar>> down;    // a level but the last
  std::vector<MlpKernel<Activation, Scalar>> up;
  double spacing = 0.05;  // of the first coarse level, in the unit of x
  double reach = 2.0;     // radius of a ball, in spacings of its level

  template <AnyField Input>
  Input operator()(const Input& u) const {
    const auto levels = std::ssize(within);
    require(levels > 0 && std::ssize(down) == levels - 1 && std::ssize(up) == levels - 1,
            "a MultipoleIntegral of ", levels, " levels has ", down.size(), " kernels down and ", up.size(),
            " up. Make it with MultipoleIntegral<>::make(options, rng).");
    require(spacing > 0.0 && std::isfinite(spacing) && reach > 0.0 && std::isfinite(reach),
            "a MultipoleIntegral has spacing ", spacing, " and reach ", reach, ": give positive numbers.");
    const std::string name = "multipole " + detail::all_digits(spacing) + ' ' + detail::all_digits(reach) +
                             ' ' + std::to_string(levels);
    const auto pairs = u.discretization().template derived<detail::MultipolePairs<Rule, Scalar>>(name, [&] {
      return detail::multipole_pairs<Rule, Scalar>(u.discretization(), spacing, reach, levels);
    });
    std::vector<Array<Scalar>> values{detail::rows_of(u)};
    for (std::size_t l = 0; l < down.size(); ++l)
      values.push_back(detail::integrate_pairs(down[l], values[l], pairs->down[l]));
    Array<Scalar> sum = detail::integrate_pairs(within.back(), values.back(), pairs->within.back());
    for (std::size_t l = down.size(); l-- > 0;) {
      sum = detail::integrate_pairs(within[l], values[l], pairs->within[l]) +
            detail::integrate_pairs(up[l], sum, pairs->up[l]);
    }
    return detail::field_of_rows(u.discretization(), sum);
  }

  static MultipoleIntegral make(const MultipoleOptions& options, Engine& engine) {
    require(options.levels >= 1 && options.spacing > 0.0 && options.reach >= 1.0,
            "MultipoleIntegral: ", options.levels, " levels, a spacing of ", options.spacing,
            " and a reach of ", options.reach,
            "; give 1 level or more, a positive length, and a reach of 1 or more.");
    const KernelOptions kernel{.dimension = options.dimension,
                               .in = options.channels,
                               .out = options.channels,
                               .width = options.width,
                               .depth = options.depth,
                               .diagonal = options.diagonal};
    const auto kernels = [&](Index count) {
      std::vector<MlpKernel<Activation, Scalar>> result;
      for (Index l = 0; l < count; ++l) result.push_back(MlpKernel<Activation, Scalar>::make(kernel, engine));
      return result;
    };
    auto within = kernels(options.levels);
    auto down = kernels(options.levels - 1);
    return {std::move(within), std::move(down), kernels(options.levels - 1), options.spacing, options.reach};
  }
};

}  // namespace fredholm
