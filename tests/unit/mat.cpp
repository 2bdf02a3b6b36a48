#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <fredholm/mat.hpp>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;
using support::bytes_of;
using support::contains;
using support::error_of;
using support::Folder;
using support::known_integers;
using support::known_values;
using support::message_of;
using support::random_bits;
using support::reference;
using support::same_bits;
using support::write_bytes;

TEST_CASE_TEMPLATE("arrays come back bit for bit", T, float, double) {
  const Folder folder;
  for (const MatVersion version : {MatVersion::v5, MatVersion::v73}) {
    for (const bool compressed : {false, true}) {
      NamedArrays arrays;
      std::vector<Array<T>> expected;
      for (const Shape& shape : {Shape{3, 4}, Shape{1, 5}, Shape{2, 3, 4, 5}, Shape{40, 1}, Shape{1, 1, 3}}) {
        expected.push_back(random_bits<T>(shape, static_cast<unsigned>(expected.size())));
        arrays.emplace_back("x" + std::to_string(expected.size()), expected.back());
      }
      save_mat(folder / "x.mat", arrays, {.version = version, .compressed = compressed});
      CHECK(mat_names(folder / "x.mat") == std::vector<std::string>{"x1", "x2", "x3", "x4", "x5"});
      for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(same_bits(load_mat<T>(folder / "x.mat", arrays[i].first), expected[i]));
      }
    }
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("numbers and lists are written with two axes, and empty arrays are empty") {
  const Folder folder;
  for (const MatVersion version : {MatVersion::v5, MatVersion::v73}) {
    save_mat(folder / "x.mat",
             {{"number", Array<double>(Shape{}, {2.5})},
              {"list", known_values<float>({6})},
              {"empty", Array<double>(Shape{0, 3})}},
             {.version = version});
    CHECK(same_bits(load_mat<double>(folder / "x.mat", "number"), Array<double>(Shape{1, 1}, {2.5})));
    CHECK(same_bits(load_mat<float>(folder / "x.mat", "list"), known_values<float>({6, 1})));
    CHECK(load_mat<double>(folder / "x.mat", "empty").shape() == Shape{0, 3});
  }
}

TEST_CASE_TEMPLATE("files that SciPy wrote, and h5py in MATLAB's manner", T, float, double) {
  for (const char* name : {"v5.mat", "v5_compressed.mat", "v73.mat"}) {
    CHECK(same_bits(load_mat<T>(reference(name), "a"), known_values<T>({3, 4})));
    CHECK(same_bits(load_mat<T>(reference(name), "single"), known_values<T>({2, 3, 5})));
  }
  CHECK(same_bits(load_mat<T>(reference("v5.mat"), "n"), known_integers<T>({1, 7})));
  CHECK(same_bits(load_mat<T>(reference("v5_compressed.mat"), "n"), known_integers<T>({1, 7})));
  CHECK(mat_names(reference("v5.mat")) == std::vector<std::string>{"a", "single", "n"});
}

TEST_CASE("what is no array of numbers, or cannot be held, is refused") {
  const Folder folder;
  CHECK(contains(error_of([] { load_mat<double>(reference("v5_other.mat"), "complex"); }), "save real(x)"));
  CHECK(
      contains(error_of([] { load_mat<double>(reference("v5_other.mat"), "text"); }), "no array of numbers"));
  CHECK(
      contains(error_of([] { load_mat<double>(reference("v5_other.mat"), "cell"); }), "no array of numbers"));
  save_mat(folder / "x.mat", {{"large", Array<double>(Shape{2}, {1.0, 1e300})}});
  CHECK(load_mat<double>(folder / "x.mat", "large")(1, 0) == 1e300);
  CHECK(contains(error_of([&] { load_mat<float>(folder / "x.mat", "large"); }), "load it as double"));
}

TEST_CASE("a file that is cut off gives the whole arrays or nothing, at every length") {
  const Folder folder;
  for (const char* name : {"v5.mat", "v5_compressed.mat", "v73.mat"}) {
    int read = 0;
    support::for_each_cut(folder / "x.mat", bytes_of(reference(name)), [&](std::size_t) {
      try {
        const auto whole = load_mat<double>(folder / "x.mat", "a");
        CHECK(same_bits(whole, known_values<double>({3, 4})));
        ++read;
      } catch (const std::exception&) {
      }
      CHECK_THROWS(load_mat<double>(folder / "x.mat", std::string(name) == "v73.mat" ? "single" : "n"));
    });
    CHECK(read <= 2);  // cut off between two arrays
  }
}

TEST_CASE("a changed byte is read or refused") {
  const Folder folder;
  for (const char* name : {"v5.mat", "v5_compressed.mat"}) {
    const std::string whole = bytes_of(reference(name));
    for (std::size_t place = 120; place < whole.size(); place += 3) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(bytes[place] ^ 0x55);
      write_bytes(folder / "x.mat", bytes);
      try {
        load_mat<double>(folder / "x.mat", "a");
      } catch (const std::exception&) {
      }
    }
  }
}

TEST_CASE("a shape that the file cannot hold is refused before memory is taken") {
  const Folder folder;
  std::string bytes = bytes_of(reference("v5.mat"));
  bytes[160 + 3] = '\x40';  // the number of rows: 3 becomes 2^30 + 3
  write_bytes(folder / "x.mat", bytes);
  CHECK(contains(error_of([&] { load_mat<double>(folder / "x.mat", "a"); }), "4294967308 values"));
}

TEST_CASE("requests that cannot be met") {
  const Folder folder;
  const auto a = random_bits<float>({2, 2});
  CHECK(message_of([] {
          load_mat<float>(reference("v5.mat"), "u");
        }).ends_with("has no array `u`. It has: `a`, `single`, `n`."));
  CHECK_THROWS_AS(save_mat(folder / "x.mat", {}), std::invalid_argument);
  CHECK_THROWS_AS(save_mat(folder / "x.mat", {{"a", a}, {"a", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_mat(folder / "x.mat", {{"1a", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_mat(folder / "x.mat", {{"a/b", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_mat(folder / "no" / "x.mat", {{"a", a}}), std::runtime_error);
  CHECK(contains(error_of([&] { load_mat<float>(folder / "none.mat", "a"); }), "none.mat"));
  write_bytes(folder / "picture.png", "\x89PNG" + std::string(300, 'x'));
  CHECK(contains(error_of([&] { load_mat<float>(folder / "picture.png", "a"); }), "picture.png"));
  CHECK_THROWS_AS(load_mat<float>(folder / "picture.png", "a"), std::runtime_error);
  CHECK(folder.files() == 1);
}

TEST_CASE("a disk that is full leaves the old file as it was") {
  const Folder folder;
  save_mat(folder / "x.mat", {{"a", random_bits<float>({2})}});
  const std::string before = bytes_of(folder / "x.mat");
  const auto large = random_bits<double>({100000});
  for (const MatVersion version : {MatVersion::v5, MatVersion::v73}) {
    const support::FileSizeLimit limit(20000);
    CHECK(contains(error_of([&] { save_mat(folder / "x.mat", {{"a", large}}, {.version = version}); }),
                   "cannot write"));
  }
  CHECK(bytes_of(folder / "x.mat") == before);
  CHECK(folder.files() == 1);
}
