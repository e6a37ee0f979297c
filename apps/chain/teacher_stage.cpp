// The teacher of a run: read from a file, or an ensemble trained here.

#include "apps/chain/session_outputs.h"
#include "apps/chain/stages.h"
#include "apps/terminal_observer.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

TeacherSet given_teacher(const Recipe& recipe, const Subject& subject) {
  const Model whole = read_model(recipe.teacher);
  const int64_t parameters = count_parameters(whole.architecture()).total;
  const std::string source = std::filesystem::path(recipe.teacher).filename().string();
  const InputSpec& in = whole.architecture().input;
  if (in.height != subject.input.height || in.width != subject.input.width) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} reads images of {} x {}, those of the session have {} x {}", source,
                            in.height, in.width, subject.input.height, subject.input.width));
  }
  const int64_t outputs = whole.architecture().readout.outputs;
  // A model of one neuron teaches that neuron.
  if (outputs == 1 && subject.targets.size() == 1) {
    return {.teacher = Teacher({whole}), .parameters = parameters, .source = source};
  }
  const std::vector<int64_t> of_session =
      session_outputs(recipe.teacher_outputs, subject, outputs, {"teacher", "teacher_outputs"});
  const int64_t first = subject.targets.front().neuron;
  const int64_t last = subject.targets.back().neuron;
  if (last >= static_cast<int64_t>(of_session.size())) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the teacher has {} outputs for session {}, neuron {} "
                            "is not among them",
                            of_session.size(), subject.test.session, last));
  }
  const Model part = select_outputs(whole, of_session[static_cast<size_t>(first)],
                                    of_session[static_cast<size_t>(last)] + 1);
  return {.teacher = Teacher({part}), .parameters = parameters, .source = source};
}

MemberOptions member_options(const Recipe& recipe, const Subject& subject, const RunDirectory& run,
                             int64_t member) {
  const auto& t = recipe.teacher_training;
  return {.architecture = member_architecture({.stem = t.stem,
                                               .width = t.width,
                                               .middle = t.middle,
                                               .residual_blocks = t.residual_blocks},
                                              subject.input, subject.test.neurons),
          // Members differ by seed only; the published ones count up from 31490.
          .seed = static_cast<uint64_t>(recipe.seed + 31489 + member),
          .epochs = static_cast<int>(t.epochs),
          .batch = t.batch,
          .optimiser = t.optimiser,
          .learning_rate = t.learning_rate,
          .readout_passes = static_cast<int>(t.readout_passes),
          .single_session_steps = t.steps,
          .loader_threads = static_cast<int>(recipe.run.loader_threads),
          .checkpoint_folder = run.root() / "checkpoints",
          .name = fmt::format("teacher_member{}", member),
          .key = sha256_of(write_recipe(without_places(recipe))),
          .title = fmt::format("teacher member {} of {}", member + 1, t.members)};
}

Model trained_member(const Recipe& recipe, const Subject& subject, const RunDirectory& run,
                     int64_t member) {
  const std::filesystem::path file = run.model(fmt::format("teacher_member{}.safetensors", member));
  if (std::filesystem::exists(file)) return read_model(file);
  const MemberOptions options = member_options(recipe, subject, run, member);
  TerminalObserver observer;
  Model model = train_member(subject.teacher_sessions, options, observer);
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
  write_model(file, model);
  return model;
}

}  // namespace

TeacherSet obtain_teacher(const Recipe& recipe, const Subject& subject, const RunDirectory& run) {
  if (!recipe.teacher.empty()) return given_teacher(recipe, subject);
  std::vector<Model> members;
  int64_t parameters = 0;
  for (int64_t i = 0; i < recipe.teacher_training.members; ++i) {
    const Model member = trained_member(recipe, subject, run, i);
    parameters += count_parameters(member.architecture()).total;
    members.push_back(
        select_outputs(member, subject.targets.front().neuron, subject.targets.back().neuron + 1));
  }
  return {.teacher = Teacher(members),
          .parameters = parameters,
          .source = fmt::format("ensemble of {}", members.size())};
}

}  // namespace secateur
