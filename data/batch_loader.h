#pragma once
// Makes the batches of a training run ahead of the step that uses them, in the exact order of
// positions: the bits of every batch depend on its first position only, not on the threads.

#include <cstdint>
#include <memory>
#include <vector>

#include "data/item_order.h"
#include "data/ordered_prefetch.h"
#include "data/training_set.h"
#include "tensor/tensor.h"

namespace secateur {

struct Batch {
  Tensor images;               // [n, 3, height, width]
  std::vector<int64_t> items;  // n items of the training set
  int64_t first_position =
      0;  // of items[0]; a resume after this batch starts at first_position + n
};

// Threads that decode beside the training step: few, because preparing a batch costs a few percent
// of a step, and a thread more than needed takes its time from the step.
int default_loader_threads();

struct BatchLoaderOptions {
  int64_t batch_size = 64;
  int64_t start_position = 0;
  int threads = default_loader_threads();  // 0: next() prepares the batch itself
  int queue = 4;                           // batches being made or waiting
};

struct LoaderCounters {
  int64_t batches = 0;        // handed out
  int64_t waits = 0;          // how many of them were not ready when asked for
  double seconds_waited = 0;  // in next(); beside the run's time, it says whether the step starves
};

class BatchLoader {
 public:
  // Throws Error(kUsage) for options out of range (batch_size and queue at least 1, the others at
  // least 0).
  BatchLoader(std::shared_ptr<const TrainingSet> set, uint64_t seed,
              const BatchLoaderOptions& options = {});

  // The next batch; never ends, epoch follows epoch. Throws again what reading an image of this
  // batch threw; the loader then stays at this batch.
  Batch next();

  int64_t position() const;  // of the first item that next() will return
  LoaderCounters counters() const;

 private:
  Batch make(int64_t number) const;

  std::shared_ptr<const TrainingSet> set_;
  ItemOrder order_;
  BatchLoaderOptions options_;
  OrderedPrefetch<Batch> batches_;
};

}  // namespace secateur
