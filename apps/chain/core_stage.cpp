#include "apps/chain/core_stage.h"

#include <numeric>

#include "apps/chain/training_part.h"
#include "model_files/model_files.h"

namespace secateur {

Model core_stage(const StageContext& context) {
  const auto file = context.run.model("core.safetensors");
  if (std::filesystem::exists(file)) return read_model(file);
  const Recipe& recipe = context.recipe;
  const size_t targets = context.subject.targets.size();
  Architecture architecture = student_architecture(recipe.core.filters, context.subject.input,
                                                   static_cast<int64_t>(targets));
  architecture.readout.kind = ReadoutKind::kFactorised;
  Trainee all{.targets = std::vector<size_t>(targets),
              .name = fmt::format("{} neurons", targets),
              .label = "core"};
  std::iota(all.targets.begin(), all.targets.end(), size_t{0});
  Model core(architecture, static_cast<uint64_t>(recipe.seed));
  const TargetAnswers answers = answers_for(context, all.targets);
  core.set_output_scale(answers.offset, answers.gain);
  train_on_labels(context, all,
                  {.stage = "core",
                   .images = recipe.core.images,
                   .batch = recipe.core.batch,
                   .learning_rate = recipe.core.learning_rate,
                   .schedule = recipe.core.schedule,
                   .smooth_every = 0,
                   .smooth_sigma = 0,
                   .seed = static_cast<uint64_t>(recipe.seed),
                   .curve = true},
                  core);
  core.metadata = metadata_of(context, "core");
  write_model(file, core);
  return core;
}

}  // namespace secateur
