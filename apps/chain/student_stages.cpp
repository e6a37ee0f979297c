// Distillation, pruning and retraining of one neuron's student.

#include <algorithm>

#include "apps/chain/core_stage.h"
#include "apps/chain/cut_stage.h"
#include "apps/chain/ledger_file.h"
#include "apps/chain/start_model.h"
#include "apps/chain/training_part.h"
#include "apps/terminal_observer.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "models/shared_core.h"
#include "pruning/variance/prune.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// From the recipe's start, from the core of the run or with fresh weights, on the scale of the
// labels.
Model untrained_student(const StageContext& context, size_t target) {
  const TargetAnswers answers = answers_for(context, {target});
  const Recipe& recipe = context.recipe;
  if (!recipe.start.empty()) {
    return with_output_scale(start_model(recipe, context.subject, target), answers.offset,
                             answers.gain);
  }
  if (recipe.core.images > 0) {
    return with_output_scale(student_from_shared(core_stage(context), static_cast<int64_t>(target)),
                             answers.offset, answers.gain);
  }
  Model student(student_architecture(recipe.distill.filters, context.subject.input),
                static_cast<uint64_t>(recipe.seed));
  student.set_output_scale(answers.offset, answers.gain);
  return student;
}

// Distillation and retraining have the same settings.
template <class Settings>
TrainingPart part_of(const StageContext& context, const std::string& stage, const Settings& s) {
  return {.stage = stage,
          .images = s.images,
          .batch = s.batch,
          .learning_rate = s.learning_rate,
          .schedule = s.schedule,
          .smooth_every = s.smooth_every,
          .smooth_sigma = s.smooth_sigma,
          .seed = static_cast<uint64_t>(context.recipe.seed),
          .curve = true};
}

}  // namespace

std::string stage_file(const NeuronTarget& target, const std::string& stage) {
  return fmt::format("{}_{}.safetensors", target.label, stage);
}

Model distill_stage(const StageContext& context, size_t target) {
  const auto file = context.run.model(stage_file(context.subject.targets[target], "student"));
  if (std::filesystem::exists(file)) return read_model(file);
  Model student = untrained_student(context, target);
  const auto& d = context.recipe.distill;
  if (d.images > 0) {
    train_on_labels(context, one_neuron(context.subject, target), part_of(context, "distill", d),
                    student);
  }
  student.metadata = metadata_of(context, target, "student");
  write_model(file, student);
  return student;
}

Model prune_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto file = context.run.model(stage_file(neuron, "pruned"));
  if (std::filesystem::exists(file)) return read_model(file);
  if (context.recipe.prune.criterion == "response") return cut_stage(context, target);
  const Model student = read_model(context.run.model(stage_file(neuron, "student")));
  const auto& p = context.recipe.prune;
  // The first items of the training set are the untouched images, so their labels are known.
  const int64_t count = std::min(p.images, context.subject.distill_images->count());
  const ImageSourcePtr images = image_range(context.subject.distill_images, 0, count);
  const std::vector<double> teacher =
      column(context.images.labels.rows(0, count), static_cast<int64_t>(target));
  const ImageVisitor visit{.count = count, .visit = [&](const ImageBody& body) {
                             for_each_image_batch(*images, context.subject.input.mean, 32, body);
                           }};
  const PruneOptions options{.threshold = p.threshold,
                             .floor = p.floor,
                             .order = p.order == "deepest_first" ? PruneOrder::kDeepestFirst
                                                                 : PruneOrder::kShallowestFirst,
                             .title = "prune " + neuron.name};
  TerminalObserver observer(Bar::kHidden);
  PruneResult result = prune(student, visit, teacher, options, observer);
  write_ledger(context.run, neuron, result.ledger);
  result.model.metadata = metadata_of(context, target, "pruned");
  write_model(file, result.model);
  return result.model;
}

Model retrain_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto file = context.run.model(stage_file(neuron, "retrained"));
  if (std::filesystem::exists(file)) return read_model(file);
  Model model = read_model(context.run.model(stage_file(neuron, "pruned")));
  const auto& r = context.recipe.retrain;
  if (r.images > 0) {
    train_on_labels(context, one_neuron(context.subject, target), part_of(context, "retrain", r),
                    model);
  }
  model.metadata = metadata_of(context, target, "retrained");
  write_model(file, model);
  return model;
}

}  // namespace secateur
