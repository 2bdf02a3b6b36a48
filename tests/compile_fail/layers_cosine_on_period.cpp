// EXPECT: a periodic axis has no ends, and Cosine, Sine, Legendre and Chebyshev are functions with two
#include <fredholm/layers/spectral.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>

using namespace fredholm;

int main() {
  using Grid = ProductGrid<PeriodicGrid<>, UniformGrid<>>;
  const Discretization<Grid, Trapezoid> d(Grid({0.0, 1.0, 8}, {0.0, 1.0, 9}));
  Engine engine(1);
#ifndef FREDHOLM_CONTROL
  const auto layer = make_spectral<2, Cosine, Cosine>(1, 1, 3, engine);
#else
  const auto layer = make_spectral<2, Fourier, Cosine>(1, 1, 3, engine);
#endif
  return static_cast<int>(layer(sample([](double x, double y) { return x + y; }, d)).batch());
}
