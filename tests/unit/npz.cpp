#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <fredholm/npz.hpp>

#include "../support/files.hpp"
#include "../support/messages.hpp"

using namespace fredholm;
using support::bytes_of;
using support::contains;
using support::error_of;
using support::Folder;
using support::known_integers;
using support::known_values;
using support::random_bits;
using support::reference;
using support::same_bits;
using support::write_bytes;

namespace {

void read_all(const std::filesystem::path& path) {
  NpzFile file = load_npz(path);
  for (const std::string& name : file.names()) file.get<double>(name);
}

void put(std::string& bytes, std::size_t place, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[place + i] = static_cast<char>(value >> (8 * i));
}

}  // namespace

TEST_CASE("arrays under names come back bit for bit, stored and deflated") {
  const Folder folder;
  for (const bool compressed : {false, true}) {
    const auto a = random_bits<float>({3, 4, 5});
    const auto b = random_bits<double>({300, 70}, 2);
    const auto zeros = Array<double>::zeros({1000, 50});
    const Array<float> empty(Shape{0, 3});
    save_npz(folder / "x.npz", {{"a", a}, {"deep/b", b}, {"zeros", zeros}, {"empty", empty}, {"ü", a}},
             {.compressed = compressed});
    NpzFile file = load_npz(folder / "x.npz");
    CHECK(file.names() == std::vector<std::string>{"a", "deep/b", "zeros", "empty", "ü"});
    CHECK(file.contains("a"));
    CHECK(!file.contains("a.npy"));
    CHECK(same_bits(file.get<float>("a"), a));
    CHECK(same_bits(file.get<double>("deep/b"), b));
    CHECK(same_bits(file.get<double>("zeros"), zeros));
    CHECK(same_bits(file.get<float>("empty"), empty));
    CHECK(same_bits(file.get<float>("ü"), a));
    CHECK(same_bits(file.get<float>("a"), a));  // a second time
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("the same arrays give the same bytes") {
  const Folder folder;
  const auto a = random_bits<float>({3, 4});
  save_npz(folder / "x.npz", {{"a", a}});
  save_npz(folder / "y.npz", {{"a", a}});
  CHECK(bytes_of(folder / "x.npz") == bytes_of(folder / "y.npz"));
}

TEST_CASE("files that NumPy wrote") {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    NpzFile file = load_npz(reference(name));
    CHECK(file.names() == std::vector<std::string>{"a", "b", "n"});
    CHECK(same_bits(file.get<float>("a"), known_values<float>({3, 4})));
    CHECK(same_bits(file.get<double>("b"), known_values<double>({2, 3, 5})));
    CHECK(same_bits(file.get<float>("n"), known_integers<float>({7})));
  }
}

TEST_CASE("a file that is cut off is refused at every length") {
  const Folder folder;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    support::for_each_cut(folder / "x.npz", bytes_of(reference(name)), [&](std::size_t) {
      CHECK_THROWS_AS(read_all(folder / "x.npz"), std::runtime_error);
    });
  }
}

TEST_CASE("a changed byte is read or refused, and a changed value never passes the checksum") {
  const Folder folder;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string whole = bytes_of(reference(name));
    for (std::size_t place = 0; place < whole.size(); place += 3) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(bytes[place] ^ 0x55);
      write_bytes(folder / "x.npz", bytes);
      try {
        NpzFile file = load_npz(folder / "x.npz");
        for (const std::string& each : file.names()) {
          const auto values = file.get<double>(each);
          CHECK((same_bits(values, known_values<double>({3, 4})) ||
                 same_bits(values, known_values<double>({2, 3, 5})) ||
                 same_bits(values, known_integers<double>({7}))));
        }
      } catch (const std::runtime_error&) {
      }
    }
  }
}

TEST_CASE("sizes that the compressed bytes cannot carry are refused before memory is taken") {
  const Folder folder;
  save_npz(folder / "x.npz", {{"a", random_bits<double>({100})}}, {.compressed = true});
  std::string bytes = bytes_of(folder / "x.npz");
  const std::size_t directory = bytes.rfind("PK\x01\x02");
  REQUIRE(directory != std::string::npos);
  put(bytes, 22, 0xf0000000U);              // uncompressed, in front of the member
  put(bytes, directory + 24, 0xf0000000U);  // and in the directory
  write_bytes(folder / "x.npz", bytes);
  const std::string error = error_of([&] { read_all(folder / "x.npz"); });
  CHECK(contains(error, "x.npz (array `a`)"));
  CHECK(contains(error, "4026531840"));
}

TEST_CASE("requests that cannot be met") {
  const Folder folder;
  const auto a = random_bits<float>({2});
  NpzFile file = load_npz(reference("stored.npz"));
  CHECK(support::message_of([&] {
          file.get<float>("u");
        }).ends_with("has no array `u`. It has: `a`, `b`, `n`."));
  CHECK_THROWS_AS(save_npz(folder / "x.npz", {}), std::invalid_argument);
  CHECK_THROWS_AS(save_npz(folder / "x.npz", {{"a", a}, {"a", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_npz(folder / "x.npz", {{"", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_npz(folder / "no" / "x.npz", {{"a", a}}), std::runtime_error);
  CHECK(contains(error_of([&] { load_npz(folder / "none.npz"); }), "none.npz"));
  write_bytes(folder / "picture.png", "\x89PNG and no zip archive at all");
  CHECK(contains(error_of([&] { load_npz(folder / "picture.png"); }), "picture.png"));
  CHECK_THROWS_AS(load_npz(folder / "picture.png"), std::runtime_error);
  CHECK(folder.files() == 1);
}

TEST_CASE("a write that fails leaves the old file as it was") {
  const Folder folder;
  save_npz(folder / "x.npz", {{"a", random_bits<float>({2})}});
  const std::string before = bytes_of(folder / "x.npz");
  const auto large = random_bits<double>({10000});
  {
    const support::FileSizeLimit limit(20000);
    CHECK(contains(error_of([&] { save_npz(folder / "x.npz", {{"a", large}}); }), "cannot write"));
  }
  CHECK(bytes_of(folder / "x.npz") == before);
  CHECK(folder.files() == 1);
  CHECK_THROWS_AS(save_npz(folder / "x.npz", {{std::string(70000, 'n'), large}}), std::invalid_argument);
  CHECK_THROWS_AS(save_npz(folder / "x.npz", {{std::string("a\0b", 3), large}}), std::invalid_argument);
}
