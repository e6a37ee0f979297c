#include "analysis/population_json.h"

#include <nlohmann/json.hpp>

#include "analysis/metrics_json.h"

namespace secateur {
namespace {

using nlohmann::json;

json interval_json(const std::optional<Interval>& interval) {
  return interval ? json(*interval) : json(nullptr);
}

json sentence_or_null(const std::string& sentence) {
  return sentence.empty() ? json(nullptr) : json(sentence);
}

json quartiles_json(const std::optional<std::array<double, 5>>& q) {
  if (!q) return nullptr;
  return {{"least", (*q)[0]},
          {"quarter", (*q)[1]},
          {"median", (*q)[2]},
          {"three_quarters", (*q)[3]},
          {"most", (*q)[4]}};
}

}  // namespace

void to_json(json& out, const NoiseCeilings& ceilings) {
  out = {{"neurons", ceilings.neurons},
         {"with_ceiling", ceilings.with_ceiling},
         {"constant", ceilings.constant},
         {"images_repeated", ceilings.images_repeated},
         {"low_snr", ceilings.low_snr},
         {"noise_ceiling", quartiles_json(ceilings.ceiling)},
         {"median_interval", interval_json(ceilings.median_interval)},
         {"reliability", quartiles_json(ceilings.reliability)}};
}

void to_json(json& out, const PopulationTrials& trials) {
  out = {{"neurons", trials.neurons.size()},
         {"images", trials.images.size()},
         {"trials", trials.neurons.empty() ? 0 : trials.values.size() / trials.neurons.size()},
         {"excluded",
          {{"constant_neurons", trials.constant_neurons},
           {"missing_neurons", trials.missing_neurons},
           {"trials", trials.dropped_trials},
           {"images", trials.dropped_images}}},
         {"why_not", sentence_or_null(trials.why_not)}};
}

void to_json(json& out, const SignalDimension& dimension) {
  json intervals = json::array();
  for (const auto& interval : dimension.intervals) intervals.push_back(interval_json(interval));
  out = {{"images", dimension.images},
         {"spectrum", dimension.spectrum},
         {"spectrum_intervals", intervals},
         {"reliable", dimension.reliable},
         {"most_signal", dimension.most_signal},
         {"signal_share", dimension.signal_share},
         {"signal_share_interval", interval_json(dimension.signal_share_interval)},
         {"participation", dimension.participation ? json(*dimension.participation) : json()},
         {"participation_interval", interval_json(dimension.participation_interval)},
         {"participation_of_means", dimension.participation_of_means}};
}

void to_json(json& out, const SharedVariability& shared) {
  out = {{"neurons", shared.neurons},
         {"silent_neurons", shared.silent_neurons},
         {"fitting_trials", shared.fitting_trials},
         {"scoring_trials", shared.scoring_trials},
         {"why_not", sentence_or_null(shared.why_not)}};
  if (!shared.why_not.empty()) return;
  out["gain_by_factors"] = shared.gain_by_factors;
  out["factors"] = shared.factors;
  out["dimensions"] = shared.dimensions;
  out["shared_share"] = shared.shared_share;
  out["gain"] = shared.gain;
  out["gain_interval"] = interval_json(shared.gain_interval);
  out["explained"] = shared.explained;
  out["explained_interval"] = interval_json(shared.explained_interval);
  out["explained_of"] = shared.explained_of;
}

void to_json(json& out, const IdentifyingImages& images) {
  out = {{"fitted", images.fitted.size()},
         {"scored", images.scored.size()},
         {"neurons", images.neurons.size()},
         {"excluded",
          {{"constant_neurons", images.constant_neurons},
           {"missing_neurons", images.missing_neurons},
           {"incomplete_images", images.incomplete},
           {"seen_in_first_half", images.seen},
           {"twice", images.twice}}},
         {"why_not", sentence_or_null(images.why_not)}};
}

void to_json(json& out, const Identification& found) {
  out = {{"candidates", found.candidates},
         {"identified", found.identified},
         {"identified_interval", interval_json(found.identified_interval)},
         {"chance", 1 / static_cast<double>(found.candidates)},
         {"rank", found.rank},
         {"rank_interval", interval_json(found.rank_interval)}};
  for (const int64_t among : {10, 100}) {
    const json share = among <= found.candidates ? json(identified_among(found, among)) : json();
    out["identified_among_" + std::to_string(among)] = share;
  }
}

}  // namespace secateur
