#pragma once
// What `interpret ablate` says of recorded responses: how well they are predicted without a filter.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "interpretation/ablation.h"

namespace secateur {

// Of a .npy [images], NaN where there is none; empty: no file was given. Throws Error(kBadInput)
// for another shape, and for responses of which nothing can be predicted.
std::vector<double> recorded_responses(const std::string& file, int64_t images);

// Into each of `filters`, in the order of the ablation, "recorded".
void add_recorded(const std::vector<double>& recorded, const Ablation& single, uint64_t seed,
                  nlohmann::json& filters);

// Names the filter without which r2 falls most.
std::string recorded_sentence(const LayeredResponse& response, const Ablation& single,
                              const nlohmann::json& filters);

}  // namespace secateur
