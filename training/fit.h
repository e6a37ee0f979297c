#pragma once
// The training loop: batches in their drawn order, an update by each, hooks, and checkpoints from
// which it goes on bit for bit.

#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "data/training_set.h"
#include "models/model.h"
#include "tensor/observer.h"
#include "training/hook.h"
#include "training/learning_rate.h"
#include "training/objective.h"
#include "training/optimiser.h"

namespace secateur {

// The wanted responses [n, outputs] of the items of a batch, in their order.
using Targets = std::function<Tensor(const std::vector<int64_t>& items)>;

struct FitOptions {
  int64_t steps = 0;
  int64_t batch = 64;
  LearningRate learning_rate;
  Objective objective;
  // A loss above this has left what training could come back from. With targets of variance 1, 1 is
  // the loss of answering with their mean, and kAbsurdLoss a hundred standard deviations off.
  double diverged_above = std::numeric_limits<double>::infinity();
  uint64_t seed = 1;  // of the order of the items
  int loader_threads = 1;
  // A file that holds the whole state of the loop, written every so many seconds and when
  // stopped; the one before is kept beside it as <name>.previous. Empty: no checkpoints.
  std::filesystem::path checkpoint;
  double checkpoint_seconds = 30;
  // Where the states of kept_steps() (kept_states.h) stay; the last one is written when the hooks
  // have ended. An empty folder: nowhere.
  std::filesystem::path kept_folder;
  std::string kept_name;
  // Ties a checkpoint to what is being trained; one with another key is refused.
  std::string key;
  std::string title = "training";  // names the loop for people
};

inline constexpr double kAbsurdLoss = 1e4;

enum class FitEnd { kDone, kStoppedEarly };

struct FitResult {
  FitEnd end;
  int64_t steps;
  double last_loss;
  int64_t images;  // of this call, not of the loop that it took up
  double seconds;
  double seconds_waited_for_data;  // of those: how long the step starved
};

// Thrown by a loop that its observer has stopped, with what it had done. Its end is not yet there.
struct FitStopped : Stopped {
  explicit FitStopped(const FitResult& so_far) : result(so_far) {}
  FitResult result;
};

// Trains until options.steps or a hook's stop. When options.checkpoint exists, the state in it is
// taken up first. After every step the observer hears of the images seen and, unless it was the
// last, is asked to stop: then the checkpoint is written and FitStopped thrown. Throws
// Error(kDiverged) when the loss stops being finite or is above options.diverged_above; the
// checkpoint written before then stays.
FitResult fit(Model& model, Optimiser& optimiser, std::shared_ptr<const TrainingSet> set,
              const Targets& targets, const FitOptions& options, Hooks& hooks, Observer& observer);

}  // namespace secateur
