// EXPECT: The rule does not belong on this grid: its legal<Grid> is false
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

namespace outside {

struct OnlyPeriodic {
  template <class Grid>
  static constexpr bool legal = family_of<Grid> == Family::periodic;
  std::vector<double> weights(const AnyGrid auto& grid) const { return Trapezoid{}.weights(grid); }
};

}  // namespace outside

int main() {
#ifndef FREDHOLM_CONTROL
  const Discretization<UniformGrid<>, outside::OnlyPeriodic> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#else
  const Discretization<PeriodicGrid<>, outside::OnlyPeriodic> d({0.0, 1.0, 65});
  return static_cast<int>(d.size()) == 0;
#endif
}
