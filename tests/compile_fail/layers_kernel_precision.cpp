// EXPECT: a kernel of one precision is applied to a field of the other
#include <fredholm/fredholm.hpp>

using namespace fredholm;

auto integral(const Field<Discretization<UniformGrid<>, Trapezoid>, float>& u, Engine& engine) {
#ifdef FREDHOLM_CONTROL
  return KernelIntegral<MlpKernel<Gelu, float>>::make({}, engine)(u);
#else
  return KernelIntegral<MlpKernel<Gelu, double>>::make({}, engine)(u);
#endif
}
