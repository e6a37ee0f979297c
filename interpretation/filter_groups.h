#pragma once
// Filters of a layer that carry the same: together they are one part of what the model does.

#include "interpretation/ablation.h"

namespace secateur {

struct GroupOptions {
  // Two groups become one while the mean correlation over their pairs is at least this.
  double least_correlation = 0.5;
  // Filters whose variance_missing is below carry nothing, and are in no group.
  double least_missing = 1e-4;
};

struct FilterGroups {
  size_t layer = 0;
  std::vector<AblatedFilters> groups;  // ablated together; the largest variance_missing first
  std::vector<int64_t> idle;           // filters that carry nothing
};

// Filters are alike when their changes (ablation.h), each filter ablated alone, are correlated over
// the images; the sign counts, so what excites and what inhibits is apart. Average linkage (Sokal
// and Michener, Univ Kansas Sci Bull 38:1409, 1958): the two groups with the largest mean
// correlation become one, of equals those of the lowest filters. `single` holds each filter of the
// layer, as ablate() gives them for `runs`, and may hold other layers too. Throws what
// AblationRuns::responses() does, and Error(kUsage) for a correlation outside [-1, 1].
FilterGroups group_filters(AblationRuns& runs, const Ablation& single, size_t layer,
                           const GroupOptions& options, Observer& observer);

}  // namespace secateur
