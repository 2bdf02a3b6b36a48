// The folder of a data set: what is there, what is missing, and how more is added.
//
// A part of data/dataset.hpp, which says what is kept.
//
//   manifest.txt          data/dataset/manifest.hpp
//   input.npy             (count * batch, points..., channel): all samples, when all have been made
//   output.npy
//   samples_17.bin        while they are being made: some finished samples, the first of which is 17
//
//   samples_*.bin:        format fredholm samples 1
//                         recipe, seed            those of the manifest
//                         numbers 17 18 21        of the samples
//                         checksum 5d1c0b2f93a8e470
//                         (an empty line)
//                         input of 17, output of 17, input of 18, ...: the bytes of their values
//
// The manifest is what counts: input.npy and output.npy are written, then the manifest that tells of their
// samples, and only then the samples_*.bin are removed. Killed at any point in between, the folder holds
// all that was in it. Every file is written beside and renamed.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fredholm/core/atomic_file.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/data/dataset/manifest.hpp>
#include <fredholm/data/npy/header.hpp>

namespace fredholm::detail {

/// One process (and one thread of it) at a time has a folder; the system lets go when the process ends, in
/// whatever way. Where the file system has no locks, held() is false and all goes on without.
class FolderLock {
 public:
  FolderLock(const std::filesystem::path& folder, std::ostream* notes)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) return;
    held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    if (held_ || errno != EWOULDBLOCK) return;
    if (notes != nullptr) {
      *notes << "generate: waiting for another process that makes " << folder.string() << std::endl;
    }
    while (!(held_ = ::flock(descriptor_, LOCK_EX) == 0) && errno == EINTR) {
    }
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

class KeptSet {
 public:
  struct Identity {
    std::uint64_t seed = 0;
    Index first = 0;
    std::string recipe{};
  };

  /// Opens the folder, or makes it. Samples are written at most every `seconds`.
  KeptSet(std::filesystem::path folder, Identity identity, double seconds, std::ostream* notes)
      : folder_(std::move(folder)), identity_(std::move(identity)), every_(seconds) {
    require(identity_.recipe.find('\n') == std::string::npos, "generate: the recipe `", identity_.recipe,
            "` has more than one line. Give it one.");
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (!error && !std::filesystem::is_directory(folder_))
      error = std::make_error_code(std::errc::not_a_directory);
    if (error) {
      throw std::runtime_error("cannot write " + folder_.string() + ": " + error.message() +
                               ". .keep names a folder that is there or can be made.");
    }
    lock_.emplace(folder_, notes);
    look();
  }

  const std::filesystem::path& folder() const { return folder_; }
  /// How many samples input.npy and output.npy have.
  Index whole() const { return whole_; }
  bool has(Index i) const { return i - identity_.first < whole_ || in_pieces_.contains(i); }

  /// Refuses a folder that cannot be written to, before anything is computed.
  void require_writable() const { const AtomicFile trial(manifest_file()); }

  /// Says what the samples are. Compared with the manifest, which is written if there is none.
  void begin(const SampleLayout& input, const SampleLayout& output) {
    input_layout_ = input, output_layout_ = output;
    input_bytes_ = input.bytes(), output_bytes_ = output.bytes();
    KeyValues now;
    input.write_to(now, "input");
    output.write_to(now, "output");
    try {
      if (kept_) {
        require_same_lines(folder_, *kept_, now, "Make the samples as they are there");
      } else {
        write_manifest(0, 0, 0);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failed_ = true;
      throw;
    }
  }

  /// Where the samples first, ..., first + count - 1 are to be in memory, one behind the other.
  void place(Index count, void* input, void* output) {
    count_ = count;
    input_ = static_cast<char*>(input), output_ = static_cast<char*>(output);
  }

  /// Reads those that are there to their places.
  void read() {
    if (whole_ > 0) {
      read_whole("input", input_layout_, input_);
      read_whole("output", output_layout_, output_);
    }
    for (const Piece& piece : pieces_) {
      if (std::any_of(piece.numbers.begin(), piece.numbers.end(), [&](Index i) { return in_memory(i); })) {
        read_piece(piece);
      }
    }
  }

  /// Tells that sample i is in its place. Writes what has come together if it is time to. Any thread.
  void add(Index i) {
    std::unique_lock lock(mutex_);
    pending_.push_back(i);
    if (std::chrono::duration<double>(Clock::now() - written_).count() >= every_) write_pending(lock);
  }

  /// Writes what has been added and is not written yet.
  void flush() {
    std::unique_lock lock(mutex_);
    if (!pending_.empty()) write_pending(lock);
  }

  /// A write went wrong: there is no use in making more.
  bool failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  /// All samples are in their places: makes them input.npy and output.npy, unless these have as many.
  void finish() {
    if (count_ > whole_) {
      flush();
      const std::uint64_t input_sum = write_whole("input", input_layout_, input_);
      const std::uint64_t output_sum = write_whole("output", output_layout_, output_);
      write_manifest(count_, input_sum, output_sum);
      whole_ = count_;
    }
    for (const Piece& piece : pieces_) {
      std::error_code ignored;  // they do no harm
      if (piece.numbers.back() - identity_.first < whole_) std::filesystem::remove(piece.file, ignored);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Stream = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

  struct Piece {
    std::filesystem::path file{};
    std::vector<Index> numbers{};  // ascending
  };

  std::filesystem::path manifest_file() const { return folder_ / "manifest.txt"; }
  bool in_memory(Index i) const { return whole_ <= i - identity_.first && i - identity_.first < count_; }
  char* place_of(Index i, char* base, std::size_t bytes) const {
    return base + static_cast<std::size_t>(i - identity_.first) * bytes;
  }

  static bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  }

  static bool is_piece(std::string_view name) {
    constexpr std::string_view begin = "samples_", end = ".bin";
    return name.starts_with(begin) && name.ends_with(end) && name.size() > begin.size() + end.size() &&
           is_number(name.substr(begin.size(), name.size() - begin.size() - end.size()));
  }

  /// A file that a killed process has left beside one of ours: NAME.process-attempt.part
  /// (core/atomic_file.hpp).
  static bool is_left(std::string_view name) {
    constexpr std::string_view end = ".part";
    if (!name.ends_with(end)) return false;
    name.remove_suffix(end.size());
    const auto dot = name.rfind('.');
    if (dot == name.npos) return false;
    const std::string_view of = name.substr(0, dot), made_by = name.substr(dot + 1);
    const auto dash = made_by.find('-');
    if (dash == made_by.npos || !is_number(made_by.substr(0, dash)) || !is_number(made_by.substr(dash + 1)))
      return false;
    return of == "manifest.txt" || of == "input.npy" || of == "output.npy" || is_piece(of);
  }

  void look() {
    std::vector<std::filesystem::path> pieces;
    std::vector<std::filesystem::path> left;
    std::optional<std::string> other;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (is_left(name)) {
        left.push_back(entry.path());
      } else if (is_piece(name)) {
        pieces.push_back(entry.path());
      } else if (name != "manifest.txt") {
        other = name;
      }
    }
    const auto clear_away = [&] {  // once it is known that the folder is a data set's
      std::error_code ignored;
      for (const auto& file : left) {
        if (lock_->held()) std::filesystem::remove(file, ignored);
      }
    };
    std::error_code error;
    if (!std::filesystem::exists(manifest_file(), error)) {
      require(pieces.empty() && !other, "generate: the folder ", folder_.string(), " of .keep has `",
              other            ? *other
              : pieces.empty() ? ""
                               : pieces.front().filename().string(),
              "` in it and no manifest.txt, which a data set has. Give a new or an empty folder.");
      return clear_away();
    }
    read_manifest(!pieces.empty());
    clear_away();
    std::sort(pieces.begin(), pieces.end());
    for (const auto& file : pieces) {
      std::ifstream stream(file, std::ios::binary);
      open_piece(file, stream);
    }
  }

  void read_manifest(bool has_pieces) {
    const auto file = manifest_file();
    std::ifstream stream(file, std::ios::binary);
    kept_ = KeyValues::read(file, stream, "fredholm data set 1");
    kept_->checksum(file, "output.checksum");  // the last line: nothing is cut off
    const auto counts = kept_->numbers<Index>(file, "count");
    if (counts.size() != 1 || counts.front() < 0) {
      refuse_kept(file,
                  "its line `count` is `" + kept_->get(file, "count") + "`, and one number was expected");
    }
    whole_ = counts.front();
    if (whole_ == 0 && !has_pieces) return kept_.reset();  // begun, and nothing was made: as if new
    const std::string folder = folder_.string();
    const auto same = [&](const std::string& key, const std::string& now, const std::string& quote) {
      const std::string& kept = kept_->get(file, key);
      require(kept == now, "generate: the data set in ", folder, " has the ", key, " ", quote, kept, quote,
              ", and ", quote, now, quote, " was asked for. Give .", key, " = ", quote, kept, quote,
              ", or another folder in .keep.");
    };
    same("recipe", identity_.recipe, "\"");
    same("seed", std::to_string(identity_.seed), "");
    same("first", std::to_string(identity_.first), "");
  }

  void write_manifest(Index count, std::uint64_t input_sum, std::uint64_t output_sum) {
    KeyValues lines;
    lines.add("format", "fredholm data set 1");
    lines.add("recipe", identity_.recipe);
    lines.add("seed", std::to_string(identity_.seed));
    lines.add("first", std::to_string(identity_.first));
    input_layout_.write_to(lines, "input");
    output_layout_.write_to(lines, "output");
    lines.add("count", std::to_string(count));
    lines.add("input.checksum", hexadecimal(input_sum));
    lines.add("output.checksum", hexadecimal(output_sum));
    const std::string text = lines.text();
    AtomicFile out(manifest_file());
    out.write(text.data(), text.size());
    out.finish();
    kept_ = std::move(lines);
  }

  /// Takes a samples_*.bin into the list.
  void open_piece(const std::filesystem::path& file, std::istream& stream) {
    const KeyValues lines = KeyValues::read(file, stream, "fredholm samples 1");
    for (const std::string key : {"recipe", "seed"}) {
      const std::string &theirs = lines.get(file, key), &ours = kept_->get(manifest_file(), key);
      if (theirs != ours) {
        refuse_kept(file, "it has the " + key + " `" + theirs + "`, and that of this data set is `" + ours +
                              "`; remove it, and its samples are made again");
      }
    }
    Piece piece{.file = file, .numbers = lines.numbers<Index>(file, "numbers")};
    if (!std::is_sorted(piece.numbers.begin(), piece.numbers.end()) ||
        piece.numbers.front() < identity_.first) {
      refuse_kept(file, "its numbers are not ascending from " + std::to_string(identity_.first) +
                            "; remove it, and its samples are made again");
    }
    in_pieces_.insert(piece.numbers.begin(), piece.numbers.end());
    pieces_.push_back(std::move(piece));
  }

  void read_piece(const Piece& piece) {
    const std::string remedy = "; remove it, and its samples are made again";
    std::ifstream stream(piece.file, std::ios::binary);
    const KeyValues lines = KeyValues::read(piece.file, stream, "fredholm samples 1");
    const std::uint64_t wanted = lines.checksum(piece.file, "checksum");
    const std::size_t bytes = piece.numbers.size() * (input_bytes_ + output_bytes_);
    if (!stream) refuse_kept(piece.file, "it ends within its header" + remedy);
    const auto header = static_cast<std::uint64_t>(stream.tellg());
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(piece.file, error);
    if (error || size != header + bytes) {
      refuse_kept(piece.file, "it has " + std::to_string(size) + " bytes, and for " +
                                  std::to_string(piece.numbers.size()) + " samples " +
                                  std::to_string(header + bytes) + " were expected" + remedy);
    }
    std::vector<char> elsewhere(std::max(input_bytes_, output_bytes_));
    std::uint64_t sum = 0;
    for (Index i : piece.numbers) {
      for (const auto& [base, length] :
           {std::pair(input_, input_bytes_), std::pair(output_, output_bytes_)}) {
        char* const to = in_memory(i) ? place_of(i, base, length) : elsewhere.data();
        if (!stream.read(to, static_cast<std::streamsize>(length))) {
          refuse_kept(piece.file, "it could not be read to its end");
        }
        sum += sample_checksum(to, length, static_cast<std::uint64_t>(i));
      }
    }
    if (sum != wanted) {
      refuse_kept(piece.file, "its checksum is " + hexadecimal(sum) + ", and " + hexadecimal(wanted) +
                                  " was expected: it was damaged" + remedy);
    }
  }

  void write_pending(std::unique_lock<std::mutex>& lock) {
    std::vector<Index> numbers = std::exchange(pending_, {});
    std::sort(numbers.begin(), numbers.end());
    written_ = Clock::now();
    lock.unlock();  // the others go on meanwhile
    try {
      Piece piece = write_piece(numbers);
      lock.lock();
      pieces_.push_back(std::move(piece));
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      pending_.insert(pending_.end(), numbers.begin(), numbers.end());
      failed_ = true;
      throw;
    }
  }

  Piece write_piece(const std::vector<Index>& numbers) const {
    std::uint64_t sum = 0;
    for (Index i : numbers) {
      const auto number = static_cast<std::uint64_t>(i);
      sum += sample_checksum(place_of(i, input_, input_bytes_), input_bytes_, number);
      sum += sample_checksum(place_of(i, output_, output_bytes_), output_bytes_, number);
    }
    KeyValues lines;
    lines.add("format", "fredholm samples 1");
    lines.add("recipe", identity_.recipe);
    lines.add("seed", std::to_string(identity_.seed));
    lines.add("numbers", list_text(numbers));
    lines.add("checksum", hexadecimal(sum));
    const std::string text = lines.text() + "\n";
    Piece piece{.file = folder_ / ("samples_" + std::to_string(numbers.front()) + ".bin"),
                .numbers = numbers};
    AtomicFile out(piece.file);
    out.write(text.data(), text.size());
    for (Index i : numbers) {
      out.write(place_of(i, input_, input_bytes_), input_bytes_);
      out.write(place_of(i, output_, output_bytes_), output_bytes_);
    }
    out.finish();
    return piece;
  }

  static std::string dtype_of_file(const SampleLayout& layout) {
    return layout.scalar == "float32" ? "<f4" : "<f8";
  }

  /// Reads input.npy or output.npy: all of it, for the checksum, and to memory what is asked for.
  void read_whole(const std::string& side, const SampleLayout& layout, char* base) const {
    const auto file = folder_ / (side + ".npy");
    const std::string remedy =
        "; bring back a copy of it, or remove " + folder_.string() + " to make it again";
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(file, error);
    if (error) refuse_npy(file.string(), error.message() + remedy);
    const Stream stream(std::fopen(file.c_str(), "rb"), &std::fclose);
    if (stream == nullptr) refuse_npy(file.string(), "it cannot be opened");
    const auto read = [&](void* to, std::uint64_t bytes) {
      if (std::fread(to, 1, bytes, stream.get()) != bytes) {
        refuse_npy(file.string(), "it could not be read to its end" + remedy);
      }
    };
    const NpyHeader header = read_npy_header(file.string(), size, read);
    Shape expected = layout.shape;
    // It may have more samples than the manifest tells of: killed between the two. The first ones are the
    // same.
    expected[0] = header.shape.empty() ? 0 : header.shape.front();
    const bool fits = header.shape == expected && expected.front() % layout.shape.front() == 0 &&
                      expected.front() / layout.shape.front() >= whole_;
    if (!fits || header.dtype != dtype_of_file(layout) || header.column_major) {
      refuse_npy(file.string(), "it has values of shape " + to_string(header.shape) + " and dtype " +
                                    header.dtype + ", and " + std::to_string(whole_) + " samples of shape " +
                                    to_string(layout.shape) + " and dtype " + dtype_of_file(layout) +
                                    ", row-major, were expected" + remedy);
    }
    const std::size_t bytes = layout.bytes();
    std::vector<char> elsewhere(count_ < whole_ ? bytes : 0);
    std::uint64_t sum = 0;
    for (Index k = 0; k < whole_; ++k) {
      char* const to = k < count_ ? base + static_cast<std::size_t>(k) * bytes : elsewhere.data();
      read(to, bytes);
      sum += sample_checksum(to, bytes, static_cast<std::uint64_t>(identity_.first + k));
    }
    const std::uint64_t wanted = kept_->checksum(manifest_file(), side + ".checksum");
    if (sum != wanted) {
      refuse_npy(file.string(), "its checksum is " + hexadecimal(sum) + ", and " + hexadecimal(wanted) +
                                    " was expected: it was damaged" + remedy);
    }
  }

  std::uint64_t write_whole(const std::string& side, const SampleLayout& layout, const char* base) const {
    Shape shape = layout.shape;
    shape[0] *= count_;
    const std::string header =
        layout.scalar == "float32" ? npy_header_text<float>(shape) : npy_header_text<double>(shape);
    const std::size_t bytes = layout.bytes();
    std::uint64_t sum = 0;
    for (Index k = 0; k < count_; ++k) {
      sum += sample_checksum(base + static_cast<std::size_t>(k) * bytes, bytes,
                             static_cast<std::uint64_t>(identity_.first + k));
    }
    AtomicFile out(folder_ / (side + ".npy"));
    out.write(header.data(), header.size());
    out.write(base, static_cast<std::uint64_t>(count_) * bytes);
    out.finish();
    return sum;
  }

  std::filesystem::path folder_;
  Identity identity_;
  double every_;
  std::optional<FolderLock> lock_{};
  std::optional<KeyValues> kept_{};  // the manifest
  Index whole_ = 0;
  std::vector<Piece> pieces_{};
  std::set<Index> in_pieces_{};
  SampleLayout input_layout_{}, output_layout_{};
  std::size_t input_bytes_ = 0, output_bytes_ = 0;
  Index count_ = 0;
  char* input_ = nullptr;
  char* output_ = nullptr;
  mutable std::mutex mutex_{};
  std::vector<Index> pending_{};
  bool failed_ = false;
  Clock::time_point written_ = Clock::now();
};

}  // namespace fredholm::detail
