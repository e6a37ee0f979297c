#include "interpretation/representation/consolidation.h"

#include <algorithm>
#include <numeric>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::array<double, 5> quartiles(const std::vector<int64_t>& counts) {
  const std::vector<double> values(counts.begin(), counts.end());
  std::array<double, 5> found{};
  for (size_t q = 0; q < found.size(); ++q) {
    found[q] = quantile_of(values, 0.25 * static_cast<double>(q));
  }
  return found;
}

}  // namespace

Consolidation consolidation(std::span<const Architecture> models) {
  require(!models.empty(), "consolidation", "wanted at least one model");
  Consolidation found;
  for (const Block& block : models[0].blocks) found.layers.push_back({.name = block.name});
  for (const Architecture& model : models) {
    const std::vector<int64_t> counts = filter_counts(model);
    require(counts.size() == found.layers.size(), "consolidation",
            "wanted models of {} layers as the first has, got one of {}", found.layers.size(),
            counts.size());
    for (size_t l = 0; l < counts.size(); ++l) found.layers[l].filters.push_back(counts[l]);
    found.filters.push_back(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  }
  found.quantiles = quartiles(found.filters);
  for (LayerFilters& layer : found.layers) {
    layer.quantiles = quartiles(layer.filters);
    layer.least = *std::min_element(layer.filters.begin(), layer.filters.end());
    layer.at_least = std::count(layer.filters.begin(), layer.filters.end(), layer.least);
  }
  for (size_t l = 1; l < found.layers.size(); ++l) {
    std::vector<double> ratios;
    for (size_t m = 0; m < models.size(); ++m) {
      ratios.push_back(static_cast<double>(found.layers[l].filters[m]) /
                       static_cast<double>(found.layers[l - 1].filters[m]));
    }
    found.narrowing.push_back(median_of(ratios));
  }
  return found;
}

}  // namespace secateur
