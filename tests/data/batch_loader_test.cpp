#include "data/batch_loader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tensor/arena.h"
#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using fixture::ProbedImages;
using fixture::refusal;

std::shared_ptr<ProbedImages> probe() { return std::make_shared<ProbedImages>(11, 8, 8); }

std::shared_ptr<const TrainingSet> set_of(ImageSourcePtr images) {
  return std::make_shared<TrainingSet>(std::move(images), fixture::kStrong, 3, 5);
}

std::vector<Batch> take(BatchLoader& loader, int count) {
  std::vector<Batch> batches;
  for (int i = 0; i < count; ++i) batches.push_back(loader.next());
  return batches;
}

void expect_same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first_position, b[i].first_position);
    EXPECT_EQ(a[i].items, b[i].items);
    EXPECT_TRUE(same_bits(a[i].images, b[i].images)) << "batch " << i;
  }
}

TEST(BatchLoader, FollowsTheOrderAcrossEpochs) {
  const auto set = set_of(probe());
  BatchLoader loader(set, 7, {.batch_size = 5, .threads = 2});
  const ItemOrder order(7, set->size());
  for (int64_t position = 0; position < 100; position += 5) {
    EXPECT_EQ(loader.position(), position);
    const Batch batch = loader.next();
    EXPECT_EQ(batch.first_position, position);
    EXPECT_EQ(batch.images.shape(), (Shape{5, 3, 8, 8}));
    ASSERT_EQ(batch.items.size(), 5u);
    for (int64_t k = 0; k < 5; ++k) {
      const int64_t item = batch.items[static_cast<size_t>(k)];
      EXPECT_EQ(item, order.item(position + k));
      Tensor wanted({1, 3, 8, 8});
      set->fill(item, wanted.data());
      EXPECT_TRUE(same_bits(batch.images.rows(k, k + 1), wanted));
    }
  }
}

TEST(BatchLoader, AnyNumberOfThreadsGivesTheSameBits) {
  const auto set = set_of(probe());
  BatchLoader alone(set, 7, {.batch_size = 4, .threads = 0});
  const std::vector<Batch> wanted = take(alone, 30);
  for (const int threads : {1, 3}) {
    for (const int queue : {1, 4}) {
      BatchLoader loader(set, 7, {.batch_size = 4, .threads = threads, .queue = queue});
      expect_same(take(loader, 30), wanted);
    }
  }
}

TEST(BatchLoader, ResumesAtAnyPosition) {
  const auto set = set_of(probe());
  BatchLoader whole(set, 7, {.batch_size = 4, .threads = 1});
  const std::vector<Batch> all = take(whole, 20);
  for (const int64_t done : {0, 1, 9, 15}) {
    BatchLoader resumed(set, 7, {.batch_size = 4, .start_position = done * 4, .threads = 2});
    expect_same(take(resumed, static_cast<int>(20 - done)), {all.begin() + done, all.end()});
  }
}

TEST(BatchLoader, ABatchMayBeLargerThanTheSet) {
  const auto set = set_of(probe());
  BatchLoader loader(set, 1, {.batch_size = 100, .threads = 1});
  EXPECT_EQ(loader.next().items.size(), 100u);
}

TEST(BatchLoader, MemoryStaysFlat) {
  const auto set = set_of(probe());
  const int64_t before = arena_use().bytes_in_use;
  arena_reset_peak();
  {
    BatchLoader loader(set, 7, {.batch_size = 16, .threads = 3, .queue = 4});
    for (int i = 0; i < 300; ++i) loader.next();
    const int64_t batch = 16 * 3 * 8 * 8 * 4;
    // The queue, the batch in hand, and the empty tensors of moved-from handles.
    EXPECT_LE(arena_use().peak_in_use - before, 5 * batch + 64 * 64);
  }
  EXPECT_EQ(arena_use().bytes_in_use, before);
}

TEST(BatchLoader, DoesNotRunFurtherAheadThanItsQueue) {
  const auto images = probe();
  BatchLoader loader(set_of(images), 7, {.batch_size = 4, .threads = 3, .queue = 2});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(images->reads, 2 * 4);
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(images->reads, 3 * 4);
}

// The batch number of the first item of a set of 11 images x 1 variant that shows image `bad`.
int64_t batch_with(int64_t bad, uint64_t seed, int64_t batch_size) {
  const ItemOrder order(seed, 11);
  int64_t position = 0;
  while (order.item(position) != bad) ++position;
  return position / batch_size;
}

TEST(BatchLoader, AFailureArrivesInItsTurn) {
  for (const int threads : {0, 1, 3}) {
    const auto images = probe();
    images->bad_image = 6;
    const auto set = std::make_shared<TrainingSet>(images, Augmentation::none(), 1, 5);
    BatchLoader loader(set, 3, {.batch_size = 2, .threads = threads});
    const int64_t good = batch_with(6, 3, 2);
    for (int64_t i = 0; i < good; ++i) EXPECT_EQ(loader.next().first_position, 2 * i);
    EXPECT_EQ(refusal([&] { loader.next(); }), "[probe] image 6 is broken");
    EXPECT_EQ(refusal([&] { loader.next(); }), "[probe] image 6 is broken");
    EXPECT_EQ(loader.position(), 2 * good);
  }
}

TEST(BatchLoader, CanBeDestroyedAtAnyTime) {
  for (int round = 0; round < 30; ++round) {
    const auto images = probe();
    images->milliseconds = round % 3;
    BatchLoader loader(set_of(images), 7, {.batch_size = 2, .threads = 3, .queue = 1 + round % 4});
    for (int i = 0; i < round % 5; ++i) loader.next();
  }
}

TEST(BatchLoader, CountersShowAStarvingStep) {
  const auto slow = probe();
  slow->milliseconds = 5;
  BatchLoader starving(set_of(slow), 7, {.batch_size = 2, .threads = 1, .queue = 1});
  take(starving, 5);
  EXPECT_EQ(starving.counters().batches, 5);
  EXPECT_GE(starving.counters().waits, 4);
  EXPECT_GE(starving.counters().seconds_waited, 0.03);
  BatchLoader fed(set_of(probe()), 7, {.batch_size = 2, .threads = 1, .queue = 4});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  take(fed, 3);
  EXPECT_LE(fed.counters().waits, 1);
}

TEST(BatchLoader, RefusesOptionsOutOfRange) {
  const auto sentence = [](const BatchLoaderOptions& options) {
    return refusal([&] { BatchLoader(set_of(probe()), 1, options); });
  };
  EXPECT_EQ(sentence({.batch_size = 0}), "[batches] wanted a batch size of at least 1, got 0");
  EXPECT_EQ(sentence({.threads = -1}), "[batches] wanted threads of at least 0, got -1");
  EXPECT_EQ(sentence({.queue = 0}), "[batches] wanted a queue of at least 1, got 0");
  EXPECT_EQ(sentence({.start_position = -4}),
            "[batches] wanted a start position of at least 0, got -4");
}

}  // namespace
}  // namespace secateur
