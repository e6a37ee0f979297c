#pragma once
// Metrics as JSON: the keys of kMetricNames, null where a metric is empty.

#include <nlohmann/json_fwd.hpp>

#include "analysis/bootstrap.h"
#include "analysis/metrics.h"
#include "analysis/population.h"

namespace secateur {

// {"r2_raw": number or null, ..., "noise_ceiling", "images", "images_repeated", "median_repeats"}
void to_json(nlohmann::json& json, const Metrics& metrics);

// {"low", "high"}, and {"r2_raw": interval or null, ...}
void to_json(nlohmann::json& json, const Interval& interval);
void to_json(nlohmann::json& json, const MetricIntervals& intervals);

// {"metrics": {"r2_raw": {"median", "neurons", "median_all", "neurons_all"}, ...}, "noise_ceiling",
//  "neurons", "kept", "excluded": {"no_response", "one_repeat", "low_snr"}, "least_snr"}
void to_json(nlohmann::json& json, const PopulationSummary& summary);

}  // namespace secateur
