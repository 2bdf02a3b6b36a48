// Sample a function, integrate it by two rules, print.
#include <fredholm/space.hpp>

#include <cmath>
#include <iostream>

using namespace fredholm;

int main() {
  const auto f = [](double x) { return std::exp(x) * std::sin(5 * x); };
  const Discretization<UniformGrid<>, Trapezoid> a({0.0, 1.0, 65});
  const Discretization<UniformGrid<>, Simpson> b({0.0, 1.0, 65});
  std::cout << integrate(sample(f, a)) << ' ' << integrate(sample(f, b)) << '\n';
}
