#pragma once
// The analyses of a population as JSON. What has no value is null.

#include <nlohmann/json_fwd.hpp>

#include "analysis/identification.h"
#include "analysis/identifying_images.h"
#include "analysis/noise_ceilings.h"
#include "analysis/shared_variability.h"
#include "analysis/signal_dimension.h"

namespace secateur {

void to_json(nlohmann::json& json, const NoiseCeilings& ceilings);
void to_json(nlohmann::json& json, const PopulationTrials& trials);  // the counts
void to_json(nlohmann::json& json, const SignalDimension& dimension);
void to_json(nlohmann::json& json, const SharedVariability& shared);
void to_json(nlohmann::json& json, const IdentifyingImages& images);  // the counts
void to_json(nlohmann::json& json, const Identification& identification);

}  // namespace secateur
