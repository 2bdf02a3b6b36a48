// EXPECT: the first argument is not a discretization
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

#ifndef FREDHOLM_CONTROL
using Line = UniformGrid<>;
#else
using Line = Discretization<UniformGrid<>, Trapezoid>;
#endif

int main() { return static_cast<int>(sizeof(Field<Line>)); }
