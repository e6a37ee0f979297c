#include "apps/chain/chain.h"

#include <chrono>

#include "apps/chain/budget.h"
#include "apps/chain/compress_stage.h"
#include "apps/chain/core_stage.h"
#include "apps/chain/evaluate_stage.h"
#include "apps/chain/input_files.h"
#include "apps/chain/recovery_stage.h"
#include "apps/chain/stage_log.h"
#include "apps/chain/stages.h"
#include "apps/chain/start_model.h"
#include "apps/chain/timings.h"
#include "apps/interrupt.h"
#include "apps/machine.h"
#include "apps/progress.h"
#include "apps/report/report.h"
#include "formats/atomic_file.h"
#include "model_files/model_files.h"
#include "provenance/manifest.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Every network of one neuron, as the evaluation takes them.
std::vector<StageModel> finish_neuron(const StageContext& context, size_t target, StageLog& log) {
  std::vector<StageModel> models;
  const auto add = [&](const std::string& stage, const Model& model, const fs::path& file) {
    models.push_back({.stage = stage,
                      .model = model,
                      .filters = filter_counts(model.architecture()),
                      .bytes = static_cast<int64_t>(fs::file_size(file))});
  };
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto do_stage = [&](const char* stage, Model (*make)(const StageContext&, size_t),
                            void (StageLog::*done)(const std::string&)) {
    const Model model = make(context, target);
    (log.*done)(neuron.label);
    add(stage, model, context.run.model(stage_file(neuron, stage)));
    if (interrupted()) throw Interrupted();
  };
  do_stage("student", distill_stage, &StageLog::student);
  do_stage("pruned", prune_stage, &StageLog::pruned);
  do_stage("retrained", retrain_stage, &StageLog::retrained);
  const CompactStage compact = compress_stage(context, target);
  log.compact(neuron.label);
  add("compact", compact.model, compact.file);
  if (const auto published = published_model(context.recipe, context.subject, target)) {
    add("published", read_model(*published), *published);
  }
  return models;
}

// What --json prints: the numbers of the compact model and their counterparts, medians when there
// are several neurons, and a row for each.
json summary_of(const json& results) {
  const json& medians = results.at("median");
  const auto number = [&](const char* stage, const char* key) -> json {
    if (!medians.contains(stage)) return nullptr;
    return medians[stage].value(key, json());
  };
  return {{"neurons", neuron_rows(results)},
          {"parameters", number("compact", "parameters")},
          {"bytes", number("compact", "bytes")},
          {"r2_teacher", number("compact", "r2_teacher")},
          {"r2_raw", number("compact", "r2_raw")},
          {"r2_er", number("compact", "r2_er")},
          {"teacher_r2_raw", number("teacher", "r2_raw")},
          {"teacher_r2_er", number("teacher", "r2_er")},
          {"teacher_parameters", number("teacher", "parameters")},
          {"student_parameters", number("student", "parameters")},
          {"student_r2_teacher", number("student", "r2_teacher")},
          {"student_r2_raw", number("student", "r2_raw")},
          {"published_r2_teacher", number("published", "r2_teacher")},
          {"published_r2_raw", number("published", "r2_raw")},
          {"published_parameters", number("published", "parameters")}};
}

void write_manifest(const Recipe& recipe, const Subject& subject, const RunDirectory& run) {
  json outputs = hash_files(files_below(run.root() / "models", run.root()));
  for (const char* name : {"config.toml", "ledger.jsonl", "metrics.jsonl", "results.json"}) {
    if (fs::exists(run.file(name))) outputs.update(hash_files({{name, run.file(name)}}));
  }
  const json manifest = {{"machine", describe_machine()},
                         {"seed", recipe.seed},
                         {"inputs", hash_files(input_files(recipe, subject))},
                         {"outputs", outputs}};
  write_file_atomically(run.file("run.json"), manifest.dump(2) + "\n");
}

}  // namespace

Recipe resolve(const Recipe& given) {
  const auto start = std::chrono::steady_clock::now();
  const auto gone = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Recipe recipe = given;
  check_recipe(recipe);
  const double seconds = budget_seconds(recipe.budget);
  const Subject subject = make_subject(recipe);
  if (!recipe.start.empty()) {
    // A start that cannot be is refused before the labels, which take minutes.
    for (size_t i = 0; i < subject.targets.size(); ++i) start_model(recipe, subject, i);
  }
  if (seconds <= 0) return recipe;
  say("measuring this machine to plan the budget");
  double left = seconds - gone();
  if (recipe.teacher.empty()) {
    plan_teacher(recipe, subject, left);
    left *= 1 - kTeacherShare;
  }
  const Model teacher =
      recipe.teacher.empty() ? untrained_member(recipe, subject) : read_model(recipe.teacher);
  plan_images(recipe, subject, measure_costs(recipe, subject, teacher), left);
  const bool cuts = recipe.prune.criterion == "response";
  say(fmt::format(
      "budget {}: {}{} images for distillation in {} variants, {}{} for retraining", recipe.budget,
      recipe.core.images > 0 ? fmt::format("{} for the core, ", recipe.core.images) : "",
      recipe.distill.images, recipe.distill.variants,
      cuts ? fmt::format("{} after each cut of {:.0f} % of the filters, ", recipe.prune.tune_images,
                         100 * recipe.prune.step)
           : "",
      recipe.retrain.images));
  return recipe;
}

void run_until(const RunDirectory& run, LastStage last) {
  if (last == LastStage::kEvaluated) {
    run_chain(run);
    return;
  }
  const Recipe recipe = run.read_config();
  check_recipe(recipe);
  const Subject subject = make_subject(recipe);
  const TeacherSet teacher = obtain_teacher(recipe, subject, run);
  if (last == LastStage::kTeacher) return;
  const LabelledImages images = label_images(recipe, subject, teacher.teacher, run);
  MetricsLog log(run.root());
  const StageContext context{recipe, subject, run, images, log};
  StageLog stages(context);
  for (size_t target = 0; target < subject.targets.size(); ++target) {
    const std::string& label = subject.targets[target].label;
    distill_stage(context, target);
    stages.student(label);
    if (last == LastStage::kPruned) {
      prune_stage(context, target);
      stages.pruned(label);
    }
    if (interrupted()) throw Interrupted();
  }
}

namespace {

// What the stages of all neurons need, made once: the more neurons, the less it costs each.
struct Shared {
  explicit Shared(const Recipe& recipe, const RunDirectory& run)
      : subject(make_subject(recipe)),
        teacher(obtain_teacher(recipe, subject, run)),
        images(label_images(recipe, subject, teacher.teacher, run)),
        answers(ask_teacher(subject, teacher.teacher)) {}
  Subject subject;
  TeacherSet teacher;
  LabelledImages images;
  TestAnswers answers;
};

std::unique_ptr<Shared> shared_work(const Recipe& recipe, const RunDirectory& run) {
  const Stopwatch watch(run.root(), "");
  return std::make_unique<Shared>(recipe, run);
}

json judged_neuron(const StageContext& context, const Shared& shared, size_t target,
                   StageLog& log) {
  const Stopwatch watch(context.run.root(), shared.subject.targets[target].label);
  const std::vector<StageModel> models = finish_neuron(context, target, log);
  json judged = judge_neuron(context.recipe, shared.subject, target, shared.answers, shared.teacher,
                             models, context.run);
  for (const StageModel& model : models) {
    if (model.model.metadata.contains("cuts")) judged["cuts"] = model.model.metadata["cuts"];
  }
  if (context.recipe.source == "simulated") {
    judged["recovery"] = judge_recovery(shared.subject, target, models);
  }
  return judged;
}

}  // namespace

json run_chain(const RunDirectory& run) {
  const Recipe recipe = run.read_config();
  check_recipe(recipe);
  const std::unique_ptr<Shared> shared = shared_work(recipe, run);
  const Subject& subject = shared->subject;
  MetricsLog log(run.root());
  const StageContext context{recipe, subject, run, shared->images, log};
  StageLog stages(context);
  if (recipe.core.images > 0) {
    const Stopwatch watch(run.root(), "");
    core_stage(context);
    stages.core();
  }
  json neurons = json::array();
  for (size_t target = 0; target < subject.targets.size(); ++target) {
    neurons.push_back(judged_neuron(context, *shared, target, stages));
    if (interrupted()) throw Interrupted();
  }
  json results = {{"source", recipe.source},
                  {"session", subject.test.session},
                  {"teacher", shared->teacher.source},
                  {"neurons", neurons},
                  {"median", medians_over_neurons(neurons)}};
  results["summary"] = summary_of(results);
  write_file_atomically(run.file("results.json"), results.dump(2) + "\n");
  if (!subject.truth.is_null()) {
    write_file_atomically(run.file("truth.json"), subject.truth.dump(2) + "\n");
  }
  stages.evaluated();
  write_manifest(recipe, subject, run);
  write_report(run.root());
  json& rows = results["summary"]["neurons"];
  rows = with_minutes(rows, results, read_timings(run.root()));
  return results;
}

}  // namespace secateur
