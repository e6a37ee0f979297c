// secateur recordings analyse: what a recorded population says before any neuron is modelled.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/population_json.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/population_view.h"
#include "apps/verbs/verbs.h"
#include "chain/depth_predictions.h"
#include "data/half_split.h"
#include "data/recording.h"
#include "formats/atomic_file.h"
#include "model_files/model_files.h"
#include "report/plots.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

struct AnalyseOptions {
  std::string folder;
  std::string session;
  std::string model;
  std::string plot;
  int64_t bootstrap = 1000;
  int64_t seed = 1;
};

double median_raw_r2(const std::vector<double>& predicted, const std::vector<double>& measured,
                     size_t neurons) {
  std::vector<double> of_neurons;
  for (size_t n = 0; n < neurons; ++n) {
    std::vector<double> a, b;
    for (size_t i = n; i < predicted.size(); i += neurons) {
      a.push_back(predicted[i]), b.push_back(measured[i]);
    }
    of_neurons.push_back(squared_correlation(a, b));
  }
  return median_of(of_neurons);
}

// The first half fits, the second is scored, and a network that was fitted there is refused.
void guard_halves(const Recording& recording, const Model& model, const std::string& path) {
  SplitGuard guard;
  guard.declare_test_session(recording.session);
  if (model.metadata.contains("split")) {
    guard.merge(SplitGuard::from_json(model.metadata.at("split"), path));
  }
  guard.fitted(recording.session, half_range(Half::kFirst, recording.images));
  guard.scored(recording.session, half_range(Half::kSecond, recording.images));
}

void identify_by_depth(const Recording& recording, const Model& model,
                       const AnalyseOptions& options, Observer& observer,
                       SessionAnalysis& analysis) {
  guard_halves(recording, model, options.model);
  analysis.identifying = identifying_images(recording);
  const IdentifyingImages& images = *analysis.identifying;
  if (!images.why_not.empty()) return;
  std::vector<int64_t> places = images.fitted;
  places.insert(places.end(), images.scored.begin(), images.scored.end());
  const ImageSourcePtr pictures = cache_images(select_images(recording.image_source, places));
  const std::vector<double> fitting = mean_responses(recording, images.fitted, images.neurons);
  const std::vector<double> measured = mean_responses(recording, images.scored, images.neurons);
  for (const DepthPrediction& depth : predict_by_depth(
           model, *pictures, fitting, static_cast<int64_t>(images.fitted.size()), observer)) {
    analysis.depths.push_back(
        {.layer = depth.layer,
         .features = depth.features,
         .median_r2 = median_raw_r2(depth.predictions, measured, images.neurons.size()),
         .found = identify(depth.predictions, measured, static_cast<int64_t>(images.scored.size()),
                           static_cast<int64_t>(images.neurons.size()),
                           static_cast<uint64_t>(options.seed), {.resamples = options.bootstrap})});
  }
}

SessionAnalysis analyse(const Recording& recording, const Model* model,
                        const AnalyseOptions& options, Observer& observer) {
  const auto seed = static_cast<uint64_t>(options.seed);
  const BootstrapOptions bootstrap{.resamples = options.bootstrap};
  SessionAnalysis analysis;
  analysis.quality = quality_of(recording, seed);
  analysis.ceilings = noise_ceilings(analysis.quality, seed, bootstrap);
  analysis.trials = population_trials(recording);
  stop_if_asked(observer);
  if (analysis.trials.why_not.empty()) {
    analysis.dimension = signal_dimension(analysis.trials, seed, bootstrap);
    stop_if_asked(observer);
    analysis.shared = shared_variability(analysis.trials, recording.images, seed, bootstrap);
    stop_if_asked(observer);
  }
  if (model != nullptr) identify_by_depth(recording, *model, options, observer, analysis);
  return analysis;
}

json analysis_json(const Recording& recording, const SessionAnalysis& analysis) {
  json depths = json::array();
  for (const DepthIdentification& depth : analysis.depths) {
    json one = depth.found;
    one["layer"] = depth.layer;
    one["features"] = depth.features;
    one["median_r2_raw"] = depth.median_r2;
    depths.push_back(std::move(one));
  }
  return {{"session", recording.session},
          {"neurons", recording.neurons},
          {"images", recording.images},
          {"repeats", recording.repeats},
          {"noise_ceilings", analysis.ceilings},
          {"trials", analysis.trials},
          {"dimension", analysis.dimension ? json(*analysis.dimension) : json()},
          {"shared", analysis.shared ? json(*analysis.shared) : json()},
          {"identifying", analysis.identifying ? json(*analysis.identifying) : json()},
          {"identification", depths}};
}

// The session asked for, else all.
std::vector<std::string> sessions_asked_for(const AnalyseOptions& options) {
  std::vector<std::string> all = list_sessions(options.folder);
  if (options.session.empty()) {
    require(!all.empty(), "analyse", "there are no recordings in {}", options.folder);
    return all;
  }
  if (std::find(all.begin(), all.end(), options.session) == all.end()) {
    fail(ErrorKind::kUsage, "analyse", "there is no session {} in {}, wanted one of {}",
         options.session, options.folder, fmt::join(all, ", "));
  }
  return {options.session};
}

int analyse_recordings(const AnalyseOptions& options, const CommonOptions& common) {
  const std::vector<std::string> sessions = sessions_asked_for(options);
  if (!options.plot.empty() && sessions.size() > 1) {
    fail(ErrorKind::kUsage, "analyse", "--plot shows one session: add --session, one of {}",
         fmt::join(sessions, ", "));
  }
  require_writable(options.plot, "--plot", ".svg");
  std::optional<Model> model;
  if (!options.model.empty()) model = read_model(options.model);
  const int pixels = model ? static_cast<int>(model->architecture().input.height) : kOwnPixels;
  json result = {{"sessions", json::array()}};
  for (const std::string& session : sessions) {
    const Recording recording = load_recording(options.folder, session, pixels);
    const SessionAnalysis analysis =
        analyse(recording, model ? &*model : nullptr, options, *common.terminal);
    common.terminal->end_progress();
    print_analysis(common.text(), recording, analysis);
    result["sessions"].push_back(analysis_json(recording, analysis));
    if (!options.plot.empty()) {
      write_file_atomically(options.plot, plots_svg("session " + session, plots_of(analysis)));
      fmt::print(common.text(), "written: {}\n", options.plot);
    }
  }
  fmt::print(common.text(),
             "in parentheses: 95 % of {} bootstrap resamples (of images; of neurons "
             "for a median over neurons)\n",
             options.bootstrap);
  common.answer(result);
  return kExitDone;
}

}  // namespace

void add_analyse(CLI::App& recordings, CommonOptions& common, Action& action) {
  auto options = std::make_shared<AnalyseOptions>();
  CLI::App* const verb = add_verb(
      recordings, common, "analyse",
      "noise ceilings, signal dimensions, shared variability, images identified through a model",
      "secateur recordings analyse my_recordings --model shared.keras --plot population.svg");
  verb->add_option("folder", options->folder, "folder of the recordings")->required();
  verb->add_option("--session", options->session, "one session (default: all there are)");
  verb->add_option("--model", options->model,
                   "network whose layers are read out to identify images");
  verb->add_option("--plot", options->plot, "SVG file to write");
  verb->add_option("--bootstrap", options->bootstrap, "resamples behind the intervals")
      ->check(CLI::Range(100, 1000000));
  verb->add_option("--seed", options->seed, "of the random splits and resamples")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 62));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return analyse_recordings(*options, common); };
  });
}

}  // namespace secateur
