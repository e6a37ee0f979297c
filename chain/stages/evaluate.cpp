// Evaluation: the numbers of every neuron's networks, and what they are in the median.

#include "chain/judgement.h"
#include "chain/recovery_judgement.h"
#include "chain/results.h"
#include "chain/seen_pictures.h"
#include "chain/stage.h"
#include "chain/stage_table.h"
#include "chain/teacher_scores.h"
#include "data/recording_split.h"
#include "formats/atomic_file.h"
#include "formats/csv.h"
#include "model_files/model_files.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::vector<JudgedNetwork> networks_of(const StageContext& context, size_t target) {
  std::vector<JudgedNetwork> networks;
  const auto add = [&](const std::string& key, const fs::path& file) {
    networks.push_back({.key = key,
                        .model = read_model(file),
                        .bytes = static_cast<int64_t>(fs::file_size(file))});
  };
  const std::string& label = context.subject().targets[target].label;
  for (const Stage* stage : network_stages()) {
    add(stage->product, context.run.file(done_file(*stage, label)));
  }
  if (const auto published = published_model(context.recipe(), context.subject().targets[target])) {
    add("published", *published);
  }
  return networks;
}

json judged_neuron(const StageContext& context, size_t target, const ScoredImages& scored) {
  const std::vector<JudgedNetwork> networks = networks_of(context, target);
  json judged = judge_neuron(context.materials, target, scored, networks, context.run);
  for (const JudgedNetwork& network : networks) {
    if (network.model.metadata.contains("cuts")) judged["cuts"] = network.model.metadata["cuts"];
  }
  if (context.recipe().source == "simulated") {
    judged["recovery"] = judge_recovery(context.subject(), target, networks);
  }
  return judged;
}

// What the predictions' columns are of: pictures, and their places in the responses.
void write_names(const Subject& subject, const fs::path& path) {
  std::string text = "image,index\n";
  for (int64_t i = subject.scored.begin; i < subject.scored.end; ++i) {
    text += fmt::format("{},{}\n", csv_cell(subject.test.image_source->name(i)),
                        place_in_responses(subject.test, i));
  }
  write_file_atomically(path, text);
}

void evaluate_run(const StageContext& context) {
  const Subject& subject = context.subject();
  // Again, because a run may be begun or gone on with in other ways than resolve() knows.
  const SeenFindings seen =
      seen_findings(context.recipe(), subject, seen_by_run(context.recipe(), subject));
  const ScoredImages scored = scored_images(context.materials);
  write_names(subject, context.run.file("predictions") / "images.csv");
  Progress progress{
      .what = "evaluate", .unit = "neurons", .total = static_cast<double>(subject.targets.size())};
  json neurons = json::array();
  for (size_t target = 0; target < subject.targets.size(); ++target) {
    stop_if_asked(context.observer);
    context.observer.progress(progress);
    neurons.push_back(judged_neuron(context, target, scored));
    progress.done += 1;
  }
  context.observer.progress(progress);
  json results = {{"source", context.recipe().source},
                  {"session", subject.test.session},
                  {"split", split_json(subject.test)},
                  {"teacher", context.materials.teacher().source},
                  {"neurons", neurons},
                  {"median", medians_over_neurons(neurons)}};
  std::vector<std::string> warnings = teacher_warnings(context);
  warnings.insert(warnings.end(), seen.warnings.begin(), seen.warnings.end());
  warnings.insert(warnings.end(), subject.left_out.begin(), subject.left_out.end());
  results["summary"] = summary_of(results);
  for (const auto& [key, sentences] : {std::pair{"warnings", warnings}, {"notes", seen.notes}}) {
    if (sentences.empty()) continue;
    results[key] = sentences;
    results["summary"][key] = sentences;
  }
  if (subject.truth) {
    write_file_atomically(context.run.file("truth.json"), subject.truth().dump(2) + "\n");
  }
  write_file_atomically(context.run.file("results.json"), results.dump(2) + "\n");
}

}  // namespace

// What it makes is a pattern, so that it is made whenever a run is brought to its end: the numbers
// then are those of the files that are there.
Stage evaluate_stage() {
  return {.name = "evaluate",
          .product = "results",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*", "models/*"},
          .makes = {"predictions/*", "results.json", "truth.json?"},
          .unit = "",
          .make = evaluate_run};
}

}  // namespace secateur
