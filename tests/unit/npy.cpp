#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include <fredholm/data/npy.hpp>

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

/// A file of version 1.0 with a header of our own.
std::string with_header(std::string header, const std::string& data = {}) {
  header += '\n';
  const auto length = static_cast<unsigned>(header.size());
  const std::string begin = {'\x01', '\0', static_cast<char>(length % 256), static_cast<char>(length / 256)};
  return "\x93NUMPY" + begin + header + data;
}

std::string error_of_bytes(const std::string& bytes) {
  const Folder folder;
  write_bytes(folder / "x.npy", bytes);
  CHECK_THROWS_AS(load_npy<double>(folder / "x.npy"), std::runtime_error);
  return error_of([&] { load_npy<double>(folder / "x.npy"); });
}

}  // namespace

TEST_CASE_TEMPLATE("an array of NumPy comes back bit for bit", T, float, double) {
  const Folder folder;
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{5}, Shape{0}, Shape{3, 0, 2}, Shape{3, 4},
                             Shape{2, 3, 4, 5}, Shape{1, 2, 1, 2, 1, 2, 1, 3}}) {
    const auto array = random_bits<T>(shape);
    save_npy(folder / "x.npy", array);
    CHECK(same_bits(load_npy<T>(folder / "x.npy"), array));
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("the same bytes as NumPy") {
  const Folder folder;
  save_npy(folder / "x.npy", known_values<float>({3, 4}));
  CHECK(bytes_of(folder / "x.npy") == bytes_of(reference("float32.npy")));
  save_npy(folder / "x.npy", known_values<double>({2, 3, 5}));
  CHECK(bytes_of(folder / "x.npy") == bytes_of(reference("float64.npy")));
  save_npy(folder / "x.npy", known_values<double>({0, 3}));
  CHECK(bytes_of(folder / "x.npy") == bytes_of(reference("empty.npy")));
}

TEST_CASE_TEMPLATE("arrays that NumPy wrote", T, float, double) {
  CHECK(same_bits(load_npy<T>(reference("float32.npy")), known_values<T>({3, 4})));
  CHECK(same_bits(load_npy<T>(reference("float64.npy")), known_values<T>({2, 3, 5})));
  CHECK(same_bits(load_npy<T>(reference("fortran.npy")), known_values<T>({2, 3, 5})));
  CHECK(same_bits(load_npy<T>(reference("big_float32.npy")), known_values<T>({3, 4})));
  CHECK(same_bits(load_npy<T>(reference("big_fortran.npy")), known_values<T>({4, 3})));
  CHECK(same_bits(load_npy<T>(reference("version2.npy")), known_values<T>({3, 4})));
  CHECK(same_bits(load_npy<T>(reference("version3.npy")), known_values<T>({3, 4})));
  CHECK(same_bits(load_npy<T>(reference("int32.npy")), known_integers<T>({7})));
  CHECK(same_bits(load_npy<T>(reference("int64.npy")), known_integers<T>({7, 1})));
  CHECK(same_bits(load_npy<T>(reference("big_int16.npy")), known_integers<T>({7})));
  CHECK(same_bits(load_npy<T>(reference("uint8.npy")), known_integers<T>({2, 4}, 0)));
  CHECK(same_bits(load_npy<T>(reference("number.npy")), Array<T>(Shape{}, {T(0.25)})));
  CHECK(load_npy<T>(reference("empty.npy")).shape() == Shape{0, 3});
  const auto positive = load_npy<T>(reference("bool.npy"));
  for (Index k = 0; k < 8; ++k) CHECK(positive.data()[k] == (k * k > 24 ? T{1} : T{0}));
}

TEST_CASE("column-major and back, for many shapes") {
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{0, 2}, Shape{3, 40}, Shape{33, 2, 17},
                             Shape{2, 3, 4, 5}, Shape{1, 5, 1, 3}, Shape{2, 2, 3, 2, 2}}) {
    const auto array = random_bits<double>(shape);
    const auto column_major = to_column_major(array);
    CHECK(same_bits(from_column_major(column_major), array));
    if (shape.size() == 4) {  // by the definition
      Index place = 0;
      for (Index d = 0; d < shape[3]; ++d)
        for (Index c = 0; c < shape[2]; ++c)
          for (Index b = 0; b < shape[1]; ++b)
            for (Index a = 0; a < shape[0]; ++a) {
              const Index row = ((a * shape[1] + b) * shape[2] + c) * shape[3] + d;
              CHECK(std::memcmp(column_major.data() + place++, array.data() + row, sizeof(double)) == 0);
            }
    }
  }
}

TEST_CASE("what cannot be loaded without loss is refused") {
  CHECK(load_npy<double>(reference("large_float64.npy"))(1) == 1e300);
  CHECK(contains(error_of([] { load_npy<float>(reference("large_float64.npy")); }), "load it as double"));
  CHECK(contains(error_of([] { load_npy<double>(reference("large_int64.npy")); }), "9007199254740993"));
  CHECK(contains(error_of([] { load_npy<double>(reference("complex.npy")); }), "array.real"));
  CHECK(contains(error_of([] { load_npy<double>(reference("half.npy")); }), "<f2"));
  CHECK(contains(error_of([] { load_npy<double>(reference("object.npy")); }), "Python objects"));
  CHECK(contains(error_of([] { load_npy<double>(reference("structured.npy")); }), "structured"));
  CHECK(contains(error_of([] { load_npy<double>(reference("object.npy")); }), "object.npy"));
}

TEST_CASE("a file that is cut off is refused at every length") {
  const Folder folder;
  for (const char* name : {"float32.npy", "fortran.npy", "version2.npy", "int64.npy", "uint8.npy"}) {
    const std::string whole = bytes_of(reference(name));
    support::for_each_cut(folder / "x.npy", whole, [&](std::size_t) {
      CHECK_THROWS_AS(load_npy<double>(folder / "x.npy"), std::runtime_error);
    });
    write_bytes(folder / "x.npy", whole + "x");
    CHECK_THROWS_AS(load_npy<double>(folder / "x.npy"), std::runtime_error);
  }
}

TEST_CASE("a file with a changed byte is read or refused, and nothing else") {
  const Folder folder;
  const std::string whole = bytes_of(reference("float32.npy"));
  for (std::size_t place = 0; place < 128; ++place) {
    for (const char byte : {'9', '\'', '\xff'}) {
      std::string bytes = whole;
      bytes[place] = byte;
      write_bytes(folder / "x.npy", bytes);
      try {
        load_npy<double>(folder / "x.npy");
      } catch (const std::runtime_error&) {
      }
    }
  }
}

TEST_CASE("headers that lie") {
  const auto shaped = [](const std::string& shape) {
    return with_header("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + "}",
                       std::string(8, '\0'));
  };
  CHECK(contains(error_of_bytes(shaped("(1000000000000,)")), "8 bytes of values are there"));
  CHECK(contains(error_of_bytes(shaped("(4294967296, 4294967296, 1)")), "8 bytes"));
  CHECK(contains(error_of_bytes(shaped("(4294967296, 4294967296, 0)")), "8 bytes"));
  CHECK(contains(error_of_bytes(shaped("(99999999999999999999,)")), "too long"));
  CHECK(contains(error_of_bytes(shaped("(-1,)")), "tuple of lengths"));
  CHECK(contains(error_of_bytes(shaped("(1,1,1,1,1,1,1,1,1)")), "more than 8 axes"));
  CHECK(contains(error_of_bytes(shaped("(1,), 'shape': (1,)")), "twice"));
  CHECK(contains(error_of_bytes(shaped("(1,), 'more': 1")), "`more`"));
  CHECK(contains(error_of_bytes(with_header("{'descr': '<f8'}")), "needs descr"));
  CHECK(contains(error_of_bytes(with_header("__import__('os')")), "lacks a `{`"));
  CHECK(contains(error_of_bytes("\x93NUMPY\x04" + std::string(100, '\0')), "version is 4.0"));
  CHECK(contains(error_of_bytes(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)), "4294967295"));
}

TEST_CASE("a foreign file, a missing one and a folder are refused by name") {
  const Folder folder;
  write_bytes(folder / "picture.png", "\x89PNG and more than enough to be a header");
  CHECK(contains(error_of([&] { load_npy<double>(folder / "picture.png"); }), "picture.png"));
  CHECK(contains(error_of([&] { load_npy<double>(folder / "picture.png"); }), "does not begin with"));
  CHECK(contains(error_of([&] { load_npy<double>(folder / "none.npy"); }), "none.npy"));
  CHECK_THROWS_AS(load_npy<double>(folder / ""), std::runtime_error);
  CHECK_THROWS_AS(save_npy(folder / "no" / "folder.npy", known_values<float>({2})), std::runtime_error);
}
