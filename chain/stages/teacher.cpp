// The teacher, where the recipe names no model file: an ensemble trained on the recordings, or
// readouts for their neurons on networks that were trained before.

#include "chain/budget.h"
#include "chain/fine_tuning.h"
#include "chain/frozen_trunk.h"
#include "chain/seen_pictures.h"
#include "chain/settings.h"
#include "chain/stage.h"
#include "chain/teacher_scores.h"
#include "chain/timings.h"
#include "data/image_batches.h"
#include "data/recording_split.h"
#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "models/model_trunk.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "training/readouts/readout_model.h"
#include "training/readouts/trunk_readout.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// A pass over a session of some hundred images takes a handful.
constexpr int64_t kStepsBetweenScores = 25;

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
          .target_steps = t.steps,
          .loss = parse_loss(t.loss),
          .patience = t.patience,
          .score_every_steps = kStepsBetweenScores,
          .curve =
              [&context, member](const Score& score) {
                return metrics_hook(context.log, context.observer, "teacher",
                                    fmt::format("member{}", member), kStepsBetweenScores, score);
              },
          .loader_threads = static_cast<int>(recipe.run.loader_threads),
          .checkpoint_folder = context.run.file("checkpoints"),
          .name = fmt::format("teacher_member{}", member),
          .key = sha256_of(recipe_text(without_places(recipe))),
          .title = fmt::format("teacher member {} of {}", member + 1, teacher_members(recipe))};
}

// A network for the neurons of the target session, and what it answers to the images held out, both
// on the scale of training.
struct Member {
  std::variant<Model, TrunkMember> network;
  Tensor held_out;                                        // [images, neurons]
  nlohmann::json of_trunk = nlohmann::json::object();     // its metadata
  nlohmann::json fine_tuning = nlohmann::json::object();  // where it was tried (fine_tuning.h)
};

Member trained_member(const StageContext& context, int64_t member) {
  const Subject& subject = context.subject();
  Model model =
      train_member(subject.teacher_sessions, member_options(context, member), context.observer);
  Tensor held_out = respond_to_all(Predictor(model), *subject.teacher_sessions.back().held_out,
                                   subject.input.mean);
  return {std::move(model), std::move(held_out)};
}

// [images of the session's set, neurons]: NaN for images that did not decide.
Tensor held_out_by(const FineTuned& tuned, int64_t images) {
  if (tuned.decided_by.empty()) return tuned.held_out;
  const int64_t neurons = tuned.held_out.dim(1);
  Tensor all = Tensor::full({images, neurons}, std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < tuned.decided_by.size(); ++i) {
    std::copy_n(tuned.held_out.data() + static_cast<int64_t>(i) * neurons, neurons,
                all.data() + tuned.decided_by[i] * neurons);
  }
  return all;
}

// The core and its readout trained further, where that is tried and better; else as given.
Member perhaps_tuned(const StageContext& context, int64_t number, const Model& core,
                     const TrunkReadout& found, Member as_fitted) {
  const Recipe& recipe = context.recipe();
  const auto& t = recipe.teacher_training;
  if (!fine_tunes(recipe, context.subject(), number)) return as_fitted;
  MemberOptions options = member_options(context, number);
  options.optimiser = kAdam;
  options.learning_rate = t.fine_tune_learning_rate;
  options.target_steps = t.fine_tune_steps;
  options.title += ", trained further";
  const SessionData& target = context.subject().teacher_sessions.back();
  FineTuned tuned =
      fine_tune(core, readout_kind(t.readout), found.readout, target, options, context.observer);
  context.observer.say(sentence_of(tuned));
  Member member = std::move(as_fitted);
  if (tuned.model) {
    member.held_out = held_out_by(tuned, target.set->images().count());
    member.network = *std::move(tuned.model);
  }
  member.fine_tuning = record_of(tuned);
  return member;
}

Member readout_on_trunk(const StageContext& context, int64_t number) {
  const Recipe& recipe = context.recipe();
  const Subject& subject = context.subject();
  const SessionData& target = subject.teacher_sessions.back();
  const auto fit = [&](const Trunk& trunk, const std::string& cache) {
    return fit_on_trunk(readout_kind(recipe.teacher_training.readout), trunk, target.set->images(),
                        target.responses, target.held_out.get(), cache,
                        static_cast<uint64_t>(recipe.seed), context.observer);
  };
  if (on_frozen_trunk(recipe, number)) {
    const auto trunk = frozen_trunk(recipe, number, subject.input);
    TrunkReadout found = fit(*trunk, recipe.run.trunk_cache);
    return {TrunkMember{.trunk = trunk, .readout = std::move(found.readout)},
            std::move(found.held_out)};
  }
  const Model trunk = given_trunk(recipe.trunk[static_cast<size_t>(number)], subject);
  const size_t blocks = trunk.architecture().blocks.size();
  TrunkReadout found = fit(*trunk_of_model(trunk, blocks), "");
  const Member fitted{model_with_readout(trunk, blocks, found.readout), found.held_out};
  Member member = perhaps_tuned(context, number, trunk, found, fitted);
  member.of_trunk = trunk.metadata;
  return member;
}

Member new_member(const StageContext& context, int64_t number) {
  return context.recipe().trunk.empty() ? trained_member(context, number)
                                        : readout_on_trunk(context, number);
}

// What the member was fitted on, and what its trunk says that it was. Throws Error(kUsage) when
// images that score are among it.
SplitGuard fitted_images(const StageContext& context, const nlohmann::json& of_trunk) {
  const Subject& subject = context.subject();
  SplitGuard guard;
  guard.declare_test_session(subject.test.session);
  if (of_trunk.contains("split")) {
    guard.merge(SplitGuard::from_json(of_trunk["split"], "the trunk"));
  }
  if (subject.teacher_sessions.back().session == subject.test.session) {
    guard.fitted(subject.test.session, subject.fitted, split_of(subject.test).order);
  }
  SplitGuard(guard).scored(subject.test.session, subject.scored, split_of(subject.test).order);
  return guard;
}

// On the scale of the recording.
Tensor as_recorded(const Tensor& responses, const std::vector<Scale>& scales) {
  Tensor recorded(Shape{responses.dim(1), responses.dim(0)});
  for (int64_t image = 0; image < responses.dim(0); ++image) {
    for (int64_t neuron = 0; neuron < responses.dim(1); ++neuron) {
      const Scale& scale = scales[static_cast<size_t>(neuron)];
      recorded[neuron * responses.dim(0) + image] = static_cast<float>(
          scale.offset + scale.gain * responses[image * responses.dim(1) + neuron]);
    }
  }
  return recorded;
}

// Of a network that responds on the scale of training, perhaps by an offset and gain of its own.
struct OutputScale {
  std::vector<double> offset;
  std::vector<double> gain;
};
OutputScale as_recorded(const std::vector<double>& offset, const std::vector<double>& gain,
                        const std::vector<Scale>& scales) {
  OutputScale recorded;
  for (size_t i = 0; i < scales.size(); ++i) {
    recorded.offset.push_back(scales[i].offset + scales[i].gain * (offset.empty() ? 0 : offset[i]));
    recorded.gain.push_back(scales[i].gain * (gain.empty() ? 1 : gain[i]));
  }
  return recorded;
}

void make_member(const StageContext& context, int64_t number) {
  const Subject& subject = context.subject();
  Member member = new_member(context, number);
  write_npy(context.run.file(held_out_file(number)),
            as_recorded(member.held_out, subject.teacher_scales));
  const auto finish = [&](auto& network) {
    network.metadata = {{"stage", "teacher"},
                        {"member", number},
                        {"split", fitted_images(context, member.of_trunk).to_json()}};
    if (!member.fine_tuning.empty()) network.metadata["fine_tuning"] = member.fine_tuning;
    name_seen(context.run, kSeenByTeacher, network.metadata);
  };
  const fs::path file = context.run.model(teacher_member(number));
  if (auto* const model = std::get_if<Model>(&member.network)) {
    finish(*model);
    const Readout& of_z = model->architecture().readout;
    const OutputScale scale = as_recorded(of_z.offset, of_z.gain, subject.teacher_scales);
    model->set_output_scale(scale.offset, scale.gain);
    write_model(file, *model);
  } else {
    auto& on_trunk = std::get<TrunkMember>(member.network);
    finish(on_trunk);
    FittedReadout& readout = on_trunk.readout;
    const OutputScale scale = as_recorded(readout.offset, readout.gain, subject.teacher_scales);
    readout.offset = scale.offset;
    readout.gain = scale.gain;
    write_trunk_member(file, on_trunk);
  }
}

void make_teacher(const StageContext& context) {
  const RunDirectory& run = context.run;
  fs::create_directories(run.file(kTeacherScores).parent_path());
  write_seen(run, kSeenByTeacher, seen_by_teacher(context.recipe(), context.subject()));
  for (int64_t i = 0; i < teacher_members(context.recipe()); ++i) {
    if (!fs::exists(run.model(teacher_member(i)))) make_member(context, i);
  }
  const nlohmann::json scores = teacher_scores(context);
  write_file_atomically(run.file(kTeacherScores), scores.dump(2) + "\n");
  const std::string weakness = weakness_of(JsonField(scores, "teacher", kTeacherScores));
  if (weakness.empty()) return;
  if (context.recipe().teacher_training.when_weak == "stop") {
    throw Error(ErrorKind::kDiverged,
                fmt::format("{}; {} may help; --go-on goes on all the same", weakness,
                            context.recipe().trunk.empty()
                                ? "more images, or trunk=FILE,"
                                : "more images, another trunk or teacher_training.readout"));
  }
  context.observer.say(weakness);
}

}  // namespace

Stage teacher_stage() {
  return {.name = kTeacherStage,
          .product = "teacher",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*"},
          .makes = {"models/teacher_member*", "teacher/*?"},
          .unit = "",
          .wanted = [](const Recipe& recipe) { return recipe.teacher.empty(); },
          .make = make_teacher};
}

}  // namespace secateur
