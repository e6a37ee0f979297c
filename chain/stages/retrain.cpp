// Retraining: the pruned network learns from the labels once more.

#include "chain/training_part.h"
#include "model_files/model_files.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

void retrain(const StageContext& context) {
  const std::string& label = context.neuron().label;
  Model model = read_model(context.run.model(label + "_pruned.safetensors"));
  const auto& r = context.recipe().retrain;
  if (r.images > 0) {
    train_on_labels(context, one_neuron(context), part_of(context, "retrain", r), model);
  }
  model.metadata = metadata_of_neuron(context, "retrained");
  write_model(context.run.model(label + "_retrained.safetensors"), model);
}

}  // namespace

Stage retrain_stage() {
  return {.name = "retrain",
          .product = "retrained",
          .reads = {"config.toml", "labels/*", "input:*", "models/{label}_pruned.safetensors",
                    "models/seen_pictures.txt?"},
          .makes = {"models/{label}_retrained.safetensors", "checkpoints/kept/{label}_retrain_*?"},
          .unit = "steps",
          .kept = {"retrain"},
          .keeps =
              [](const Recipe& recipe) {
                return kept_steps(steps_of(recipe.retrain.images, recipe.retrain.batch));
              },
          .changes_values = [](const Recipe& recipe) { return recipe.retrain.images > 0; },
          .make = retrain,
          .read_state = read_training_state};
}

}  // namespace secateur
