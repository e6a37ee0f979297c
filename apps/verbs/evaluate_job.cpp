#include "apps/verbs/evaluate_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "analysis/population_responses.h"
#include "apps/verbs/interpret/opened_models.h"
#include "chain/frozen_trunk.h"
#include "chain/model_origin.h"
#include "chain/neuron_choice.h"
#include "data/recording_split.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/statistics.h"
#include "training/trunk_features.h"
#include "training/trunk_member.h"

namespace secateur {
namespace {

// Images that may fit may have fitted a model that does not say what did.
void guard_silent(EvaluateJob& job, const nlohmann::json& metadata, const std::string& path) {
  const ImageRange fit = split_range(job.recording, Half::kFirst);
  if (metadata.contains("split") || job.range.begin >= fit.end) return;
  if (seen_by_model(metadata, path).manifest) return;  // its pictures are compared
  const std::string sentence = fmt::format(
      "{} does not say what it was fitted on, which may be the {} images of session {} that may "
      "fit ({})",
      path, fit.count(), job.recording.session, split_of(job.recording).by);
  if (!job.options.allow_seen) {
    throw Error(ErrorKind::kUsage,
                sentence +
                    ": score the others with --half second, or say --allow-seen, which the "
                    "table will repeat");
  }
  job.warnings.push_back(sentence + ": they are scored all the same");
}

}  // namespace

// The first half of a session, or what its split says, may have fitted a readout, so the second
// alone scores: of a published test session always, of others unless the model's own file, or the
// list of its pictures, says that it was fitted elsewhere. Pictures are known again in other
// sessions too, where the lists of models are there.
void guard_scores(EvaluateJob& job, const nlohmann::json& metadata, const std::string& path) {
  SplitGuard guard;
  if (is_published_test_session(job.recording.session)) {
    guard.fitted(job.recording.session, split_range(job.recording, Half::kFirst));
  }
  if (metadata.contains("split")) {
    guard.merge(SplitGuard::from_json(metadata.at("split"), path));
  }
  guard.scored(job.recording.session, job.range, split_of(job.recording).order);
  job.seen.check(metadata, path);
  guard_silent(job, metadata, path);
}

namespace {

void require_size(const EvaluateJob& job, const InputSpec& in, const std::string& path) {
  require(job.images->height() == in.height && job.images->width() == in.width, "evaluate",
          "{} reads images of {} x {}, those of session {} have {} x {}", path, in.height, in.width,
          job.recording.session, job.images->height(), job.images->width());
}

// `neuron`: the one that a model of one neuron is scored on, or -1.
void note_origin(EvaluateJob& job, const nlohmann::json& metadata, const std::string& path,
                 int64_t neuron) {
  const std::string other = other_origin(model_origin(metadata, path), job.recording, neuron);
  if (!other.empty()) job.of_others.push_back(other);
}

// One model for each neuron.
std::vector<std::vector<double>> predict_each(EvaluateJob& job) {
  std::vector<Model> models;
  for (const int64_t neuron : job.neurons) {
    const std::string path = file_of_neuron(job.options.model, neuron);
    models.push_back(read_model(path));
    const Model& model = models.back();
    guard_scores(job, model.metadata, path);
    require_size(job, model.architecture().input, path);
    const int64_t outputs = model.architecture().readout.outputs;
    require(outputs == 1, "evaluate", "{} has {} outputs; one model a neuron wants one", path,
            outputs);
    note_origin(job, model.metadata, path, neuron);
    stop_if_asked(job.observer);
  }
  std::vector<std::vector<double>> predictions;
  for (const Tensor& responses : population_responses(models, *job.images, job.observer)) {
    predictions.push_back(column(responses, 0));
  }
  return predictions;
}

// The outputs that are the session's neurons; a model of one neuron is scored on any one.
std::vector<int64_t> outputs_of(const EvaluateJob& job, int64_t outputs) {
  if (job.options.outputs.empty() && outputs == 1 && job.neurons.size() == 1) return {0};
  const std::string& given = job.options.outputs;
  const std::vector<int64_t> chosen =
      parse_range(given.empty() ? "all" : given, outputs, "outputs");
  const bool one_for_one = outputs == 1 && job.neurons.size() == 1;
  if (!one_for_one && static_cast<int64_t>(chosen.size()) != job.recording.neurons) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("session {} has {} neurons and {} outputs were chosen: say which belong "
                    "to it with --outputs FIRST:LAST{}",
                    job.recording.session, job.recording.neurons, chosen.size(),
                    job.of_others.empty() ? "" : " (" + job.of_others.front() + ")"));
  }
  return chosen;
}

// Responses [images, outputs] of some outputs of a readout, its trunk's maps computed or cached.
Tensor responses_on_trunk(const EvaluateJob& job, const TrunkMember& member) {
  Tensor table(Shape{job.images->count(), member.outputs()});
  for_each_trunk_batch(
      *member.trunk, *job.images, job.options.cache,
      [&](const Tensor& maps, int64_t first) {
        const Tensor part = respond(member.readout, maps);
        std::copy_n(part.data(), part.numel(), table.data() + first * table.dim(1));
      },
      job.observer);
  return table;
}

TrunkMember member_on_trunk(const EvaluateOptions& options, const InputSpec& images) {
  const auto trunk = frozen_trunk(options.trunk, options.pixels, images);
  try {
    return read_trunk_member(options.model, trunk);
  } catch (const Error& error) {
    throw Error(error.kind(),
                fmt::format("{}; where a run with another trunk_pixels= than {} made it, say "
                            "--pixels",
                            error.what(), options.pixels));
  }
}

// One model whose outputs are neurons.
std::vector<std::vector<double>> predict_together(EvaluateJob& job) {
  const std::string& path = job.options.model;
  Tensor table;
  const auto begin = [&](const nlohmann::json& metadata, int64_t outputs, const InputSpec& in) {
    guard_scores(job, metadata, path);
    require_size(job, in, path);
    note_origin(job, metadata, path, outputs == 1 ? job.neurons.front() : -1);
    return outputs_of(job, outputs);
  };
  if (job.options.trunk.empty()) {
    const Model whole = read_model(path);
    const Architecture& a = whole.architecture();
    const std::vector<int64_t> chosen = begin(whole.metadata, a.readout.outputs, a.input);
    table =
        population_responses({select_outputs(whole, chosen)}, *job.images, job.observer).front();
  } else {
    InputSpec images;
    images.height = job.images->height();
    images.width = job.images->width();
    const TrunkMember whole = member_on_trunk(job.options, images);
    const std::vector<int64_t> chosen = begin(whole.metadata, whole.outputs(), images);
    table = responses_on_trunk(job, select_outputs(whole, chosen));
  }
  std::vector<std::vector<double>> predictions;
  for (const int64_t neuron : job.neurons) {
    predictions.push_back(column(table, table.dim(1) == 1 ? 0 : neuron));
  }
  return predictions;
}

// Says which option is wanted where the weights of a readout are, or are not, given.
void require_trunk_option(const EvaluateOptions& options, const std::string& path) {
  const bool on_trunk = holds_trunk_member(path);
  if (on_trunk && options.trunk.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is a readout on weights of ResNet-50, which stay in a file of "
                            "their own: wanted --trunk WEIGHTS, the file that trunk= named when it "
                            "was made",
                            path));
  }
  if (!on_trunk && !options.trunk.empty()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format(
            "{} is a whole model: leave --trunk out, which gives the weights of ResNet-50 that "
            "a readout stands on",
            path));
  }
}

}  // namespace

EvaluateJob open_evaluate_job(const EvaluateOptions& options, Observer& observer) {
  const std::string session = chosen_session(options.recordings, options.session);
  Recording recording = load_recording(options.recordings, session, kOwnPixels, options.fold);
  const std::vector<int64_t> neurons = chosen_neurons(options.neurons, recording);
  require_files(options.model, neurons, recording.session);
  // Pictures of one's own are brought to what the (first) model reads; a trunk brings them itself.
  const std::string first = file_of_neuron(options.model, neurons.front());
  require_trunk_option(options, first);
  if (options.trunk.empty()) {
    const auto pixels = static_cast<int>(read_model(first).architecture().input.height);
    if (pixels != kOwnPixels) {
      recording = load_recording(options.recordings, session, pixels, options.fold);
    }
  }
  require(recording.image_source != nullptr, "evaluate", "session {} has no images below {}",
          recording.session, options.recordings);
  const ImageRange range = split_range(recording, parse_half(options.half));
  const ImageSourcePtr images =
      cache_images(image_range(recording.image_source, range.begin, range.end));
  SeenGuard seen(images, recording.session, options.allow_seen);
  return {.options = options,
          .observer = observer,
          .recording = std::move(recording),
          .range = range,
          .neurons = neurons,
          .images = images,
          .seen = std::move(seen),
          .warnings = {},
          .of_others = {}};
}

std::vector<std::vector<double>> predictions_of(EvaluateJob& job) {
  const bool one_each = job.options.model.find(kAnyNeuron) != std::string::npos;
  return one_each ? predict_each(job) : predict_together(job);
}

nlohmann::json scores_of(const EvaluateJob& job,
                         const std::vector<std::vector<double>>& predictions) {
  std::vector<NeuronPrediction> pairs;
  for (size_t i = 0; i < predictions.size(); ++i) {
    pairs.push_back({predictions[i], responses_of(job.recording, job.neurons[i], job.range)});
  }
  const std::vector<Metrics> metrics = evaluate_population(pairs, job.options.seed);
  const PopulationIntervals intervals =
      bootstrap_population(pairs, job.options.seed, {.resamples = job.options.bootstrap});
  const PopulationSummary summary = summarize(metrics);
  nlohmann::json neurons = nlohmann::json::array();
  for (size_t i = 0; i < metrics.size(); ++i) {
    nlohmann::json neuron = metrics[i];
    neuron["neuron"] = job.neurons[i];
    neuron["name"] = job.recording.name_of(job.neurons[i]);
    neuron["intervals"] = intervals.neurons[i];
    neurons.push_back(std::move(neuron));
  }
  nlohmann::json median = nlohmann::json::object();
  for (size_t m = 0; m < kMetricNames.size(); ++m) {
    const MetricSummary& one = metric_at(summary.metrics, m);
    median[kMetricNames[m].key] =
        one.median_all ? nlohmann::json(*one.median_all) : nlohmann::json(nullptr);
  }
  return {{"session", job.recording.session},
          {"half", job.options.half},
          {"split", split_json(job.recording)},
          {"images", job.range.count()},
          {"neurons", neurons},
          {"median", median},
          {"population", summary}};
}

SeenFindings findings_of(const EvaluateJob& job) {
  SeenFindings findings = job.seen.findings();
  findings.warnings.insert(findings.warnings.begin(), job.warnings.begin(), job.warnings.end());
  const std::vector<std::string>& others = job.of_others;
  if (others.empty()) return findings;
  findings.notes.push_back(others.size() == 1 ? others.front()
                                              : fmt::format("{}; so it is with {} models in all",
                                                            others.front(), others.size()));
  return findings;
}

}  // namespace secateur
