// What the laws compare by: the largest difference of two arrays, as it is and relative. A NaN stays.
#pragma once

#include <cmath>

#include <fredholm/autodiff/tape.hpp>
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
          "; both answers have the same.");
  double result = 0.0;
  for (Index i = 0; i < a.size(); ++i) keep_largest(result, std::abs(a.data()[i] - b.data()[i]));
  return result;
}

/// max |a - b| / max |b|; NaN where b is 0 and a is, too.
inline double relative_gap(const Array<double>& a, const Array<double>& b) {
  return largest_gap(a, b) / largest_value(b);
}

}  // namespace fredholm::laws::detail
