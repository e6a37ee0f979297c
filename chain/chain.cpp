#include "chain/chain.h"

#include <chrono>

#include "chain/budget.h"
#include "chain/budget_account.h"
#include "chain/fine_tuning.h"
#include "chain/frozen_trunk.h"
#include "chain/lineage_log.h"
#include "chain/machine.h"
#include "chain/neuron_choice.h"
#include "chain/results.h"
#include "chain/seen_pictures.h"
#include "chain/sizes.h"
#include "chain/stage_table.h"
#include "chain/start_model.h"
#include "chain/timings.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kResultsCap = int64_t{1} << 28;

// No times, no absolute paths: the same run writes the same bytes.
void write_machine(const Recipe& recipe, const RunDirectory& run) {
  const json about = {{"machine", describe_machine()}, {"seed", recipe.seed}};
  write_file_atomically(run.file("run.json"), about.dump(2) + "\n");
}

// Each costs what a member of the teacher will.
std::vector<TeacherMember> members_to_measure(const Recipe& recipe, const Subject& subject) {
  std::vector<TeacherMember> members;
  for (const std::string& path : recipe.teacher) members.emplace_back(read_model(path));
  for (size_t i = 0; i < recipe.trunk.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    if (on_frozen_trunk(recipe, number)) {
      members.emplace_back(unfitted_member(frozen_trunk(recipe, number, subject.input),
                                           static_cast<int64_t>(subject.targets.size())));
    } else {
      members.emplace_back(read_model(recipe.trunk[i]));
    }
  }
  if (!members.empty()) return members;
  return {static_cast<size_t>(teacher_members(recipe)),
          TeacherMember(untrained_member(recipe, subject))};
}

// Turns the budget of a recipe into numbers of images; `gone` seconds of it have passed.
void plan(Recipe& recipe, const Subject& subject, double gone, bool teacher_alone) {
  double left = budget_seconds(recipe.budget) - gone;
  if (recipe.teacher.empty() && recipe.trunk.empty()) {
    const double share = teacher_alone ? kLoneTeacherShare : kTeacherShare;
    plan_teacher(recipe, subject, share * left);
    left *= 1 - share;
  }
  left -= plan_fine_tuning(recipe, subject,
                           (teacher_alone ? kLoneTeacherShare : kFineTuningShare) * left);
  if (teacher_alone) return;
  const Costs costs = measure_costs(recipe, subject, members_to_measure(recipe, subject));
  plan_images(recipe, subject, costs, left);
}

void run_stage(const Stage& stage, const StageContext& context, LineageLog& lineage) {
  const std::string label = label_of(stage, context.subject(), context.target);
  timed(context.run.root(), stage.scope == Scope::kNeuron ? label : "", [&] {
    const std::string file = done_file(stage, label);
    const bool done = !file.empty() && fs::exists(context.run.file(file));
    if (!done) stage.make(context);
    // Also of a stage that was done before: the program may have been killed in between.
    lineage.done(stage, label);
    stop_if_asked(context.observer);
  });
}

StageBegun begun(const std::vector<StageTurn>& turns, size_t which, const Subject& subject) {
  const StageTurn& turn = turns[which];
  const bool of_neuron = turn.stage->scope == Scope::kNeuron;
  return {.stage = turn.stage->name,
          .neuron = of_neuron ? subject.targets[turn.target].name : "",
          .number = static_cast<int64_t>(which) + 1,
          .of = static_cast<int64_t>(turns.size()),
          .neuron_number = of_neuron ? static_cast<int64_t>(turn.target) + 1 : 0,
          .neurons = static_cast<int64_t>(subject.targets.size())};
}

std::unique_ptr<Materials> materials_of(const Recipe& recipe, const RunDirectory& run,
                                        ChainObserver& observer) {
  std::unique_ptr<Materials> materials;
  timed(run.root(), "", [&] {
    observer.say(recipe.source == "simulated" ? "simulating stimuli and responses"
                                              : "reading recordings and taking digests of inputs");
    materials = std::make_unique<Materials>(recipe, run, observer);
  });
  return materials;
}

// Names of neurons become numbers, so that what reads the recipe later needs no recording.
void name_by_number(const Subject& subject, Recipe& recipe) {
  if (!has_names(parse_neuron_choice(recipe.neuron).neurons)) return;
  std::vector<int64_t> numbers;
  for (const NeuronTarget& target : subject.targets) numbers.push_back(target.neuron);
  recipe.neuron = fmt::format("{}/{}", subject.test.session, fmt::join(numbers, ","));
}

}  // namespace

Recipe resolve(const Recipe& given, ChainObserver& observer, const std::string& last) {
  const auto start = std::chrono::steady_clock::now();
  Recipe recipe = given;
  check_recipe(recipe);
  order_sizes(recipe);
  observer.say("looking at what the recipe names");
  // A session that is alone need not be named.
  if (recipe.source == "recordings" && session_of(recipe).empty()) {
    const std::string only = only_session(recipe.recordings);
    if (!only.empty()) recipe.neuron = only + "/" + recipe.neuron;
  }
  // The quickest to be wrong, before stimuli are simulated or pictures read.
  targets_named(recipe);
  recipe.teacher = teacher_files(recipe.teacher);
  for (const auto* paths : {&recipe.teacher, &recipe.trunk}) {
    for (const std::string& path : *paths) model_file_kind(path);
  }
  const Subject subject = make_subject(recipe);
  if (recipe.source == "recordings") name_by_number(subject, recipe);
  for (const std::string& sentence : subject.left_out) observer.say(sentence);
  // What cannot teach or be started from is refused before anything is made.
  if (!recipe.teacher.empty()) given_teacher(recipe, subject);
  for (size_t i = 0; i < recipe.trunk.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    if (on_frozen_trunk(recipe, number)) {
      frozen_trunk(recipe, number, subject.input);
    } else {
      given_trunk(recipe.trunk[i], subject);
    }
  }
  require_start(recipe, subject);
  require_fine_tuning(recipe, subject);
  const SeenFindings seen = seen_findings(recipe, subject, seen_by_run(recipe, subject));
  for (const std::string& warning : seen.warnings) observer.say("WARNING: " + warning);
  for (const std::string& note : seen.notes) observer.say("note: " + note);
  if (recipe.budget.empty()) return recipe;
  observer.say("measuring this machine to plan the budget");
  const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - start;
  plan(recipe, subject, gone.count(), last == kTeacherStage);
  observer.say(budget_sentence(recipe.budget, budget_account(given, recipe, last)));
  return recipe;
}

void run_stages(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer,
                const std::string& last) {
  check_recipe(recipe);
  stage_named(last);  // refused before anything is loaded
  if (!fs::exists(run.file("config.toml"))) run.write_config(recipe);
  begin_lineage(run, recipe);
  const std::unique_ptr<Materials> materials = materials_of(recipe, run, observer);
  MetricsLog log(run.root());
  LineageLog lineage(run, recipe, materials->subject());
  StageContext context{*materials, run, log, observer};
  const std::vector<StageTurn> turns = turns_of(recipe, materials->subject().targets.size(), last);
  for (size_t i = 0; i < turns.size(); ++i) {
    context.target = turns[i].target;
    observer.begins(begun(turns, i, materials->subject()));
    run_stage(*turns[i].stage, context, lineage);
  }
  if (last != stage_table().back().name) return;
  lineage.finish();
  write_machine(recipe, run);
}

json run_chain(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer) {
  run_stages(run, recipe, observer);
  const fs::path file = run.file("results.json");
  json results = parse_json(read_file(file, kResultsCap), file.string());
  check_results(JsonField(results, "results", file.string()));
  const Timings timings = read_timings(run.root());
  json& rows = results["summary"]["neurons"];
  rows = with_minutes(rows, results, timings);
  if (!timings.budget.is_null()) results["summary"]["budget"] = budget_summary(timings);
  return results;
}

}  // namespace secateur
