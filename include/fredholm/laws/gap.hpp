// What the laws compare by: the largest difference of two arrays, as it is and relative. A NaN stays.
#pragma once

#include <cmath>
#include <limits>

#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/laws/report.hpp>

namespace fredholm::laws::detail {

/// max |a|
inline double largest_value(const Array<double>& a) {
  double result = 0.0;
  for (Index i = 0; i < a.size(); ++i) keep_largest(result, std::abs(a.data()[i]));
  return result;
}

/// max |a - b|
inline double largest_gap(const Array<double>& a, const Array<double>& b) {
  require(a.shape() == b.shape(), "a law compares values of shapes ", a.shape(), " and ", b.shape(),
          ". Let the operator give values of one shape, whatever it is given.");
  double result = 0.0;
  for (Index i = 0; i < a.size(); ++i) keep_largest(result, std::abs(a.data()[i] - b.data()[i]));
  return result;
}

/// max |a - b| / max |b|; infinite where the shapes differ, NaN where both are 0.
inline double relative_gap(const Array<double>& a, const Array<double>& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  return largest_gap(a, b) / largest_value(b);
}

}  // namespace fredholm::laws::detail
