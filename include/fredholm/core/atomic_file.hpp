// A file that takes its name only when it is complete and on the disk: a write that fails, or a machine that
// does, leaves the old file of that name as it was.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace fredholm::detail {

/// Throws with the system's reason, errno.
[[noreturn]] inline void fail_to_write(const std::filesystem::path& path) {
  const std::string reason = std::generic_category().message(errno);
  throw std::runtime_error("cannot write " + path.string() + ": " + reason + ".");
}

/// Makes an empty file beside `path`, under a name that nobody has: neither another thread that writes the
/// same file, nor a link that was planted. Its name goes to `beside`; returns its descriptor, open for
/// writing.
inline int create_beside(const std::filesystem::path& path, std::filesystem::path& beside) {
  for (int attempt = 0;; ++attempt) {
    beside = path;
    std::string name(".");  // not "." + ...: g++ 12 warns of a copy that is not there
    name += std::to_string(::getpid()) + '-' + std::to_string(attempt) + ".part";
    beside += name;
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor >= 0) return descriptor;
    if (errno != EEXIST || attempt == 1000) fail_to_write(path);
  }
}

/// Gives a file that is on the disk its name.
inline void take_name(const std::filesystem::path& beside, const std::filesystem::path& path) {
  if (::rename(beside.c_str(), path.c_str()) != 0) fail_to_write(path);
  // The new name, too, is to survive a loss of power; not every file system can promise it.
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  static_cast<void>(::fsync(descriptor));
  ::close(descriptor);
}

class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path)
      : path_(path), descriptor_(create_beside(path_, beside_)) {}
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!done_) ::unlink(beside_.c_str());
  }

  void write(const void* from, std::uint64_t bytes) {
    const char* next = static_cast<const char*>(from);
    while (bytes > 0) {
      const ::ssize_t written = ::write(descriptor_, next, std::min<std::uint64_t>(bytes, 1U << 30));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_to_write(path_);
      next += written;
      bytes -= static_cast<std::uint64_t>(written);
    }
  }

  void finish() {
    if (::fsync(descriptor_) != 0) fail_to_write(path_);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_to_write(path_);
    take_name(beside_, path_);
    done_ = true;
  }

 private:
  std::filesystem::path path_;
  std::filesystem::path beside_;
  int descriptor_ = -1;
  bool done_ = false;
};

}  // namespace fredholm::detail
