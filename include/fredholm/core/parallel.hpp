// Threads: a team that stays together from one call to the next.
//
//   Team team(threads);
//   team.run(count, [&](Index i) { ... });   every i in [0, count) once, on any thread; returns when all are
//                                            done
//
// What is computed must not depend on which thread took which i: the library deals work to a fixed number of
// lanes and adds the lanes up in order (autodiff/gradient.hpp). The first exception, by i, is thrown on to
// the caller.
#pragma once

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

/// FREDHOLM_THREADS of the environment if it is set, otherwise the number of processors.
inline int default_threads() {
  if (const char* text = std::getenv("FREDHOLM_THREADS")) {
    int threads = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, threads);
    require(error == std::errc() && stop == end && threads >= 1, "FREDHOLM_THREADS is \"", text,
            "\"; give a number of threads, 1 or more.");
    return threads;
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

class Team {
 public:
  explicit Team(int threads = default_threads()) {
    require(threads >= 1, "a Team has ", threads, " threads; give 1 or more.");
    try {
      for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    } catch (...) {
      leave();  // the system gives no more threads
      throw;
    }
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() { leave(); }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(Index count, const std::function<void(Index)>& task) {
    {
      const std::lock_guard lock(mutex_);
      task_ = &task, count_ = count, next_ = 0, pending_ = count, error_ = nullptr, error_at_ = count;
    }
    if (count > 1) wake_.notify_all();
    take_all();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return pending_ == 0; });
    task_ = nullptr;
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      if (next_ >= count_) {
        wake_.wait(lock);
        continue;
      }
      lock.unlock();
      take_all();
      lock.lock();
    }
  }

  void take_all() {
    std::unique_lock lock(mutex_);
    while (next_ < count_) {
      const Index i = next_++;
      const auto* task = task_;
      lock.unlock();
      std::exception_ptr error;
      try {
        (*task)(i);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error && i < error_at_) error_ = error, error_at_ = i;
      if (--pending_ == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(Index)>* task_ = nullptr;
  Index count_ = 0, next_ = 0, pending_ = 0, error_at_ = 0;
  std::exception_ptr error_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace fredholm
