#pragma once
// What a page holds of its models, as JSON for its scripts.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "playground/playground.h"

namespace secateur {

// {"models", "image_sets"}: of each model its name, architecture, tensors (float32 in base64, in
// the order of parameter_specs(), and where each begins), the responses of Predictor to its images,
// the recorded ones if there are any, and what pruning goes by; of each set of images its size,
// names and pictures (PNG in base64). Models that were given the same images share a set.
nlohmann::json page_data(const std::vector<PlaygroundModel>& models, Observer& observer);

}  // namespace secateur
