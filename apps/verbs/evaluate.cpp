// secateur evaluate: models against recorded responses, with confidence intervals.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/evaluate_job.h"
#include "apps/verbs/verbs.h"
#include "data/recording_split.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string cell(const json& value) {
  return value.is_number() ? fmt::format("{:8.4f}", value.get<double>())
                           : fmt::format("{:>8}", "-");
}

void print_table(FILE* text, const json& result) {
  if (result.at("split").at("by") != kSplitByHalf) {
    fmt::print(text, "{}, {} images\n", result.at("split").at("by").get<std::string>(),
               result.at("images").get<int64_t>());
  }
  fmt::print(text, "{:>8}", "neuron");
  for (const MetricName& name : kMetricNames) fmt::print(text, " {:>9}", name.key);
  fmt::print(text, "   95 % of r2_raw\n");
  for (const json& neuron : result.at("neurons")) {
    fmt::print(text, "{:>8}", neuron.at("neuron").get<int64_t>());
    for (const MetricName& name : kMetricNames) fmt::print(text, "  {}", cell(neuron.at(name.key)));
    const json& interval = neuron.at("intervals").at("r2_raw");
    if (!interval.is_null()) {
      fmt::print(text, "   {:.3f} to {:.3f}", interval.at("low").get<double>(),
                 interval.at("high").get<double>());
    }
    const auto name = neuron.at("name").get<std::string>();
    const bool is_number = name == std::to_string(neuron.at("neuron").get<int64_t>());
    fmt::print(text, "{}\n", is_number ? "" : "   " + without_controls(name));
  }
  fmt::print(text, "{:>8}", "median");
  for (const MetricName& name : kMetricNames)
    fmt::print(text, "  {}", cell(result.at("median").at(name.key)));
  fmt::print(text, "\n");
  for (const MetricName& name : kMetricNames)
    fmt::print(text, "{:>10}: {}\n", name.key, name.title);
  const json& p = result.at("population");
  fmt::print(text,
             "medians over {} {}; {} have repeats and an SNR of at least {}, {} have averages "
             "or one repeat only, {} a lower SNR\n",
             p.at("neurons").get<int64_t>(), p.at("neurons") == 1 ? "neuron" : "neurons",
             p.at("kept").get<int64_t>(), p.at("least_snr").get<double>(),
             p.at("excluded").at("one_repeat").get<int64_t>(),
             p.at("excluded").at("low_snr").get<int64_t>());
}

int evaluate_models(const EvaluateOptions& options, const CommonOptions& common) {
  require_writable_folder(options.cache, "--cache");
  EvaluateJob job = open_evaluate_job(options, *common.terminal);
  json result = scores_of(job, predictions_of(job));
  common.terminal->end_progress();
  const SeenFindings found = findings_of(job);
  result["warnings"] = found.warnings;
  result["notes"] = found.notes;
  for (const std::string& warning : found.warnings) {
    fmt::print(common.text(), "WARNING: {}\n", warning);
  }
  print_table(common.text(), result);
  for (const std::string& note : found.notes) fmt::print(common.text(), "note: {}\n", note);
  common.answer(result);
  return kExitDone;
}

}  // namespace

void add_evaluate(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* const verb = add_verb(
      program, common, "evaluate", "models against recorded responses, with confidence intervals",
      "secateur evaluate 'models/compact_model_190923_neuron{neuron}.keras' --recordings "
      "V4_compact_models --session 190923 --half second");
  verb->add_option(
          "model", options->model,
          "model file; with {neuron} in its name, one for each of --neurons, all of which must be "
          "there")
      ->required();
  verb->add_option("--recordings", options->recordings, "folder of the recordings")->required();
  verb->add_option("--session", options->session,
                   "recording session (default: the only one there is)");
  verb->add_option(
      "--half", options->half,
      "second, first or all: of the second half, or of what split.csv says scores, no image "
      "may have fitted; the others are scored where the model's file says what did");
  verb->add_option("--fold", options->fold, "fold of split.csv that scores (default: the smallest)")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  verb->add_option("--neurons", options->neurons, "neurons of the session: 3, 0:5, names or all");
  verb->add_option("--outputs", options->outputs,
                   "outputs of the model that are the session's neurons, FIRST:LAST");
  verb->add_option("--trunk", options->trunk,
                   "weights of ResNet-50 that the model is a readout on, as a run's trunk=");
  verb->add_option("--pixels", options->pixels,
                   "a side that these see, as the run's trunk_pixels (default: 224)")
      ->check(CLI::Range(32, 1024));
  verb->add_option("--cache", options->cache, "folder that keeps the maps of these weights");
  verb->add_flag("--allow-seen", options->allow_seen,
                 "score pictures too that a model was made from; the table says so");
  verb->add_option("--bootstrap", options->bootstrap, "resamples behind the intervals")
      ->check(CLI::Range(100, 1000000));
  verb->add_option("--seed", options->seed, "of the random splits and resamples")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 62));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return evaluate_models(*options, common); };
  });
}

}  // namespace secateur
