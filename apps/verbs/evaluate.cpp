// secateur evaluate: models against recorded responses, with confidence intervals.

#include <fmt/format.h>

#include <memory>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "analysis/population_responses.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "chain/neuron_choice.h"
#include "chain/seen_pictures.h"
#include "data/recording_split.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

struct EvaluateOptions {
  std::string model;
  std::string recordings;
  std::string session;
  std::string half = "second";
  std::string neurons = "all";
  std::string outputs;
  int64_t fold = kSmallestFold;
  int64_t bootstrap = 1000;
  uint64_t seed = 1;
  bool allow_seen = false;
};

struct Job {
  EvaluateOptions options;
  Observer& observer;
  Recording recording;
  ImageRange range;
  std::vector<int64_t> neurons;
  ImageSourcePtr images;
  std::shared_ptr<SeenGuard> seen;
};

std::string file_of(const std::string& pattern, int64_t neuron) {
  std::string path = pattern;
  for (size_t at; (at = path.find("{neuron}")) != std::string::npos;) {
    path.replace(at, 8, std::to_string(neuron));
  }
  return path;
}

// A test session's first half may have fitted a readout, so only its second half may score. Other
// sessions may be scored anywhere but where the model's own file says that it was fitted.
// Pictures are known again in other sessions too, where the lists of models are there.
void guard_scores(const Job& job, const Model& model, const std::string& path) {
  SplitGuard guard;
  if (is_published_test_session(job.recording.session)) {
    guard.fitted(job.recording.session, split_range(job.recording, Half::kFirst));
  }
  if (model.metadata.contains("split")) {
    guard.merge(SplitGuard::from_json(model.metadata.at("split"), path));
  }
  guard.scored(job.recording.session, job.range, split_of(job.recording).order);
  job.seen->check(model, path);
}

void require_size(const Job& job, const Model& model, const std::string& path) {
  const InputSpec& in = model.architecture().input;
  require(job.images->height() == in.height && job.images->width() == in.width, "evaluate",
          "{} reads images of {} x {}, those of session {} have {} x {}", path, in.height, in.width,
          job.recording.session, job.images->height(), job.images->width());
}

// One model for each neuron.
std::vector<std::vector<double>> predict_each(const Job& job) {
  std::vector<Model> models;
  for (const int64_t neuron : job.neurons) {
    const std::string path = file_of(job.options.model, neuron);
    models.push_back(read_model(path));
    guard_scores(job, models.back(), path);
    require_size(job, models.back(), path);
    const int64_t outputs = models.back().architecture().readout.outputs;
    require(outputs == 1, "evaluate", "{} has {} outputs; one model a neuron wants one", path,
            outputs);
    stop_if_asked(job.observer);
  }
  std::vector<std::vector<double>> predictions;
  for (const Tensor& responses : population_responses(models, *job.images, job.observer)) {
    predictions.push_back(column(responses, 0));
  }
  return predictions;
}

// One model whose outputs are neurons.
std::vector<std::vector<double>> predict_together(const Job& job) {
  const Model whole = read_model(job.options.model);
  guard_scores(job, whole, job.options.model);
  const int64_t outputs = whole.architecture().readout.outputs;
  std::vector<int64_t> chosen;
  if (!job.options.outputs.empty()) {
    chosen = parse_range(job.options.outputs, outputs, "outputs");
  } else if (outputs == 1 && job.neurons.size() == 1) {
    chosen.assign(static_cast<size_t>(job.neurons.front()) + 1, 0);
  } else {
    chosen = parse_range("all", outputs, "outputs");
  }
  const bool one_for_one = outputs == 1 && job.neurons.size() == 1;
  if (!one_for_one && static_cast<int64_t>(chosen.size()) != job.recording.neurons) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("session {} has {} neurons and {} outputs were chosen: say which belong "
                    "to it with --outputs FIRST:LAST",
                    job.recording.session, job.recording.neurons, chosen.size()));
  }
  const Model part = select_outputs(whole, chosen);
  require_size(job, part, job.options.model);
  const Tensor table = population_responses({part}, *job.images, job.observer).front();
  std::vector<std::vector<double>> predictions;
  for (const int64_t neuron : job.neurons) {
    predictions.push_back(column(table, one_for_one ? 0 : neuron));
  }
  return predictions;
}

Job open_job(const EvaluateOptions& options, Observer& observer) {
  const std::string session = chosen_session(options.recordings, options.session);
  Job job{.options = options,
          .observer = observer,
          .recording = load_recording(options.recordings, session, kOwnPixels, options.fold),
          .range = {},
          .neurons = {},
          .images = nullptr,
          .seen = nullptr};
  job.neurons = chosen_neurons(options.neurons, job.recording);
  // Pictures of one's own are brought to what the (first) model reads.
  const Model model = read_model(file_of(options.model, job.neurons.front()));
  const auto pixels = static_cast<int>(model.architecture().input.height);
  if (pixels != kOwnPixels) {
    job.recording = load_recording(options.recordings, session, pixels, options.fold);
  }
  require(job.recording.image_source != nullptr, "evaluate", "session {} has no images below {}",
          job.recording.session, options.recordings);
  job.range = split_range(job.recording, parse_half(options.half));
  job.images =
      cache_images(image_range(job.recording.image_source, job.range.begin, job.range.end));
  job.seen = std::make_shared<SeenGuard>(job.images, job.recording.session, options.allow_seen);
  return job;
}

json judge_all(const Job& job, const std::vector<std::vector<double>>& predictions) {
  std::vector<NeuronPrediction> pairs;
  for (size_t i = 0; i < predictions.size(); ++i) {
    pairs.push_back({predictions[i], responses_of(job.recording, job.neurons[i], job.range)});
  }
  const std::vector<Metrics> metrics = evaluate_population(pairs, job.options.seed);
  const PopulationIntervals intervals =
      bootstrap_population(pairs, job.options.seed, {.resamples = job.options.bootstrap});
  const PopulationSummary summary = summarize(metrics);
  json neurons = json::array();
  for (size_t i = 0; i < metrics.size(); ++i) {
    json neuron = metrics[i];
    neuron["neuron"] = job.neurons[i];
    neuron["name"] = job.recording.name_of(job.neurons[i]);
    neuron["intervals"] = intervals.neurons[i];
    neurons.push_back(std::move(neuron));
  }
  json median = json::object();
  for (size_t m = 0; m < kMetricNames.size(); ++m) {
    const MetricSummary& one = metric_at(summary.metrics, m);
    median[kMetricNames[m].key] = one.median_all ? json(*one.median_all) : json(nullptr);
  }
  return {{"session", job.recording.session},
          {"half", job.options.half},
          {"split", split_json(job.recording)},
          {"images", job.range.count()},
          {"neurons", neurons},
          {"median", median},
          {"population", summary}};
}

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
  const Job job = open_job(options, *common.terminal);
  const bool one_each = options.model.find("{neuron}") != std::string::npos;
  json result = judge_all(job, one_each ? predict_each(job) : predict_together(job));
  result["warnings"] = job.seen->warnings();
  for (const std::string& warning : job.seen->warnings()) {
    fmt::print(common.text(), "warning: {}\n", warning);
  }
  print_table(common.text(), result);
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
  verb->add_option("model", options->model,
                   "model file; with {neuron} in its name, one for each neuron")
      ->required();
  verb->add_option("--recordings", options->recordings, "folder of the recordings")->required();
  verb->add_option("--session", options->session,
                   "recording session (default: the only one there is)");
  verb->add_option(
      "--half", options->half,
      "second, first or all; of a test session only the second half may score; where a "
      "split.csv says what scores, that is the second");
  verb->add_option("--fold", options->fold, "fold of split.csv that scores (default: the smallest)")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  verb->add_option("--neurons", options->neurons, "neurons of the session: 3, 0:5, names or all");
  verb->add_option("--outputs", options->outputs,
                   "outputs of the model that are the session's neurons, FIRST:LAST");
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
