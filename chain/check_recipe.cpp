// The ranges of the settings, checked before anything is done with them.

#include <algorithm>
#include <array>
#include <charconv>

#include "chain/recipe.h"
#include "tensor/error.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

constexpr int64_t kMostImages = int64_t{1} << 40;
constexpr int64_t kMostStimuli = 1'000'000;  // their responses are kept in memory

void between(const char* key, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} wants a whole number from {} to {}, got {}", key, low, high, value));
}

void between(const char* key, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} wants a number from {} to {}, got {}", key, low, high, value));
}

void one_of(const char* key, const std::string& value, std::initializer_list<const char*> allowed) {
  if (std::any_of(allowed.begin(), allowed.end(), [&](const char* a) { return value == a; }))
    return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} wants {}, got '{}'", key, fmt::join(allowed, " or "), value));
}

void check_teacher(const Recipe& r) {
  const auto& t = r.teacher_training;
  between("teacher_training.members", t.members, 1, 1000);
  between("teacher_training.steps", t.steps, 0, kMostImages);
  between("teacher_training.epochs", t.epochs, 1, 1000);
  between("teacher_training.batch", t.batch, 2, 65536);
  one_of("teacher_training.optimiser", t.optimiser, {kSgd, kAdam});
  between("teacher_training.learning_rate", t.learning_rate, 1e-9, 100.0);
  between("teacher_training.patience", t.patience, 0, 1000);
  one_of("teacher_training.when_weak", t.when_weak, {"stop", "go_on"});
  one_of("teacher_training.readout", t.readout,
         {"gaussian", "ridge", "projection", "factorised", "dense", "average"});
  one_of("teacher_training.loss", t.loss, {"squared", "poisson"});
  one_of("teacher_training.fine_tune", t.fine_tune, {"auto", "always", "never"});
  between("teacher_training.fine_tune_steps", t.fine_tune_steps, 1, kMostImages);
  between("teacher_training.fine_tune_learning_rate", t.fine_tune_learning_rate, 1e-9, 100.0);
  between("teacher_training.stem", t.stem, 1, 4096);
  between("teacher_training.width", t.width, 1, 4096);
  between("teacher_training.middle", t.middle, 1, 4096);
  between("teacher_training.residual_blocks", t.residual_blocks, 0, 64);
  between("teacher_training.variants", t.variants, 1, 1 << 20);
  between("teacher_training.max_shift", t.max_shift, 0, 64);
  between("teacher_training.readout_passes", t.readout_passes, 1, 100000);
}

void check_filters(const char* key, const std::vector<int64_t>& filters) {
  if (filters.size() != 5) {
    throw Error(ErrorKind::kUsage, fmt::format("{} wants 5 numbers, got {}", key, filters.size()));
  }
  for (const int64_t count : filters) between(key, count, 1, 4096);
}

void check_core(const Recipe& r) {
  check_filters("core.filters", r.core.filters);
  between("core.images", r.core.images, 0, kMostImages);
  between("core.batch", r.core.batch, 2, 65536);
  between("core.learning_rate", r.core.learning_rate, 1e-9, 100.0);
  one_of("core.schedule", r.core.schedule, {"constant", "cosine"});
  if (r.core.images > 0 && !r.start.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("core.images wants 0 with start={}: students start from one or the "
                            "other, got {}",
                            r.start, r.core.images));
  }
}

void check_stages(const Recipe& r) {
  check_filters("distill.filters", r.distill.filters);
  // A student that starts from a trained model may go to pruning as it is.
  between("distill.images", r.distill.images, r.start.empty() && r.core.images == 0 ? 1 : 0,
          kMostImages);
  between("distill.batch", r.distill.batch, 2, 65536);
  one_of("distill.optimiser", r.distill.optimiser, {kAdam, kGaussNewton});
  between("distill.learning_rate", r.distill.learning_rate, 1e-9, 100.0);
  one_of("distill.schedule", r.distill.schedule, {"constant", "cosine"});
  between("distill.variants", r.distill.variants, 1, 1 << 20);
  between("distill.smooth_every", r.distill.smooth_every, 0, kMostImages);
  between("distill.smooth_sigma", r.distill.smooth_sigma, 0.0, 10.0);
  one_of("distill.activation", r.distill.activation, {"relu", "linear"});
  if (r.distill.activation != "relu" && !r.start.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("distill.activation wants relu with start={}: students have the "
                            "activations of what they start from, got '{}'",
                            r.start, r.distill.activation));
  }
  between("distill.fixed_layers", r.distill.fixed_layers, 0, 5);
  between("prune.threshold", r.prune.threshold, 0.01, 1.0);
  between("prune.floor", r.prune.floor, 1, 4096);
  one_of("prune.order", r.prune.order, {"deepest_first", "shallowest_first"});
  between("prune.images", r.prune.images, 16, kMostImages);
  one_of("prune.criterion", r.prune.criterion, {"variance", "response"});
  between("prune.step", r.prune.step, 0.001, 0.9);
  between("prune.parameters", r.prune.parameters, 1, kMostImages);
  for (const int64_t parameters : r.prune.keep) {
    between("prune.keep", parameters, 1, kMostImages);
  }
  if (!r.prune.keep.empty() && r.prune.criterion != "response") {
    throw Error(ErrorKind::kUsage,
                fmt::format("prune.keep wants prune.criterion=response, which cuts to a number of "
                            "parameters, got {}",
                            r.prune.criterion));
  }
  between("prune.tune_images", r.prune.tune_images, 0, kMostImages);
  between("prune.tune_learning_rate", r.prune.tune_learning_rate, 1e-9, 100.0);
  between("retrain.images", r.retrain.images, 0, kMostImages);
  between("retrain.batch", r.retrain.batch, 2, 65536);
  one_of("retrain.optimiser", r.retrain.optimiser, {kAdam, kGaussNewton});
  between("retrain.learning_rate", r.retrain.learning_rate, 1e-9, 100.0);
  one_of("retrain.schedule", r.retrain.schedule, {"constant", "cosine"});
  between("retrain.smooth_every", r.retrain.smooth_every, 0, kMostImages);
  between("retrain.smooth_sigma", r.retrain.smooth_sigma, 0.0, 10.0);
  between("compress.max_loss", r.compress.max_loss, 1e-6, 0.5);
  between("compress.images", r.compress.images, 16, 100000);
}

}  // namespace

void check_recipe(const Recipe& r) {
  between("seed", r.seed, 0, int64_t{1} << 62);
  one_of("source", r.source, {"recordings", "simulated"});
  budget_seconds(r.budget);
  if (r.source == "simulated") {
    between("simulated.size", r.simulated.size, 32, 512);
    if (r.simulated.size % 4 != 0) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("simulated.size wants a multiple of 4, got {}", r.simulated.size));
    }
    if (r.evaluate.fold != -1) {
      throw Error(ErrorKind::kUsage,
                  "evaluate.fold is a fold of a session's split.csv: simulated ones have none");
    }
    between("simulated.images", r.simulated.images, 64, kMostStimuli);
    between("simulated.test_images", r.simulated.test_images, 32, kMostStimuli);
    between("simulated.distill_images", r.simulated.distill_images, 64, kMostStimuli);
  } else if (r.recordings.empty()) {
    throw Error(ErrorKind::kUsage,
                "recordings is not set: add recordings=FOLDER, a clone of the authors' repository");
  }
  if (!r.teacher.empty() && !r.trunk.empty()) {
    throw Error(ErrorKind::kUsage,
                "teacher and trunk are both set: a teacher that is given needs no readouts");
  }
  between("trunk_pixels", r.trunk_pixels, 32, 1024);
  if (r.trunk_pixels % 16 != 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("trunk_pixels wants a multiple of 16, got {}", r.trunk_pixels));
  }
  check_teacher(r);
  check_core(r);
  check_stages(r);
  between("augment.flip", r.augment.flip, 0.0, 1.0);
  between("augment.max_shift", r.augment.max_shift, 0, 64);
  between("augment.contrast", r.augment.contrast, 0.0, 1.0);
  between("augment.brightness", r.augment.brightness, 0.0, 255.0);
  between("augment.zoom", r.augment.zoom, 0.0, 4.0);
  between("evaluate.every_steps", r.evaluate.every_steps, 1, kMostImages);
  between("evaluate.validation_images", r.evaluate.validation_images, 16, 1000000);
  between("evaluate.bootstrap", r.evaluate.bootstrap, 100, 1000000);
  one_of("evaluate.seen", r.evaluate.seen, {"refuse", "allow"});
  between("evaluate.fold", r.evaluate.fold, -1, kMostImages);
  between("run.checkpoint_seconds", r.run.checkpoint_seconds, 1.0, 86400.0);
  between("run.loader_threads", r.run.loader_threads, 0, 64);
}

double budget_seconds(const std::string& budget) {
  if (budget.empty()) return 0;
  double number = 0;
  const char* const end = budget.data() + budget.size();
  const auto [rest, error] = std::from_chars(budget.data(), end, number);
  const std::string unit(rest, end);
  const double scale = unit == "s" || unit == "sec"   ? 1
                       : unit == "min" || unit == "m" ? 60
                       : unit == "h"                  ? 3600
                                                      : 0;
  if (error != std::errc() || scale == 0 || !(number > 0) || number * scale > 1e9) {
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted a budget such as 20min, 90s or 1.5h, got '{}'", budget));
  }
  return number * scale;
}

}  // namespace secateur
