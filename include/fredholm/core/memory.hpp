// Memory for arrays: aligned to a cache line, and kept for the next request of its size while a tape runs.
//
// A training step asks for the same sizes again and again. Handing each block back to the system costs
// PyTorch a factor of 1.3 to 1.9 in two dimensions (page faults), so a Pool keeps the blocks it gave out:
// once all that is in use at one time has been taken, no array of a step comes from the system. Blocks may
// outlive the pool, whose free ones go back to the system when it does, and may be freed by another thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <fredholm/core/shape.hpp>

namespace fredholm {

inline constexpr std::size_t cache_line = 64;

namespace detail {

/// Where Linux has large pages for who asks, blocks of 2 MB and more are made of them: what is read from end
/// to end, such as the weights of a spectral layer, then waits less for the addresses of its pages.
inline void* take_from_system(std::size_t bytes) {
#ifdef __linux__
  constexpr std::size_t large_page = std::size_t{2} << 20;
  void* block = nullptr;
  if (posix_memalign(&block, bytes >= large_page ? large_page : cache_line, bytes) != 0)
    throw std::bad_alloc();
  if (bytes >= large_page) madvise(block, bytes / large_page * large_page, MADV_HUGEPAGE);
  return block;
#else
  return ::operator new(bytes, std::align_val_t{cache_line});
#endif
}
inline void give_to_system(void* block) {
#ifdef __linux__
  std::free(block);
#else
  ::operator delete(block, std::align_val_t{cache_line});
#endif
}

/// The free blocks of a pool, by size class: four classes to each power of two.
class FreeBlocks {
 public:
  FreeBlocks() = default;
  FreeBlocks(const FreeBlocks&) = delete;
  FreeBlocks& operator=(const FreeBlocks&) = delete;
  ~FreeBlocks() { close(); }

  /// Gives the free blocks back to the system, and from now on those that come back.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& blocks : classes_) {
      for (void* block : blocks) give_to_system(block);
      blocks.clear();
    }
  }

  void* take(std::size_t bytes) {
    const SizeClass size = size_class(bytes);
    {
      const std::lock_guard lock(mutex_);
      auto& blocks = classes_[size.index];
      if (!blocks.empty()) {
        void* block = blocks.back();
        blocks.pop_back();
        return block;
      }
      ++taken_from_system_;
    }
    return take_from_system(size.bytes);
  }

  void give(void* block, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (closed_) return give_to_system(block);
    classes_[size_class(bytes).index].push_back(block);
  }

  /// How many blocks have come from the system: constant once a loop is in its steady state.
  std::size_t taken_from_system() const {
    const std::lock_guard lock(mutex_);
    return taken_from_system_;
  }

 private:
  struct SizeClass {
    std::size_t index;
    std::size_t bytes;
  };

  static SizeClass size_class(std::size_t bytes) {
    if (bytes <= 256) return {0, 256};
    const auto octave = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
    const std::size_t step = std::size_t{1} << (octave - 2);
    const std::size_t quarter = (bytes - 1 - (std::size_t{1} << octave)) / step;
    return {4 * (octave - 8) + quarter + 1, (std::size_t{1} << octave) + (quarter + 1) * step};
  }

  mutable std::mutex mutex_;
  std::array<std::vector<void*>, 4 * 56 + 1> classes_;
  std::size_t taken_from_system_ = 0;
  bool closed_ = false;
};

/// The allocator of the control blocks of pooled arrays.
template <class T>
struct PoolAllocator {
  using value_type = T;
  std::shared_ptr<FreeBlocks> blocks;

  explicit PoolAllocator(std::shared_ptr<FreeBlocks> free_blocks) : blocks(std::move(free_blocks)) {}
  template <class Other>
  PoolAllocator(const PoolAllocator<Other>& other) : blocks(other.blocks) {}

  T* allocate(std::size_t count) { return static_cast<T*>(blocks->take(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) { blocks->give(block, count * sizeof(T)); }
  template <class Other>
  bool operator==(const PoolAllocator<Other>& other) const {
    return blocks == other.blocks;
  }
};

}  // namespace detail

/// Gives out blocks and keeps those that come back, as long as it lives.
class Pool {
 public:
  Pool() = default;
  Pool(Pool&&) = default;
  Pool& operator=(Pool&& other) {
    if (blocks_ && blocks_ != other.blocks_) blocks_->close();
    blocks_ = std::move(other.blocks_);
    return *this;
  }
  ~Pool() {
    if (blocks_) blocks_->close();
  }

  /// An uninitialised block for `count` values.
  template <class T>
  std::shared_ptr<T> allocate(Index count) {
    if (!blocks_) blocks_ = std::make_shared<detail::FreeBlocks>();  // moved from
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
    auto* block = static_cast<T*>(blocks_->take(bytes));
    return std::shared_ptr<T>(
        block, [blocks = blocks_, bytes](T* back) { blocks->give(back, bytes); },
        detail::PoolAllocator<T>(blocks_));
  }

  std::size_t taken_from_system() const { return blocks_ ? blocks_->taken_from_system() : 0; }

 private:
  std::shared_ptr<detail::FreeBlocks> blocks_ = std::make_shared<detail::FreeBlocks>();
};

/// An uninitialised block straight from the system.
template <class T>
std::shared_ptr<T> allocate_from_system(Index count) {
  auto* block = static_cast<T*>(detail::take_from_system(static_cast<std::size_t>(count) * sizeof(T) + 1));
  return std::shared_ptr<T>(block, [](T* back) { detail::give_to_system(back); });
}

}  // namespace fredholm
