#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <fredholm/hdf5.hpp>

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

namespace {

void read_all(const std::filesystem::path& path) {
  const Hdf5File file(path);
  for (const std::string& name : file.names()) file.read<double>(name);
}

/// A file made by HDF5 itself: make(id of the file).
template <class Make>
void make_hdf5(const std::filesystem::path& path, Make make) {
  detail::Hdf5Output file(path);
  make(file.id());
  file.finish();
}

/// Rows of an array in memory.
template <class T>
Array<T> rows_of(const Array<T>& array, Index begin, Index end) {
  Shape shape = array.shape();
  shape[0] = end - begin;
  Array<T> result(shape);
  const Index length = array.size() / array.shape(0);
  std::copy_n(array.data() + begin * length, (end - begin) * length, result.mutable_data());
  return result;
}

}  // namespace

TEST_CASE_TEMPLATE("arrays come back bit for bit", T, float, double) {
  const Folder folder;
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{0}, Shape{3, 0, 2}, Shape{2, 3, 4, 5}}) {
    const auto array = random_bits<T>(shape);
    save_hdf5(folder / "x.h5", {{"a", array}});
    CHECK(same_bits(load_hdf5<T>(folder / "x.h5", "a"), array));
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("several arrays, in groups, float and double") {
  const Folder folder;
  const auto a = random_bits<float>({3, 4});
  const auto b = random_bits<double>({2}, 2);
  save_hdf5(folder / "x.h5", {{"u", a}, {"deep/er/b", b}, {"deep/a", a}});
  const Hdf5File file(folder / "x.h5");
  CHECK(file.names() == std::vector<std::string>{"deep/a", "deep/er/b", "u"});
  CHECK(file.shape("u") == Shape{3, 4});
  CHECK(same_bits(file.read<double>("deep/er/b"), b));
  CHECK(same_bits(file.read<float>("deep/a"), a));
  save_hdf5(folder / "y.h5", {{"u", a}, {"deep/er/b", b}, {"deep/a", a}});
  CHECK(bytes_of(folder / "x.h5") == bytes_of(folder / "y.h5"));
}

TEST_CASE("rows are a piece of the first axis") {
  const Folder folder;
  const auto array = random_bits<float>({7, 3, 2});
  save_hdf5(folder / "x.h5", {{"a", array}, {"number", Array<float>(Shape{}, {1.0F})}});
  const Hdf5Reader<float> reader(folder / "x.h5", "a");
  CHECK(reader.shape() == Shape{7, 3, 2});
  CHECK(reader.size() == 7);
  for (Index begin = 0; begin <= 7; ++begin) {
    for (Index end = begin; end <= 7; ++end) {
      CHECK(same_bits(reader.rows(begin, end), rows_of(array, begin, end)));
    }
  }
  CHECK(same_bits(load_hdf5<float>(folder / "x.h5", "a", 2, 5), rows_of(array, 2, 5)));
  CHECK(contains(message_of([&] { reader.rows(3, 8); }), "has 7 rows, and rows 3 to 8"));
  CHECK(contains(message_of([&] { reader.rows(3, 2); }), "0 <= begin <= end"));
  CHECK(contains(message_of([&] { Hdf5Reader<float>(folder / "x.h5", "number"); }), "no rows"));
}

TEST_CASE("a stream grows, and is one dataset in the end") {
  const Folder folder;
  const auto array = random_bits<double>({100, 3, 2});
  for (const Hdf5StreamOptions& options : {Hdf5StreamOptions{}, {.rows_per_chunk = 7}, {.deflate = 4}}) {
    {
      Hdf5Stream<double> out(folder / "x.h5", "group/u", {3, 2}, options);
      Index begin = 0;
      for (const Index count : {1, 0, 20, 79}) {
        out.append(rows_of(array, begin, begin + count));
        begin += count;
      }
      CHECK(out.size() == 100);
      CHECK(contains(message_of([&] { out.append(Array<double>::zeros({1, 2, 3})); }), "shape (1, 2, 3)"));
      out.finish();
      out.finish();
      CHECK(contains(message_of([&] { out.append(rows_of(array, 0, 1)); }), "finished"));
    }
    CHECK(std::filesystem::file_size(folder / "x.h5") < (options.rows_per_chunk > 0 ? 20000 : 1 << 21));
    CHECK(same_bits(load_hdf5<double>(folder / "x.h5", "group/u"), array));
    CHECK(same_bits(Hdf5Reader<double>(folder / "x.h5", "group/u").rows(17, 64), rows_of(array, 17, 64)));
  }
  {
    Hdf5Stream<float> of_numbers(folder / "y.h5", "t", {});
    of_numbers.append(Array<float>(Shape{2}, {1.0F, 2.0F}));
  }  // finishes by itself
  CHECK(load_hdf5<float>(folder / "y.h5", "t").shape() == Shape{2});
  {
    const Hdf5Stream<float> empty(folder / "z.h5", "t", {4});
  }
  CHECK(load_hdf5<float>(folder / "z.h5", "t").shape() == Shape{0, 4});
  CHECK(folder.files() == 3);
}

TEST_CASE("a stream that an exception ends leaves the old file") {
  const Folder folder;
  save_hdf5(folder / "x.h5", {{"u", random_bits<float>({3})}});
  const std::string before = bytes_of(folder / "x.h5");
  try {
    Hdf5Stream<float> out(folder / "x.h5", "u", {2});
    out.append(Array<float>::zeros({5, 2}));
    throw std::logic_error("the simulation diverges");
  } catch (const std::logic_error&) {
  }
  CHECK(bytes_of(folder / "x.h5") == before);
  CHECK(folder.files() == 1);
}

TEST_CASE("a file that h5py wrote") {
  const Hdf5File file(reference("h5py.h5"));
  CHECK(file.names() == std::vector<std::string>{"big", "group/float64", "int32"});
  CHECK(same_bits(file.read<double>("group/float64"), known_values<double>({4, 3})));
  CHECK(same_bits(file.read<float>("group/float64"), known_values<float>({4, 3})));
  CHECK(same_bits(file.read<float>("big"), known_values<float>({3, 4})));  // big-endian, in chunks, deflated
  CHECK(same_bits(file.read<double>("big"), known_values<double>({3, 4})));
  CHECK(same_bits(file.read<float>("int32"), known_integers<float>({7})));
  CHECK(same_bits(file.rows<float>("int32", 2, 4), rows_of(known_integers<float>({7}), 2, 4)));
}

TEST_CASE("what cannot be loaded without loss is refused") {
  const Folder folder;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  save_hdf5(folder / "x.h5", {{"large", Array<double>(Shape{3}, {1.0, 1e300, 2.0})},
                              {"infinite", Array<double>(Shape{3}, {infinity, -infinity, 0.1})}});
  CHECK(load_hdf5<double>(folder / "x.h5", "large")(1) == 1e300);
  CHECK(contains(error_of([&] { load_hdf5<float>(folder / "x.h5", "large"); }), "load it as double"));
  const auto infinite = load_hdf5<float>(folder / "x.h5", "infinite");
  CHECK(infinite(0) == std::numeric_limits<float>::infinity());
  CHECK(infinite(1) == -std::numeric_limits<float>::infinity());
  CHECK(infinite(2) == 0.1F);
  // Integers and a compound, through HDF5 itself.
  make_hdf5(folder / "y.h5", [&](hid_t file) {
    const detail::Hdf5Handle space = detail::hdf5_space({2});
    const std::int64_t numbers[2] = {1, (std::int64_t{1} << 53) + 1};
    const detail::Hdf5Handle set(
        H5Dcreate2(file, "n", H5T_STD_I64LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    H5Dwrite(set.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    const detail::Hdf5Handle complex(H5Tcreate(H5T_COMPOUND, 16), H5Tclose);
    H5Tinsert(complex.id(), "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(complex.id(), "i", 8, H5T_NATIVE_DOUBLE);
    const detail::Hdf5Handle other(
        H5Dcreate2(file, "complex", complex.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    const detail::Hdf5Handle text(
        H5Dcreate2(file, "text", H5T_C_S1, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
  });
  CHECK(load_hdf5<double>(folder / "y.h5", "n", 0, 1)(0) == 1.0);
  CHECK(contains(error_of([&] { load_hdf5<double>(folder / "y.h5", "n"); }), "does not hold exactly"));
  CHECK(contains(error_of([&] { load_hdf5<double>(folder / "y.h5", "complex"); }), "array.real"));
  CHECK(
      contains(error_of([&] { load_hdf5<double>(folder / "y.h5", "text"); }), "neither floats nor integers"));
}

TEST_CASE("a shape that the file cannot hold is refused before memory is taken") {
  const Folder folder;
  for (const bool chunked : {false, true}) {
    make_hdf5(folder / "x.h5", [&](hid_t file) {
      const detail::Hdf5Handle space = detail::hdf5_space({1 << 20, 1 << 20});
      const detail::Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
      const hsize_t chunk[2] = {10, 10};
      if (chunked) H5Pset_chunk(creation.id(), 2, chunk);
      const detail::Hdf5Handle set =
          detail::create_hdf5_dataset<double>(file, "x.h5", "u", space.id(), creation.id());
    });
    const std::string error = error_of([&] { load_hdf5<double>(folder / "x.h5", "u"); });
    CHECK(contains(error, "x.h5 (dataset `u`)"));
    CHECK(contains(error, "needs 8796093022208 bytes"));
  }
}

TEST_CASE("values in other files are not followed") {
  const Folder folder;
  write_bytes(folder / "secret", std::string(800, 'x'));
  make_hdf5(folder / "x.h5", [&](hid_t file) {
    const detail::Hdf5Handle space = detail::hdf5_space({100});
    const detail::Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_external(creation.id(), (folder / "secret").c_str(), 0, 800);
    const detail::Hdf5Handle set =
        detail::create_hdf5_dataset<double>(file, "x.h5", "u", space.id(), creation.id());
  });
  CHECK(contains(error_of([&] { load_hdf5<double>(folder / "x.h5", "u"); }), "in another file"));
}

TEST_CASE("a file that is cut off is refused at every length") {
  const Folder folder;
  support::for_each_cut(folder / "x.h5", bytes_of(reference("h5py.h5")),
                        [&](std::size_t) { CHECK_THROWS_AS(read_all(folder / "x.h5"), std::runtime_error); });
  save_hdf5(folder / "y.h5", {{"a", known_values<float>({3, 4})}});
  support::for_each_cut(folder / "x.h5", bytes_of(folder / "y.h5"),
                        [&](std::size_t) { CHECK_THROWS_AS(read_all(folder / "x.h5"), std::runtime_error); });
}

TEST_CASE("requests that cannot be met") {
  const Folder folder;
  const auto a = random_bits<float>({2});
  save_hdf5(folder / "x.h5", {{"group/a", a}});
  CHECK(message_of([&] {
          load_hdf5<float>(folder / "x.h5", "u");
        }).ends_with("has no dataset `u`. It has: `group/a`."));
  CHECK(contains(message_of([&] { load_hdf5<float>(folder / "x.h5", "group"); }), "no dataset `group`"));
  CHECK(contains(message_of([&] { load_hdf5<float>(folder / "x.h5", ""); }), "no dataset ``"));
  CHECK_THROWS_AS(save_hdf5(folder / "y.h5", {}), std::invalid_argument);
  CHECK_THROWS_AS(save_hdf5(folder / "y.h5", {{"a", a}, {"a", a}}), std::invalid_argument);
  CHECK_THROWS_AS(save_hdf5(folder / "y.h5", {{"a", a}, {"a/b", a}}), std::runtime_error);
  CHECK_THROWS_AS(save_hdf5(folder / "no" / "y.h5", {{"a", a}}), std::runtime_error);
  CHECK_THROWS_AS(Hdf5Stream<float>(folder / "y.h5", "u", {0}), std::invalid_argument);
  CHECK_THROWS_AS(Hdf5Stream<float>(folder / "y.h5", "u", {1}, {.deflate = 10}), std::invalid_argument);
  CHECK(contains(error_of([&] { Hdf5File(folder / "none.h5"); }), "none.h5"));
  write_bytes(folder / "picture.png", "\x89PNG and not an HDF5 file at all");
  CHECK(contains(error_of([&] { Hdf5File(folder / "picture.png"); }), "picture.png"));
  CHECK_THROWS_AS(Hdf5File(folder / "picture.png"), std::runtime_error);
  CHECK(folder.files() == 2);
}

TEST_CASE("a disk that is full leaves the old file as it was") {
  const Folder folder;
  save_hdf5(folder / "x.h5", {{"a", random_bits<float>({2})}});
  const std::string before = bytes_of(folder / "x.h5");
  const auto large = random_bits<double>({100000});
  {
    const support::FileSizeLimit limit(20000);
    CHECK(contains(error_of([&] { save_hdf5(folder / "x.h5", {{"a", large}}); }), "cannot write"));
    CHECK(contains(error_of([&] {
                     Hdf5Stream<double> out(folder / "x.h5", "a", {}, {.rows_per_chunk = 100});
                     out.append(large);
                     out.finish();
                   }),
                   "cannot write"));
  }
  CHECK(bytes_of(folder / "x.h5") == before);
  CHECK(folder.files() == 1);
}
