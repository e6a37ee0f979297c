#pragma once
// Makes values ahead of their use on a few threads and hands them out in order.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tensor/parallel.h"

namespace secateur {

// take() returns make(begin), make(begin + 1), ... up to make(end - 1), whatever the number of
// threads. At most `depth` values are being made or wait to be taken. An exception of make(i) is
// thrown by the take() whose turn i is, and by every later one. Without threads, take() calls
// make() itself. The destructor waits only for calls of make() that are under way. take() is for
// one thread.
template <class T>
class OrderedPrefetch {
 public:
  using Make = std::function<T(int64_t)>;

  OrderedPrefetch(Make make, int64_t begin, int64_t end, int threads, int depth)
      : make_(std::move(make)), next_made_(begin), next_taken_(begin), end_(end), depth_(depth) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this](std::stop_token stop) { work(stop); });
    }
  }

  ~OrderedPrefetch() {
    for (std::jthread& thread : threads_) thread.request_stop();
  }

  OrderedPrefetch(const OrderedPrefetch&) = delete;
  OrderedPrefetch& operator=(const OrderedPrefetch&) = delete;

  int64_t next() const { return next_taken_; }
  double seconds_waited() const { return seconds_waited_; }
  int64_t waits() const { return waits_; }  // calls of take() that found nothing ready

  T take() {
    const auto start = std::chrono::steady_clock::now();
    if (threads_.empty()) ++waits_;
    T value = threads_.empty() ? make_(next_taken_) : wait_for(next_taken_);
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    seconds_waited_ += waited.count();
    ++next_taken_;
    return value;
  }

 private:
  struct Slot {
    T value;
    std::exception_ptr error;
  };

  T wait_for(int64_t index) {
    std::unique_lock lock(mutex_);
    if (!ready_.contains(index)) ++waits_;
    made_.wait(lock, [&] { return ready_.contains(index); });
    Slot& slot = ready_.at(index);
    if (slot.error) std::rethrow_exception(slot.error);
    T value = std::move(slot.value);
    ready_.erase(index);
    limit_ = index + 1 + depth_;
    room_.notify_all();
    return value;
  }

  void work(const std::stop_token& stop) {
    set_floating_point_policy();
    for (;;) {
      std::unique_lock lock(mutex_);
      const bool go = room_.wait(lock, stop, [&] { return next_made_ < std::min(limit_, end_); });
      if (!go || stop.stop_requested()) return;
      const int64_t index = next_made_++;
      lock.unlock();
      Slot slot{};
      try {
        slot.value = make_(index);
      } catch (...) {
        slot.error = std::current_exception();
      }
      lock.lock();
      ready_.emplace(index, std::move(slot));
      made_.notify_one();
    }
  }

  Make make_;
  int64_t next_made_;
  int64_t next_taken_;
  int64_t end_;
  int64_t depth_;
  int64_t limit_ = next_made_ + depth_;  // values from here on wait for room
  double seconds_waited_ = 0;
  int64_t waits_ = 0;
  std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable made_;
  std::map<int64_t, Slot> ready_;
  std::vector<std::jthread> threads_;  // last: stopped and joined before the rest goes away
};

}  // namespace secateur
