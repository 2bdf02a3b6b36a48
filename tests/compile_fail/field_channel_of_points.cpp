// EXPECT: channel(points, i): points have no channels
#include <fredholm/space.hpp>
using namespace fredholm;
int main() {
  const Discretization<UniformGrid<>, Simpson> points({0.0, 1.0, 5});
#ifdef FREDHOLM_CONTROL
  const auto x = channel(coordinates(points), 0);
  return norm<L2>(x) > 0 ? 0 : 1;
#else
  channel(points, 0);
  return 0;
#endif
}
