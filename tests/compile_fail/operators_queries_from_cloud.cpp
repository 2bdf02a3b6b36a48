// EXPECT: model(u, target): u lives on a cloud of points in no order
#include <fredholm/operators/encoder_decoder.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
  Engine engine(1);
  const Discretization<PointCloud<1>, MonteCarlo> sensors(PointCloud<1>(Box<1>{{0.0, 1.0}}, {{0.1}, {0.7}}));
  const Discretization<UniformGrid<>, Simpson> target({0.0, 1.0, 9});
  const auto u = sample([](double x) { return x; }, sensors);
#ifndef FREDHOLM_CONTROL
  const auto model = make_transformer<1>({}, engine);
#else
  const auto model = make_encoder_decoder<1>({}, engine);
#endif
  return static_cast<int>(model(u, target).points());
}
