#include "tensor/arena.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "tensor/tensor.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

constexpr int64_t kMegabyte = int64_t{1} << 20;

TEST(Arena, BlocksAreAligned) {
  for (const int64_t bytes : {1, 64, 65, 100, 513, 5000, 3 << 20}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena_allocate(bytes).get()) % 64, 0u) << bytes;
  }
}

TEST(Arena, GivesAFreedBlockAgain) {
  std::shared_ptr<void> block = arena_allocate(3 * kMegabyte);
  const void* const address = block.get();
  const ArenaUse held = arena_use();
  block.reset();
  EXPECT_EQ(arena_use().bytes_held, held.bytes_held);
  EXPECT_EQ(arena_use().bytes_in_use, held.bytes_in_use - 3 * kMegabyte);
  // Another size of the same class gets it too.
  block = arena_allocate(3 * kMegabyte - 1000);
  EXPECT_EQ(block.get(), address);
  EXPECT_EQ(arena_use().bytes_held, held.bytes_held);
}

TEST(Arena, WastesAtMostAnEighth) {
  for (int64_t bytes = 64; bytes < 4 * kMegabyte; bytes = bytes * 9 / 8 + 1) {
    const int64_t before = arena_use().bytes_in_use;
    const std::shared_ptr<void> block = arena_allocate(bytes);
    const int64_t taken = arena_use().bytes_in_use - before;
    EXPECT_GE(taken, bytes);
    EXPECT_LE(taken, bytes + bytes / 8 + 64) << bytes;
  }
}

TEST(Arena, PeakIsTheLargestUseSinceTheReset) {
  arena_reset_peak();
  const int64_t start = arena_use().bytes_in_use;
  EXPECT_EQ(arena_use().peak_in_use, start);
  {
    const auto a = arena_allocate(2 * kMegabyte);
    const auto b = arena_allocate(kMegabyte);
  }
  const auto c = arena_allocate(kMegabyte);
  EXPECT_EQ(arena_use().peak_in_use, start + 3 * kMegabyte);
  arena_reset_peak();
  EXPECT_EQ(arena_use().peak_in_use, start + kMegabyte);
}

TEST(Arena, TrimGivesBackWhatNobodyUses) {
  const auto used = arena_allocate(kMegabyte);
  arena_allocate(5 * kMegabyte).reset();
  EXPECT_GE(arena_use().bytes_held, arena_use().bytes_in_use + 5 * kMegabyte);
  arena_trim();
  EXPECT_EQ(arena_use().bytes_held, arena_use().bytes_in_use);
}

TEST(Arena, PoisonShowsWhatWasNotWritten) {
  Tensor::zeros({1000});  // leaves zeros behind in a kept block
  arena_poison(true);
  const Tensor poisoned(Shape{1000});
  arena_poison(false);
  for (const float v : poisoned.values()) ASSERT_TRUE(std::isnan(v));
}

TEST(Arena, SaysWhenMemoryRunsOut) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer stops the program instead of refusing memory";
#endif
  const ArenaUse before = arena_use();
  expect_refused([] { arena_allocate(int64_t{1} << 61); }, "out of memory", ErrorKind::kResource);
  EXPECT_EQ(arena_use().bytes_in_use, before.bytes_in_use);
  EXPECT_EQ(arena_use().bytes_held, before.bytes_held);
}

TEST(Arena, ThreadsNeverShareABlock) {
  const int64_t before = arena_use().bytes_in_use;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < 2000; ++round) {
        Tensor mine = Tensor::full({50 + round % 7}, static_cast<float>(t));
        for (const float v : mine.values()) ASSERT_EQ(v, static_cast<float>(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arena_use().bytes_in_use, before);
}

}  // namespace
}  // namespace secateur
