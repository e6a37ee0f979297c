#include "training/fit.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "data/batch_loader.h"
#include "tensor/error.h"
#include "training/checkpoint.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Progress progress_of(const FitOptions& options, const LoopPlace& place) {
  return {.what = options.title,
          .unit = "images",
          .done = static_cast<double>(place.step * options.batch),
          .total = static_cast<double>(options.steps * options.batch),
          .detail = fmt::format("loss {:.4f}", place.last_loss)};
}

}  // namespace

FitResult fit(Model& model, Optimiser& optimiser, std::shared_ptr<const TrainingSet> set,
              const Targets& targets, const FitOptions& options, Hooks& hooks, Observer& observer) {
  LoopPlace place;
  const bool keeps = !options.checkpoint.empty();
  if (keeps) {
    const auto found = read_checkpoint(options.checkpoint, options.key, model, optimiser, hooks);
    if (found) place = *found;
  }
  const int64_t first = place.step;
  BatchLoader loader(std::move(set), options.seed,
                     {.batch_size = options.batch,
                      .start_position = place.step * options.batch,
                      .threads = options.loader_threads});
  const auto save = [&] {
    if (keeps) write_checkpoint(options.checkpoint, options.key, model, optimiser, hooks, place);
  };
  const std::vector<int64_t> keep = kept_steps(options.steps);
  const auto keep_state = [&] {
    if (options.kept_folder.empty()) return;
    if (!std::binary_search(keep.begin(), keep.end(), place.step)) return;
    write_state(kept_state(options.kept_folder, options.kept_name, place.step), options.key, model,
                optimiser, hooks, place);
  };
  if (first == 0) keep_state();
  const Clock::time_point start = Clock::now();
  Clock::time_point saved = start;
  FitEnd end = FitEnd::kDone;
  const auto result = [&]() -> FitResult {
    return {.end = end,
            .steps = place.step,
            .last_loss = place.last_loss,
            .images = (place.step - first) * options.batch,
            .seconds = seconds_since(start),
            .seconds_waited_for_data = loader.counters().seconds_waited};
  };
  StepContext context{.model = model,
                      .step = place.step,
                      .total_steps = options.steps,
                      .images_seen = place.step * options.batch,
                      .loss = place.last_loss,
                      .learning_rate = 0};
  while (place.step < options.steps && end == FitEnd::kDone) {
    const Batch batch = loader.next();
    context.learning_rate = options.learning_rate.at(place.step);
    context.loss = optimiser.learn(model, batch.images, targets(batch.items), options.objective,
                                   context.learning_rate);
    if (!std::isfinite(context.loss) || context.loss > options.diverged_above) {
      fail(ErrorKind::kDiverged, "training",
           "{}: the loss is {:.3g} at step {}, a smaller learning rate than {} may help",
           options.title, context.loss, place.step + 1, options.learning_rate.base);
    }
    place = {.step = place.step + 1, .last_loss = context.loss};
    context.step = place.step;
    context.images_seen = place.step * options.batch;
    for (const auto& hook : hooks) hook->after_step(context);
    if (context.stop) end = FitEnd::kStoppedEarly;
    observer.progress(progress_of(options, place));
    if (end == FitEnd::kDone && place.step < options.steps) {
      keep_state();
      const bool stop = observer.stop();
      if (stop || seconds_since(saved) > options.checkpoint_seconds) {
        save();
        saved = Clock::now();
      }
      if (stop) throw FitStopped(result());
    }
  }
  for (const auto& hook : hooks) hook->at_end(context);
  if (end == FitEnd::kDone) keep_state();
  return result();
}

}  // namespace secateur
