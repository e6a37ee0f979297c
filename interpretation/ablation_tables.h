#pragma once
// Ablations and patchings as JSON, as CSV and in words.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "interpretation/filter_groups.h"
#include "interpretation/greedy_ablation.h"
#include "interpretation/patching.h"

namespace secateur {

// {"mean_change", "share", "variance_missing", "variance_unexplained"}
void to_json(nlohmann::json& json, const AblationLoss& loss);
// {"layer", "filters"}
void to_json(nlohmann::json& json, const FilterSet& set);
// The loss, with "layer" and "filters"; not the changes of the images.
void to_json(nlohmann::json& json, const AblatedFilters& ablated);
// {"filter", and the loss}, and {"first", "second", "interaction", "not_additive", and the loss}
void to_json(nlohmann::json& json, const GreedyStep& step);
void to_json(nlohmann::json& json, const FilterPair& pair);
// {"layer", "tried", "untried", "pairs"} and {"layer", "groups", "idle"}
void to_json(nlohmann::json& json, const FilterPairs& pairs);
void to_json(nlohmann::json& json, const FilterGroups& groups);
// {"layer", "interaction", "filters": [{"filter", "share"}]}
void to_json(nlohmann::json& json, const LayerPatching& patching);

// A header and a line for each set: the name of the layer, its filters joined by "+", the loss.
std::string ablation_csv(const LayeredResponse& response, const std::vector<AblatedFilters>& sets);
// step,filter and the loss.
std::string greedy_csv(const std::vector<GreedyStep>& steps);
// layer,filter,share
std::string patching_csv(const LayeredResponse& response,
                         const std::vector<LayerPatching>& patching);

// A line for each set, largest variance_missing first, at most `most`:
// "layer3 filter 1      excites  +1.842    0.475     1.612        0.834"
std::string ablation_text(const LayeredResponse& response, const std::vector<AblatedFilters>& sets,
                          size_t most);

// "layer1 filter 3", "layer1 filters 3+4"
std::string filters_text(const LayeredResponse& response, const FilterSet& set);

// "layer1 filters 3+4 excite: without them the mean response falls by 0.66 of 3.2, and 45 % of its
// variance over images cannot be predicted from what is left."
// What lies within `rounding` (rounding_of()) neither excites nor inhibits.
std::string loss_sentence(const LayeredResponse& response, const AblatedFilters& ablated,
                          double mean_response, double rounding);

}  // namespace secateur
