// A place beside a file, for libraries that write to a path of their own: the file takes its name only when
// it is complete and on the disk. What AtomicFile (core/atomic_file.hpp) is for bytes that we
// write ourselves.
//
//   BesideFile beside("u.h5");
//   ... write to beside.path() and close it ...
//   beside.finish();            // without it, the destructor removes what was written
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <fredholm/core/atomic_file.hpp>

namespace fredholm::detail {

class BesideFile {
 public:
  explicit BesideFile(std::filesystem::path target) : target_(std::move(target)) {
    // Says what is wrong (no folder, no right to write) before a library says it in its own words.
    ::close(create_beside(target_, path_));
  }
  BesideFile(const BesideFile&) = delete;
  BesideFile& operator=(const BesideFile&) = delete;
  ~BesideFile() {
    if (!done_) ::unlink(path_.c_str());
  }

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }

  /// Takes room on the disk: from the byte `from` on, whether the file is that long or not. For libraries
  /// that do not survive a disk that is full.
  void reserve(std::uint64_t from, std::uint64_t bytes) const {
    const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) fail_to_write(target_);
    const int failed = ::posix_fallocate(descriptor, static_cast<off_t>(from), static_cast<off_t>(bytes));
    ::close(descriptor);
    errno = failed;
    if (failed != 0 && failed != EOPNOTSUPP && failed != EINVAL) fail_to_write(target_);
  }

  /// Gives back what was reserved and not used.
  void shorten(std::uint64_t bytes) const {
    if (::truncate(path_.c_str(), static_cast<off_t>(bytes)) != 0) fail_to_write(target_);
  }

  void finish() {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail_to_write(target_);
    const int synced = ::fsync(descriptor);
    const int reason = errno;
    ::close(descriptor);
    errno = reason;
    if (synced != 0) fail_to_write(target_);
    take_name(path_, target_);
    done_ = true;
  }

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  bool done_ = false;
};

}  // namespace fredholm::detail
