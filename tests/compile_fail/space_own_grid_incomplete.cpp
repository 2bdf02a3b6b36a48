// EXPECT: your own grid needs dimension, size(), box(), points() and ==
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

namespace outside {

struct Grid {
  static constexpr Index dimension = 1;
  Index size() const { return 2; }
  Box<1> box() const { return Interval{0.0, 1.0}; }
#ifdef FREDHOLM_CONTROL
  std::vector<double> points() const { return {0.0, 1.0}; }
#endif
  friend bool operator==(const Grid&, const Grid&) = default;
};

}  // namespace outside

int main() {
  const Discretization<outside::Grid, Trapezoid> d(outside::Grid{});
  return d.size() == 0;
}
