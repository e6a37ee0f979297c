// secateur readout: readouts for recorded neurons on the layers of a network that was trained
// before, fitted on one half of a session's images and scored on the other.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/readout_job.h"
#include "apps/verbs/readout_rows.h"
#include "apps/verbs/verbs.h"
#include "chain/seen_pictures.h"
#include "data/recording_split.h"
#include "formats/atomic_file.h"
#include "model_files/model_files.h"
#include "models/model_trunk.h"
#include "report/readout_plot.h"
#include "tensor/error.h"
#include "tensor/statistics.h"
#include "training/readouts/readout_model.h"
#include "training/trunk_features.h"
#include "training/trunk_on_images.h"

namespace secateur {
namespace {

using nlohmann::json;

json metrics_json(const PopulationSummary& summary) {
  json median = json::object();
  for (size_t m = 0; m < kMetricNames.size(); ++m) {
    const MetricSummary& one = metric_at(summary.metrics, m);
    median[kMetricNames[m].key] = one.median_all ? json(*one.median_all) : json(nullptr);
  }
  return median;
}

// The median of raw r2, that of a neuron of which the opposite is predicted counted below 0.
double signed_median(const std::vector<std::vector<double>>& predictions, const Tensor& recorded) {
  std::vector<double> r2;
  for (size_t n = 0; n < predictions.size(); ++n) {
    std::vector<double> given;
    std::vector<double> wanted;
    for (size_t i = 0; i < predictions[n].size(); ++i) {
      const double response = recorded[static_cast<int64_t>(i * predictions.size() + n)];
      if (std::isnan(response)) continue;
      given.push_back(predictions[n][i]);
      wanted.push_back(response);
    }
    if (given.empty()) continue;
    const double r = correlation(given, wanted);
    r2.push_back(r * std::abs(r));
  }
  return r2.empty() ? 0 : median_of(r2);
}

struct Predicted {
  std::vector<std::vector<double>> columns;  // of each neuron
  std::vector<NeuronPrediction> pairs;       // views of these and of the recording
  std::vector<Metrics> metrics;
};

Predicted judge(const ReadoutJob& job, const Tensor& predictions, ImageRange range) {
  Predicted found;
  for (int64_t n = 0; n < predictions.dim(1); ++n) found.columns.push_back(column(predictions, n));
  for (size_t n = 0; n < found.columns.size(); ++n) {
    found.pairs.push_back({found.columns[n], responses_of(job.recording, job.neurons[n], range)});
  }
  found.metrics = evaluate_population(found.pairs, job.options.seed);
  return found;
}

// A readout at a depth, judged; held_out is empty where that was not asked for.
json row_of(const ReadoutJob& job, const Tensor& predictions, const Tensor& held_out) {
  const Predicted scored = judge(job, predictions, job.score);
  const PopulationIntervals intervals =
      bootstrap_population(scored.pairs, job.options.seed, {.resamples = job.options.bootstrap});
  const Predicted held = held_out.empty() ? Predicted{} : judge(job, held_out, job.fit);
  json neurons = json::array();
  for (size_t n = 0; n < scored.metrics.size(); ++n) {
    json neuron = scored.metrics[n];
    neuron["neuron"] = job.neurons[n];
    neuron["name"] = job.recording.name_of(job.neurons[n]);
    neuron["intervals"] = intervals.neurons[n];
    const bool known = !held.metrics.empty() && held.metrics[n].r2_raw.has_value();
    neuron["held_out_r2_raw"] = known ? json(*held.metrics[n].r2_raw) : json(nullptr);
    neurons.push_back(std::move(neuron));
  }
  const PopulationSummary summary = summarize(scored.metrics);
  return {{"neurons", neurons},
          {"median", metrics_json(summary)},
          {"intervals", intervals.medians_all},
          {"population", summary},
          {"signed_median_r2_raw", signed_median(scored.columns, responses_in(job, job.score))},
          {"held_out", metrics_json(summarize(held.metrics))}};
}

// By their places only where these are those of the pictures.
std::string split_words(const ReadoutJob& job) {
  const ImageSplit split = split_of(job.recording);
  if (split.by == kSplitByHalf) {
    return fmt::format("fitted on images {} to {}, scored on {} to {}", job.fit.begin,
                       job.fit.end - 1, job.score.begin, job.score.end - 1);
  }
  return fmt::format("fitted on {} images, scored on {} ({})", job.fit.end - job.fit.begin,
                     job.score.end - job.score.begin, split.by);
}

// What is beside the fits the same for all readouts at a depth.
struct Depth {
  int64_t blocks = 0;
  Shape maps;
  Shape read;  // after pooling
  Tensor fit;
  Tensor score;
  ChannelScales scales;
};

Depth maps_at(const ReadoutJob& job, int64_t blocks) {
  std::unique_ptr<Trunk> trunk = job.core ? trunk_of_model(*job.core, static_cast<size_t>(blocks))
                                          : trunk_on_images(job.resnet, job.resnet->input());
  Depth depth;
  depth.blocks = blocks;
  depth.maps = trunk->maps();
  trunk = with_pooled_maps(std::move(trunk), job.options.side * job.options.side);
  depth.read = trunk->maps();
  const auto maps = [&](ImageRange range) {
    return maps_of(*trunk, *image_range(job.recording.image_source, range.begin, range.end),
                   job.options.cache, job.observer);
  };
  depth.fit = maps(job.fit);
  depth.score = maps(job.score);
  depth.scales = channel_scales(depth.fit);
  standardise(depth.fit, depth.scales);
  standardise(depth.score, depth.scales);
  return depth;
}

void write_readout(const ReadoutJob& job, const Depth& depth, const FittedReadout& readout) {
  Model model = model_with_readout(*job.core, static_cast<size_t>(depth.blocks),
                                   on_plain_maps(readout, depth.scales));
  model.metadata = {{"stage", "readout"}, {"split", job.guard.to_json()}};
  write_seen_beside(job.options.out, job.seen, model.metadata);
  write_model(job.options.out, model);
}

json fit_and_score(const ReadoutJob& job, const Depth& depth, const ReadoutKindEntry& kind) {
  const auto start = std::chrono::steady_clock::now();
  const ReadoutOptions& options = job.options;
  const Tensor responses = responses_in(job, job.fit);
  const FittedReadout readout = fit_readout(kind, depth.fit, responses, options.seed, job.observer);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const Tensor held_out = options.folds == 0
                              ? Tensor()
                              : held_out_responses(kind, depth.fit, responses, options.folds,
                                                   options.seed, job.observer);
  json row = row_of(job, respond(readout, depth.score), held_out);
  row["readout"] = kind.name;
  row["depth"] = depth.blocks;
  row["maps"] = {depth.maps[0], depth.maps[1], depth.maps[2]};
  row["maps_read"] = {depth.read[0], depth.read[1], depth.read[2]};
  row["seconds"] = took.count();
  if (!options.out.empty()) write_readout(job, depth, readout);
  return row;
}

// The row with the greatest median held out.
const json* best_held_out(const json& rows) {
  const json* best = nullptr;
  for (const json& row : rows) {
    const json& value = row.at("held_out").at("r2_raw");
    if (!value.is_number()) continue;
    if (best == nullptr || value > best->at("held_out").at("r2_raw")) best = &row;
  }
  return best;
}

json range_json(ImageRange range) { return {{"begin", range.begin}, {"end", range.end}}; }

std::vector<std::string> conclusions(const ReadoutJob& job, const json& rows) {
  std::vector<std::string> sentences;
  const double chance = 1 / static_cast<double>(job.score.count() - 1);
  const auto better = [&](const json& row) { return row.at("signed_median_r2_raw") > chance; };
  if (std::none_of(rows.begin(), rows.end(), better)) {
    sentences.push_back(
        fmt::format("WARNING: {} more than chance, a median raw r2 of {:.4f} over {} images",
                    rows.size() == 1 ? "the readout explains no" : "no readout explains", chance,
                    job.score.count()));
  }
  const json* const best = best_held_out(rows);
  if (rows.size() > 1 && best != nullptr) {
    sentences.push_back(
        fmt::format("best held out: {} at depth {}, which has {:.3f} of the images "
                    "that score",
                    best->at("readout").get<std::string>(), best->at("depth").get<int64_t>(),
                    best->at("median").at("r2_raw").get<double>()));
  }
  return sentences;
}

void require_output(const ReadoutJob& job) {
  const ReadoutOptions& options = job.options;
  if (options.out.empty()) return;
  if (job.kinds.size() * job.depths.size() > 1) {
    throw Error(ErrorKind::kUsage, "--out wants one readout and one depth");
  }
}

int fit_readouts(const ReadoutOptions& options, const CommonOptions& common) {
  require_writable(options.plot, "--plot", ".svg");
  require_writable(options.out, "--out", ".safetensors");
  require_writable_folder(options.cache, "--cache");
  const ReadoutJob job = open_readout_job(options, *common.terminal);
  require_output(job);
  FILE* const text = common.text();
  const std::string core_seen = what_the_core_saw(job);
  fmt::print(text, "session {}: {}\n", job.recording.session, split_words(job));
  if (!core_seen.empty()) fmt::print(text, "{}\n", core_seen);
  for (const std::string& one : job.findings.warnings) fmt::print(text, "WARNING: {}\n", one);
  json rows = json::array();
  for (const int64_t blocks : job.depths) {
    const Depth depth = maps_at(job, blocks);
    for (const ReadoutKindEntry* kind : job.kinds) {
      rows.push_back(fit_and_score(job, depth, *kind));
    }
  }
  common.terminal->end_progress();
  json result = {{"session", job.recording.session},
                 {"core", options.core},
                 {"core_has_seen", core_seen.empty() ? json() : json(core_seen)},
                 {"warnings", job.findings.warnings},
                 {"notes", job.findings.notes},
                 {"fit", range_json(job.fit)},
                 {"score", range_json(job.score)},
                 {"folds", options.folds},
                 {"rows", rows}};
  const std::vector<std::string> sentences = conclusions(job, rows);
  result["conclusions"] = sentences;
  print_readouts(text, result);
  for (const std::string& sentence : sentences) fmt::print(text, "{}\n", sentence);
  for (const std::string& note : job.findings.notes) fmt::print(text, "note: {}\n", note);
  if (!options.plot.empty()) write_file_atomically(options.plot, readout_plot(result));
  if (!options.out.empty()) fmt::print(text, "the model: {}\n", options.out);
  if (rows.size() == 1) {
    result.erase("rows");
    result.update(rows.front());
  }
  common.answer(result);
  return kExitDone;
}

}  // namespace

void add_readout(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<ReadoutOptions>();
  CLI::App* const verb = add_verb(
      program, common, "readout",
      "readouts for recorded neurons on the layers of a trained network, fitted and scored",
      "secateur readout V4_compact_models --session 190923 --core "
      "shared_compact_model_50filters.keras --readout ridge,gaussian");
  verb->add_option("recordings", options->recordings, "folder of the recordings")->required();
  verb->add_option("--core", options->core,
                   "model file whose layers are read, or weights of ResNet-50")
      ->required();
  std::vector<std::string> names;
  for (const ReadoutKindEntry& kind : readout_kinds()) names.emplace_back(kind.name);
  verb->add_option("--readout", options->readouts,
                   fmt::format("some of {}, or all (default: gaussian)", fmt::join(names, ",")));
  verb->add_option("--session", options->session,
                   "recording session (default: the only one there is)");
  verb->add_option("--depth", options->depth,
                   "how many layers of the core: 3, 2,4 or all (default: its last)");
  verb->add_option("--neurons", options->neurons,
                   "neurons of the session: 0,3,7:9 or all (default: all)");
  verb->add_option("--fold", options->fold, "fold of split.csv that scores (default: the smallest)")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  verb->add_option("--folds", options->folds,
                   "parts of the fit that are held out in turn, to choose by; 0: none (default: 5)")
      ->check(CLI::Range(0, 20))
      ->check([](const std::string& v) { return v == "1" ? "wanted 0 or 2 to 20" : ""; });
  verb->add_option(
          "--side", options->side,
          "maps of more than SIDE x SIDE pixels are read as means over patches (default: 14)")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--cache", options->cache, "folder that keeps the maps of the core");
  verb->add_option("--pixels", options->pixels,
                   "a side that ResNet-50 sees, a multiple of 16 (default: 224)")
      ->check(CLI::Range(32, 1024));
  verb->add_option("--plot", options->plot, "picture of the table to write, FILE.svg");
  verb->add_option("--out", options->out,
                   "the core with this readout as a model, FILE.safetensors, such as a teacher");
  verb->add_flag("--allow-seen", options->allow_seen,
                 "go on where pictures that score are also in the fit");
  verb->add_option("--bootstrap", options->bootstrap, "resamples behind the intervals")
      ->check(CLI::Range(100, 1000000));
  verb->add_option("--seed", options->seed, "of what is drawn: projections, orders, resamples")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 62));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return fit_readouts(*options, common); };
  });
}

}  // namespace secateur
