// All derivatives of a network side by side, for the law of gradients.
#pragma once

#include <fredholm/autodiff/taylor.hpp>
#include <fredholm/core/random.hpp>

#include <cstddef>

namespace support {

using namespace fredholm;

/// All derivatives of a network side by side.
template <class Net, class... Tags>
struct Wall {
  Net net;
  auto operator()(const Array<double>& x) const {
    using Set = jet_set<2, Tags...>;
    const auto u = net(coordinate_jets<Set>(x));
    Array<double> all = u.full(0);
    for (std::size_t c = 1; c < Set::size; ++c) all = concatenate(all, u.full(c));
    return all;
  }
};

inline Array<double> some_points() {
  Engine engine(6);
  return normal_array<double>({1, 11, 2}, 0.7, engine);
}

}  // namespace support
