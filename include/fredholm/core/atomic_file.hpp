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

class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path) : path_(path) {
    // A name that nobody has: neither another thread that writes the same file, nor a link that was planted.
    for (int attempt = 0; descriptor_ < 0; ++attempt) {
      beside_ = path_;
      beside_ += "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".part";
      descriptor_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && (errno != EEXIST || attempt == 1000)) {
        done_ = true;  // there is nothing of ours to remove
        fail_to_write();
      }
    }
  }
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
      if (written < 0) fail_to_write();
      next += written;
      bytes -= static_cast<std::uint64_t>(written);
    }
  }

  void finish() {
    if (::fsync(descriptor_) != 0) fail_to_write();
    if (::close(std::exchange(descriptor_, -1)) != 0) fail_to_write();
    if (::rename(beside_.c_str(), path_.c_str()) != 0) fail_to_write();
    done_ = true;
    // The new name, too, is to survive a loss of power; not every file system can promise it.
    const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    static_cast<void>(::fsync(descriptor));
    ::close(descriptor);
  }

 private:
  [[noreturn]] void fail_to_write() const {
    const std::string reason = std::generic_category().message(errno);
    throw std::runtime_error("cannot write " + path_.string() + ": " + reason + ".");
  }

  std::filesystem::path path_;
  std::filesystem::path beside_;
  int descriptor_ = -1;
  bool done_ = false;
};

}  // namespace fredholm::detail
