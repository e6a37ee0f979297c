#include "tensor/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kHugePage = int64_t{2} << 20;

// Sizes are rounded up to 8 classes per power of two: at most 1/8 is wasted.
int64_t size_class(int64_t bytes) {
  if (bytes <= 8 * kAlignment) return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const int64_t step = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(bytes - 1))) / 8;
  return (bytes + step - 1) / step * step;
}

class Arena {
 public:
  void* take(int64_t bytes) {
    const std::lock_guard lock(mutex_);
    auto& kept = free_[bytes];
    void* block = nullptr;
    if (kept.empty()) {
      block = fresh(bytes);
      held_ += bytes;
    } else {
      block = kept.back();
      kept.pop_back();
    }
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
    if (poison_) std::memset(block, 0xff, static_cast<size_t>(bytes));  // all-ones bits are a NaN
    return block;
  }

  void give_back(void* block, int64_t bytes) noexcept {
    const std::lock_guard lock(mutex_);
    in_use_ -= bytes;
    free_[bytes].push_back(block);
  }

  ArenaUse use() {
    const std::lock_guard lock(mutex_);
    return {in_use_, held_, peak_};
  }

  void reset_peak() {
    const std::lock_guard lock(mutex_);
    peak_ = in_use_;
  }

  void trim() {
    const std::lock_guard lock(mutex_);
    for (auto& [bytes, blocks] : free_) {
      for (void* block : blocks) std::free(block);
      held_ -= bytes * static_cast<int64_t>(blocks.size());
      blocks.clear();
    }
  }

  void poison(bool on) {
    const std::lock_guard lock(mutex_);
    poison_ = on;
  }

 private:
  static void* fresh(int64_t bytes) {
    const int64_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
    const int64_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* block = std::aligned_alloc(static_cast<size_t>(alignment), static_cast<size_t>(rounded));
    if (block == nullptr) {
      fail(ErrorKind::kResource, "arena", "out of memory: could not get {} MB", bytes >> 20);
    }
    if (bytes >= kHugePage) madvise(block, static_cast<size_t>(rounded), MADV_HUGEPAGE);
    return block;
  }

  std::mutex mutex_;
  std::map<int64_t, std::vector<void*>> free_;
  int64_t in_use_ = 0;
  int64_t held_ = 0;
  int64_t peak_ = 0;
  bool poison_ = false;
};

// Leaked on purpose: tensors with static lifetime may give blocks back after main() ends.
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

}  // namespace

std::shared_ptr<void> arena_allocate(int64_t bytes) {
  const int64_t rounded = size_class(std::max<int64_t>(bytes, 1));
  return {arena().take(rounded), [rounded](void* block) { arena().give_back(block, rounded); }};
}

ArenaUse arena_use() { return arena().use(); }
void arena_reset_peak() { arena().reset_peak(); }
void arena_trim() { arena().trim(); }
void arena_poison(bool on) { arena().poison(on); }

}  // namespace secateur
