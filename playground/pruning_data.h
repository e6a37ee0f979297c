#pragma once
// What the published criterion (pruning/variance/criteria.h) measures once and a page reckons on
// with.

#include <nlohmann/json_fwd.hpp>

#include "playground/playground.h"

namespace secateur {

// Whether every block behind the first is separable, as the criterion wants.
bool can_prune(const Architecture& architecture);

// {"source", "images", "covariance": of each layer but the last its K [filters, filters], float64
// in base64, "contributions": of the last layer [images, filters], likewise, "constant"}. K does
// not change while deeper layers lose filters, so it holds all along the published order.
nlohmann::json pruning_data(const PlaygroundModel& model, Observer& observer);

}  // namespace secateur
