// The teacher: an ensemble trained on the recordings, where the recipe names no model file.

#include "chain/budget.h"
#include "chain/settings.h"
#include "chain/stage.h"
#include "model_files/model_files.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

MemberOptions member_options(const StageContext& context, int64_t member) {
  const Recipe& recipe = context.recipe();
  const auto& t = recipe.teacher_training;
  return {.architecture = untrained_member(recipe, context.subject()).architecture(),
          // Members differ by seed only; the published ones count up from 31490.
          .seed = static_cast<uint64_t>(recipe.seed + 31489 + member),
          .epochs = static_cast<int>(t.epochs),
          .batch = t.batch,
          .optimiser = t.optimiser,
          .learning_rate = t.learning_rate,
          .readout_passes = static_cast<int>(t.readout_passes),
          .single_session_steps = t.steps,
          .loader_threads = static_cast<int>(recipe.run.loader_threads),
          .checkpoint_folder = context.run.file("checkpoints"),
          .name = fmt::format("teacher_member{}", member),
          .key = sha256_of(recipe_text(without_places(recipe))),
          .title = fmt::format("teacher member {} of {}", member + 1, t.members)};
}

void train_one(const StageContext& context, int64_t member) {
  const Subject& subject = context.subject();
  Model model =
      train_member(subject.teacher_sessions, member_options(context, member), context.observer);
  std::vector<double> offset;
  std::vector<double> gain;
  for (const Scale& scale : subject.teacher_scales) {
    offset.push_back(scale.offset);
    gain.push_back(scale.gain);
  }
  model.set_output_scale(offset, gain);
  SplitGuard guard;
  if (subject.teacher_sessions.size() > 1) guard.fitted(subject.test.session, subject.fitted);
  model.metadata = {{"stage", "teacher"}, {"member", member}, {"split", guard.to_json()}};
  write_model(context.run.model(teacher_member(member)), model);
}

void train_members(const StageContext& context) {
  for (int64_t i = 0; i < context.recipe().teacher_training.members; ++i) {
    if (!std::filesystem::exists(context.run.model(teacher_member(i)))) train_one(context, i);
  }
}

}  // namespace

Stage teacher_stage() {
  return {.name = "teacher",
          .product = "teacher",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*"},
          .makes = {"models/teacher_member*"},
          .unit = "",
          .wanted = [](const Recipe& recipe) { return recipe.teacher.empty(); },
          .make = train_members};
}

}  // namespace secateur
