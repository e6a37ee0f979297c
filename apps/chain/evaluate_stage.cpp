#include "apps/chain/evaluate_stage.h"

#include <algorithm>
#include <cmath>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "apps/chain/file_pattern.h"
#include "formats/npy.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// The rows of one neuron's responses that belong to the scored images.
NeuronResponses scored_responses(const Subject& subject, int64_t neuron) {
  const Recording& r = subject.test;
  const int64_t first = neuron * r.images + subject.scored.begin;
  const size_t count = static_cast<size_t>(subject.scored.count());
  NeuronResponses responses{
      .images = subject.scored.count(), .repeats = r.repeats, .neuron = neuron};
  responses.mean = std::span(r.mean).subspan(static_cast<size_t>(first), count);
  if (!r.trials.empty()) {
    responses.trials = std::span(r.trials).subspan(static_cast<size_t>(first * r.repeats),
                                                   count * static_cast<size_t>(r.repeats));
  }
  return responses;
}

json judge(const Recipe& recipe, const std::vector<double>& prediction,
           const NeuronResponses& responses, const std::vector<double>& teacher) {
  const uint64_t seed = static_cast<uint64_t>(recipe.seed);
  json result = evaluate(prediction, responses, seed);
  result["intervals"] =
      bootstrap(prediction, responses, seed, {.resamples = recipe.evaluate.bootstrap});
  result["r2_teacher"] = squared_correlation(prediction, teacher);
  return result;
}

std::optional<double> median_of_key(const json& neurons, const std::string& stage,
                                    const std::string& key) {
  std::vector<double> values;
  for (const json& neuron : neurons) {
    const json& stages = neuron.at("stages");
    if (!stages.contains(stage) || !stages[stage].contains(key)) continue;
    if (stages[stage][key].is_number()) values.push_back(stages[stage][key].get<double>());
  }
  if (values.empty()) return std::nullopt;
  return median_of(values);
}

}  // namespace

TestAnswers ask_teacher(const Subject& subject, const Teacher& teacher) {
  TestAnswers answers{.images = cache_images(image_range(subject.test.image_source,
                                                         subject.scored.begin, subject.scored.end)),
                      .teacher = {}};
  answers.teacher = respond_to_all(std::cref(teacher), *answers.images, subject.input.mean);
  return answers;
}

json judge_neuron(const Recipe& recipe, const Subject& subject, size_t target,
                  const TestAnswers& answers, const TeacherSet& teacher,
                  const std::vector<StageModel>& models, const RunDirectory& run) {
  const NeuronTarget& neuron = subject.targets[target];
  const NeuronResponses responses = scored_responses(subject, neuron.neuron);
  const std::vector<double> of_teacher = column(answers.teacher, static_cast<int64_t>(target));
  json stages;
  stages["teacher"] = judge(recipe, of_teacher, responses, of_teacher);
  stages["teacher"]["parameters"] = teacher.parameters;
  for (const StageModel& entry : models) {
    const Predictor predict(entry.model);
    const Tensor table =
        respond_to_all(std::cref(predict), *answers.images, entry.model.architecture().input.mean);
    write_npy(run.file("predictions") / fmt::format("{}_{}.npy", neuron.label, entry.stage),
              table.reshaped({1, table.dim(0)}));
    json stage = judge(recipe, column(table, 0), responses, of_teacher);
    stage["parameters"] = count_parameters(entry.model.architecture()).total;
    stage["filters"] = entry.filters;
    if (entry.bytes > 0) stage["bytes"] = entry.bytes;
    stages[entry.stage] = std::move(stage);
  }
  return {{"name", neuron.name},
          {"label", neuron.label},
          {"neuron", neuron.neuron},
          {"noise_ceiling", stages["teacher"]["noise_ceiling"]},
          {"snr", stages["teacher"]["snr"]},
          {"stages", stages}};
}

json medians_over_neurons(const json& neurons) {
  json result = json::object();
  for (const char* stage : {"teacher", "student", "pruned", "retrained", "compact", "published"}) {
    json medians = json::object();
    for (const char* key : {"r2_raw", "r2_er", "r2_ceiled", "feve", "cc_norm", "snr", "r2_teacher",
                            "parameters", "bytes"}) {
      if (const auto median = median_of_key(neurons, stage, key)) medians[key] = *median;
    }
    if (!medians.empty()) result[stage] = medians;
  }
  return result;
}

std::optional<fs::path> published_model(const Recipe& recipe, const Subject& subject,
                                        size_t target) {
  if (recipe.source != "recordings") return std::nullopt;
  const int64_t neuron = subject.targets[target].neuron;
  std::vector<std::string> patterns = {recipe.published};
  if (recipe.published.empty()) {
    const std::string name = "compact_model_{session}_neuron{neuron}.keras";
    patterns = {recipe.recordings + "/compact_models/" + name,
                recipe.recordings + "/data_compact_models/" + name,
                recipe.recordings + "/data_compact_models/keras_models/" + name};
  }
  for (const std::string& pattern : patterns) {
    const fs::path path = filled_in(pattern, subject.test.session, neuron);
    if (fs::exists(path)) return path;
  }
  require(recipe.published.empty(), "published", "there is no file {}",
          filled_in(recipe.published, subject.test.session, neuron));
  return std::nullopt;
}

}  // namespace secateur
