#include "analysis/metrics_json.h"

#include <nlohmann/json.hpp>

namespace secateur {
namespace {

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json summary_json(const MetricSummary& summary) {
  return {{"median", or_null(summary.median)},
          {"neurons", summary.neurons},
          {"median_all", or_null(summary.median_all)},
          {"neurons_all", summary.neurons_all}};
}

}  // namespace

void to_json(nlohmann::json& json, const Metrics& metrics) {
  json = nlohmann::json::object();
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    json[kMetricNames[i].key] = or_null(metric_at(metrics, i));
  }
  json["noise_ceiling"] = or_null(metrics.noise_ceiling);
  json["images"] = metrics.images;
  json["images_repeated"] = metrics.images_repeated;
  json["median_repeats"] = metrics.median_repeats;
}

void to_json(nlohmann::json& json, const Interval& interval) {
  json = {{"low", interval.low}, {"high", interval.high}};
}

void to_json(nlohmann::json& json, const MetricIntervals& intervals) {
  json = nlohmann::json::object();
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    json[kMetricNames[i].key] = or_null(metric_at(intervals, i));
  }
}

void to_json(nlohmann::json& json, const PopulationSummary& summary) {
  auto metrics = nlohmann::json::object();
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    metrics[kMetricNames[i].key] = summary_json(metric_at(summary.metrics, i));
  }
  json = {{"metrics", metrics},
          {"noise_ceiling", summary_json(summary.noise_ceiling)},
          {"neurons", summary.neurons},
          {"kept", summary.kept},
          {"excluded",
           {{"no_response", summary.excluded_no_response},
            {"one_repeat", summary.excluded_one_repeat},
            {"low_snr", summary.excluded_low_snr}}},
          {"least_snr", summary.least_snr}};
}

}  // namespace secateur
