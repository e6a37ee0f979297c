// The core: one network for all neurons of the run, from which their students start. Trained on the
// teacher's labels, or the teacher's own layers and readouts.

#include <numeric>

#include "chain/start_model.h"
#include "chain/training_part.h"
#include "model_files/model_files.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

Trainee all_neurons(const StageContext& context) {
  const size_t count = context.subject().targets.size();
  Trainee all{.targets = std::vector<size_t>(count),
              .name = fmt::format("{} neurons", count),
              .label = "core"};
  std::iota(all.targets.begin(), all.targets.end(), size_t{0});
  return all;
}

Model trained_core(const StageContext& context) {
  const Recipe& recipe = context.recipe();
  const Trainee all = all_neurons(context);
  Architecture architecture =
      fresh_architecture(recipe, recipe.core.filters, context.subject().input,
                         static_cast<int64_t>(all.targets.size()));
  architecture.readout.kind = ReadoutKind::kFactorised;
  Model core(architecture, static_cast<uint64_t>(recipe.seed));
  const TargetLabels labels = labels_for(context, all.targets);
  core.set_output_scale(labels.offset, labels.gain);
  train_on_labels(context, all,
                  {.stage = "core",
                   .images = recipe.core.images,
                   .batch = recipe.core.batch,
                   .optimiser = kAdam,
                   .learning_rate = recipe.core.learning_rate,
                   .schedule = recipe.core.schedule,
                   .smooth_every = 0,
                   .smooth_sigma = 0,
                   .seed = static_cast<uint64_t>(recipe.seed),
                   .curve = true},
                  core);
  return core;
}

void make_core(const StageContext& context) {
  Model core = starts_from_teacher(context.recipe())
                   ? teacher_to_start_from(context.recipe(), context.subject(), context.run)
                   : trained_core(context);
  core.metadata = metadata_of(context, "core");
  write_model(context.run.model("core.safetensors"), core);
}

}  // namespace

Stage core_stage() {
  return {.name = "core",
          .product = "core",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*", "models/seen_pictures.txt?"},
          .also_reads = [](const Recipe& recipe) -> std::vector<std::string> {
            if (starts_from_teacher(recipe)) return {"models/" + teacher_member(0) + "?"};
            return {"labels/*"};
          },
          .makes = {"models/core.safetensors", "checkpoints/kept/core_core_*?"},
          .unit = "steps",
          .kept = {"core"},
          .keeps =
              [](const Recipe& recipe) {
                return kept_steps(steps_of(recipe.core.images, recipe.core.batch));
              },
          .wanted =
              [](const Recipe& recipe) {
                return recipe.core.images > 0 || starts_from_teacher(recipe);
              },
          .changes_values = [](const Recipe& recipe) { return recipe.core.images > 0; },
          .make = make_core,
          .read_state = read_training_state};
}

}  // namespace secateur
