// EXPECT: a cloud of points has none. Discretize the face
#include <fredholm/space/points.hpp>
using namespace fredholm;
int main() {
  const Box<2> box{{0.0, 1.0}, {0.0, 1.0}};
  const auto inside = sobol_points(box, 8);
#ifdef FREDHOLM_CONTROL
  const auto left = face(inside.box(), 0, Side::lower, sobol_points(Box<1>{{0.0, 1.0}}, 8));
#else
  const auto left = face(inside, 0, Side::lower);
#endif
  return left.size() > 0 ? 0 : 1;
}
