#pragma once
// From scores to the filters that stay in a network of a wanted size.

#include <cstdint>
#include <vector>

#include "prunebench/criterion.h"

namespace secateur {

// By layer, ascending: places in the network that is cut.
using KeptFilters = std::vector<std::vector<int64_t>>;

// Filters go in the order of their keys (their scores, scores per parameter, or ranks by equal
// shares), of equal keys the deepest layer first, then by place, until the network has at most
// `parameters` or every layer is at the floor. Of a size are networks up to the last filter, which
// costs what filter_cost() says. Throws Error(kBadInput) for a floor below 1 or scores of another
// network.
KeptFilters keep_by_scores(const Architecture& architecture, const FilterScores& scores,
                           LayerComparison comparison, int64_t parameters, int64_t floor);

// Of every layer so many filters, those with the largest scores.
KeptFilters keep_counts(const FilterScores& scores, const std::vector<int64_t>& counts);

std::vector<int64_t> counts_of(const KeptFilters& kept);

// Of the network with only these filters.
int64_t parameters_of(Architecture architecture, const KeptFilters& kept);

}  // namespace secateur
