// What the problems share: prescribed values as residuals.
//
//   zero                 (net, points) -> u              homogeneous conditions on a part of the boundary
//   Prescribed{f}        (net, points) -> u - f          f of the coordinates, one number or std::array a
//                                                        channel
//   Matching{solution}   (net, points) -> u - solution   a solution written for fields and jets
#pragma once

#include <type_traits>
#include <utility>

#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/sample.hpp>

namespace fredholm::problems {

namespace detail {

/// f on the points, in the precision of the field.
template <class Like, class Function, class Points>
auto sample_like(const Like&, const Function& f, const Points& points) {
  return sample<typename Like::scalar_type>(f, points);
}

}  // namespace detail

struct Zero {
  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    return values(net, points);
  }
};
inline constexpr Zero zero{};

template <class Function>
struct Prescribed {
  Function function;

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    const auto u = values(net, points);
    return u - detail::sample_like(u, function, points);
  }
};
template <class Function>
Prescribed(Function) -> Prescribed<Function>;

template <class Solution>
struct Matching {
  Solution solution;

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    return values(net, points) - values(solution, points);
  }
};
template <class Solution>
Matching(Solution) -> Matching<Solution>;

}  // namespace fredholm::problems
