#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/hdf5.hpp>
#include <fredholm/space.hpp>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;
using support::contains;
using support::error_of;
using support::Folder;
using support::message_of;
using support::random_bits;
using support::same_bits;

namespace {

/// Centres of n cells of [0, 1], in float as PDEBench stores them.
Array<float> centres(Index n) {
  Array<float> x(Shape{n});
  for (Index i = 0; i < n; ++i) {
    x.mutable_data()[i] = (static_cast<float>(i) + 0.5F) / static_cast<float>(n);
  }
  return x;
}

Array<float> steps(Index n, float step) {
  Array<float> t(Shape{n});
  for (Index i = 0; i < n; ++i) t.mutable_data()[i] = step * static_cast<float>(i);
  return t;
}

}  // namespace

TEST_CASE("one equation in one dimension: tensor (sample, time, x), and a time too many") {
  const Folder folder;
  const auto u = random_bits<float>({5, 4, 16});
  save_hdf5(folder / "burgers.hdf5",
            {{"tensor", u}, {"x-coordinate", centres(16)}, {"t-coordinate", steps(5, 0.25F)}});
  const PdebenchFile file(folder / "burgers.hdf5");
  CHECK(file.shape() == Shape{5, 4, 16, 1});
  CHECK(file.size() == 5);
  CHECK(file.dimension() == 1);
  CHECK(file.times() == std::vector<double>{0.0, 0.25, 0.5, 0.75});
  CHECK(file.coordinates(0).front() == 0.5 / 16);
  CHECK(!file.has_coefficient());
  CHECK(same_bits(file.rows<float>(0, 5), u.reshaped({5, 4, 16, 1})));
  CHECK(same_bits(file.rows<float>(1, 3),
                  load_hdf5<float>(folder / "burgers.hdf5", "tensor", 1, 3).reshaped({2, 4, 16, 1})));
  CHECK(contains(message_of([&] { file.rows<float>(0, 6); }), "has 5 samples"));
  CHECK(contains(message_of([&] { file.coordinates(1); }), "has 1 axes of space"));
  CHECK(contains(message_of([&] { file.coefficient<float>(0, 1); }), "no coefficient"));

  // A field on the points of the file.
  const auto grid = grid_from<MidpointGrid<>>(file.coordinates(0));
  CHECK(grid == MidpointGrid<>(0.0, 1.0, 16));
  const Discretization<MidpointGrid<>, Midpoint> points(grid);
  const Field<Discretization<MidpointGrid<>, Midpoint>, float> field(points,
                                                                     at_time(file.rows<float>(0, 5), 2));
  CHECK(field.batch() == 5);
  CHECK(field.channels() == 1);
  for (Index i = 0; i < 5; ++i) {
    CHECK(std::memcmp(field.values().data() + 16 * i, u.data() + (4 * i + 2) * 16, 16 * sizeof(float)) == 0);
  }
  CHECK(contains(message_of([&] { at_time(file.rows<float>(0, 5), 4); }), "time 4"));
}

TEST_CASE("Darcy: tensor (sample, 1, x, y) and nu (sample, x, y)") {
  const Folder folder;
  const auto u = random_bits<float>({3, 1, 4, 6});
  const auto nu = random_bits<float>({3, 4, 6}, 2);
  save_hdf5(folder / "darcy.hdf5",
            {{"tensor", u}, {"nu", nu}, {"x-coordinate", centres(4)}, {"y-coordinate", centres(6)}});
  const PdebenchFile file(folder / "darcy.hdf5");
  CHECK(file.shape() == Shape{3, 1, 4, 6, 1});
  CHECK(file.times().empty());
  CHECK(file.dimension() == 2);
  CHECK(file.coordinates(1).size() == 6);
  CHECK(file.has_coefficient());
  CHECK(same_bits(file.coefficient<float>(0, 3), nu.reshaped({3, 4, 6, 1})));
  CHECK(same_bits(file.coefficient<float>(2, 3),
                  load_hdf5<float>(folder / "darcy.hdf5", "nu", 2, 3).reshaped({1, 4, 6, 1})));
  CHECK(same_bits(at_time(file.rows<float>(0, 3), 0), u.reshaped({3, 4, 6, 1})));
}

TEST_CASE("compressible flow: a dataset a channel") {
  const Folder folder;
  const auto density = random_bits<float>({2, 3, 4, 5}, 1);
  const auto pressure = random_bits<float>({2, 3, 4, 5}, 2);
  const auto vx = random_bits<float>({2, 3, 4, 5}, 3);
  const auto vy = random_bits<float>({2, 3, 4, 5}, 4);
  save_hdf5(folder / "cfd.hdf5", {{"Vx", vx},
                                  {"Vy", vy},
                                  {"density", density},
                                  {"pressure", pressure},
                                  {"x-coordinate", centres(4)},
                                  {"y-coordinate", centres(5)},
                                  {"t-coordinate", steps(4, 0.05F)}});
  const PdebenchFile file(folder / "cfd.hdf5");
  CHECK(file.shape() == Shape{2, 3, 4, 5, 4});
  const auto u = file.rows<float>(1, 2);
  CHECK(u.shape() == Shape{1, 3, 4, 5, 4});
  for (Index i = 0; i < 60; ++i) {
    for (const auto& [channel, values] :
         std::vector<std::pair<Index, Array<float>>>{{0, density}, {1, pressure}, {2, vx}, {3, vy}}) {
      CHECK(std::memcmp(u.data() + 4 * i + channel, values.data() + 60 + i, sizeof(float)) == 0);
    }
  }
}

TEST_CASE("a group a sample: 0000/data (time, x, y, channel)") {
  const Folder folder;
  NamedArrays arrays;
  for (unsigned i = 0; i < 3; ++i) {
    const std::string group = "000" + std::to_string(i) + "/";
    arrays.emplace_back(group + "data", random_bits<float>({2, 4, 5, 2}, i + 1));
    arrays.emplace_back(group + "grid/x", centres(4));
    arrays.emplace_back(group + "grid/y", centres(5));
    arrays.emplace_back(group + "grid/t", steps(2, 0.05F));
  }
  save_hdf5(folder / "reaction.h5", arrays);
  const PdebenchFile file(folder / "reaction.h5");
  CHECK(file.shape() == Shape{3, 2, 4, 5, 2});
  CHECK(file.times().size() == 2);
  const auto u = file.rows<float>(1, 3);
  CHECK(u.shape() == Shape{2, 2, 4, 5, 2});
  CHECK(std::memcmp(u.data(), random_bits<float>({2, 4, 5, 2}, 2).data(), 80 * sizeof(float)) == 0);
  CHECK(std::memcmp(u.data() + 80, random_bits<float>({2, 4, 5, 2}, 3).data(), 80 * sizeof(float)) == 0);

  arrays[4].second = random_bits<float>({1, 4, 5, 2});  // of 0001/data
  save_hdf5(folder / "uneven.h5", arrays);
  CHECK(contains(error_of([&] { PdebenchFile(folder / "uneven.h5").rows<float>(0, 3); }), "0001/data"));
}

TEST_CASE("files that only look like it are refused by name") {
  const Folder folder;
  const auto refused = [&](const NamedArrays& arrays, const std::string& reason) {
    save_hdf5(folder / "x.hdf5", arrays);
    CHECK_THROWS_AS(PdebenchFile(folder / "x.hdf5"), std::runtime_error);
    const std::string error = error_of([&] { PdebenchFile(folder / "x.hdf5"); });
    CHECK(contains(error, "x.hdf5"));
    CHECK(contains(error, reason));
  };
  const auto u = random_bits<float>({5, 4, 16});
  refused({{"velocity", u}}, "It has: `velocity`");
  refused({{"tensor", u}}, "no `x-coordinate`");
  refused({{"tensor", u}, {"x-coordinate", centres(15)}}, "15 coordinates");
  refused({{"tensor", u}, {"x-coordinate", centres(16)}, {"t-coordinate", steps(3, 1.0F)}}, "3 times");
  refused({{"tensor", u}, {"x-coordinate", centres(16)}, {"y-coordinate", centres(16)}}, "2 axes of space");
  refused({{"tensor", u.reshaped({1, 5, 4, 16})}, {"x-coordinate", centres(16)}}, "axis 0 of space");
  refused({{"density", u}, {"Vx", u.reshaped({4, 5, 16})}, {"x-coordinate", centres(16)}}, "`Vx`");
  refused({{"0000/data", u}}, "no `0000/grid/x`");
}

TEST_CASE("a grid from its points") {
  const std::vector<double> x{0.0, 0.25, 0.5, 0.75};
  CHECK(grid_from<UniformGrid<>>(x) == UniformGrid<>(0.0, 0.75, 4));
  CHECK(grid_from<PeriodicGrid<>>(x) == PeriodicGrid<>(0.0, 1.0, 4));
  CHECK(grid_from<MidpointGrid<>>(x) == MidpointGrid<>(-0.125, 0.875, 4));
  CHECK(contains(message_of([] { grid_from<UniformGrid<>>({0.0, 0.3, 0.5}); }), "coordinate 1 is 0.3"));
  CHECK(contains(message_of([] { grid_from<UniformGrid<>>({1.0, 0.5, 0.0}); }), "ascend"));
  CHECK(contains(message_of([] { grid_from<UniformGrid<>>({1.0}); }), "at least 2"));
}
