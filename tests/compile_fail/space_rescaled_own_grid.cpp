// EXPECT: the grid does not say how it is moved to another box
#include <fredholm/fredholm.hpp>

#include <vector>

using namespace fredholm;

struct Pair {
  static constexpr Index dimension = 1;
  Index size() const { return 2; }
  Box<1> box() const { return {}; }
  std::vector<double> points() const { return {0.0, 1.0}; }
#ifdef FREDHOLM_CONTROL
  Pair rescaled(const Box<1>&) const { return {}; }
#endif
  bool operator==(const Pair&) const = default;
};

int main() {
  return static_cast<int>(rescaled(Discretization<Pair, Trapezoid>(Pair{}), Box<1>{{0.0, 2.0}}).size());
}
