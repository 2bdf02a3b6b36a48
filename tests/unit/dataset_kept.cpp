// Data sets that are kept on disk: taken up where they stopped, and refused where they are something else.
#include <fredholm/data/dataset.hpp>

#include <fredholm/data/npy.hpp>
#include <fredholm/data/random_field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/rules.hpp>

#include "../support/files.hpp"
#include "../support/messages.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

using namespace fredholm;
using support::bytes_of;
using support::contains;
using support::error_of;
using support::Folder;
using support::same_bits;
using support::write_bytes;
namespace fs = std::filesystem;

namespace {

using Line = Discretization<UniformGrid<>, Simpson>;
using Cloud = Discretization<PointCloud<2>, MonteCarlo>;

/// A quick sample of a field and a field, that writes down for whom it was called.
struct Made {
  std::mutex mutex{};
  std::multiset<Index> numbers{};
  Index throws_at = -1;
  double extra = 0;  // a change of the function
  Line input{{0.0, 1.0, 9}}, output{{0.0, 2.0, 5}};

  auto operator()(Index i, Engine& engine) {
    {
      const std::lock_guard lock(mutex);
      numbers.insert(i);
    }
    if (i == throws_at) throw std::runtime_error("sample " + std::to_string(i) + " blew up");
    Array<double> a({1, 9, 1});
    Array<float> b({1, 5, 2});
    for (Index k = 0; k < a.size(); ++k) a.mutable_data()[k] = static_cast<double>(engine() >> 40U) + extra;
    for (Index k = 0; k < b.size(); ++k) b.mutable_data()[k] = static_cast<float>(engine() >> 50U) - 3;
    return std::pair(Field(input, a), Field(output, b));
  }
};

GenerateOptions kept_in(const fs::path& folder) {
  return {.seed = 7, .keep = folder, .recipe = "noise", .save_every = 0, .progress = {.quiet = true}};
}

/// The same, and all is written at the end: fewer files, which take their time.
GenerateOptions at_once_in(const fs::path& folder) {
  GenerateOptions options = kept_in(folder);
  options.save_every = 1e9;
  return options;
}

auto run(Made& made, Index count, const GenerateOptions& options, int threads = 2) {
  Team team(threads);
  return generate(count, [&](Index i, Engine& engine) { return made(i, engine); }, options, team);
}

/// Every file of a folder with its bytes.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::directory_iterator(folder)) {
    result[entry.path().filename().string()] = bytes_of(entry.path());
  }
  return result;
}

/// A folder that a run has left that stopped at sample 5 of 12.
void interrupt(const fs::path& folder) {
  Made made{.throws_at = 5};
  CHECK(error_of([&] { run(made, 12, kept_in(folder), 3); }) == "sample 5 blew up");
  CHECK(made.numbers.size() == 12);
}

fs::path some_piece(const fs::path& folder) {
  for (const auto& [name, bytes] : contents(folder)) {
    if (name.starts_with("samples_")) return folder / name;
  }
  return {};
}

}  // namespace

TEST_CASE("kept on disk: the same files for any number of threads, and read again") {
  const Folder folder;
  Made made;
  const auto one = run(made, 12, kept_in(folder / "one"), 1);
  const auto two = run(made, 12, kept_in(folder / "two"), 2),
             three = run(made, 12, at_once_in(folder / "three"), 3);
  CHECK(made.numbers.size() == 36);
  const auto files = contents(folder / "one");
  CHECK(files.size() == 3);
  CHECK(files == contents(folder / "two"));
  CHECK(files == contents(folder / "three"));
  CHECK(same_bits(one.input.values(), load_npy<double>(folder / "one" / "input.npy")));
  CHECK(same_bits(one.output.values(), load_npy<float>(folder / "one" / "output.npy")));
  CHECK(one.output.values().shape() == Shape{12, 5, 2});

  Made again;
  const auto read = run(again, 12, kept_in(folder / "one"));
  CHECK(again.numbers == std::multiset<Index>{0});  // to compare
  CHECK(same_bits(read.input.values(), one.input.values()));
  CHECK(same_bits(read.output.values(), one.output.values()));
  CHECK(read.output.discretization() == made.output);
  CHECK(files == contents(folder / "one"));

  // The same as without a folder, and a Loader takes it.
  const auto memory = run(made, 12, {.seed = 7, .progress = {.quiet = true}});
  CHECK(same_bits(memory.input.values(), one.input.values()));
  CHECK(Loader(read.input, read.output, {.batch = 5}).size() == 3);
}

TEST_CASE("a sample that throws loses nothing, and the next run makes what is missing") {
  const Folder folder;
  Made made;
  run(made, 12, at_once_in(folder / "whole"));
  interrupt(folder / "broken");
  CHECK_FALSE(fs::exists(folder / "broken" / "input.npy"));
  write_bytes(folder / "broken" / "input.npy.77-0.part", "left by a kill");
  Made again;
  std::ostringstream out;
  auto options = kept_in(folder / "broken");
  SUBCASE("all of it") {
    run(again, 12,
        {.seed = 7,
         .keep = folder / "broken",
         .recipe = "noise",
         .progress = {.label = "generate", .out = out}});
    CHECK(again.numbers == std::multiset<Index>{0, 5});
    CHECK(contains(out.str(), "generate 100% 12/12"));
    CHECK(contains(out.str(), ", 11 found"));
    CHECK(contents(folder / "broken") == contents(folder / "whole"));
  }
  SUBCASE("written together, at the end of the run that failed") {
    fs::remove_all(folder / "broken");
    options.save_every = 1e9;
    made.throws_at = 2;
    CHECK(error_of([&] { run(made, 12, options); }) == "sample 2 blew up");
    CHECK(contents(folder / "broken").size() == 2);
    run(again, 12, options);
    CHECK(again.numbers == std::multiset<Index>{0, 2});
    CHECK(contents(folder / "broken") == contents(folder / "whole"));
  }
  SUBCASE("fewer, then more") {
    const auto some = run(again, 4, options);
    CHECK(again.numbers == std::multiset<Index>{0});
    CHECK(some.input.batch() == 4);
    const auto more = run(again, 14, options);
    CHECK(again.numbers == std::multiset<Index>{0, 0, 5, 12, 13});
    Made other;
    const auto fresh = run(other, 14, at_once_in(folder / "fresh"));
    CHECK(contents(folder / "broken") == contents(folder / "fresh"));
    CHECK(same_bits(more.output.values(), fresh.output.values()));
  }
}

TEST_CASE("more samples are added, fewer are the first ones") {
  const Folder folder;
  Made made;
  const auto options = kept_in(folder / "set");
  const auto five = run(made, 5, options);
  Made more;
  const auto nine = run(more, 9, options);
  CHECK(more.numbers == std::multiset<Index>{0, 5, 6, 7, 8});
  run(made, 9, at_once_in(folder / "fresh"));
  CHECK(contents(folder / "set") == contents(folder / "fresh"));
  CHECK(same_bits(slice_batch(nine.input, 0, 5).values(), five.input.values()));
  Made fewer;
  const auto three = run(fewer, 3, options);
  CHECK(fewer.numbers == std::multiset<Index>{0});
  CHECK(same_bits(three.output.values(), slice_batch(five.output, 0, 3).values()));
  CHECK(contents(folder / "set") == contents(folder / "fresh"));  // and nothing is thrown away
  // Killed between input.npy and the manifest: input.npy has more than the manifest tells of.
  const auto longer = bytes_of(folder / "fresh" / "input.npy");
  run(made, 5, kept_in(folder / "other"));
  write_bytes(folder / "other" / "input.npy", longer);
  run(made, 9, kept_in(folder / "other"));
  CHECK(contents(folder / "other") == contents(folder / "fresh"));
}

TEST_CASE("a killed process") {
  const Folder folder;
  const fs::path broken = folder / "broken";
  const ::pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    error_of([&] {
      Made made;
      Team team(2);
      const auto slowly = [&](Index i, Engine& engine) {
        std::this_thread::sleep_for(std::chrono::milliseconds(i < 6 ? 1 : 100));
        return made(i, engine);
      };
      generate(40, slowly, kept_in(broken), team);
    });
    std::_Exit(0);
  }
  for (int wait = 0; wait < 2000 && (!fs::exists(broken) || contents(broken).size() < 6); ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  Made rest, all;
  run(rest, 40, kept_in(broken));
  CHECK(rest.numbers.size() < 38);  // 5 pieces at least were there, and one sample of them is compared
  run(all, 40, at_once_in(folder / "whole"));
  CHECK(contents(broken) == contents(folder / "whole"));
}

TEST_CASE("another set is refused with both values") {
  const Folder folder;
  const fs::path set = folder / "set";
  bool whole = false;
  SUBCASE("finished") { whole = true; }
  SUBCASE("interrupted") {}
  Made made;
  if (whole) {
    run(made, 4, kept_in(set));
  } else {
    interrupt(set);
  }
  const auto before = contents(set);
  const auto refused = [&](auto change) {
    Made other;
    auto options = kept_in(set);
    change(other, options);
    const std::string message = support::message_of([&] { run(other, 4, options); });
    CHECK(contains(message, set.string()));
    CHECK(other.numbers.size() <= 1);
    return message;
  };
  CHECK(contains(refused([](Made&, auto& options) { options.seed = 8; }),
                 "has the seed 7, and 8 was asked for. Give .seed = 7, or another folder"));
  CHECK(contains(refused([](Made&, auto& options) { options.recipe = "signal"; }),
                 "has the recipe \"noise\", and \"signal\" was asked for. Give .recipe = \"noise\""));
  CHECK(contains(refused([](Made&, auto& options) { options.first = 4; }), "has the first 0, and 4"));
  CHECK(contains(refused([](Made& m, auto&) { m.input = Line({0.0, 1.5, 9}); }),
                 "has the input.box `0 1`, and here it is `0 1.5`"));
  CHECK(contains(refused([](Made& m, auto&) { m.extra = 1; }),
                 "sample 0 is made otherwise than it is kept in"));
  CHECK(contains(refused([](Made& m, auto&) { m.extra = 1; }), "its input differs by 1 where the largest"));
  Made close{.extra = 1e-3};  // of 2^24: another compiler's round-off
  run(close, 4, kept_in(set));
  if (whole) CHECK(contents(set) == before);
}

TEST_CASE("another rule, other points, another shape or scalar") {
  const Folder folder;
  const auto options = kept_in(folder / "set");
  const auto field_on = [&](const auto& d) {
    return [d](Index, Engine&) { return std::pair(coordinates(d), coordinates(d)); };
  };
  const UniformGrid<> grid({0.0, 1.0, 9});
  generate(2, field_on(Discretization<UniformGrid<>, Simpson>(grid)), options);
  const auto message = [&](const auto& sample) {
    return support::message_of([&] { generate(2, sample, options); });
  };
  CHECK(
      contains(message(field_on(Discretization<UniformGrid<>, Trapezoid>(grid))), "input.weights.0 `0.0416"));
  CHECK(
      contains(message(field_on(Discretization<PeriodicGrid<>, Trapezoid>({0.0, 1.0, 9}))), "input.nodes.0"));
  CHECK(
      contains(message(field_on(Line({0.0, 1.0, 11}))), "the input.shape `1 9 1`, and here it is `1 11 1`"));
  CHECK(contains(message([](Index, Engine&) {
                   const Line d({0.0, 1.0, 9});
                   return std::pair(coordinates(d), coordinates<float>(d));
                 }),
                 "the output.scalar `float64`, and here it is `float32`"));
  CHECK(message(field_on(Line({0.0, 1.0, 9}))) == "no error");

  // A cloud, and weights that are no product of axes.
  const Cloud cloud(PointCloud<2>(Box<2>{}, {{0.1, 0.2}, {0.3, 0.2}, {0.9, 0.4}}));
  const Cloud moved(PointCloud<2>(Box<2>{}, {{0.1, 0.2}, {0.3, 0.2}, {0.9, 0.5}}));
  const auto on_cloud = kept_in(folder / "cloud");
  const auto made = generate(2, field_on(cloud), on_cloud);
  CHECK(made.input.discretization() == cloud);
  CHECK(contains(support::message_of([&] { generate(2, field_on(moved), on_cloud); }), "input.nodes.0 `0.1"));
}

TEST_CASE("arrays, batches of more than one, and samples that do not fit together") {
  const Folder folder;
  const auto arrays = [](Index i, Engine&) {
    return Batch<Array<float>, Array<double>>{Array<float>::full({2, 3}, static_cast<float>(i)),
                                              Array<double>::full({1}, static_cast<double>(i))};
  };
  auto options = kept_in(folder / "set");
  options.first = 4;
  const auto made = generate(3, arrays, options), read = generate(2, arrays, options);
  CHECK(made.input.shape() == Shape{6, 3});
  CHECK(made.output.shape() == Shape{3});
  CHECK(read.input.shape() == Shape{4, 3});
  CHECK(read.input(3, 0) == 5.0F);
  const auto ragged = [](Index i, Engine&) {
    return std::pair(Array<float>::zeros({1, i == 2 ? 5 : 4}), Array<float>::zeros({1}));
  };
  Team alone(1);
  CHECK(contains(support::message_of([&] { generate(3, ragged, kept_in(folder / "ragged"), alone); }),
                 "sample 2 has an input of shape (1, 5), and another has (1, 4)"));
  CHECK(contains(support::message_of([&] {
                   generate(
                       3, [](Index, Engine&) { return std::pair(Array<float>(), Array<float>()); },
                       kept_in(folder / "empty"), alone);
                 }),
                 "has an input of shape (0)"));
  options.recipe = "two\nlines";
  CHECK(contains(support::message_of([&] { generate(3, arrays, options); }), "more than one line"));
}

TEST_CASE("a file that is cut off, changed or something else is refused by name") {
  const Folder folder;
  const fs::path set = folder / "set";
  Made made;
  run(made, 6, kept_in(set));
  const auto refused = [&] { return error_of([&] { run(made, 8, kept_in(set)); }); };
  for (const std::string name : {"manifest.txt", "input.npy", "output.npy"}) {
    INFO(name);
    const std::string whole = bytes_of(set / name);
    support::for_each_cut(set / name, whole,
                          [&](std::size_t) { REQUIRE(contains(refused(), (set / name).string())); });
    write_bytes(set / name, "what is this?");
    CHECK(contains(refused(), (set / name).string()));
    write_bytes(set / name, whole);
  }
  std::string changed = bytes_of(set / "output.npy");
  changed[changed.size() - 9] ^= 1;
  const std::string output = bytes_of(set / "output.npy");
  write_bytes(set / "output.npy", changed);
  CHECK(contains(refused(), "its checksum is"));
  save_npy(set / "output.npy", Array<float>::zeros({6, 5, 1}));
  CHECK(contains(
      refused(),
      "it has values of shape (6, 5, 1) and dtype <f4, and 6 samples of shape (1, 5, 2) and dtype <f4"));
  fs::remove(set / "output.npy");
  CHECK(contains(refused(), "No such file"));
  write_bytes(set / "output.npy", output);
  CHECK(refused() == "no error");

  fs::remove(set / "manifest.txt");
  write_bytes(set / "samples_of_wine.csv.part", "somebody's download");
  write_bytes(set / "input.npy.12-0.part", "like one of ours");
  CHECK(contains(refused(), "and no manifest.txt, which a data set has. Give a new or an empty folder"));
  CHECK(fs::exists(set / "samples_of_wine.csv.part"));
  CHECK(fs::exists(set / "input.npy.12-0.part"));
}

TEST_CASE("samples on the way, damaged") {
  const Folder folder;
  const fs::path set = folder / "set";
  interrupt(set);
  const fs::path piece = some_piece(set);
  const std::string whole = bytes_of(piece);
  Made made;
  const auto refused = [&] { return error_of([&] { run(made, 12, kept_in(set)); }); };
  support::for_each_cut(piece, whole, [&](std::size_t) { REQUIRE(contains(refused(), piece.string())); });
  std::string changed = whole;
  changed[whole.size() - 3] ^= 4;
  write_bytes(piece, changed);
  CHECK(contains(refused(), "it was damaged; remove it, and its samples are made again"));
  auto other = kept_in(folder / "other");
  other.seed = 8;
  made.throws_at = 1;
  CHECK(contains(error_of([&] { run(made, 3, other); }), "blew up"));
  made.throws_at = -1;
  write_bytes(piece, bytes_of(some_piece(folder / "other")));
  CHECK(contains(refused(), "it has the seed `8`, and that of this data set is `7`"));
  fs::remove(piece);
  CHECK(refused() == "no error");

  // Begun, and nothing of it is there: as a new folder, for another set too.
  fs::remove_all(set);
  interrupt(set);
  while (!some_piece(set).empty()) fs::remove(some_piece(set));
  other.keep = set;
  run(made, 3, other);
  other.keep = folder / "third";
  run(made, 3, other);
  CHECK(contents(set) == contents(folder / "third"));
}

TEST_CASE("a folder that cannot be, and a full disk") {
  const Folder folder;
  Made made;
  write_bytes(folder / "file", "a file");
  CHECK(contains(error_of([&] { run(made, 2, kept_in(folder / "file")); }), (folder / "file").string()));
  CHECK(contains(error_of([&] { run(made, 2, kept_in(folder / "file" / "set")); }), "cannot write "));
  CHECK(contains(error_of([&] { run(made, 2, kept_in("/proc/fredholm")); }), "cannot write /proc/fredholm"));
  CHECK(made.numbers.empty());  // before anything is computed

  {
    const support::FileSizeLimit limit(800);  // the manifest and single samples fit, input.npy does not
    CHECK(contains(error_of([&] { run(made, 40, kept_in(folder / "set")); }), "input.npy: File too large"));
  }
  Made rest;
  run(rest, 40, kept_in(folder / "set"));
  CHECK(rest.numbers == std::multiset<Index>{0});  // nothing was lost
  {
    const support::FileSizeLimit limit(100);
    made.numbers.clear();
    CHECK(contains(error_of([&] { run(made, 40, kept_in(folder / "small")); }),
                   "manifest.txt: File too large"));
    CHECK(made.numbers.size() <= 2);  // no use in making what cannot be kept
  }
  Made all;
  run(all, 40, at_once_in(folder / "small"));
  CHECK(contents(folder / "small") == contents(folder / "set"));
}

TEST_CASE("two at once make one set") {
  const Folder folder;
  Made made;
  std::thread other([&] { run(made, 30, kept_in(folder / "set"), 1); });
  run(made, 20, kept_in(folder / "set"), 1);
  other.join();
  CHECK(made.numbers.size() <= 31);  // the second one waited, and compared a sample
  Made fresh;
  run(fresh, 30, at_once_in(folder / "fresh"));
  CHECK(contents(folder / "set") == contents(folder / "fresh"));
}

TEST_CASE("fields are not taken up as arrays, which have no points") {
  const Folder folder;
  const Discretization<UniformGrid<>, Trapezoid> d({0.0, 1.0, 5});
  const GenerateOptions options{.seed = 3, .keep = folder / "set", .progress = {.quiet = true}};
  const auto values = [](Engine& engine) { return normal_array<double>({1, 5, 1}, 1.0, engine); };
  const auto fields = [&](Index, Engine& engine) {
    const Field u(d, values(engine));
    return std::pair(u, u);
  };
  const auto arrays = [&](Index, Engine& engine) {
    const auto u = values(engine);
    return std::pair(u, u);
  };
  (void)generate(3, fields, options);
  CHECK_THROWS_AS((void)generate(5, arrays, options), std::invalid_argument);
  CHECK_NOTHROW((void)generate(5, fields, options));
}
