// EXPECT: AxialAttention<D> goes along the axes of a product of D grids with a rule an axis
#include <fredholm/layers/axial_attention.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
  const auto layer = make_axial_attention<2>(4, 2, engine);
#ifndef FREDHOLM_CONTROL
  const Discretization<PointCloud<2>, MonteCarlo> d(
      PointCloud<2>(Box<2>{{0.0, 1.0}, {0.0, 1.0}}, {{0.1, 0.2}, {0.5, 0.7}, {0.9, 0.4}}));
  const Array<double> values = Array<double>::zeros({1, 3, 4});
#else
  const Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Simpson> d({{0.0, 1.0, 3}, {0.0, 1.0, 3}});
  const Array<double> values = Array<double>::zeros({1, 3, 3, 4});
#endif
  return static_cast<int>(layer(Field(d, values)).batch()) - 1;
}
