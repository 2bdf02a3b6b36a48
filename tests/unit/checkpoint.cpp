#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <complex>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/files.hpp"
#include "../support/messages.hpp"

#include <fredholm/checkpoint.hpp>
#include <fredholm/core/cast.hpp>

using namespace fredholm;
using support::bytes_of;
using support::Folder;
using support::write_bytes;
namespace fs = std::filesystem;

namespace {

template <class T>
std::string raw(std::initializer_list<T> values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

template <class Inner>
struct Wrapped {
  Inner model;
};
template <class Inner>
Wrapped(Inner) -> Wrapped<Inner>;  // clang 14 finds none for an aggregate

/// A file of a header and data, the length in front.
std::string with_length(const std::string& header, const std::string& data = {}) {
  return raw<std::uint64_t>({header.size()}) + header + data;
}

template <class Scalar = double>
struct Linear {
  Parameter<Scalar> weight{Shape{2, 3}};
  Parameter<Scalar> bias{Shape{3}};
};

template <class Scalar = double>
struct Model {
  Linear<Scalar> lift{};
  Parameter<std::complex<Scalar>> spectral{Shape{2, 2}};
  Buffer<Scalar> mean{Shape{}};
  std::vector<Linear<Scalar>> blocks{2};
  Parameter<float> narrow{Shape{3}};
  Parameter<double> empty{Shape{0, 4}};
};

struct Small {
  Parameter<float> a{Shape{2}};
};

struct Twice {
  Small one{};
  static void visit(auto& self, auto&& f) {
    f("one", self.one);
    f("one", self.one);
  }
};

template <class Any>
Any filled(Any model, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  for_each_leaf(model, [&]<class Leaf>(Leaf& leaf) {
    using Real = typename Leaf::real_type;
    for (Index i = 0; i < leaf.size(); ++i) {
      leaf.mutable_data()[i] = static_cast<Real>(static_cast<double>(random() >> 11) * 0x1p-53 - 0.5);
    }
  });
  return model;
}

/// Every bit of every leaf.
template <class Any>
std::string bits(const Any& model) {
  std::string result;
  for_each_leaf(model, [&](const auto& leaf) {
    const auto* data = leaf.value().data();
    result.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(leaf.size()) * sizeof(*data));
  });
  return result;
}

/// Refused as a file, with the reason, and the model left alone.
void check_refused(const Folder& folder, const std::string& bytes, const std::string& reason) {
  const fs::path path = folder / "hostile.safetensors";
  write_bytes(path, bytes);
  auto model = filled(Small{});
  const std::string before = bits(model);
  try {
    load(model, path);
    FAIL_CHECK("accepted, and it should have been refused: " << reason);
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    CHECK_MESSAGE(message.find(path.string()) != std::string::npos, message);
    CHECK_MESSAGE(message.find(reason) != std::string::npos, message << "\n  does not say: " << reason);
  }
  CHECK(bits(model) == before);
}

}  // namespace

TEST_CASE_TEMPLATE("what is saved is loaded, to the bit", Scalar, float, double) {
  const Folder folder;
  const auto model = filled(Model<Scalar>{}, 3);
  save(model, folder / "model.safetensors", {{"epoch", "12"}, {"a \"note\"", "line\nµ"}});
  auto other = filled(Model<Scalar>{}, 4);
  CHECK(bits(other) != bits(model));
  load(other, folder / "model.safetensors");
  CHECK(bits(other) == bits(model));
  CHECK(read_metadata(folder / "model.safetensors") == Metadata{{"epoch", "12"}, {"a \"note\"", "line\nµ"}});
  CHECK(folder.files() == 1);
}

TEST_CASE("special values survive") {
  const Folder folder;
  Small model;
  model.a.mutable_data()[0] = std::numeric_limits<float>::quiet_NaN();
  model.a.mutable_data()[1] = -0.0f;
  save(model, folder / "x");
  Small other;
  load(other, folder / "x");
  CHECK(bits(other) == bits(model));
}

TEST_CASE("the bytes are those of the format") {
  struct Golden {
    Parameter<float> a{Shape{2}};
    Parameter<std::complex<float>> c{Shape{2}};
    Parameter<std::complex<double>> z{Shape{1}};
  };
  Golden model;
  model.a.set(Array<float>(Shape{2}, {1.0f, -2.0f}));
  model.c.set(Array<float>(Shape{2, 2}, {1.0f, 2.0f, 10.0f, 20.0f}));
  model.z.set(Array<double>(Shape{2, 1}, {3.0, 30.0}));
  const Folder folder;
  save(model, folder / "golden", {{"k", "v"}});
  std::string header = R"({"__metadata__":{"k":"v"},)"
                       R"("c":{"dtype":"C64","shape":[2],"data_offsets":[0,16]},)"
                       R"("z":{"dtype":"F64","shape":[1,2],"data_offsets":[16,32]},)"
                       R"("a":{"dtype":"F32","shape":[2],"data_offsets":[32,40]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::string data = raw({1.0f, 10.0f, 2.0f, 20.0f}) + raw({3.0, 30.0}) + raw({1.0f, -2.0f});
  CHECK(bytes_of(folder / "golden") == with_length(header, data));
  // The same arrays, as another program might order them.
  const std::string other_header = R"({ "a" : {"shape":[2],"data_offsets":[16,24],"dtype":"F32"},)"
                                   R"("z":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},)"
                                   R"("c":{"dtype":"C64","shape":[2],"data_offsets":[24,40]}})";
  write_bytes(folder / "other", with_length(other_header, raw({3.0, 30.0}) + raw({1.0f, -2.0f}) +
                                                              raw({1.0f, 10.0f, 2.0f, 20.0f})));
  Golden loaded;
  load(loaded, folder / "other");
  CHECK(bits(loaded) == bits(model));
  CHECK(read_metadata(folder / "other").empty());
}

TEST_CASE("a file that does not fit is refused by name, and the model left alone") {
  const Folder folder;
  const auto check = [&](auto model, const std::vector<std::string>& sentences) {
    const std::string before = bits(model);
    try {
      load(model, folder / "model");
      FAIL_CHECK("accepted");
    } catch (const std::invalid_argument& error) {
      const std::string message = error.what();
      for (const auto& sentence : sentences)
        CHECK_MESSAGE(message.find(sentence) != std::string::npos, message);
      CHECK(message.find((folder / "model").string()) != std::string::npos);
    }
    CHECK(bits(model) == before);
  };
  save(filled(Model<double>{}), folder / "model");
  auto deep = filled(Model<double>{}, 9);
  deep.blocks.resize(3);
  check(deep, {"blocks.2.weight is F64 (2, 3) in the model and not in the file"});
  auto shallow = filled(Model<double>{}, 9);
  shallow.blocks.resize(1);
  check(shallow, {"blocks.1.bias is F64 (3) in the file and not in the model"});
  auto wide = filled(Model<double>{}, 9);
  wide.lift.weight = Parameter<double>(Shape{3, 2});
  check(wide, {"lift.weight is F64 (3, 2) in the model and F64 (2, 3) in the file"});
  check(cast<float>(deep), {"lift.bias is F32 (3) in the model and F64 (3) in the file",
                            "load it into a model of double, and say cast<float>(model)",
                            "spectral is C64 (2, 2) in the model and F64 (2, 2, 2) in the file"});
  save(filled(Model<float>{}), folder / "model");
  check(filled(Model<double>{}), {"say cast<double>(model)"});
}

TEST_CASE("a wrapper that only one of file and model has is named") {
  const Folder folder;
  save(filled(Model<double>{}), folder / "plain");
  save(Wrapped{filled(Model<double>{})}, folder / "wrapped");
  const auto words = [](auto model, const fs::path& file) {
    return support::message_of([&] { load(model, file); });
  };
  const auto says = [](const std::string& message, const std::string& sentence) {
    CHECK_MESSAGE(message.find(sentence) != std::string::npos, message);
  };
  says(words(Wrapped{filled(Model<double>{}, 9)}, folder / "plain"), "load(model.model, file)");
  says(words(std::vector{Wrapped{filled(Model<double>{}, 9)}}, folder / "plain"),
       "load(model[0].model, file)");
  says(words(filled(Model<double>{}, 9), folder / "wrapped"),
       "whose member `model` this one is: load what was saved");
  save(std::vector{Wrapped{filled(Model<double>{})}}, folder / "list");
  says(words(filled(Model<double>{}, 9), folder / "list"), "whose member `[0].model` this one is");
  // Which of two is nothing to guess, and a member with other leaves was made with other options.
  const std::string options = "Make the model with the options that it was saved with.";
  const auto other = filled(Model<double>{}, 9);
  says(words(std::vector{Wrapped{other}, Wrapped{other}}, folder / "plain"), options);
  auto deep = other;
  deep.blocks.resize(3);
  says(words(Wrapped{deep}, folder / "plain"), options);
  says(words(deep, folder / "plain"), options);
}

TEST_CASE("a write that fails leaves the old file") {
  const Folder folder;
  const auto model = filled(Model<double>{});
  save(model, folder / "model");
  const std::string before = bytes_of(folder / "model");
  CHECK_THROWS_WITH_AS(save(model, folder / "nowhere/model"), doctest::Contains("cannot write"),
                       std::runtime_error);
  CHECK_THROWS_AS(save(model, folder / "model", {{"not UTF-8", "\xff"}}), std::invalid_argument);

  // A disk that is full in the middle of the file.
  {
    const support::FileSizeLimit limit(before.size() / 2);
    CHECK_THROWS_WITH_AS(save(filled(model, 2), folder / "model"), doctest::Contains("cannot write"),
                         std::runtime_error);
  }

  CHECK(bytes_of(folder / "model") == before);
  CHECK(folder.files() == 1);
}

TEST_CASE("a leaf cannot be saved twice under one name") {
  const Folder folder;
  CHECK_THROWS_WITH_AS(save(Twice{}, folder / "x"), doctest::Contains("the name `one.a`"),
                       std::invalid_argument);
  CHECK(folder.files() == 0);
}

TEST_CASE("arrays of a file can be read one by one") {
  const Folder folder;
  const std::string header = R"({"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},)"
                             R"("i":{"dtype":"I32","shape":[],"data_offsets":[6,10]},)"
                             R"("a":{"dtype":"F32","shape":[1,2],"data_offsets":[10,18]}}   )";
  write_bytes(folder / "x",
              with_length(header, std::string(6, 'x') + raw<std::int32_t>({-7}) + raw({1.5f, 2.5f})));
  SafetensorsFile file = read_safetensors(folder / "x");
  REQUIRE(file.tensors().size() == 3);
  CHECK(file.tensors()[0].name == "b");
  CHECK(file.tensors()[0].dtype == "BF16");
  CHECK(file.tensors()[2].shape == std::vector<Index>{1, 2});
  CHECK(file.values<float>("a") == std::vector<float>{1.5f, 2.5f});
  CHECK(file.values<std::int32_t>("i") == std::vector<std::int32_t>{-7});
  CHECK(file.find("none") == nullptr);
  CHECK_THROWS_WITH_AS(file.values<double>("a"), doctest::Contains("is F32, and was asked for as F64"),
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(file.values<float>("none"), doctest::Contains("no array `none`"),
                       std::invalid_argument);
  write_safetensors(folder / "empty", {});
  CHECK(read_safetensors(folder / "empty").tensors().empty());
}

TEST_CASE("hostile files are refused with the reason") {
  const Folder folder;
  const std::string data(8, '\0');
  const auto tensor = [](const std::string& inside) { return R"({"a":{)" + inside + "}}"; };
  const auto good = tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])");
  {
    write_bytes(folder / "good", with_length(good, data));
    Small model;
    CHECK_NOTHROW(load(model, folder / "good"));
  }
  const auto refused = [&](const std::string& bytes, const std::string& reason) {
    CAPTURE(bytes.substr(0, 200));
    check_refused(folder, bytes, reason);
  };

  SUBCASE("lengths") {
    refused("", "it has 0 bytes");
    refused("1234567", "it has 7 bytes");
    refused(raw<std::uint64_t>({0}), "not a JSON object");
    refused(raw<std::uint64_t>({0}) + good, "not a JSON object");
    for (std::uint64_t length : {good.size() + 1 + data.size(), std::size_t{1} << 32, std::size_t{1} << 63,
                                 ~std::size_t{0}, ~std::size_t{0} - 7}) {
      refused(raw({length}) + good + data, "its header would have " + std::to_string(length) + " bytes");
    }
    refused(raw<std::uint64_t>({good.size() - 1}) + good + data, "not JSON");
    refused(with_length(good, data + "x"), "take 8 bytes, and the data has 9");
    refused(with_length(good, data.substr(1)), "is at the bytes 0 to 8 of the data, which has 7");
    refused(with_length("{}", data), "take 0 bytes, and the data has 8");
  }
  SUBCASE("headers that are something else") {
    refused(with_length("[]", data), "not a JSON object");
    refused(with_length("3", data), "not a JSON object");
    refused(with_length("null", data), "not a JSON object");
    refused(with_length(" " + good, data), "not a JSON object");
    refused(with_length("{", data), "not JSON");
    refused(with_length(good + "{}", data), "not JSON");
    refused(with_length(good + std::string(3, '\0'), data), "a byte of zero");
    refused(with_length(good + std::string(1, '\0') + "{", data), "a byte of zero");
    refused(with_length("{\"a\xff\":{}}", data), "not JSON");
    refused(with_length(good + "// comment", data), "not JSON");
    refused(with_length(R"({"a":[]})", data), "`a` has a list");
    refused(with_length(R"({"a":3})", data), "`a` has a number");
    refused(with_length(R"({"a":"b"})", data), "`a` has a string");
    refused(with_length(R"({"a":null})", data), "`a` has a null");
    refused(with_length(R"({"a":true})", data), "`a` has a truth value");
  }
  SUBCASE("nesting") {
    const std::string deep(200'000, '[');
    refused(with_length(deep, data), "not a JSON object");
    refused(with_length(R"({"a":)" + deep, data), "`a` has a list");
    refused(with_length(tensor(R"("shape":)" + deep), data), "`a` has a list");
    std::string objects = R"({"a":)";
    for (int i = 0; i < 100'000; ++i) objects += R"({"shape":)";
    refused(with_length(objects, data), "`a` has an object");
    refused(with_length(R"({"__metadata__":{"a":{}}})", data), "has an object");
    refused(with_length(tensor(R"("shape":[{}])"), data), "`a` has an object");
  }
  SUBCASE("entries") {
    refused(with_length(R"({"a":{}})", data), "`a` needs dtype, shape and data_offsets");
    refused(with_length(tensor(R"("dtype":"F32","shape":[2])"), data), "`a` needs dtype");
    refused(with_length(tensor(R"("dtype":"F31","shape":[2],"data_offsets":[0,8])"), data),
            "unknown dtype `F31`");
    refused(with_length(tensor(R"("dtype":7,"shape":[2],"data_offsets":[0,8])"), data), "`a` has a number");
    refused(with_length(tensor(R"("dtype":["F32"],"shape":[2],"data_offsets":[0,8])"), data),
            "`a` has a list");
    refused(with_length(tensor(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"), data), "`a` has a number");
    refused(with_length(tensor(R"("dtype":"F32","shape":["2"],"data_offsets":[0,8])"), data),
            "`a` has a string");
    refused(with_length(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"more":"x")"), data),
            "`more`");
    refused(with_length(R"({"__metadata__":{"a":3}})", ""), "has a number");
    refused(with_length(R"({"__metadata__":"a"})", ""), "has a string");
    refused(with_length(R"({"__metadata__":{"a":["b"]}})", ""), "has a list");
  }
  SUBCASE("the same name twice") {
    const std::string entry = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
    refused(with_length("{" + entry + "," + entry + "}", data), "the name `a` is there twice");
    refused(with_length(tensor(R"("dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8])"), data),
            "twice");
    refused(with_length(R"({"__metadata__":{},"__metadata__":{}})", ""), "twice");
    refused(with_length(R"({"__metadata__":{"k":"1","k":"2"}})", ""), "twice");
  }
  SUBCASE("shapes") {
    const auto shape = [&](const std::string& lengths) {
      return with_length(tensor(R"("dtype":"F32","shape":[)" + lengths + R"(],"data_offsets":[0,8])"), data);
    };
    refused(shape("3"), "does not fit F32 of shape (3)");
    refused(shape(""), "does not fit F32 of shape ()");
    refused(shape("0"), "does not fit F32 of shape (0)");
    refused(shape("-2"), "a negative number");
    refused(shape("-2,-1"), "a negative number");
    refused(shape("2.0"), "no 64-bit integer");
    refused(shape("2e0"), "no 64-bit integer");
    refused(shape("18446744073709551618"), "no 64-bit integer");
    refused(shape("18446744073709551615"), "a length of 18446744073709551615");
    refused(shape("4611686018427387904,2"), "does not fit");    // 2^62 x 2 x 4 bytes
    refused(shape("4294967296,4294967296,2"), "does not fit");  // 0 modulo 2^64
    refused(shape("9223372036854775807,9223372036854775807"), "does not fit");
    refused(shape("9223372036854775807,9223372036854775807,0"), "does not fit");
  }
  SUBCASE("offsets") {
    const auto offsets = [&](const std::string& numbers) {
      return with_length(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[)" + numbers + "]"), data);
    };
    refused(offsets(""), "not two numbers");
    refused(offsets("0"), "not two numbers");
    refused(offsets("0,8,8"), "not two numbers");
    refused(offsets("-8,0"), "a negative number");
    refused(offsets("0,8.5"), "no 64-bit integer");
    refused(offsets("8,0"), "backwards");
    refused(offsets("1,9"), "which has 8");
    refused(offsets("0,18446744073709551615"), "which has 8");
    refused(offsets("18446744073709551608,18446744073709551615"), "which has 8");
    refused(offsets("18446744073709551612,4"), "backwards");
    refused(offsets("0,4"), "does not fit");
    refused(offsets("4,8"), "leaves a hole");
  }
  SUBCASE("several arrays") {
    const auto two = [&](const std::string& first, const std::string& second) {
      return with_length(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[)" + first +
                             R"(]},"b":{"dtype":"F32","shape":[1],"data_offsets":[)" + second + "]}}",
                         data);
    };
    refused(two("0,4", "0,4"), "overlaps");
    refused(two("0,4", "2,6"), "overlaps");
    refused(two("4,8", "4,8"), "leaves a hole");
    refused(two("0,4", "5,9"), "which has 8");
  }
  SUBCASE("no file") {
    Small model;
    CHECK_THROWS_WITH_AS(load(model, folder / "nothing"), doctest::Contains("No such file"),
                         std::runtime_error);
    CHECK_THROWS_AS(load(model, folder / ""), std::runtime_error);
  }
}

TEST_CASE("no change of a byte and no cut of the file does harm") {
  const Folder folder;
  const fs::path path = folder / "fuzz.safetensors";
  const auto saved = filled(Model<float>{}, 5);
  save(saved, path, {{"epoch", "3"}});
  const std::string original = bytes_of(path);
  const std::size_t header = 8 + static_cast<std::size_t>(static_cast<unsigned char>(original[0])) +
                             256 * static_cast<std::size_t>(static_cast<unsigned char>(original[1]));
  auto model = filled(Model<float>{}, 6);
  const std::string before = bits(model);
  int loaded = 0;
  const auto attempt = [&](const std::string& bytes) {
    write_bytes(path, bytes);
    auto victim = model;
    try {
      load(victim, path);
      ++loaded;
      CHECK(bits(victim).size() == before.size());
      return true;
    } catch (const std::runtime_error&) {
    } catch (const std::invalid_argument&) {
    }
    CHECK(bits(victim) == before);
    return false;
  };
  CHECK(attempt(original));
  for (std::size_t length = 0; length < original.size(); ++length)
    CHECK_FALSE(attempt(original.substr(0, length)));

  std::mt19937_64 random(20240607);
  const auto any = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = original;
    const std::size_t changes = 1 + any(4);
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t place = any(round % 4 == 0 ? bytes.size() : header);
      switch (any(4)) {
        case 0:
          bytes[place] = static_cast<char>(random());
          break;
        case 1:
          bytes[place] = static_cast<char>(bytes[place] ^ (1 << any(8)));
          break;
        case 2:
          bytes[place] = "0123456789-.,:[]{}\"e"[any(20)];
          break;
        default:
          bytes.erase(place, 1 + any(3));
          break;
      }
    }
    attempt(bytes);
  }
  CHECK(loaded > 10);  // changes of the data, of the metadata
  CHECK(bits(model) == before);
}

TEST_CASE("a link that stands where the new file is written is not followed") {
  const Folder folder;
  const auto victim = folder / "victim", path = folder / "model.safetensors";
  std::ofstream(victim) << "precious";
  const auto beside = path.string() + "." + std::to_string(::getpid()) + "-0.part";
  std::filesystem::create_symlink(victim, beside);
  const Small model{Parameter<float>(Array<float>::full({2}, 1.0F))};
  save(model, path);
  std::string text;
  std::ifstream(victim) >> text;
  CHECK(text == "precious");
  CHECK(!std::filesystem::is_symlink(path));
}
