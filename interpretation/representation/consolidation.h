#pragma once
// How many filters the models of a population keep, layer by layer: many small features early, few
// combinations of them late, is what Cowley et al. (Nature 2026) call consolidation.

#include <array>
#include <span>
#include <string>

#include "models/architecture.h"

namespace secateur {

struct LayerFilters {
  std::string name;
  std::vector<int64_t> filters;       // of each model
  std::array<double, 5> quantiles{};  // 0, 1/4, 1/2, 3/4 and 1 over models
  int64_t least = 0;                  // the smallest number that a model has
  int64_t at_least = 0;               // how many models have it: a floor of the pruning shows here
};

struct Consolidation {
  std::vector<LayerFilters> layers;
  std::vector<int64_t> filters;  // of each model, all layers
  std::array<double, 5> quantiles{};
  // Median over models of (filters of the layer / filters of the layer before), per layer from the
  // second on: below 1 the network narrows there.
  std::vector<double> narrowing;
};

// Throws Error(kBadInput) without models, or when they do not have the same number of blocks.
Consolidation consolidation(std::span<const Architecture> models);

}  // namespace secateur
