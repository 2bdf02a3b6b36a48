// The length of the period along each coordinate, 0 where there is none.
#pragma once

#include <array>
#include <cstddef>

#include <fredholm/concepts.hpp>
#include <fredholm/space/grid_traits.hpp>

namespace fredholm::detail {

template <AnyDiscretization Discretization>
auto periods_of(const Discretization& d) {
  constexpr auto periodic = periodic_coordinates<typename Discretization::grid_type>();
  std::array<double, periodic.size()> periods{};
  const auto box = d.box();
  for (std::size_t i = 0; i < periods.size(); ++i)
    if (periodic[i]) periods[i] = box[static_cast<Index>(i)].length();
  return periods;
}

}  // namespace fredholm::detail
