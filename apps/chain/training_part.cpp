#include "apps/chain/training_part.h"

#include <algorithm>
#include <cmath>

#include "apps/interrupt.h"
#include "apps/progress.h"
#include "models/shared_core.h"
#include "provenance/sha256.h"
#include "tensor/arena.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::vector<double> column(const Tensor& table, size_t which) {
  std::vector<double> values;
  for (int64_t i = 0; i < table.dim(0); ++i) {
    values.push_back(table[i * table.dim(1) + static_cast<int64_t>(which)]);
  }
  return values;
}

FitOptions fit_options(const StageContext& context, size_t target, const TrainingPart& part) {
  const int64_t steps = std::max<int64_t>(1, part.images / part.batch);
  const NeuronTarget& neuron = context.subject.targets[target];
  return {.steps = steps,
          .batch = part.batch,
          .learning_rate = {.base = part.learning_rate,
                            .shape = parse_rate_shape(part.schedule),
                            .total_steps = steps,
                            .warmup_steps = std::min<int64_t>(100, steps / 10)},
          .seed = part.seed,
          .loader_threads = static_cast<int>(context.recipe.run.loader_threads),
          .checkpoint = part_checkpoint(context, target, part.stage),
          .checkpoint_seconds = context.recipe.run.checkpoint_seconds,
          .key = sha256_of(write_recipe(context.recipe)) + "/" + neuron.label + "/" + part.stage};
}

}  // namespace

TargetAnswers answers_for(const StageContext& context, size_t target) {
  TargetAnswers answers{.values = column(context.images.labels, target), .offset = 0, .gain = 1};
  answers.offset = mean_of(answers.values);
  const double spread = std::sqrt(variance_of(answers.values, 0));
  if (spread > 0) answers.gain = spread;
  return answers;
}

Score validation_score(const StageContext& context, size_t target) {
  return [&context, wanted = column(context.images.validation_labels, target)](const Model& model) {
    const Predictor predict(model);
    const Tensor responses = respond_to_all(std::cref(predict), *context.subject.validation_images,
                                            context.subject.input.mean);
    return squared_correlation(column(responses, 0), wanted);
  };
}

std::filesystem::path part_checkpoint(const StageContext& context, size_t target,
                                      const std::string& stage) {
  return context.run.checkpoint(stage_file(context.subject.targets[target], stage));
}

double train_on_labels(const StageContext& context, size_t target, const TrainingPart& part,
                       Model& model) {
  // Buffers kept for the network before are of other sizes than this one's.
  arena_trim();
  const TargetAnswers answers = answers_for(context, target);
  model = with_output_scale(model, {answers.offset}, {answers.gain});
  const Targets targets = [&](const std::vector<int64_t>& items) {
    Tensor wanted(Shape{static_cast<int64_t>(items.size()), 1});
    for (size_t i = 0; i < items.size(); ++i) {
      wanted[static_cast<int64_t>(i)] = static_cast<float>(
          (answers.values[static_cast<size_t>(items[i])] - answers.offset) / answers.gain);
    }
    return wanted;
  };
  const NeuronTarget& neuron = context.subject.targets[target];
  const FitOptions options = fit_options(context, target, part);
  Hooks hooks;
  if (part.smooth_every > 0) hooks.push_back(smoothing_hook(part.smooth_every, part.smooth_sigma));
  if (part.curve) {
    hooks.push_back(metrics_hook(context.log, part.stage, neuron.label,
                                 context.recipe.evaluate.every_steps,
                                 validation_score(context, target)));
  }
  const std::unique_ptr<Optimiser> adam = make_adam();
  Progress bar(fmt::format("{} {}", part.stage, neuron.name), "images",
               static_cast<double>(options.steps * part.batch));
  const FitResult result = fit(model, *adam, context.images.set, targets, options, hooks,
                               {.preempted = interrupted, .progress = [&](const FitProgress& p) {
                                  bar.update(static_cast<double>(p.step * part.batch),
                                             fmt::format("loss {:.4f}", p.loss));
                                }});
  if (result.end == FitEnd::kPreempted) throw Interrupted();
  return result.last_loss;
}

// The student was distilled on images of the test session's first half, so no later program may
// score it there.
nlohmann::json metadata_of(const StageContext& context, size_t target, const std::string& stage) {
  const Subject& subject = context.subject;
  SplitGuard guard;
  guard.declare_test_session(subject.test.session);
  guard.fitted(subject.test.session, subject.fitted);
  return {{"stage", stage},
          {"session", subject.test.session},
          {"neuron", subject.targets[target].neuron},
          {"seed", context.recipe.seed},
          {"split", guard.to_json()}};
}

}  // namespace secateur
