// EXPECT: cast: this member has another type in the other precision
#include <map>

#include <fredholm/core/cast.hpp>

using namespace fredholm;

template <class Scalar>
struct Model {
  Parameter<Scalar> weight{Shape{3}};
#ifndef FREDHOLM_CONTROL
  std::map<int, Scalar> table{};
#else
  std::vector<Scalar> table{};
#endif
};

int main() { return static_cast<int>(cast<float>(Model<double>()).table.size()); }
