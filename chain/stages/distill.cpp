// Distillation: a student learns from the labels of its neuron.

#include <algorithm>

#include "chain/start_model.h"
#include "chain/training_part.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "training/kept_states.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

// From the recipe's start, from the core of the run or with fresh weights, on the scale of the
// labels.
Model untrained_student(const StageContext& context) {
  const TargetLabels labels = labels_for(context, {context.target});
  const Recipe& recipe = context.recipe();
  if (starts_from_file(recipe)) {
    return with_output_scale(start_model(recipe, context.subject(), context.target), labels.offset,
                             labels.gain);
  }
  if (recipe.core.images > 0 || starts_from_teacher(recipe)) {
    const Model core = read_model(context.run.model("core.safetensors"));
    return with_output_scale(student_from_shared(core, static_cast<int64_t>(context.target)),
                             labels.offset, labels.gain);
  }
  Model student(fresh_architecture(recipe, recipe.distill.filters, context.subject().input),
                static_cast<uint64_t>(recipe.seed));
  student.set_output_scale(labels.offset, labels.gain);
  // Gauss-Newton trains with the moving statistics that a network has, and fresh ones have none.
  if (recipe.distill.optimiser == kGaussNewton) {
    constexpr int64_t kImages = 512;
    const ImageSourcePtr& all = context.subject().distill_images;
    measure_statistics(context, image_range(all, 0, std::min(kImages, all->count())), student);
  }
  return student;
}

void distill(const StageContext& context) {
  Model student = untrained_student(context);
  const auto& d = context.recipe().distill;
  if (d.images > 0) {
    train_on_labels(context, one_neuron(context), part_of(context, "distill", d), student);
  }
  student.metadata = metadata_of_neuron(context, "student");
  write_model(context.run.model(context.neuron().label + "_student.safetensors"), student);
}

}  // namespace

Stage distill_stage() {
  return {.name = "distill",
          .product = "student",
          .reads = {"config.toml", "labels/*", "input:*", "models/core.safetensors?",
                    "models/seen_pictures.txt?"},
          .makes = {"models/{label}_student.safetensors", "checkpoints/kept/{label}_distill_*?"},
          .unit = "steps",
          .kept = {"distill"},
          .keeps =
              [](const Recipe& recipe) {
                return kept_steps(steps_of(recipe.distill.images, recipe.distill.batch));
              },
          .changes_values = [](const Recipe& recipe) { return recipe.distill.images > 0; },
          .make = distill,
          .read_state = read_training_state};
}

}  // namespace secateur
