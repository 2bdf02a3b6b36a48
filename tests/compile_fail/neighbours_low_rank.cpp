// EXPECT: a low-rank kernel is not local; use KernelIntegral<LowRankKernel<>>
#include <fredholm/fredholm.hpp>
#include <fredholm/neighbours.hpp>

using namespace fredholm;

auto integral(const Field<Discretization<UniformGrid<>, Trapezoid>>& u, Engine& engine) {
#ifdef FREDHOLM_CONTROL
  return KernelIntegral<LowRankKernel<>>::make({}, engine)(u);
#else
  return RadiusKernelIntegral<LowRankKernel<>>::make({}, 0.1, engine)(u);
#endif
}
