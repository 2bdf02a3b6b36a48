// An integral operator with a learned kernel over the ball around each point: a graph neural operator.
//
//   (K u)(x) = (1 / |B_r|) int_{B(x, r)} chi(|x - y| / r) kappa(x, y, u(y)) u(y) dmu(y)
//
//   auto layer = RadiusKernelIntegral<MlpKernel<>>::make({.dimension = 2, .in = 4, .out = 4}, 0.1, rng);
//   auto v = layer(u);             // on the points of u
//   auto w = layer(u, grid);       // at those of another discretization: an encoder from sensors, a decoder
//                                  // to them
//
// r in the unit of x, chi a window (layers/window.hpp), |B_r| the volume of the whole ball, so that the
// values do not shrink with r. Where a ball inside the domain has no points the integral is 0; around a point
// beyond the domain it throws. On a period a source is seen at its image nearest to x. Time O(edges)
// evaluations of kappa; pairs go by in tiles, so memory is that of the list of neighbours: 8 (float) or 12
// bytes an edge. Order: the rule's, up to what the window allows. Graph networks that take the mean or the
// sum over neighbours are this layer over Counting, and depend on how dense the points are.
//
// Li et al. (2020), arXiv:2003.03485 (GNO); between a cloud and a grid Li et al. (2023), arXiv:2309.00583
// (GINO). The window is ours.
#pragma once

#include <utility>

#include <fredholm/layers/neighbours/pairs_within.hpp>

namespace fredholm {

template <class Kernel, class Rule = RuleOfField>
struct RadiusKernelIntegral {
  Kernel kernel;
  double radius = 0.1;  // in the unit of x
  Window window = Window::quartic;

  auto operator()(const AnyField auto& u) const { return (*this)(u, u.discretization()); }

  template <AnyField Input, AnyDiscretization Target>
  auto operator()(const Input& u, const Target& target) const {
    using Scalar = typename Input::scalar_type;
    static_assert(
        !detail::SeparableKernel<Kernel>,
        "RadiusKernelIntegral: a low-rank kernel is not local; use KernelIntegral<LowRankKernel<>>.");
    static_assert(detail::kernel_takes<Kernel, Scalar>,
                  "a kernel of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    const auto within = detail::pairs_within<Rule, Scalar>(target, u.discretization(), radius, window);
    if (within->beyond >= 0) {
      fail("RadiusKernelIntegral: target point ", within->beyond, " at ",
           detail::target_as_text(within->pairs, within->beyond),
           " lies outside of the domain of u, and its ball of radius ", radius,
           " holds none of it. Give targets within the domain, or a larger radius.");
    }
    return detail::field_of_rows(target, detail::integrate_pairs(kernel, detail::rows_of(u), within->pairs));
  }

  static RadiusKernelIntegral make(const KernelOptions& options, double radius, Engine& engine) {
    require(radius > 0.0, "RadiusKernelIntegral: the radius is ", radius,
            ", a length in the unit of x; give a positive number.");
    return {Kernel::make(options, engine), radius};
  }
};

}  // namespace fredholm
