// EXPECT: A PointCloud has at least one coordinate
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

using namespace fredholm;

int main() {
#ifndef FREDHOLM_CONTROL
  PointCloud<0>* cloud = nullptr;
  return cloud->size() == 0;
#else
  PointCloud<1>* cloud = nullptr;
  return cloud != nullptr && cloud->size() == 0;
#endif
}
