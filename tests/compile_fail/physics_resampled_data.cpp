// EXPECT: data_term(...) has data at its own points, and none at candidates
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/resampling.hpp>
#include <fredholm/space.hpp>
using namespace fredholm;
int main() {
  const auto points = sobol_points(Box<1>{{0.0, 1.0}}, 8);
  auto data = data_term("samples", sample([](double x) { return x; }, points));
#ifdef FREDHOLM_CONTROL
  return data.points.size() > 0 ? 0 : 1;
#else
  return resampled(data).points.size() > 0 ? 0 : 1;
#endif
}
