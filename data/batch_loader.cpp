#include "data/batch_loader.h"

#include <limits>
#include <utility>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

const BatchLoaderOptions& checked(const BatchLoaderOptions& options) {
  const auto at_least = [](const char* name, int64_t value, int64_t least) {
    if (value >= least) return;
    fail(ErrorKind::kUsage, "batches", "wanted {} of at least {}, got {}", name, least, value);
  };
  at_least("a batch size", options.batch_size, 1);
  at_least("a queue", options.queue, 1);
  at_least("threads", options.threads, 0);
  at_least("a start position", options.start_position, 0);
  return options;
}

}  // namespace

int default_loader_threads() { return thread_budget() >= 8 ? 2 : 1; }

BatchLoader::BatchLoader(std::shared_ptr<const TrainingSet> set, uint64_t seed,
                         const BatchLoaderOptions& options)
    : set_(std::move(set)),
      order_(seed, set_->size()),
      options_(checked(options)),
      batches_([this](int64_t number) { return make(number); }, 0,
               std::numeric_limits<int64_t>::max(), options_.threads, options_.queue) {}

Batch BatchLoader::make(int64_t number) const {
  Batch batch;
  batch.first_position = options_.start_position + number * options_.batch_size;
  batch.images = Tensor({options_.batch_size, 3, set_->height(), set_->width()});
  for (int64_t k = 0; k < options_.batch_size; ++k) {
    batch.items.push_back(order_.item(batch.first_position + k));
  }
  const auto fill = [&](int64_t k) {
    set_->fill(batch.items[static_cast<size_t>(k)],
               batch.images.data() + k * set_->values_per_item());
  };
  // A loader thread works alone beside the step; without loader threads the step waits here anyway.
  if (options_.threads == 0) {
    parallel_for(options_.batch_size, fill);
  } else {
    for (int64_t k = 0; k < options_.batch_size; ++k) fill(k);
  }
  return batch;
}

Batch BatchLoader::next() { return batches_.take(); }

int64_t BatchLoader::position() const {
  return options_.start_position + batches_.next() * options_.batch_size;
}

LoaderCounters BatchLoader::counters() const {
  return {batches_.next(), batches_.waits(), batches_.seconds_waited()};
}

}  // namespace secateur
